"""The list of clauses in docs/connectors.md, written from the clauses: `python -m tests.contract.document`.

Not here: the clauses (clauses/), the rest of that document.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tests.contract import clauses  # registers them
from tests.contract.suite import CLAUSES, Clause

PATH = Path(__file__).resolve().parent.parent.parent / "docs" / "connectors.md"
BEGIN, END = "<!-- clauses: begin -->\n", "<!-- clauses: end -->\n"
HEADINGS = {
    "protocol": "What a connector is",
    "pages": "What pages hold",
    "history": "What it says of the past",
    "reading": "Reading everything",
    "rejects": "Rows that cannot be read",
    "mark": "Marks",
    "delta": "Reading what changed",
    "read": "Reading single records",
    "write": "Writing",
    "check": "Testing the connection",
    "errors": "Errors",
    "secrets": "Secrets",
    "content": "Records' content",
    "describe": "Proposing a mapping",
}


def renewed(text: str) -> str:
    """The document with the list between its marks as it should be. Raises ValueError without the marks."""
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}{listed()}{END}{tail}"


def listed() -> str:
    lines: list[str] = []
    by_group = sorted(CLAUSES.values(), key=lambda clause: list(HEADINGS).index(_group(clause)))
    for group, of_group in groupby(by_group, key=_group):
        lines += ["", f"### {HEADINGS[group]}", ""]
        lines += [f"- `{clause.name}`: {clause.why}{_asked_of(clause)}" for clause in of_group]
    return "\n".join([*lines, "", ""])


def _group(clause: Clause) -> str:
    return clause.name.split(".", 1)[0]


def _asked_of(clause: Clause) -> str:
    return f" *Asked where the connector can: {', '.join(clause.needs)}.*" if clause.needs else ""


if __name__ == "__main__":
    assert clauses
    PATH.write_text(renewed(PATH.read_text(encoding="utf-8")), encoding="utf-8")
