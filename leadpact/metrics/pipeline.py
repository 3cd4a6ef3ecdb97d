"""Sourced and influenced pipeline: how many deals leads brought, and what they are worth.

Amounts are added within a currency and never across: no rate of exchange is known. A deal of
unknown amount, or of no currency where others name one, is counted and not added. A deal that
several campaigns influenced is one deal in the total: what campaigns show does not add up to it.

Not here: which journey and campaigns a deal has (pipeline_deals.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.pipeline_deals import ORIGINS, STATES, deals, of_pact, responses
from leadpact.tables import Table, Tables

# what is told of deals: all, how they came about (adds up to all), and influenced (cuts across)
PARTS = ("all", *(origin for origin in ORIGINS if origin != "out_of_scope"), "influenced")


@dataclass(frozen=True)
class Amount:
    """What the deals of one currency are worth, by state. `deals` of them have an amount.

    `currency` is null where the CRM names none for any deal: it has only one.
    """

    currency: str | None
    deals: int
    open: float
    won: float
    lost: float
    unknown: float

    @property
    def total(self) -> float:
        return self.open + self.won + self.lost + self.unknown


@dataclass(frozen=True)
class Line:
    """The deals of one part and group: how many, in which state, and their amounts.

    deals = open + won + lost + unknown (not said whether closed). `count_only` have no amount
    that could be added. `share` is of all deals of the group; null for 0 of 0.
    """

    part: str
    group: str | None
    deals: int
    open: int
    won: int
    lost: int
    unknown: int
    count_only: int
    share: float | None
    amounts: tuple[Amount, ...]

    @property
    def small(self) -> bool:
        """Too few to read a share from."""
        return self.deals < SMALL

    def amount(self, currency: str | None) -> Amount:
        """The amounts in one currency; zeros where this line has none."""
        return next((one for one in self.amounts if one.currency == currency), Amount(currency, 0, 0, 0, 0, 0))


@dataclass(frozen=True)
class Pipeline:
    """All lines, and by campaign the deals it influenced (null: the source tells no responses).

    `coverage` is the share of deals of which it is known what came before. `out_of_scope` deals
    belong to records of another pact; `undated` ones have no creation date and are out where a
    range is asked for; of `influence_unknown` nobody can say whether a campaign came before. `missing`
    are the tables the source does not deliver.
    """

    lines: tuple[Line, ...]
    campaigns: tuple[Line, ...] | None
    coverage: float | None
    out_of_scope: int
    undated: int
    influence_unknown: int | None
    missing: tuple[str, ...]

    def line(self, part: str, group: str | None = None) -> Line:
        """The line of a part and group; an empty one where there is none."""
        found = (one for one in self.lines if (one.part, one.group) == (part, group))
        return next(found, Line(part, group, 0, 0, 0, 0, 0, 0, None, ()))


def pipeline(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    lookback_days: float | None = None,
) -> Pipeline:
    """Deals created in `[start, end)` and what has become of them by `as_of`. Executes.

    Raises Misconfigured for a range, look-back or dimension that cannot be.
    """
    if lookback_days is not None and lookback_days < 0:
        raise Misconfigured("pipeline.bad_lookback", days=str(lookback_days))
    missing = tuple(name for name in ("opportunity", "campaign_touch") if name not in tables.provided)
    rows = deals(tables, pact, as_of, start=start, end=end, by=by, lookback_days=lookback_days)
    if "opportunity" in missing:
        return Pipeline((), None, None, 0, 0, None, missing)
    facts = _facts(tables, pact)
    counted = _records(_summed(rows, ["origin", "influenced", "group", "state", "currency"]))
    own = [row for row in counted if row["origin"] != "out_of_scope"]
    total, told = sum(row["n"] for row in own), {origin: _count(own, origin=origin) for origin in ORIGINS}
    ranged = start is not None or end is not None
    unread = "campaign_touch" in missing
    return Pipeline(
        lines=_lines(own, single=not facts["named"], split=by is not None, influence=not unread),
        campaigns=None if unread else _campaigns(rows, tables, as_of, lookback_days, not facts["named"], total),
        coverage=share(total - told["unknown"] - told["unattributed"], total),
        out_of_scope=_count(counted, origin="out_of_scope"),
        undated=facts["undated"] if ranged else 0,
        influence_unknown=None if unread else _count(own, influenced=None),
        missing=missing,
    )


def names_currency(tables: Tables, pact: Pact) -> bool:
    """Whether any of the pact's deals names its currency. Executes."""
    return bool(_facts(tables, pact)["named"])


def influences(rows: Table, tables: Tables, as_of: datetime, lookback_days: float | None = None) -> Table:
    """Deals by the campaigns that influenced them: a deal counts once for each.

    In: deals. Out: their columns, with campaign, responses (how many), first_at, last_at.
    """
    touch = responses(rows, tables, as_of, lookback_days)
    touch = touch.filter(touch.counts)
    by = touch.group_by("campaign", of_deal="opportunity_id").aggregate(
        responses=touch.count(), first_at=touch["at"].min(), last_at=touch["at"].max()
    )
    rows = rows.filter((rows.origin != "out_of_scope").fill_null(True))
    return rows.inner_join(by, rows.opportunity_id == by.of_deal).drop("of_deal")


def _facts(tables: Tables, pact: Pact) -> Mapping[str, Any]:
    """Of all the pact's deals: whether any names its currency, and how many have no creation date."""
    deal = of_pact(tables, pact)
    named = (deal.currency.notnull() & (deal.currency.strip() != "")).any()
    row = deal.aggregate(named=named, undated=deal.created_at.isnull().sum()).to_pyarrow().to_pylist()[0]
    return {"named": bool(row["named"]), "undated": int(row["undated"] or 0)}


def _summed(rows: Table, by: list[str]) -> Table:
    return rows.group_by(*by).aggregate(n=rows.count(), priced=rows.amount.count(), amount=rows.amount.sum())


def _records(table: Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def _count(rows: Iterable[Mapping[str, Any]], **wanted: Any) -> int:
    return sum(row["n"] for row in rows if all(row[name] == value for name, value in wanted.items()))


def _lines(rows: list[dict[str, Any]], *, single: bool, split: bool, influence: bool) -> tuple[Line, ...]:
    """A line for every part; split, for every group of it, the largest first."""
    whole: dict[str | None, int] = {} if split else {None: 0}
    for row in rows:
        whole[row["group"]] = whole.get(row["group"], 0) + row["n"]
    found = []
    for part in PARTS if influence else PARTS[:-1]:
        mine = [row for row in rows if part in ("all", row["origin"]) or (part == "influenced" and row["influenced"])]
        groups = {row["group"] for row in mine} if split else {None}
        lines = [_line(part, group, [r for r in mine if r["group"] == group], single, whole[group]) for group in groups]
        found += sorted(lines, key=_largest)
    return tuple(found)


def _campaigns(
    rows: Table, tables: Tables, as_of: datetime, lookback_days: float | None, single: bool, total: int
) -> tuple[Line, ...]:
    """The deals each campaign influenced, each with its whole amount; the largest first."""
    touched = _records(_summed(influences(rows, tables, as_of, lookback_days), ["campaign", "state", "currency"]))
    of: dict[str, list[dict[str, Any]]] = {}
    for row in touched:
        of.setdefault(row["campaign"], []).append(row)
    return tuple(sorted((_line("campaign", name, mine, single, total) for name, mine in of.items()), key=_largest))


def _line(part: str, group: str | None, rows: list[dict[str, Any]], single: bool, whole: int) -> Line:
    states = {state: _count(rows, state=state) for state in STATES}
    amounts = []
    for currency in {row["currency"] for row in rows if row["currency"] is not None or single}:
        mine = [row for row in rows if row["currency"] == currency and row["priced"]]
        if mine:
            sums = {state: sum(row["amount"] for row in mine if row["state"] == state) for state in STATES}
            amounts.append(Amount(currency, sum(row["priced"] for row in mine), **{s: float(sums[s]) for s in STATES}))
    amounts.sort(key=lambda one: (-one.deals, one.currency or ""))
    number = sum(states.values())
    priced = sum(one.deals for one in amounts)
    return Line(part, group, number, **states, count_only=number - priced, share=share(number, whole),
                amounts=tuple(amounts))  # fmt: skip


def _largest(line: Line) -> tuple[int, bool, str]:
    return -line.deals, line.group is None, line.group or ""
