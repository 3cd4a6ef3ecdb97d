"""A first look through a table: the form of its date columns and the decimal mark of its numbers.

It stops as soon as more rows would hardly change a decision; a column that is rarely filled
is read to its end.

Not here: the decisions themselves (dates.py, numbers.py), reading rows (convert.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from connectors.files.blocks import Reader
from connectors.files.cells import as_text, blanked
from connectors.files.dates import DateTally, Decision, settle
from connectors.files.numbers import NumberTally
from connectors.files.plan import Step


@dataclass(frozen=True)
class Survey:
    """Decisions by the column's position in the table. Columns with types of their own have none."""

    dates: Mapping[int, Decision] = field(default_factory=dict)
    commas: Mapping[int, bool] = field(default_factory=dict)


def survey(steps: Sequence[Step]) -> Survey:
    """The decisions for all the steps that read one table, taken together."""
    reader = steps[0].reader
    given = _given(steps)
    dates = {place: DateTally() for step in steps for place in step.times}
    numbers = {place: NumberTally() for step in steps for place in step.numbers}
    open_dates = [place for place in dates if place not in given]
    blanks = {word for step in steps for word in step.entry.blank}
    _read(reader, {place: dates[place] for place in open_dates}, numbers, blanks)
    decided = settle({place: tally for place, tally in dates.items() if tally.filled}, given)
    marks = _marks(steps)
    commas = {
        place: marks.get(place, tally.decimal_comma(_file_says(reader, numbers))) for place, tally in numbers.items()
    }
    return Survey(decided, commas)


def _read(reader: Reader, dates: Mapping[int, DateTally], numbers: Mapping[int, NumberTally], blanks: set[str]) -> None:
    tallies: dict[int, DateTally | NumberTally] = {**numbers, **dates}
    if not tallies:
        return
    for block in reader.blocks(sorted(tallies)):
        for place, column in block.columns.items():
            if _tells(column, place in dates) and not tallies[place].settled:
                tallies[place].add(blanked(as_text(column), blanks, typed=True))
        told = [place for place, column in block.columns.items() if _tells(column, place in dates)]
        if all(tallies[place].settled for place in told):
            return


def _tells(column: pa.Array, dated: bool) -> bool:
    """Whether the column's cells must be looked at: text, and numbers that are to be dates."""
    kind = column.type
    return bool(pa.types.is_string(kind) or (dated and not pa.types.is_temporal(kind)))


def _file_says(reader: Reader, numbers: Mapping[int, NumberTally]) -> bool:
    """What the other number columns say, else the delimiter."""
    comma, dot = (sum(getattr(tally, mark) for tally in numbers.values()) for mark in ("comma", "dot"))
    return reader.decimal_comma if comma == dot else comma > dot


def _given(steps: Sequence[Step]) -> dict[int, str]:
    """The forms the mapping names, by position."""
    forms = {header.strip().casefold(): form for step in steps for header, form in step.entry.dates.items()}
    return {
        place: forms[header.casefold()]
        for step in steps
        for place, header in step.times.items()
        if header.casefold() in forms
    }


def _marks(steps: Sequence[Step]) -> dict[int, bool]:
    marks = {
        header.strip().casefold(): mark == "comma" for step in steps for header, mark in step.entry.numbers.items()
    }
    return {
        place: marks[header.casefold()]
        for step in steps
        for place, header in step.numbers.items()
        if header.casefold() in marks
    }
