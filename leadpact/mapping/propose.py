"""A mapping proposed from what a source's tables are called and look like, for a person to confirm.

Nothing here decides: every guess carries its confidence, and what cannot be guessed is asked.

Not here: single headers (recognise.py), the mapping document (document.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadpact.language import Language
from leadpact.mapping.codec import Notes
from leadpact.mapping.described import SourceTable
from leadpact.mapping.details import blanks, date_forms, links, won
from leadpact.mapping.document import Entry, MappingDocument
from leadpact.mapping.labels import labelled
from leadpact.mapping.recognise import CONTENT, KEY, OWN, OWN_KEYS, STANDARD, Match, match, plain, table_called, words
from leadpact.mapping.status_dates import (
    custom_fields,
    flag_status,
    only_status,
    status_column,
    status_dates,
    status_since,
)
from leadpact.mapping.targets import TARGETS, Target

LEAST = 2.0  # what a table must score to be proposed for a target at all
NAMED = 4.0
FIRST = (KEY, OWN, STANDARD)  # what beats a name of the same confidence
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Guess:
    """One line of the proposal: where it stands, the header, how sure (0–1) and why."""

    path: Path
    header: str
    confidence: float
    why: str


@dataclass(frozen=True)
class Question:
    """What a person must say: a date column that can be read in two ways."""

    path: Path
    source: str
    header: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """The proposed mapping, guess by guess. `unread` are tables nothing was proposed for."""

    document: MappingDocument
    guesses: tuple[Guess, ...]
    questions: tuple[Question, ...]
    unread: tuple[str, ...]

    def notes(self, say: Language) -> Notes:
        """The guesses and questions as comments for `dumps`, in the reader's language."""
        noted = {
            guess.path: self._named(
                guess.header, say(f"mapping.why.{guess.why}", confidence=say.percent(guess.confidence, 0))
            )
            for guess in self.guesses
        }
        shown = self.document.shown
        asked = {
            question.path: say("mapping.why.ask", forms=", ".join(question.forms), column=shown(question.header))
            for question in self.questions
        }
        return {**noted, **asked}

    def _named(self, header: str, why: str) -> str:
        label = self.document.labels.get(header)
        return f"{label} – {why}" if label else why


@dataclass
class _Draft:
    table: SourceTable
    target: Target
    matches: dict[str, Match] = field(default_factory=dict)
    score: float = 0.0


def propose(tables: Sequence[SourceTable]) -> Proposal:
    """The likeliest mapping of the tables that can be read."""
    readable = [table for table in tables if table.problem is None and table.columns]
    firsts = [best for table in readable if (best := _best(table, None))]
    keys = [
        key.shown
        for draft in firsts
        if draft.target.dated and (key := draft.table.column(draft.matches["record_id"].header)) and not key.own
    ]
    records = {draft.table.name: draft.target.name for draft in firsts if draft.target.dated}
    order = list(TARGETS)
    drafts = sorted(
        (one for table in readable if (best := _best(table, keys, records)) for one in [best, *_beside(best, records)]),
        key=lambda draft: order.index(draft.target.name),
    )
    entries: list[Entry] = []
    guesses: list[Guess] = []
    questions: list[Question] = []
    for place, draft in enumerate(drafts):
        entry, found = _entry(draft)
        entries.append(entry)
        for path, one in found.items():
            guesses.append(Guess(("tables", place, *path), one.header, one.confidence, one.why))
            column = draft.table.column(one.header)
            if column is not None and len(column.date_forms) > 1:
                questions.append(Question(("tables", place, *path), draft.table.name, column.name, column.date_forms))
    used = {draft.table.name for draft in drafts}
    return Proposal(
        labelled(MappingDocument(tables=tuple(entries)), tables),
        tuple(guesses),
        tuple(questions),
        tuple(table.name for table in tables if table.name not in used),
    )


def _best(table: SourceTable, keys: Sequence[str] | None, records: Mapping[str, str] | None = None) -> _Draft | None:
    """The target the table serves best. Once known: `keys`, the headers of the records' own ids, and the tables
    of `records` with their targets."""
    drafts = [draft for target in TARGETS.values() if (draft := _draft(table, target, keys or (), records or {}))]
    best = max(drafts, key=lambda draft: draft.score, default=None)
    return best if best is not None and best.score >= LEAST else None


def _draft(table: SourceTable, target: Target, keys: Sequence[str], records: Mapping[str, str]) -> _Draft | None:
    """The table under one target: columns matched greedily, the surest first; null where a required one lacks."""
    if table.fills not in ("", target.name):
        return None
    found = [one for header in table.columns for column in target.columns if (one := match(header, column, target))]
    if any(column.own == "key" for column in table.columns):
        found = [one for one in found if one.column != OWN_KEYS.get(target.name) or one.why == OWN]
    found += links(table, target, records)[:1]
    shared = next((column for column in table.columns if _bare(column.shown) in {_bare(key) for key in keys}), None)
    if shared is not None and not table.fills and not target.dated and "record_id" in target.names:
        found.append(Match("record_id", shared.name, 1.0, KEY))
    draft = _Draft(table, target)
    taken: set[str] = set()
    for one in sorted(found, key=lambda one: (-one.confidence, one.why not in FIRST, plain(one.header) == "id")):
        if one.column not in draft.matches and one.header not in taken:
            draft.matches[one.column] = one
            taken.add(one.header)
    _by_shape(draft, taken)
    draft.matches = {name: draft.matches[name] for name in target.names if name in draft.matches}
    if any(name not in draft.matches for name in target.required):
        return None
    telling: Mapping[str, int] = words()["telling"][target.name]
    # what the source tells of every row says nothing about the table
    weight = sum(telling.get(name, 0) * one.confidence for name, one in draft.matches.items() if one.why != OWN)
    draft.score = weight + NAMED * table_called(table.shown, target.name)
    return draft


def _beside(draft: _Draft, records: Mapping[str, str]) -> list[_Draft]:
    """The same table once more, for rows that are about records of another table."""
    more = [] if draft.target.dated else links(draft.table, draft.target, records)[1:]
    return [_Draft(draft.table, draft.target, {**draft.matches, "record_id": one}, draft.score) for one in more]


def _bare(header: str) -> str:
    return plain(header).replace(" ", "")


def _by_shape(draft: _Draft, taken: set[str]) -> None:
    """Required columns no header names: an address or the first column that can be a key, the only date there is."""
    keyed = draft.target.name in ("leads", "contacts", "opportunities", "owners")
    if draft.target.name == "activities" and "record_id" not in draft.matches:
        # a marketing tool tells its visits by address; joined.py finds whose it is
        address = next((column for column in draft.table.columns if column.email and column.name not in taken), None)
        if address is not None:
            draft.matches["record_id"] = Match("record_id", address.name, 0.7, CONTENT)
            taken.add(address.name)
    for name in draft.target.required:
        if name in draft.matches or name in ("to_status", "campaign", "value"):
            continue
        free = [column for column in draft.table.columns if column.name not in taken]
        if name == "at":
            fitting = [column for column in free if column.kind == "time"]
            fitting = fitting if len(fitting) == 1 else []
        else:
            fitting = [column for column in free if column.kind in ("text", "whole") and (column.unique or not keyed)]
        if not fitting and name == "opportunity_id" and "record_id" in draft.matches:
            fitting = [
                column
                for column in (draft.table.column(draft.matches["record_id"].header),)
                if column is not None and column.unique
            ]
        if fitting:
            draft.matches[name] = Match(name, fitting[0].name, 0.6, CONTENT)
            taken.add(fitting[0].name)


def _entry(draft: _Draft) -> tuple[Entry, dict[Path, Match]]:
    """The entry of a draft, and its guesses by their path inside the entry."""
    table, target = draft.table, draft.target
    parts: dict[str, object] = {"source": table.name, "to": target.name}
    guesses: dict[Path, Match] = {("fields", name): one for name, one in draft.matches.items()}
    constants: dict[str, object] = {}
    values: dict[str, dict[str, object]] = {}
    dated: list[tuple[str, str]] = []
    if target.dated:
        dated = status_dates(table, {name: one.header for name, one in draft.matches.items()})
        _settle_status(draft, guesses, values, bool(dated))
        guesses |= {
            ("status_dates", place, "column"): Match("status", column, 0.7, CONTENT)
            for place, (column, _) in enumerate(dated)
        }
    if target.name == "status_changes":
        parts["where"] = only_status(table)
    if target.name == "opportunities" and won(draft.table, draft.matches):
        constants = {"is_won": True, "is_closed": True}
    if target.table.custom:
        parts["custom"] = custom_fields(table, _taken(draft) | {column for column, _ in dated})
    if target.dated and "status" in draft.matches:
        parts["status_since"] = status_since(table, draft.matches["status"].header)
    parts["status_dates"] = [{"column": column, "status": status} for column, status in dated]
    parts |= {
        "fields": {name: one.header for name, one in draft.matches.items()},
        "constants": constants,
        "values": values,
        "dates": date_forms(table, guesses),
        "blank": blanks(table.columns),
    }
    return Entry.model_validate(parts), guesses


def _settle_status(
    draft: _Draft, guesses: dict[Path, Match], values: dict[str, dict[str, object]], dated: bool
) -> None:
    """The status column the date columns agree with; where there is neither, a yes/no column that tells."""
    column = status_column(draft.table, {name: one.header for name, one in draft.matches.items()})
    if column is not None:
        before = draft.matches.get("status")
        draft.matches["status"] = (
            before
            if before is not None and before.header == column.name
            else Match("status", column.name, 0.8, CONTENT)
        )
    elif not dated and (flagged := flag_status(draft.table, _taken(draft))) is not None:
        draft.matches["status"] = Match("status", flagged[0], 0.5, CONTENT)
        values["status"] = dict(flagged[1])
    if "status" in draft.matches:
        guesses[("fields", "status")] = draft.matches["status"]


def _taken(draft: _Draft) -> set[str]:
    return {one.header for one in draft.matches.values()}
