"""Which source table fills which target, and from which of its columns.

A table called like a target, with headers called like its columns, needs no mapping. An
entry of the mapping says the rest; a canonical header it does not speak of is still read.

Not here: how dates and numbers are written (survey.py), reading rows (convert.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.files.blocks import Reader, Unreadable
from connectors.files.folder import Folder, Problem, Source
from leadpact.mapping import TARGETS, Entry, MappingDocument, Target, header_faults
from leadpact.mapping.document import is_slug
from leadpact.model import is_custom


@dataclass(frozen=True)
class Step:
    """One entry with the table it reads. `places` are header positions by column of the target."""

    entry: Entry
    source: Source
    reader: Reader
    places: Mapping[str, int]
    dated: Sequence[tuple[str, int]]  # status, position of its date column
    where: Mapping[int, frozenset[str]]  # by position, the cells of the rows that are meant, in lower case

    @property
    def target(self) -> Target:
        return self.entry.target

    @property
    def custom(self) -> list[str]:
        return [name for name in self.places if is_custom(name)]

    def header(self, column: str) -> str | None:
        place = self.places.get(column)
        return None if place is None else self.reader.headers[place]

    @property
    def times(self) -> dict[int, str]:
        """Positions of the columns read as moments, with their headers."""
        found = {place for name, place in self.places.items() if self.target.column(name).kind == "time"}
        return {place: self.reader.headers[place] for place in sorted(found | {place for _, place in self.dated})}

    @property
    def numbers(self) -> dict[int, str]:
        """Positions of the columns read as numbers, with their headers."""
        return {
            place: self.reader.headers[place]
            for name, place in self.places.items()
            if self.target.column(name).kind in ("number", "whole")
        }


@dataclass
class Plan:
    """The steps in the order of the targets, and what could not be planned.

    `failed` are targets of which a table was there but could not be read.
    """

    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    def of(self, *targets: str) -> list[Step]:
        return [step for step in self.steps if step.entry.to in targets]

    @property
    def custom(self) -> Mapping[str, Sequence[str]]:
        """The `f_<slug>` columns of each canonical table, over all its steps."""
        found: dict[str, set[str]] = {}
        for step in self.steps:
            found.setdefault(step.target.table.name, set()).update(step.custom)
        return {table: sorted(names) for table, names in found.items()}


def plan(folder: Folder, mapping: MappingDocument) -> Plan:
    """What to read, by the mapping first and by names after it. Opens each table it uses once."""
    made = Plan()
    made.problems.extend(problem for problem in folder.problems if not _ignored(problem.name, mapping))
    made.failed.update(problem.name.casefold() for problem in made.problems if problem.name.casefold() in TARGETS)
    opened: dict[str, Reader | None] = {}
    for entry in _entries(folder, mapping, made):
        source = next(source for source in _by_nearness(folder, entry.source))
        if source.name not in opened:
            opened[source.name] = _open(source, made)
        reader = opened[source.name]
        if reader is None:
            made.failed.add(entry.to)
            continue
        faults = list(header_faults(entry, reader.headers, f"[{entry.source}]"))
        if entry.status_since:  # a date of the present status alone is kept from reading to reading: no file does that
            made.problems.append(Problem(source.file, "files.problem.status_since", {"column": entry.status_since}))
        if faults:
            made.failed.add(entry.to)
            made.problems.extend(Problem(source.file, fault.key, fault.params) for fault in faults)
        else:
            made.steps.append(_step(entry, source, reader))
    order = list(TARGETS)
    made.steps.sort(key=lambda step: order.index(step.entry.to))
    return made


def _entries(folder: Folder, mapping: MappingDocument, made: Plan) -> Iterator[Entry]:
    """The mapping's entries, then one for each table called like a target that no entry reads."""
    read: set[str] = set()
    for entry in mapping.tables:
        source = next(_by_nearness(folder, entry.source), None)
        if source is not None:
            read.add(source.name)
            yield entry
        elif not any(problem.name.casefold() == entry.source.casefold() for problem in folder.problems):
            made.failed.add(entry.to)
            known = ", ".join(source.name for source in folder.sources) or "–"
            params: dict[str, Any] = {"name": entry.source, "known": known}
            made.problems.append(Problem(entry.source, "files.problem.no_source", params))
        else:
            made.failed.add(entry.to)
    for target in TARGETS:
        source = next(_by_nearness(folder, target), None)
        if source is not None and source.name not in read and not _ignored(source.name, mapping):
            yield Entry.model_validate({"source": source.name, "to": target})


def _by_nearness(folder: Folder, name: str) -> Iterator[Source]:
    """The tables that answer to `name`, those called exactly so first."""
    wanted = name.strip().casefold()
    yield from (source for source in folder.sources if source.name.casefold() == wanted)
    yield from (source for source in folder.sources if source.called(name) and source.name.casefold() != wanted)


def _ignored(name: str, mapping: MappingDocument) -> bool:
    return name.casefold() in {ignored.casefold() for ignored in mapping.ignore}


def _open(source: Source, made: Plan) -> Reader | None:
    try:
        return source.open()
    except Unreadable as error:
        made.problems.append(Problem(source.file, error.key, error.params))
        return None


def _step(entry: Entry, source: Source, reader: Reader) -> Step:
    at = {header.casefold(): place for place, header in enumerate(reader.headers) if header}
    places = {name: at[name] for name in (*entry.target.names, *_own(entry.target, at)) if name in at}
    named = {name: header for name, header in {**entry.fields, **entry.custom}.items() if header}
    places |= {name: at[header.strip().casefold()] for name, header in named.items()}
    for name in (*(name for name, header in entry.fields.items() if header is None), *entry.constants):
        places.pop(name, None)
    dated = [(each.status, at[each.column.strip().casefold()]) for each in entry.status_dates]
    where = {
        at[header.strip().casefold()]: frozenset(value.strip().lower() for value in values)
        for header, values in entry.where.items()
    }
    return Step(entry, source, reader, places, dated, where)


def _own(target: Target, headers: Mapping[str, int]) -> list[str]:
    return [header for header in headers if target.table.custom and is_slug(header)]
