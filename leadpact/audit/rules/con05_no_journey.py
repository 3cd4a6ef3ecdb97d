"""CON05: somebody shows new interest after a journey ended, or as a contact, and no journey opened.

Not here: open journeys nobody works on (ROU02), no way back in the picklist (STA12).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.audit.facts import KEYS, Facts, is_blank, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted
from leadpact.metrics.touches import INBOUND
from leadpact.model import CONTACT, OBJECTS
from leadpact.tables import Table

LOST = ("recycled", "disqualified")
BOUGHT = ("won", "retained")
NEVER_BEGAN = ("untouched", "none")
AFTER = (*LOST, *BOUGHT, *NEVER_BEGAN)
BROWSING = "web_visit"


def check(tables: Facts, pact: Pact, as_of: datetime, *, quiet_days: int, within_days: int) -> Sequence[Found]:
    """One finding an object: active records whose status counts, of people with interest that opened nothing.

    Interest, not automated: a form, a campaign response; after a loss also whatever came in from
    them (a customer's call is often no new interest). A sign counts when it lies more than
    `quiet_days` days back, at most `within_days`, and after the person came to where they stand.
    Whose stage, or the time they came to it, is not known is left out. Evidence `after`: records
    by the kind of stage they stand in (`none`: a contact without a status).
    """
    lost = _unanswered(tables, as_of, quiet_days, within_days)
    rows = rows_of(lost.group_by("object", "after").aggregate(records=lost.count(), since=lost.sign_at.min()))
    found = []
    for object in OBJECTS:
        own = {row["after"]: row for row in rows if row["object"] == object}
        if own:
            counts = {after: own[after]["records"] for after in AFTER if after in own}
            found.append(
                Found(
                    object=object,
                    records=sum(counts.values()),
                    since=min(row["since"] for row in own.values()),
                    params={
                        "after": counted([(f"audit.after.{after}", number) for after, number in counts.items()]),
                        "days": quiet_days,
                        "within": within_days,
                    },
                    evidence={"after": counts},
                )
            )
    return found


def _unanswered(tables: Facts, as_of: datetime, quiet_days: int, within_days: int) -> Table:
    """The records concerned: object, record_id, after, sign_at (the last sign of interest)."""
    signs = _signs(tables, as_of, quiet_days, within_days)
    now = tables.spell.filter(tables.spell.lasts)
    blank = (now.kind == UNMAPPED) & (now.value.fill_null("").strip() == "")
    now = now.select("person_id", "entered_at", kind=ibis.ifelse(blank, "none", now.kind))
    person = signs.left_join(now, "person_id").drop("person_id_right")
    person = person.mutate(after=person.kind.fill_null("none"))
    person = person.mutate(sign_at=ibis.ifelse(person.after.isin(LOST), person.any_at, person.asked_at))
    later = (person.sign_at > person.entered_at).fill_null(False)
    person = person.filter(person.after.isin(AFTER), person.sign_at.notnull(), later | person.after.isin(NEVER_BEGAN))
    person = ibis.memtable(person.select("person_id", "after", "sign_at").to_pyarrow())
    going = tables.journey.filter(tables.journey.end_kind.isnull()).semi_join(person, "person_id")
    person = person.anti_join(going, "person_id")
    record = tables.standing
    record = record.filter(record.condition == "active").select(*KEYS, "person_id")
    joined = record.inner_join(person, "person_id")
    return joined.filter(~joined.after.isin(NEVER_BEGAN) | (joined.object == CONTACT))


def _signs(tables: Facts, as_of: datetime, quiet_days: int, within_days: int) -> Table:
    """Out: person_id, any_at (last sign of any kind), asked_at (last form or response; null: none)."""
    first, last = (ibis.timestamp((as_of - timedelta(days=d)).isoformat(" ")) for d in (within_days, quiet_days))
    act = tables.activity
    act = act.filter(act["at"] >= first, act["at"] < last, ~act.automated.fill_null(False))
    form = act.kind.lower() == "form"
    came_in = act.direction.lower().isin(INBOUND).fill_null(False) & (act.kind.lower() != BROWSING)
    act = act.mutate(asked=form).filter(form | came_in).select(*KEYS, "asked", sign_at="at")
    answer = tables.campaign_touch
    answer = answer.filter(answer["at"] >= first, answer["at"] < last, ~is_blank(answer.response))
    every = ibis.union(act, answer.select(*KEYS, asked=ibis.literal(True), sign_at=answer["at"]))
    named = every.inner_join(tables.every_record.select(*KEYS, "person_id"), KEYS)
    return named.group_by("person_id").aggregate(
        any_at=named.sign_at.max(), asked_at=named.sign_at.max(where=named.asked)
    )


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, quiet_days: int, within_days: int) -> Table:
    """The records of one object whose interest opened nothing."""
    lost = _unanswered(tables, as_of, quiet_days, within_days)
    return lost.filter(lost.object == finding.object)


RULE = Rule(
    code="CON05",
    name="contact.no_journey",
    severity="warning",
    groups=("core", "contacts"),
    needs=("activity", "history"),
    fix="none",  # somebody has to look at what they want
    options={"quiet_days": Option(int, default=7, min=0), "within_days": Option(int, default=180, min=1)},
    check=check,
    people=people,
)
