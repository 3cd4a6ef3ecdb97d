"""A person's story: the records that make them, their spells and journeys, touches, deals, SLA clocks.

Everything the dashboards count of one person, told one by one, so that a number can be opened.
Times are UTC; null where not known, never guessed.

Not here: who is one person (leadpact/persons.py), what a spell or a clock is (spells.py, sla.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics import sla
from leadpact.metrics.person_facts import (
    Change,
    Clock,
    Deal,
    PersonJourney,
    PersonRecord,
    PersonSpell,
    Story,
    Touch,
    Why,
)
from leadpact.tables import Table, Tables, with_owner

KEYS = ["object", "record_id"]
SEARCHED = ("name", "email", "company")
ACCENTS = ("áàâäãåéèêëíìîïóòôöõúùûüñç", "aaaaaaeeeeiiiiooooouuuunc")


def find(tables: Tables, text: str, limit: int) -> Table:
    """Records whose id is `text`, or whose e-mail, name or company holds it; without regard to case or accents.

    Out: object, record_id, person_id, rank (0 the id itself, 1 an exact match, 2 a beginning, 3 a
    part), name, email, company, status; the best `limit`. Nothing for a blank text.
    """
    record = tables.record
    wanted = _plain_text(text)
    if not wanted:
        record = record.limit(0)
    # one pass of a pattern finds them; only the few found are then put in order
    pattern = _pattern(wanted)
    is_id = record.record_id.strip().lower() == text.strip().lower()
    found = record.filter(is_id | ibis.or_(*(record[name].re_search(pattern).fill_null(False) for name in SEARCHED)))
    folded = {name: _folded(found[name]).fill_null("") for name in SEARCHED}
    rank = ibis.cases(
        (found.record_id.strip().lower() == text.strip().lower(), 0),
        (ibis.or_(*(column == wanted for column in folded.values())), 1),
        (ibis.or_(*(column.startswith(wanted) for column in folded.values())), 2),
        else_=3,
    )
    ranked = found.select(*KEYS, "person_id", "name", "email", "company", "status", rank=rank, order=folded["name"])
    return ranked.order_by("rank", "order", *KEYS).drop("order").limit(limit)


def story(tables: Tables, pact: Pact, as_of: datetime, object: str, record_id: str) -> Story | None:
    """The story of the person that has this record; null where there is no such record."""
    record = tables.record
    found = _rows(record.filter(record.object == object, record.record_id == record_id).select("person_id").limit(1))
    if not found:
        return None
    person_id = found[0]["person_id"]
    own = of_person(tables, person_id)
    records = _records(own, person_id)
    root = None if any(f"{one.object}:{one.record_id}" == person_id for one in records) else person_id
    return Story(
        person_id=person_id,
        records=records,
        spells=_spells(own),
        journeys=_journeys(own),
        touches=_touches(own),
        deals=_deals(own),
        changes=_changes(own),
        clocks=_clocks(own, pact, as_of),
        touches_known="activity" in tables.provided,
        absent=root,
    )


def of_person(tables: Tables, person_id: str) -> Tables:
    """The tables with the rows of one person only."""
    record = tables.record.filter(tables.record.person_id == person_id)
    keys = record.select(*KEYS)
    cut = {
        name: getattr(tables, name).semi_join(keys, KEYS)
        for name in ("field_change", "activity", "opportunity", "campaign_touch")
    }
    spell = tables.spell.filter(tables.spell.person_id == person_id)
    journey = tables.journey.filter(tables.journey.person_id == person_id)
    return replace(tables, record=record, spell=spell, journey=journey, **cut)


def _records(own: Tables, person_id: str) -> tuple[PersonRecord, ...]:
    named = with_owner(own.record, own.owner).order_by(own.record.created_at, *KEYS)
    rows = _rows(named)
    return tuple(_record(row, person_id, alone=len(rows) == 1) for row in rows)


def _record(row: dict[str, Any], person_id: str, *, alone: bool) -> PersonRecord:
    why, into = _why(row, person_id, alone=alone)
    kept = {name: row[name] for name in _names(PersonRecord) if name not in ("why", "into")}
    return PersonRecord(**kept, why=why, into=into)


def _why(row: dict[str, Any], person_id: str, *, alone: bool) -> tuple[Why, str | None]:
    if row["merged_into"] is not None:
        return "merged", row["merged_into"]
    if row["object"] == "lead" and row["converted_to"] is not None:
        return "converted", row["converted_to"]
    if f"{row['object']}:{row['record_id']}" == person_id:
        return ("only" if alone else "root"), None
    return "other", None


def _spells(own: Tables) -> tuple[PersonSpell, ...]:
    return tuple(_as(PersonSpell, row) for row in _rows(own.spell.order_by("n")))


def _journeys(own: Tables) -> tuple[PersonJourney, ...]:
    return tuple(_as(PersonJourney, row) for row in _rows(own.journey.order_by("journey")))


def _touches(own: Tables) -> tuple[Touch, ...]:
    named = _named(own.activity, own.owner, "actor_id", actor="name", team="team")
    return tuple(_as(Touch, row) for row in _rows(named.order_by(named["at"], "kind", "activity_id")))


def _deals(own: Tables) -> tuple[Deal, ...]:
    named = _named(own.opportunity, own.owner, "owner_id", owner="name")
    return tuple(_as(Deal, row) for row in _rows(named.order_by(named.created_at, "opportunity_id")))


def _changes(own: Tables) -> tuple[Change, ...]:
    named = _named(own.field_change, own.owner, "actor_id", actor="name")
    owners = own.owner.select(of="owner_id", called="name")
    for side in ("from_value", "to_value"):
        of = owners.rename({f"of_{side}": "of", f"called_{side}": "called"})
        joined = named.left_join(of, named.field.isin(["owner", "owner_id"]) & (named[side] == of[f"of_{side}"]))
        value = ibis.coalesce(joined[f"called_{side}"], joined[side])
        named = joined.mutate(**{side: value}).drop(*of.columns)
    ordered = named.order_by(named["at"].isnull(), named["at"], "seq", *KEYS, "field")
    return tuple(_as(Change, row) for row in _rows(ordered))


def _clocks(own: Tables, pact: Pact, as_of: datetime) -> tuple[Clock, ...]:
    found = []
    for policy in pact.sla:
        clock = sla.clocks(own, pact, as_of, policy)
        for row in _rows(clock.order_by("started_at")):
            seconds = row["measured"]
            hours = None if seconds is None or row["state"] == "unknown" else seconds / sla.HOUR
            kept = {name: row[name] for name in ("journey", "started_at", "stopped_at", "stopped_by", "ended_at",
                                                 "state")}  # fmt: skip
            found.append(Clock(policy=policy.id, hours=hours, target_hours=policy.target.hours, **kept))
    return tuple(found)


def _named(table: Table, people: Table, key: str, **wanted: str) -> Table:
    """The table with columns of the owner under `key`; their name is the id where no owner is known."""
    facts = people.select(key_of="owner_id", **{f"of_{name}": people[column] for name, column in wanted.items()})
    joined = table.left_join(facts, table[key] == facts.key_of)
    named = {name: joined[f"of_{name}"] for name in wanted}
    first = next(iter(wanted))
    named[first] = ibis.coalesce(named[first], joined[key])
    return joined.mutate(**named).drop(*facts.columns)


def _as(made: type[Any], row: dict[str, Any]) -> Any:
    return made(**{name: row[name] for name in _names(made)})


def _names(made: type[Any]) -> list[str]:
    return [field.name for field in fields(made)]


def _rows(table: Table) -> Sequence[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _folded(column: Any) -> Any:
    return column.strip().lower().translate(*ACCENTS)


def _pattern(wanted: str) -> str:
    """A pattern that finds the folded text in text as written: any case, any accent, any spaces."""
    accents: dict[str, str] = {}
    for accented, letter in zip(*ACCENTS, strict=True):
        accents[letter] = accents.get(letter, "") + accented
    parts = []
    for char in wanted:
        forms = dict.fromkeys(char + accents.get(char, "") + (char + accents.get(char, "")).upper())
        parts.append(r"\s+" if char == " " else f"[{''.join(map(re.escape, forms))}]")
    return "".join(parts)


def _plain_text(text: str) -> str:
    return " ".join(text.split()).lower().translate(str.maketrans(*ACCENTS))
