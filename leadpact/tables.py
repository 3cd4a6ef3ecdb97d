"""What an analysis reads: the canonical tables as Ibis expressions, cut at a moment.

Nothing after `as_of` counts: later changes, touches and records are not there, and a record
has the status it had then.

Not here: which engine they live on (workspace.py), what is computed from them (metrics, audit).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import ibis

# signs that show nothing: controls, spaces of every width, joiners and marks of direction
UNSEEN = r"\x00-\x20\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff"
SAYS = re.compile(f"[^{UNSEEN}]")
# as the engines write it; a pattern is ten times as fast as trimming
SAID = re.sub(r"\\u(....)", r"\\x{\1}", SAYS.pattern)
Table = Any  # an Ibis table expression; Ibis types are not precise enough to help here
Keep = Callable[[str, Table], Table]  # what stores a table under a name and reads it from there
KeepLater = Callable[[str, Any, Callable[[], Table]], Table]  # the same, when it is first read


PEOPLE = "people_asked_for"
OF_OWNER = ("owner", "team", "manager")  # what `with_owner` adds
OF_PEOPLE = ("record", "field_change", "activity", "opportunity", "campaign_touch", "spell", "journey", "touch",
             "untouched")  # fmt: skip
OF_TIME = (*OF_PEOPLE, "holding", "later")  # what `at` cuts


@dataclass(frozen=True)
class Kept:
    """Tables that several questions of one analysis are asked of, each made when it is first read.

    `of` are the tables of that analysis: of others, narrowed since, everything is worked out anew.
    """

    keep: KeepLater
    of: Tables
    made: dict[str, tuple[Any, Table]]

    def serves(self, tables: Tables) -> bool:
        return all(getattr(tables, name) is getattr(self.of, name) for name in (*OF_TIME, "owner", "status_value"))


@dataclass(frozen=True)
class Tables:
    """The canonical tables, and what is derived from them for one pact.

    Derived: `spell` and `journey`; `touch` (metrics/touches.py), `untouched` (metrics/journeys.py)
    and `holding` (metrics/ownership.py), each null where nothing has built it. `clocked` are the
    days on which the SLA clocks started that are asked for; an open end is null.

    `provided` names the tables the source delivers: an empty one that is provided means
    "none", one that is not means "unknown". `later` are the changes cut away by `at`: what a field
    was before them; null where nothing is cut. `history` says where status history comes from:
    "source", "observed" (only seen between syncs) or "none". `subjects`: those of activities were stored at
    all; where not, what a rule asks of them is unknown. `kept` is null where nothing is kept (`shared`).
    """

    record: Table
    field_change: Table
    activity: Table
    opportunity: Table
    owner: Table
    status_value: Table
    campaign_touch: Table
    spell: Table = None
    journey: Table = None
    touch: Table = None
    untouched: Table = None
    holding: Table = None
    later: Table = None
    clocked: tuple[date | None, date | None] = (None, None)
    provided: frozenset[str] = frozenset()
    history: str = "none"
    subjects: bool = True
    kept: Kept | None = None

    def shared(self, name: str, of: Any, schema: Any, make: Callable[[], Table]) -> Table:
        """`make()`, a table of this schema, made once for all questions of an analysis.

        `of` is all it follows from beside these tables: of two that differ in it, the first to have the name is kept.
        """
        if self.kept is None or not self.kept.serves(self):
            return make()
        if name not in self.kept.made:
            self.kept.made[name] = (of, self.kept.keep(name, schema, make))
        known, table = self.kept.made[name]
        return table if known == of else make()

    def at(self, as_of: datetime) -> Tables:
        """The tables as they stood at `as_of` (UTC, naive)."""
        moment = ibis.timestamp(as_of.isoformat(" "))
        later = self.field_change.filter(
            self.field_change.field == "status", self.field_change["at"] > moment, self.field_change.evidence != "remap"
        )
        place = ibis.row_number().over(ibis.window(group_by=["object", "record_id"], order_by=["at", "seq"]))
        first = later.mutate(place=place).filter(lambda t: t.place == 0)
        first = first.select("object", "record_id", status_then="from_value", changes_later=ibis.literal(True))
        record = self.record.filter(self.record.created_at.isnull() | (self.record.created_at <= moment))
        record = record.left_join(first, ["object", "record_id"])
        record = record.mutate(
            status=ibis.ifelse(record.changes_later.fill_null(False), record.status_then, record.status)
        )
        unborn = self.record.filter(self.record.created_at > moment)
        spell = None if self.spell is None else cut_spells(self.spell, as_of, unborn)
        journey = None if self.journey is None else cut_journeys(self.journey, as_of, unborn)
        return replace(
            self,
            record=record.select(self.record.columns),
            field_change=_until(self.field_change, "at", moment),
            activity=_until(self.activity, "at", moment),
            opportunity=_until(self.opportunity, "created_at", moment),
            campaign_touch=_until(self.campaign_touch, "at", moment),
            spell=spell,
            journey=journey if spell is None or journey is None else _standing(journey, spell),
            touch=None if self.touch is None else _until(self.touch, "at", moment),
            untouched=None if self.untouched is None else cut_untouched(self.untouched, as_of),
            holding=None if self.holding is None else _held(self.holding, moment, unborn),
            later=_cut_away(self.field_change, self.later, moment),
        )

    def where(self, conditions: Mapping[str, str], keep: Keep = lambda name, table: table) -> Tables:
        """Only the people with a record that has these values (`owner` and `team` by name too).

        An empty value asks for the records where the field is unknown. `keep` may put who they are
        in a table of its own. Raises KeyError for a field the records do not have.
        """
        if not conditions:
            return self
        named = self.record if set(conditions) <= set(self.record.columns) else with_owner(self.record, self.owner)
        for field, value in conditions.items():
            column = named[field]
            named = named.filter(column.isnull() if value == "" else column.cast("string") == value)
        people = keep(PEOPLE, named.select("person_id").distinct())
        record = self.record.semi_join(people, "person_id")
        keys = record.select("object", "record_id")
        return replace(
            self,
            record=record,
            field_change=self.field_change.semi_join(keys, ["object", "record_id"]),
            activity=self.activity.semi_join(keys, ["object", "record_id"]),
            opportunity=self.opportunity.semi_join(keys, ["object", "record_id"]),
            campaign_touch=self.campaign_touch.semi_join(keys, ["object", "record_id"]),
            spell=None if self.spell is None else self.spell.semi_join(people, "person_id"),
            journey=None if self.journey is None else self.journey.semi_join(people, "person_id"),
            touch=None if self.touch is None else self.touch.semi_join(people, "person_id"),
            untouched=None if self.untouched is None else self.untouched.semi_join(people, "person_id"),
        )


def later(tables: Tables, names: Iterable[str], make: Callable[[], Tables], keep: KeepLater) -> Tables:
    """The tables with those of these names that `make` gives, made when they are first read.

    `make` changes the rows of a table, not its columns. `keep` gives each by name, schema and how it is made.
    """
    made = functools.cache(make)

    def one(name: str) -> Table:
        like = tables.field_change if name == "later" else getattr(tables, name)
        return None if like is None else keep(name, like.schema(), lambda: getattr(made(), name))

    return replace(tables, **{name: one(name) for name in names})


def is_blank(column: Any) -> Any:
    """A text that says nothing: null, or spaces and other signs nobody sees."""
    # most texts begin with a plain letter or digit, and need no pattern
    plain = (column >= "!") & (column < "\x7f")
    return ibis.ifelse(plain, False, column.isnull() | ~column.re_search(SAID))


def blank(value: str | None) -> bool:
    """As `is_blank`, of one value."""
    return value is None or not SAYS.search(value)


def with_owner(table: Table, owner: Table) -> Table:
    """The table with `owner` (name, else id), `team` and `manager` of its `owner_id`; null where unknown."""
    own = owner.select(owner_id_=owner.owner_id, owner_name=owner.name, team=owner.team, manager_id=owner.manager_id)
    above = owner.select(above_id=owner.owner_id, above_name=owner.name)
    names = own.left_join(above, own.manager_id == above.above_id)
    names = names.mutate(manager=ibis.coalesce(names.above_name, names.manager_id))
    names = names.drop("above_id", "above_name", "manager_id")
    joined = table.left_join(names, table.owner_id == names.owner_id_)
    return joined.mutate(owner=ibis.coalesce(joined.owner_name, joined.owner_id)).drop("owner_id_", "owner_name")


def cut_spells(spell: Table, as_of: datetime, unborn: Table) -> Table:
    """The spells as they stood at `as_of`: later ones gone, those left later still lasting.

    `unborn` are the records that were not there yet: a spell of unknown start goes with its record.
    """
    moment = ibis.timestamp(as_of.isoformat(" "))
    kept = _begun(spell, "entered_at", moment, unborn)
    after = kept.left_at.notnull() & (kept.left_at > moment)
    return kept.mutate(
        left_at=ibis.ifelse(after, ibis.null("timestamp"), kept.left_at),
        lasts=kept.lasts | after,
        gone=kept.gone & ~after,
    )


def cut_journeys(journey: Table, as_of: datetime, unborn: Table) -> Table:
    """The journeys as they stood at `as_of`: later ones gone, those that ended later open.

    Where they stood takes their spells (_standing).
    """
    moment = ibis.timestamp(as_of.isoformat(" "))
    kept = _begun(journey, "entered_at", moment, unborn)
    open_again = kept.ended_at.notnull() & (kept.ended_at > moment)
    nothing = {name: ibis.null("string") for name in ("end_kind", "end_stage", "end_value")}
    times = [name for name in kept.columns if name.startswith(("visited_", "strict_"))]
    return kept.mutate(
        ended_at=ibis.ifelse(open_again, ibis.null("timestamp"), kept.ended_at),
        **{name: ibis.ifelse(open_again, null, kept[name]) for name, null in nothing.items()},
        **{name: ibis.ifelse(kept[name] > moment, ibis.null("timestamp"), kept[name]) for name in times},
        **{_has(name): kept[_has(name)] & (kept[name].isnull() | (kept[name] <= moment)) for name in times},
    )


def _begun(table: Table, column: str, moment: Any, unborn: Table) -> Table:
    """The rows begun by `moment`; where that is not known, those of a record that was there."""
    undated = table.filter(table[column].isnull()).anti_join(unborn, ["object", "record_id"])
    return ibis.union(table.filter(table[column] <= moment), undated)


def _standing(journey: Table, spell: Table) -> Table:
    """The journeys with the stage their last spell is in. An engine leaves this join out where nobody asks."""
    own = spell.filter(spell.journey.notnull())
    last = own.group_by(of_person="person_id", of_journey="journey").aggregate(
        moves_then=own.n.count() - 1, stage_then=own.stage.argmax(own.n), kind_then=own.kind.argmax(own.n)
    )
    joined = journey.left_join(last, (journey.person_id == last.of_person) & (journey.journey == last.of_journey))
    then = joined.mutate(moves=joined.moves_then, stage=joined.stage_then, stage_kind=joined.kind_then)
    return then.select(journey.columns)


def _held(holding: Table, moment: Any, unborn: Table) -> Table:
    kept = _begun(holding, "from_at", moment, unborn)
    return kept.mutate(until_at=ibis.ifelse(kept.until_at > moment, ibis.null("timestamp"), kept.until_at))


def cut_untouched(untouched: Table, as_of: datetime) -> Table:
    """The people untouched at `as_of`, from all who ever were."""
    moment = ibis.timestamp(as_of.isoformat(" "))
    kept = untouched.filter(untouched.entry.isnull() | (untouched.entry <= moment))
    return kept.mutate(until=ibis.ifelse(kept.until > moment, ibis.null("timestamp"), kept.until))


def _has(name: str) -> str:
    """`visited_mql` → `has_mql`, `strict_mql` → `has_strict_mql`: reached, at whatever time."""
    return name.replace("visited_", "has_") if name.startswith("visited_") else f"has_{name}"


def _cut_away(change: Table, before: Table, moment: Any) -> Table:
    """The changes after the moment, with those that were cut away before."""
    away = change.filter(change["at"] > moment)
    return away if before is None else ibis.union(away, before)


def _until(table: Table, column: str, moment: Any) -> Table:
    return table.filter(table[column].isnull() | (table[column] <= moment))
