"""The contract of connectors: what a clause is, and what a clause may ask.

A clause is a name, one sentence why, and a generator of complaints: none means the connector
keeps it. It looks at a connector from outside only: through the protocol, and through a door
(door.py) that knows what the source really holds.

Not here: the clauses (clauses/), how each connector is set up (door.py).
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leadpact.connector import Change, Connector, Extract, Mappable, Outcome, Page, Reject
from leadpact.errors import LeadPactError
from leadpact.model import TABLES
from tests.contract.door import Door, Key

DEEDS = ("add", "remove", "crowd", "spoil", "cut")
NEEDS = ("history", "activities", "write", "compare_and_set", "incremental", "deletions", "describe")
Row = dict[str, Any]
Check = Callable[["Trial"], Iterator[str]]


@dataclass(frozen=True)
class Clause:
    """`needs` are capabilities without which the clause asks nothing; `deeds` what the door must do."""

    name: str
    why: str
    check: Check
    needs: tuple[str, ...] = ()
    deeds: tuple[str, ...] = ()

    def idle(self, door: Door) -> str | None:
        """Why this clause asks nothing of the connector behind `door`; null when it does."""
        connector = door.connect()
        for need in self.needs:
            can = isinstance(connector, Mappable) if need == "describe" else getattr(connector.can, need)
            if not can:
                return f"the connector says it cannot: {need}"
        return next((f"{deed}: {door.cannot[deed]}" for deed in self.deeds if deed in door.cannot), None)

    def complaints(self, door: Door) -> list[str]:
        """What is wrong with the connector behind `door`, by this clause."""
        with Trial(door) as trial:
            return list(self.check(trial))


CLAUSES: dict[str, Clause] = {}


def clause(name: str, why: str, *, needs: Sequence[str] = (), deeds: Sequence[str] = ()) -> Callable[[Check], Check]:
    """Registers the generator below it as the clause `name`."""

    def register(check: Check) -> Check:
        if name in CLAUSES or {*needs} - {*NEEDS} or {*deeds} - {*DEEDS}:
            raise ValueError(f"clause {name} is there twice, or asks for what does not exist")
        CLAUSES[name] = Clause(name, why, check, tuple(needs), tuple(deeds))
        return check

    return register


@dataclass
class Reading:
    """One extract, read to its end. `mark` was asked for after the last page."""

    pages: list[Page]
    provided: frozenset[str]
    complete: bool
    mark: Any
    extract: Extract

    @staticmethod
    def of(extract: Extract) -> Reading:
        pages = list(extract.pages)
        return Reading(pages, extract.provided, extract.complete, extract.mark(), extract)

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for page in self.pages:
            found.setdefault(page.table, []).extend(page.rows.to_pylist())
        return found

    @property
    def rejects(self) -> list[Reject]:
        return [reject for page in self.pages for reject in page.rejects]

    @property
    def deleted(self) -> set[Key]:
        return {key for page in self.pages for key in page.deleted}

    @cached_property
    def records(self) -> dict[Key, Row]:
        """The records that are not deleted, the one read last where an id comes twice."""
        rows = {key_of(row): row for row in self.rows.get("record", [])}
        return {key: row for key, row in rows.items() if row["condition"] != "deleted" and key not in self.deleted}

    @property
    def statuses(self) -> dict[Key, str | None]:
        return {key: row["status"] for key, row in self.records.items()}

    def moves(self, key: Key) -> list[Row]:
        """The status changes of one record, in order."""
        rows = [row for row in self.rows.get("field_change", []) if key_of(row) == key and row["field"] == "status"]
        return sorted((row for row in rows if row["at"] is not None), key=lambda row: (row["at"], row["seq"]))


def key_of(row: Mapping[str, Any]) -> Key:
    return row["object"], row["record_id"]


@dataclass
class Trial:
    """One door, what was said while a clause looked through it, and short ways to ask."""

    door: Door
    said: io.StringIO = field(default_factory=io.StringIO)

    def __enter__(self) -> Trial:
        self._handler = logging.StreamHandler(self.said)
        self._level = logging.getLogger().level
        logging.getLogger().addHandler(self._handler)
        logging.getLogger().setLevel(logging.DEBUG)
        self._quiet = contextlib.ExitStack()
        self._quiet.enter_context(contextlib.redirect_stdout(self.said))
        self._quiet.enter_context(contextlib.redirect_stderr(self.said))
        return self

    def __exit__(self, *raised: object) -> None:
        self._quiet.close()
        logging.getLogger().removeHandler(self._handler)
        logging.getLogger().setLevel(self._level)

    def connect(self, **settings: Any) -> Connector:
        return self.door.connect(**settings)

    def read(self, since: str | None = None, connector: Connector | None = None) -> Reading:
        return Reading.of((connector or self.connect()).extract(since))

    def write(self, changes: Sequence[Change], **settings: Any) -> list[Outcome]:
        return list(self.connect(**settings).write(changes))

    def status(self, key: Key) -> str | None:
        """The status a new instance reads for one record."""
        return self.connect().read(key[0], [key[1]], ["status"])[key[1]]["status"]

    @cached_property
    def open(self) -> list[Key]:
        """Records whose status may be written, leads first; at least four of them leads."""
        found = sorted((key for key, held in self.door.held().items() if held.open), key=lambda key: key[0] != "lead")
        if len([key for key in found if key[0] == "lead"]) < 4:
            raise AssertionError(f"the door of {self.door.type} must open on at least four leads")
        return found

    def another(self, key: Key, turn: int = 0) -> str:
        """A status the source accepts for the record, other than its own."""
        own = self.door.held()[key].status
        return [status for status in self.door.statuses(key[0]) if status != own][turn]

    def setting(self, key: Key, turn: int = 0) -> Change:
        """A change of the record's status that the source would accept."""
        return Change(*key, "status", self.door.held()[key].status, self.another(key, turn))

    def may(self, deed: str) -> bool:
        return deed not in self.door.cannot

    def failures(self) -> Iterator[tuple[str, Exception]]:
        """What the connector raises when settings are wrong, a field does not exist, or the source is gone."""
        for wrong in self.door.wrong:
            yield from _raised(f"settings {sorted(wrong)}", lambda wrong=wrong: self.connect(**wrong))
        _, record_id = self.open[0]
        asked = {
            "extract": self.read,
            "read": lambda: self.connect().read("lead", [record_id], ["status"]),
            "check": lambda: list(self.connect().check()),
            "write": lambda: self.write([Change("lead", record_id, "status", None, "x")]),
        }
        unheard = ["f_unheard_of"]
        yield from _raised("read of a field there is not", lambda: self.connect().read("lead", [record_id], unheard))
        if self.may("cut"):
            self.door.cut()
            for what, ask in asked.items():
                yield from _raised(f"{what}, the source being gone", ask)

    def secrets_in(self, text: str) -> Iterator[str]:
        return (f"a secret of the settings stands in {text[:40]!r}…" for _ in range(self.door.SECRET in text))

    def content_in(self, text: str) -> Iterator[str]:
        folded = text.casefold()
        return ("record content (a name, an address) is shown" for word in self.personal if word.casefold() in folded)

    @cached_property
    def personal(self) -> set[str]:
        """What records hold about people, as far as it is long enough to be told from other words."""
        rows = self.read().rows.get("record", [])
        found = {row[name] for row in rows for name in ("name", "email", "phone") if row.get(name)}
        return {word for word in {*found, *self.door.unreadable} if len(word) >= 8}


def _raised(what: str, ask: Callable[[], Any]) -> Iterator[tuple[str, Exception]]:
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - what is raised, whatever it is, is what is looked at
        yield what, error


def laid_over(base: Reading, delta: Reading) -> dict[str, list[Row]]:
    """The rows of a mirror that held `base` and then took `delta`, as leadpact/sync.py lays it."""
    rows = {name: list(found) for name, found in (delta if delta.complete else base).rows.items()}
    if not delta.complete:
        for page in delta.pages:
            rows[page.table] = _left(page, rows.get(page.table, []))
        for name, found in delta.rows.items():
            if not found:
                continue
            key = TABLES[name].key if name in TABLES else tuple(found[0])
            new = {tuple(row[column] for column in key) for row in found}
            kept = [row for row in rows.get(name, []) if tuple(row[column] for column in key) not in new]
            rows[name] = kept + found
    gone = delta.deleted | {key_of(row) for row in rows.get("record", []) if row["condition"] == "deleted"}
    return {
        name: [row for row in found if "record_id" not in row or key_of(row) not in gone]
        for name, found in rows.items()
    }


def _left(page: Page, held: list[Row]) -> list[Row]:
    """The rows of a mirror a page of a delta leaves there."""
    if page.anew or page.gone is None:
        return [] if page.anew else held
    gone = {tuple(row.values()) for row in page.gone.to_pylist()}
    return [row for row in held if tuple(row.get(name) for name in page.gone.column_names) not in gone]


def every_text(error: LeadPactError) -> str:
    """All an error says when it is printed or logged."""
    return " ".join([str(error), repr(error), repr(error.params), *map(every_text, error.details)])
