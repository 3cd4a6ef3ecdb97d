"""Where qualified journeys came from: new leads, converted ones, contacts, and people who returned.

Many a CRM counts leads only, and what existing contacts bring stays out of sight. Here a journey
counts once, at its first entry to the chosen stage or a funnel stage after it.

Not here: rates and cohorts (funnel.py), deals (pipeline.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.pipeline_deals import inside
from leadpact.metrics.significance import wilson
from leadpact.tables import Table, Tables

# the first that fits: a later journey of a person is their return, whatever record it is on
CAME_FROM = ("lead", "converted", "contact", "returning")
EXISTING = ("contact", "returning")


def sales_stage(pact: Pact, wanted: str | None = None) -> str:
    """The stage asked for, else the one the pact itself calls SQL, else the last of kind sales.

    A pact without one: the last qualified stage, else the last of the funnel. Raises
    Misconfigured for a stage that is not in the funnel, and for a pact without a funnel.
    """
    funnel = pact.funnel
    if not funnel:
        raise Misconfigured("funnel.no_stages")
    keys = [stage.key for stage in funnel]
    if wanted is not None:
        if wanted not in keys:
            raise Misconfigured("funnel.bad_anchor", stage=wanted, known=", ".join(keys))
        return wanted
    sales = [stage for stage in funnel if stage.kind == "sales"]
    called = [stage for stage in sales if re.search(r"(?<![^\W_])sql(?![^\W_])", f"{stage.key} {stage.label}".lower())]
    qualified = [stage for stage in funnel if stage.kind == "qualified"]
    return (called or sales or qualified or funnel)[-1].key


def onwards(pact: Pact, stage: str) -> list[str]:
    """The stage and the funnel stages after it: being in any of them is having reached it."""
    keys = [one.key for one in pact.funnel]
    return keys[keys.index(stage) :]


def entries(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    stage: str | None = None,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """Journeys that reached the stage in `[start, end)`, each with where it came from.

    Out: person_id, journey, object, record_id (it was reached on), reached_at, group (month and
    week are those of reaching), part (counted; unknown: reached at no known time; invalid),
    came_from: `returning` (not the person's first journey), else by the record the stage was
    reached on: `lead`; `converted`, a contact whose person has a lead as well; `contact`, without.
    """
    chosen = sales_stage(pact, stage)
    spell = tables.spell.filter(tables.spell.journey.notnull(), tables.spell.stage.isin(onwards(pact, chosen)))
    first = spell.group_by("person_id", "journey").aggregate(
        on_object=spell.object.argmin(spell.n),
        on_record=spell.record_id.argmin(spell.n),
        at=spell.entered_at.argmin(spell.n, where=spell.entered_at.notnull()),
        dated=spell.entered_at.notnull().cast("int8").argmin(spell.n),
    )
    own = first.inner_join(tables.journey, ["person_id", "journey"])
    leads = tables.record.filter(tables.record.object == "lead").select(lead_person="person_id").distinct()
    both = own.left_join(leads, own.person_id == leads.lead_person)
    unknown = (both.dated == 0) | both["at"].isnull()
    entry = ibis.ifelse(unknown, ibis.null("timestamp"), both["at"])
    flagged = both.mutate(
        entry=entry,
        reached_at=entry,
        part=ibis.cases((unknown, "unknown"), (both.end_kind == "invalid", "invalid"), else_="counted"),
        came_from=ibis.cases(
            (both.journey > 1, "returning"),
            (both.on_object == "lead", "lead"),
            (both.lead_person.notnull(), "converted"),
            else_="contact",
        ),
    )
    if start is not None or end is not None:
        flagged = flagged.filter(flagged.entry.isnull() | inside(flagged.entry, pact, start, end))
    named = with_dimension(flagged, tables, by, pact)
    return named.select(
        "person_id", "journey", "reached_at", "group", "part", "came_from", object="on_object", record_id="on_record"
    ).relocate("object", "record_id", before="reached_at")


@dataclass(frozen=True)
class Share:
    """What one origin brought of a group's entries; `of` are all of the group."""

    group: str | None
    came_from: str
    n: int
    of: int
    share: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Contribution:
    """All groups, each with every origin. `unknown` were reached at no known time, `invalid` are no leads.

    `existing` of `total` are contacts without a lead and returns. `coverage` is the share of known times.
    """

    stage: str
    lines: tuple[Share, ...]
    total: int
    existing: int
    coverage: float | None
    unknown: int
    invalid: int


def contribution(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    stage: str | None = None,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Contribution:
    """The shares of every origin at `as_of`, a line per group and origin. Executes.

    The interval is Wilson's 95 %. Groups of time come in their order, others the largest first.
    """
    rows = entries(tables, pact, as_of, stage=stage, start=start, end=end, by=by)
    found = rows.group_by("part", "group", "came_from").aggregate(n=rows.count()).to_pyarrow().to_pylist()
    of = {part: sum(row["n"] for row in found if row["part"] == part) for part in ("counted", "unknown", "invalid")}
    counted = {(row["group"], row["came_from"]): int(row["n"]) for row in found if row["part"] == "counted"}
    sizes: dict[str | None, int] = {} if by is not None else {None: 0}
    for (group, _), number in counted.items():
        sizes[group] = sizes.get(group, 0) + number
    timed = by in ("month", "week")
    groups = sorted(sizes, key=lambda group: (group is None, 0 if timed else -sizes[group], group or ""))
    return Contribution(
        stage=sales_stage(pact, stage),
        lines=tuple(
            _share(group, origin, counted.get((group, origin), 0), sizes[group])
            for group in groups
            for origin in CAME_FROM
        ),
        total=of["counted"],
        existing=sum(number for (_, origin), number in counted.items() if origin in EXISTING),
        coverage=share(sum(of.values()) - of["unknown"], sum(of.values())),
        unknown=of["unknown"],
        invalid=of["invalid"],
    )


def _share(group: str | None, origin: str, number: int, size: int) -> Share:
    low, high = wilson(number, size) or (None, None)
    return Share(group, origin, number, size, share(number, size), low, high)
