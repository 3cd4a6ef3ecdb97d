"""One reading of a folder, in the order that lets every row be understood.

Records are read twice: first for ids, creations and date columns, so that the changes can be
held against them; then, when every change is known, for the mirror.

Not here: how single tables are read (records.py, changes.py, rows.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.files.blocks import Unreadable
from connectors.files.changes import ChangeReader
from connectors.files.faults import as_reject, column_faults, no_records
from connectors.files.folder import Folder, Problem
from connectors.files.index import RecordIndex
from connectors.files.listing import Listing
from connectors.files.pages import ROWS, cut
from connectors.files.plan import Plan, Step
from connectors.files.records import RecordPages
from connectors.files.rows import RowPages
from connectors.files.survey import Survey, survey
from leadpact.connector import Extract, Page, Reject
from leadpact.errors import SourceRefused
from leadpact.model import OBJECTS, TABLES

RECORDS = {"lead": "leads", "contact": "contacts"}


@dataclass
class Reading:
    """One reading. `extract()` surveys the tables and gathers the history; the pages stream."""

    path: Path
    folder: Folder
    plan: Plan
    zone: ZoneInfo
    adding: bool = False
    surveys: dict[str, Survey] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)

    def extract(self) -> Extract:
        """Raises SourceRefused when there are no records to load, or a table of records is damaged inside."""
        self.problems = list(self.plan.problems)
        self._survey()
        refusal = no_records(self.path, self.folder, self.plan, self.problems, adding=self.adding)
        if refusal is not None:
            raise refusal
        missing = [object for object in OBJECTS if not self.plan.of(RECORDS[object])]
        lost = [object for object in missing if RECORDS[object] in self.plan.failed]
        without = [object for object in missing if object not in lost]
        indexes = {object: RecordIndex() for object in OBJECTS}
        changes = ChangeReader(indexes, without, lost, self.zone, self.listing)
        history = self.plan.of("status_changes")
        dated = [step for step in self.plan.of("leads", "contacts") if step.dated]
        if history or dated or self.plan.of("opportunities"):
            self._gather(changes, history)
        changes.timeline.close()
        provided = {step.target.table.name for step in self.plan.steps} | (set() if self.adding else {"record"})
        if history or dated:
            provided.add("field_change")
        return Extract(
            pages=self._pages(changes, indexes, without),
            provided=frozenset(provided),
            complete=True,
            mark=lambda: None,
            creation_logged=changes.timeline.creation_logged if history or dated else None,
        )

    def _survey(self) -> None:
        """Looks through every table; leaves out those whose required dates cannot be read."""
        for name in dict.fromkeys(step.source.name for step in self.plan.steps):
            steps = [step for step in self.plan.steps if step.source.name == name]
            try:
                found = survey(steps)
            except Unreadable as error:
                self.problems.append(Problem(steps[0].source.file, error.key, error.params))
                self._drop(steps)
                continue
            self.surveys[name] = found
            for step in steps:
                for problem, required in column_faults(step, found):
                    if problem not in self.problems:
                        self.problems.append(problem)
                    if required:
                        self._drop([step])

    def _drop(self, steps: list[Step]) -> None:
        self.plan.steps = [step for step in self.plan.steps if step not in steps]
        self.plan.failed.update(step.entry.to for step in steps)

    def _gather(self, changes: ChangeReader, history: list[Step]) -> None:
        try:
            for step in self.plan.of("leads", "contacts"):
                self.rejects.extend(changes.learn(step, self.surveys[step.source.name]))
            for step in history:
                self.rejects.extend(changes.read(step, self.surveys[step.source.name]))
        except Unreadable as error:
            raise SourceRefused(error.key, **error.params) from error

    def _pages(self, changes: ChangeReader, indexes: dict[str, RecordIndex], without: list[str]) -> Iterator[Page]:
        yield from cut("record", TABLES["record"].empty(), [as_reject(problem) for problem in self.problems])
        try:
            yield from self._records(changes, indexes, without)
            yield from cut("field_change", TABLES["field_change"].empty(), self.rejects)
            for rows in changes.timeline.tables(indexes["lead"].ids, indexes["contact"].ids, ROWS):
                yield Page("field_change", rows)
            yield from self._others(changes)
            yield from cut("record", TABLES["record"].empty(), list(self.listing.rest()))
        except Unreadable as error:  # a file that ends in the middle: what came before must not be published
            raise SourceRefused(error.key, **error.params) from error

    def _records(self, changes: ChangeReader, indexes: dict[str, RecordIndex], without: list[str]) -> Iterator[Page]:
        custom = self.plan.custom.get("record", ())
        for object in OBJECTS:
            pages = RecordPages(object, indexes[object], changes.timeline, custom, self.listing)
            for step in self.plan.of(RECORDS[object]):
                yield from pages.of(step, self.surveys[step.source.name], self.zone)
            if object in without and len(indexes[object]):
                yield from pages.derived()

    def _others(self, changes: ChangeReader) -> Iterator[Page]:
        for name in dict.fromkeys(step.entry.to for step in self.plan.steps):
            if name in ("leads", "contacts", "status_changes"):
                continue
            steps = self.plan.of(name)
            custom = self.plan.custom.get(steps[0].target.table.name, ())
            pages = RowPages(self.zone, custom, changes, self.listing)
            for step in steps:
                yield from pages.of(step, self.surveys[step.source.name])
