"""EVI03: the status says somebody made contact, and no touch is recorded.

Not here: what names an action (classifier), the SLA's touches (metrics/touches.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from config.propose import words
from config.schema import Pact
from leadpact.audit import likeness
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.values import StatusValue
from leadpact.model import OBJECTS
from leadpact.tables import Table

# an action still to be done claims no touch
TO_DO = {
    "follow", "followup", "seguimiento", "acompanhamento", "callback", "back", "later", "to", "schedule", "pending",
    "pendiente", "pendente", "agendar", "programar", "por", "volver", "retornar", "need", "needs", "next",
    "scheduled", "booked", "planned", "agendada", "agendado", "programada", "programado", "marcada", "marcado",
}  # fmt: skip
UNTOUCHED = set(likeness.meaning("not contacted"))
DENIED = "¬"  # how likeness writes a word denied: "not yet called"
RARE = 0.1  # below this share it is a note


def check(tables: Facts, pact: Pact, as_of: datetime, *, within_days: int) -> Sequence[Found]:
    """Values that name a touch made, with the records that came to them lately without one.

    Lately: dated, in the last `within_days` days, for CRMs archive older activities; and not
    before the first activity the CRM gives. A touch is a completed call, e-mail, meeting or
    message, not inbound, at any time up to `as_of`, on any record of the person. `records`
    are those without one; evidence `of` is how many came lately. Milder below one in ten.
    """
    values = _claiming(tables)
    if not values:
        return []
    late = _lately(tables, values, as_of, within_days)
    by = late.group_by("object", "status").aggregate(
        of=late.count(), records=late.touched.fill_null(False).ifelse(0, 1).sum(), since=late.moved_at.min()
    )
    found = []
    for row in sorted(rows_of(by), key=lambda row: (row["object"], row["status"])):
        if row["records"]:
            value = tables.by_key[(row["object"], row["status"])]
            evidence = {"records": row["records"], "of": row["of"], "share": row["records"] / row["of"]}
            found.append(
                Found(
                    object=value.object,
                    value=value.value,
                    label=value.label,
                    records=row["records"],
                    severity="warning" if evidence["share"] >= RARE else "info",
                    since=row["since"],
                    params={"of": row["of"], "days": within_days},
                    evidence=evidence,
                )
            )
    return found


def _claiming(tables: Facts) -> list[StatusValue]:
    """Values held now whose wording says a touch was made."""
    return [
        value
        for value in tables.values
        if value.records and tables.kind(value) in ("action", "mixed") and _claims(value.wording)
    ]


def _claims(wording: str) -> bool:
    """An action it names is done: neither still to do, nor said not to be."""
    said = likeness.meaning(wording)
    denied = set(said) >= UNTOUCHED or any(part.startswith(DENIED) for part in said)
    return not denied and not TO_DO & set(words(wording))


def _lately(tables: Facts, values: Sequence[StatusValue], as_of: datetime, within_days: int) -> Table:
    """Records that came to a claiming value lately: object, record_id, status, moved_at, touched."""
    names = {object: [value.value for value in values if value.object == object] for object in OBJECTS}
    record = tables.record.filter(status_in(tables.record, names)).select(*KEYS, "person_id", "status")
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence != "remap", change["at"].notnull())
    moves = moves.select(*KEYS, status="to_value", at="at").semi_join(record, KEYS)
    last = moves.group_by(*KEYS, "status").aggregate(moved_at=moves["at"].max())
    came = record.inner_join(last, [*KEYS, "status"])
    first = tables.seen.aggregate(known_from=tables.seen.first_at.min())
    limit = ibis.timestamp((as_of - timedelta(days=within_days)).isoformat(" "))
    came = came.cross_join(first)
    came = came.filter(came.moved_at >= limit, came.moved_at >= came.known_from).drop("known_from")
    touched = tables.seen.select("person_id", "touched")
    return came.left_join(touched, "person_id").drop("person_id_right")


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, within_days: int) -> Table:
    """The records that hold the value without a touch."""
    values = [value for value in _claiming(tables) if (value.object, value.value) == (finding.object, finding.value)]
    late = _lately(tables, values, as_of, within_days)
    return late.filter(~late.touched.fill_null(False))


RULE = Rule(
    code="EVI03",
    name="evidence.no_touch",
    severity="warning",
    groups=("core", "evidence"),
    needs=("activity", "history"),
    fix="none",
    options={"within_days": Option(int, default=365, min=1)},
    check=check,
    people=people,
)
