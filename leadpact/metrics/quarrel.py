"""Both complaints, tested: "Sales does not follow up" and "the leads are rubbish".

Not here: the clocks (sla.py), the cohort funnel (funnel.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import pandas as pd

from config.schema import Pact
from leadpact.metrics import sla
from leadpact.metrics.funnel import share
from leadpact.tables import Table, Tables


@dataclass(frozen=True)
class Quarrel:
    """What the data says of the two complaints. Null where the data cannot say.

    `in_time` is the compliance of the follow-up policy, of `clocks` decided ones; of `unclear`
    others the data cannot say, and where they are more, the share is of a minority.
    `never_touched` are open or lost hand-overs nobody of Sales has touched; `accepted` of
    `decided` qualified journeys went on to Sales, the others were sent back.
    """

    policy: str | None
    in_time: float | None
    clocks: int
    never_touched: int | None
    accepted: int
    decided: int
    accepted_rate: float | None
    first_reason: str | None
    first_reason_count: int
    unclear: int = 0

    @property
    def mostly_unclear(self) -> bool:
        return self.unclear > self.clocks


def quarrel(tables: Tables, pact: Pact, as_of: datetime) -> Quarrel:
    """Both sides at `as_of`, over all journeys. Executes."""
    chosen = pact.commitments.sales.follow_up or (pact.sla[0].id if pact.sla else None)
    policy = next((one for one in pact.sla if one.id == chosen), None)
    result = sla.of_policy(tables, pact, as_of, policy)[0] if policy is not None else None
    readable = "activity" in tables.provided
    rows = send_backs(tables, pact)
    counts = rows.group_by("accepted", "sent_back", "reason", "end_value").aggregate(n=rows.count()).execute()
    accepted, sent_back = (int(counts.loc[counts[name].astype(bool), "n"].sum()) for name in ("accepted", "sent_back"))
    # the value it ended with tells something only where nobody writes reasons down
    first = _most_common(counts, "reason") or _most_common(counts, "end_value")
    return Quarrel(
        policy=chosen,
        in_time=result.compliance if result else None,
        clocks=result.met + result.breached + result.overdue if result else 0,
        never_touched=result.never_touched if result and readable else None,
        accepted=accepted,
        decided=accepted + sent_back,
        accepted_rate=share(accepted, accepted + sent_back),
        first_reason=first[0] if first else None,
        first_reason_count=first[1] if first else 0,
        unclear=result.unknown if result else 0,
    )


def _most_common(counts: pd.DataFrame, column: str) -> tuple[str, int] | None:
    """The value most of the sent back have, the first by name where several do; the other rows have none."""
    found = counts.groupby(column, dropna=True)["n"].sum()
    if found.empty:
        return None
    value, n = min(found.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return str(value), int(n)


def send_backs(tables: Tables, pact: Pact) -> Table:
    """Qualified journeys, with whether Sales took them or sent them back.

    Out: person_id, journey, object, record_id, source, owner_id, accepted (entered a sales or
    won stage), sent_back (ended recycled or disqualified without that), reason (the record's
    end reason), end_value (the raw status it ended with); both null where not sent back or unknown.
    """
    journey = tables.journey
    qualified = _any(journey, pact.keys("qualified"))
    accepted = _any(journey, pact.keys("sales", "won"))
    back = journey.end_kind.isin(["recycled", "disqualified"]).fill_null(False) & ~accepted
    chosen = journey.mutate(accepted=accepted, sent_back=back).filter(qualified)
    reasons = tables.record.select(of="object", by="record_id", end_reason="end_reason")
    joined = chosen.left_join(reasons, (chosen.object == reasons.of) & (chosen.record_id == reasons.by))
    told = {name: ibis.ifelse(joined.sent_back, joined[source], ibis.null("string"))
            for name, source in (("reason", "end_reason"), ("end_value", "end_value"))}  # fmt: skip
    names = ("person_id", "journey", "object", "record_id", "source", "owner_id", "accepted", "sent_back")
    return joined.select(*names, **told)


def _any(journey: Table, keys: list[str]) -> ibis.expr.types.BooleanValue:
    found = ibis.literal(False)
    for key in keys:
        found = found | journey[f"has_{key}"]
    return found
