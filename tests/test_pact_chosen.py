"""Where a company has several pacts, everything that reads or saves one does so for the pact that was chosen.

Not here: the pacts themselves (test_pact_lines.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

# what works on one line of versions, and how many arguments it takes before the line
OF_A_LINE = {
    ("drafts", "newest"): 1, ("drafts", "begin"): 1, ("versions", "history"): 1, ("versions", "find"): 2,
    ("versions", "save"): 2, ("versions", "voted"): 2, ("versions", "record_votes"): 2, ("versions", "newest"): 1,
    ("comments", "on"): 1, ("comments", "add"): 1,
}  # fmt: skip
MODULES = {"pact_drafts": "drafts"}


def unnamed(source: str) -> Iterator[str]:
    """Calls of these that leave the line to the default, which is the company's first pact."""
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        module = call.func.value
        if not isinstance(module, ast.Name):
            continue
        before = OF_A_LINE.get((MODULES.get(module.id, module.id), call.func.attr))
        given = {one.arg for one in call.keywords} & {"line", "pact"}
        if before is not None and len(call.args) <= before and not given:
            yield f"{call.lineno}: {ast.unparse(call)}"


def test_no_caller_leaves_the_pact_to_chance() -> None:
    files = [path for folder in ("leadpact", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    found = [f"{path.relative_to(ROOT)}:{one}" for path in files for one in unnamed(path.read_text(encoding="utf-8"))]
    assert found == []
    assert list(unnamed("versions.find(engine, '1')")) and not list(unnamed("versions.find(engine, '1', line)"))
    assert list(unnamed("pact_drafts.newest(engine)")) and not list(unnamed("drafts.begin(engine, pact=line)"))
