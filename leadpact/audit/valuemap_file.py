"""The value map as a file: YAML to read and keep, CSV to edit in a spreadsheet. Neither loses anything.

In CSV, a text that a spreadsheet would run or rewrite (a formula, a number, a date) has an
apostrophe before it, and so has one that begins with an apostrophe; reading takes one away.
Empty cells are null. A file is wrong as a whole: every fault names its row and what to do.

Not here: whether the map fits the CRM (valuemap_check.py), where it is kept (valuemap_store.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from config.bounded import within
from config.document import read_yaml
from config.faults import near
from leadpact.audit.valuemap import HOW, KEEPS, SURE, Row, ValueMap
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.export import MARK, runs
from leadpact.model import OBJECTS

FORM = 1  # of the YAML document; a later one may be read differently
COLUMNS = tuple(field.name for field in fields(Row))
DEFAULTS = {field.name: field.default for field in fields(Row) if field.default is not MISSING}
FLAGS, NUMBERS = ("leave", "edited", "create"), ("records", "frozen")
YES, NO = ("yes", "true", "1", "sí", "si", "x"), ("no", "false", "0", "")
CHOICES: Mapping[str, Sequence[str]] = {"object": OBJECTS, "keep": KEEPS, "sure": SURE, "how": HOW}
DELIMITERS = (",", ";", "\t")
MOST_ROWS, MOST_BYTES = 100_000, 20_000_000
MOST_TOLD = 20
# catalogue `proposal.fault.<name>`
FAULTS = (
    "no_mapping", "unknown_column", "missing", "leave_and_to", "flag", "number", "codes", "text", "choice", "twice",
)  # fmt: skip
# digits with signs, dots, slashes: spreadsheets make numbers and dates of them
_NUMBER = r"[\s\d.,:/+%€$-]*\d[\s\d.,:/+%€$-]*([eE][+-]?\d+)?"
_REWRITTEN = re.compile(rf"{_NUMBER}|\d{{1,2}}[\s-][^\W\d]{{3,9}}|[^\W\d]{{3,9}}[\s-]\d{{2,4}}")
_WORDS = ("true", "false", "verdadero", "falso")


def to_yaml(values: ValueMap) -> str:
    """The map as YAML 1.2; what is at its default is left out. `from_yaml` gives the same rows."""
    lines = [f"form: {FORM}", "rows:" if values.rows else "rows: []"]
    for row in values.rows:
        given = [name for name in COLUMNS if name not in DEFAULTS or getattr(row, name) != DEFAULTS[name]]
        told = [f"{name}: {_yaml(getattr(row, name))}" for name in given]
        lines += [f"  - {told[0]}", *(f"    {line}" for line in told[1:])]
    return "\n".join(lines) + "\n"


def _yaml(value: Any) -> str:
    """A scalar, or a list of texts; text in double quotes, with whatever does not print written as an escape."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def to_csv(values: ValueMap) -> str:
    """The map as CSV with a byte order mark, a column for each field of Row."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(name, getattr(row, name)) for name in COLUMNS] for row in values.rows)
    return out.getvalue()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in FLAGS:
        return "yes" if value else ""
    if name == "codes":
        return " ".join(value)
    return str(value) if name in NUMBERS else harmless(value)


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it letter by letter: an apostrophe first where it would not."""
    rewritten = _REWRITTEN.fullmatch(text.strip()) is not None or text.strip().lower() in _WORDS
    return f"'{text}" if runs(text) or text.startswith("'") or rewritten or text != text.strip() else text


def plain(cell: str) -> str:
    """The text that `harmless` made the cell of."""
    return cell[1:] if cell.startswith("'") else cell


def read(text: str, source: str) -> ValueMap:
    """The map in the text of a file, YAML or CSV by the ending of its name."""
    return (from_csv if Path(source).suffix.lower() in (".csv", ".tsv", ".txt") else from_yaml)(text, source)


def load(path: Path) -> ValueMap:
    """The map in a file. Raises Misconfigured where it cannot be read or used."""
    try:
        data = within(path, MOST_BYTES)
    except OSError as error:
        raise Misconfigured("proposal.no_file", path=str(path), problem=error.strerror or "") from None
    return read(decoded(data, str(path)), str(path))


def decoded(data: bytes | None, source: str, most: int = MOST_BYTES) -> str:
    """The text of a file in UTF-8. Raises Misconfigured for another encoding, and for more than `most` bytes (null)."""
    if data is None or len(data) > most:  # a part of a file is not the file
        raise Misconfigured("file.too_large", source=source, megabytes=most // 1_000_000)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misconfigured("proposal.not_utf8", source=source) from None


def from_yaml(text: str, source: str) -> ValueMap:
    """The map in a YAML document. Raises Misconfigured with one detail per fault."""
    document = read_yaml(text, source)
    given = document.get("rows") if isinstance(document, Mapping) else document
    if not isinstance(given, list):
        raise Misconfigured("proposal.no_rows", source=source)
    if isinstance(document, Mapping) and document.get("form", FORM) != FORM:
        raise Misconfigured("proposal.newer_form", source=source, form=str(document.get("form")), known=str(FORM))
    return from_rows(given, source)


def from_rows(given: Sequence[Any], source: str) -> ValueMap:
    """The map of these mappings, one a row. Raises Misconfigured likewise."""
    faults = _Faults(source)
    rows = [_row(one, number, faults) for number, one in enumerate(given, start=1)]
    return _whole(rows, faults)


def table_of(text: str, source: str) -> tuple[list[str], list[list[str]]]:
    """The header (in lower case) and the rows of a CSV text, separated by commas, semicolons or tabs.

    Raises Misconfigured for what is no CSV.
    """
    plain_text = text.removeprefix(MARK)
    first = plain_text.splitlines()[0] if plain_text.strip() else ""
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(plain_text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Misconfigured("proposal.not_csv", source=source) from None
    return ([name.strip().lower() for name in lines[0]], lines[1:]) if lines else ([], [])


def from_csv(text: str, source: str) -> ValueMap:
    """The map in a CSV text, separated by commas, semicolons or tabs. Raises Misconfigured likewise.

    Rows are counted as a spreadsheet does: the header is row 1.
    """
    header, lines = table_of(text, source)
    if "object" not in header or "value" not in header:
        raise Misconfigured("proposal.no_header", source=source, columns=", ".join(COLUMNS))
    faults = _Faults(source)
    for name in header:
        if name and name not in COLUMNS:
            faults.add("unknown_column", 1, name=name, near=near(name, COLUMNS))
    rows = []
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            given = {name: cell for name, cell in zip(header, cells, strict=False) if name in COLUMNS}
            rows.append(_row({name: _value(name, cell) for name, cell in given.items()}, number, faults))
    return _whole(rows, faults)


def _value(name: str, cell: str) -> Any:
    """A cell as the YAML document would hold it; what does not fit is left for the check."""
    if name in FLAGS:
        word = cell.strip().lower()
        return True if word in YES else False if word in NO else cell
    if name in NUMBERS:
        return int(cell) if cell.strip().isdecimal() else 0 if not cell.strip() else cell
    if name == "codes":
        return cell.split()
    return (cell.strip().lower() if name == "object" else plain(cell)) or None


class _Faults:
    """What is wrong with a file, told together."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[LeadPactError] = []

    def add(self, key: str, number: int, **params: Any) -> None:
        self.found.append(LeadPactError(f"proposal.fault.{key}", row=str(number), **params))

    def told(self) -> list[LeadPactError]:
        """The first of them, and how many more there are."""
        rest = len(self.found) - MOST_TOLD
        return self.found if rest <= 0 else [*self.found[:MOST_TOLD], LeadPactError("proposal.fault.more", count=rest)]


def _row(given: Any, number: int, faults: _Faults) -> tuple[int, Row | None]:
    if not isinstance(given, Mapping):
        faults.add("no_mapping", number)
        return number, None
    before = len(faults.found)
    for name in sorted(set(map(str, given)) - set(COLUMNS)):
        faults.add("unknown_column", number, name=name, near=near(name, COLUMNS))
    parts: dict[str, Any] = {name: given[name] for name in COLUMNS if name in given and given[name] is not None}
    for name, value in parts.items():
        _check(name, value, number, faults)
    if "object" not in parts:
        faults.add("missing", number, name="object", known=", ".join(OBJECTS))
    if parts.get("leave") is True and parts.get("to") is not None:
        faults.add("leave_and_to", number, to=parts["to"])
    if len(faults.found) > before:
        return number, None
    parts["codes"] = tuple(parts.get("codes", ()))
    return number, Row(**{"value": None, **parts})


def _check(name: str, value: Any, number: int, faults: _Faults) -> None:
    """One field of a row: its type, and its choices where it has any."""
    if name in FLAGS or name in NUMBERS:
        fits = isinstance(value, bool) if name in FLAGS else isinstance(value, int) and not isinstance(value, bool)
        if not fits or (name in NUMBERS and value < 0):
            faults.add("flag" if name in FLAGS else "number", number, name=name)
    elif name == "codes":
        if not isinstance(value, list) or not all(isinstance(one, str) and one.split() == [one] for one in value):
            faults.add("codes", number)
    elif not isinstance(value, str):
        faults.add("text", number, name=name)
    elif name in CHOICES and value not in CHOICES[name]:
        faults.add("choice", number, name=name, given=value, known=", ".join(CHOICES[name]))


def _whole(rows: Sequence[tuple[int, Row | None]], faults: _Faults) -> ValueMap:
    if len(rows) > MOST_ROWS:
        raise Misconfigured("proposal.too_long", source=faults.source, most=MOST_ROWS)
    seen: dict[Any, int] = {}
    for number, row in _known(rows):
        if row.key in seen:
            faults.add("twice", number, first=str(seen[row.key]))
        seen.setdefault(row.key, number)
    if faults.found:
        raise Misconfigured("proposal.bad_file", details=faults.told(), source=faults.source)
    return ValueMap.of(row for _, row in _known(rows))


def _known(rows: Sequence[tuple[int, Row | None]]) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in rows if row is not None)
