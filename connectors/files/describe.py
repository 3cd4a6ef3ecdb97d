"""What the tables of a folder hold, by a sample: for the mapping page and the proposal.

Samples are masked: they show a cell's shape, not a person's data. Values are shown only
where a column holds few of them, as a picklist does.

Not here: the proposal (leadpact/mapping/propose.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Reader, Unreadable
from connectors.files.cells import as_text, blanked
from connectors.files.dates import DateTally, settle
from connectors.files.folder import Folder
from connectors.files.numbers import NumberTally
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.mapping.described import ContentKind
from leadpact.mapping.masks import SHOWN, few, masked
from leadpact.mapping.vocabulary import flag

SAMPLE = 20_000
DATES, NUMBERS = 0.6, 0.9
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def describe(folder: Folder) -> list[SourceTable]:
    """Every table of the folder, those that cannot be read with their problem."""
    tables = [
        SourceTable(problem.name or problem.source, problem=problem.key, params=problem.params)
        for problem in folder.problems
    ]
    for source in folder.sources:
        try:
            tables.append(_table(source.name, source.open()))
        except Unreadable as error:
            tables.append(SourceTable(source.name, problem=error.key, params=error.params))
    return sorted(tables, key=lambda table: table.name)


def _table(name: str, reader: Reader) -> SourceTable:
    places = [place for place, header in enumerate(reader.headers) if header]
    parts: dict[int, list[pa.Array]] = {place: [] for place in places}
    rows, whole = 0, True
    for block in reader.blocks(places):
        for place in places:
            parts[place].append(block.columns[place].slice(0, SAMPLE - rows))
        rows += block.rows
        if rows >= SAMPLE:
            whole = rows == SAMPLE
            break
    cells = {place: _whole(parts[place]) for place in places}
    tallies = {place: _dates(cells[place]) for place in places}
    forms = settle({place: tally for place, tally in tallies.items() if tally is not None}, {})
    columns = []
    for place in places:
        decision = forms.get(place)
        dated = ((decision.form,) if decision.form else decision.candidates) if decision is not None else ()
        columns.append(_column(reader.headers[place], cells[place], dated))
    count = reader.rows if reader.rows is not None else rows if whole else None
    return SourceTable(name, tuple(columns), count, min(rows, SAMPLE))


def _whole(parts: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _dates(column: pa.Array) -> DateTally | None:
    """The dates of a column, null where it does not hold dates, or numbers that only might be some."""
    if not pa.types.is_string(column.type):
        return None
    tally = DateTally()
    tally.add(blanked(column, typed=True))
    dated = tally.family not in (None, "epoch", "epoch_ms", "excel") and tally.share >= DATES
    return tally if dated else None


def _column(header: str, column: pa.Array, forms: tuple[str, ...]) -> SourceColumn:
    text = blanked(as_text(column)).drop_null()
    counted = Counter(text.to_pylist())
    values = tuple(word for word, _ in counted.most_common()) if few(counted) else ()
    native = pa.types.is_temporal(column.type) and not pa.types.is_time(column.type)
    kind: ContentKind = "time" if native or forms else _kind(column, text, counted)
    email = bool(len(text)) and _share(pc.match_substring_regex(text, _EMAIL)) > 0.8
    open_kind = kind in ("time", "flag", "number", "whole") or few(counted)
    samples = tuple(word if open_kind else masked(word) for word in list(counted)[:SHOWN])
    return SourceColumn(header, kind, len(text), len(counted), ("ymd",) if native else forms, values, samples, email)


def _kind(column: pa.Array, text: pa.Array, counted: Counter[str]) -> ContentKind:
    if not len(text):
        return "blank"
    if pa.types.is_boolean(column.type) or (len(counted) <= 4 and all(flag(word) is not None for word in counted)):
        return "flag"
    return _numbers(column, text) or "text"


def _numbers(column: pa.Array, text: pa.Array) -> ContentKind | None:
    if pa.types.is_integer(column.type):
        return "whole"
    if pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        return "number"
    tally = NumberTally()
    tally.add(blanked(text, typed=True))
    if not tally.filled or tally.read < tally.filled * NUMBERS:
        return None
    return "whole" if _share(pc.match_substring_regex(text, r"^\d+$")) >= NUMBERS else "number"


def _share(mask: pa.Array) -> float:
    return float((pc.sum(mask).as_py() or 0) / len(mask))
