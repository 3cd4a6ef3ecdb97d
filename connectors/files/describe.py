"""What the tables of a folder hold, by a sample: for the mapping page and the proposal.

Samples are masked: they show a cell's shape, not a person's data. Values are shown only
where a column holds few of them, as a picklist does.

Not here: the proposal (leadpact/mapping/propose.py).
"""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Reader, Unreadable
from connectors.files.cells import as_text, blanked
from connectors.files.dates import DateTally
from connectors.files.folder import Folder
from connectors.files.numbers import NumberTally
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.mapping.described import ContentKind
from leadpact.mapping.vocabulary import flag

SAMPLE = 20_000
PICKLIST = 60  # at most so many values, each on average at least twice, is a picklist
SHOWN = 3
DATES, NUMBERS = 0.6, 0.9
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def describe(folder: Folder) -> list[SourceTable]:
    """Every table of the folder, those that cannot be read with their problem."""
    tables = [SourceTable(problem.source, problem=problem.key, params=problem.params) for problem in folder.problems]
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
    columns = [_column(reader.headers[place], pa.chunked_array(parts[place] or [pa.array([], pa.string())]))
               for place in places]
    count = reader.rows if reader.rows is not None else rows if whole else None
    return SourceTable(name, tuple(columns), count, min(rows, SAMPLE))


def _column(header: str, cells: pa.ChunkedArray) -> SourceColumn:
    column = cells.combine_chunks()
    column = column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
    text = blanked(as_text(column)).drop_null()
    counted = Counter(text.to_pylist())
    few = bool(counted) and len(counted) <= PICKLIST and len(counted) * 2 <= len(text)
    values = tuple(word for word, _ in counted.most_common()) if few else ()
    kind, forms = _kind(column, text, counted)
    email = bool(len(text)) and _share(pc.match_substring_regex(text, _EMAIL)) > 0.8
    open_kind = kind in ("time", "flag", "number", "whole") or few
    samples = tuple(word if open_kind else masked(word) for word in list(counted)[:SHOWN])
    return SourceColumn(header, kind, len(text), len(counted), forms, values, samples, email)


def _kind(column: pa.Array, text: pa.Array, counted: Counter[str]) -> tuple[ContentKind, tuple[str, ...]]:
    if not len(text):
        return "blank", ()
    if pa.types.is_temporal(column.type):
        return "time", ("ymd",)
    if pa.types.is_boolean(column.type) or (len(counted) <= 4 and all(flag(word) is not None for word in counted)):
        return "flag", ()
    if (found := _numbers(column, text)) is not None:
        return found, ()
    dates = DateTally()
    dates.add(blanked(text, typed=True))
    if dates.family not in (None, "epoch", "epoch_ms", "excel") and dates.share >= DATES:
        return "time", dates.decide().candidates
    return "text", ()


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


def masked(text: str) -> str:
    """Letters as x, digits as 9, cut to a readable length: `Ana López 12` → `Xxx Xxxxx 99`."""
    shape = re.sub(r"[^\W\d_]", lambda found: "X" if found[0].isupper() else "x", text[:30])
    return re.sub(r"\d", "9", shape)
