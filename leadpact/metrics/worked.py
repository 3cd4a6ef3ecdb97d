"""In whose hours a clock is measured: elapsed, the policy's calendar, or the owner's own.

An owner works by the calendar that lists them (by id or name), else by one that lists their
team, else by the policy's; in their own time zone where that calendar says so and it is known.

Not here: the closed form (calendar.py), what starts and stops a clock (clocks.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis

from config.parts import SlaPolicy
from config.schema import Pact
from config.zones import zones
from leadpact.metrics.calendar import WorkCalendar, day_table, working_seconds
from leadpact.tables import Table, Tables

OWN = ("owners", "teams", "owner_timezone")


@dataclass(frozen=True)
class Hours:
    """The hours of a policy. `usual` is null where it counts elapsed time; `own` is by owner_id."""

    usual: str | None
    own: Mapping[str, str] = field(default_factory=dict)
    days: Table = None

    def seconds(self, table: Table, start: str, end: str, name: str) -> Table:
        """The table with `name`: seconds of these hours in `[start, end)`, by the row's owner_id."""
        if self.usual is None:
            elapsed = table[end].delta(table[start], unit="microsecond") / 1e6
            return table.mutate(**{name: elapsed})
        if not self.own:
            return working_seconds(table, start, end, self.usual, self.days, name=name)
        schema = {"by_owner": "string", "by_calendar": "string"}
        pairs = [{"by_owner": owner, "by_calendar": calendar} for owner, calendar in self.own.items()]
        mine = ibis.memtable(pairs, schema=schema)
        joined = table.left_join(mine, table.owner_id == mine.by_owner)
        joined = joined.mutate(by_calendar=joined.by_calendar.fill_null(self.usual))
        return working_seconds(joined, start, end, joined.by_calendar, self.days, name=name).drop(*schema)


def hours_of(tables: Tables, pact: Pact, policy: SlaPolicy, as_of: datetime) -> Hours:
    """The hours of a policy, for everything from the first entry into its start stage to `as_of`.

    Executes (the first entry; the owners where calendars differ). Raises Misconfigured for a
    calendar that cannot be.
    """
    if policy.calendar is None or policy.target.clock == "elapsed":
        return Hours(None)
    named = {name: entry.model_dump() for name, entry in pact.calendars.items()}
    rules = {name: {key: entry.pop(key) for key in OWN} for name, entry in named.items()}
    own = _by_owner(tables, rules, policy.calendar) if _differ(rules) else {}
    spell = tables.spell
    first = spell.filter(spell.stage == policy.starts).entered_at.min().execute()
    # no entry at all is NaT, which is a datetime that equals nothing
    start = min(first.date(), as_of.date()) if isinstance(first, datetime) and first == first else as_of.date()  # noqa: PLR0124
    calendars = []
    for name in sorted({policy.calendar, *own.values()}):
        plain, _, zone = name.partition("@")
        entry = {**named[plain], **({"timezone": zone} if zone else {})}
        calendars.append(WorkCalendar.parse(name, **entry))
    return Hours(policy.calendar, own, ibis.memtable(day_table(calendars, start, as_of.date())))


def _differ(rules: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(rule[key] for rule in rules.values() for key in OWN)


def _by_owner(tables: Tables, rules: Mapping[str, Mapping[str, Any]], usual: str) -> dict[str, str]:
    """The calendar of each owner whose hours are not simply the usual ones."""
    named = {owner: name for name, rule in rules.items() for owner in rule["owners"]}
    teams = {team.lower(): name for name, rule in rules.items() for team in rule["teams"]}
    known = zones()
    found: dict[str, str] = {}
    for row in tables.owner.select("owner_id", "name", "team", "timezone").to_pyarrow().to_pylist():
        mine = named.get(row["owner_id"]) or named.get(row["name"] or "") or teams.get((row["team"] or "").lower())
        calendar = mine or usual
        if rules[calendar]["owner_timezone"] and row["timezone"] in known:
            calendar = f"{calendar}@{row['timezone']}"
        if calendar != usual:
            found[row["owner_id"]] = calendar
    return found
