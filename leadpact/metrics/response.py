"""Response times: how long each clock of a policy ran, how it ended, and what any target would make of it.

One query fetches every clock's time and fate; distribution, what-if and first touch are read
from the sorted times (response_times.py). `responses` gives the same clocks row by row, for
lists and `--explain`.

Not here: the clocks (sla.py), conversion after a response (response_bands.py), when clocks
started (response_when.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
import numpy as np
import numpy.typing as npt

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.response_times import Times
from leadpact.metrics.sla import HOUR, clocks
from leadpact.metrics.survival_rows import Floats, Rows
from leadpact.tables import Table, Tables

ANSWERS = ("answered", "waiting", "left", "unknown")
DUE = ("met", "breached", "overdue")  # what compliance is a share of
SCALES = {
    "elapsed": (0.25, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 168.0),
    "working": (0.25, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 40.0),  # a working day has no length all agree on: hours only
}
# what became of a clock, as fetched: waiting · answered by a touch, by a stage · left, and touched
# after that · unknown, and touched after that
WAITING, TOUCHED, MOVED, LEFT, LEFT_TOUCHED, UNKNOWN, UNKNOWN_TOUCHED = range(7)


def edges(policy: SlaPolicy) -> tuple[float, ...]:
    """The hours at which the bins of response times end, the target among them; the last bin has no end.

    A bin holds what is above the edge before and at most its own: exactly at the target is in time.
    """
    return tuple(sorted({*SCALES[policy.target.clock], float(policy.target.hours)}))


def responses(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, by: str | None = None) -> Table:
    """The clocks of a policy, and what each is in every figure of the SLA.

    Out: the columns of `sla.clocks`; group; answer (`answered`: by a touch or a stop stage;
    `waiting`; `left`: the journey ended first; `unknown`); hours of the policy's clock (to the
    answer or the end, or so far; null where unknown); bin (place in `edges`, null where
    unknown); met (numerator of compliance) and denominator (whether it counts in compliance).
    """
    clock = clocks(tables, pact, as_of, policy)
    clock = with_dimension(clock.mutate(entry=clock.started_at), tables, by, pact).drop("entry")
    unknown = clock.state == "unknown"
    answer = ibis.cases(
        (unknown, "unknown"),
        (clock.stopped_at.notnull(), "answered"),
        (clock.ended_at.notnull(), "left"),
        else_="waiting",
    )
    known = ibis.ifelse(unknown, ibis.null("float64"), clock.measured)
    ends = edges(policy)
    bins = ibis.cases((known.isnull(), ibis.null("int64")), *((known <= end * HOUR, k) for k, end in enumerate(ends)),
                      else_=len(ends))  # fmt: skip
    return clock.mutate(
        answer=answer, hours=known / HOUR, bin=bins, met=clock.state == "met", denominator=clock.state.isin(DUE)
    )


@dataclass(frozen=True, eq=False)
class Responses:
    """The times of a policy, a `Times` per group, groups in order and the unknown one last.

    `undated` entries have no clock, for their start is not known; `coverage` is the share of
    entries that have one, null where there is none. Without `touches_read` (no activity stops
    the clock, or the source gives none) nobody knows who was touched.
    """

    policy: str
    target_hours: float
    groups: tuple[Times, ...]
    undated: int
    touches_read: bool

    @property
    def coverage(self) -> float | None:
        known = sum(one.clocks for one in self.groups)
        return share(known, known + self.undated)

    @property
    def whole(self) -> Times:
        """All groups as one."""
        if len(self.groups) == 1:
            return self.groups[0]
        touched, moved, waiting, left = (_joined(self.groups, name) for name in ("touched", "moved", "waiting", "left"))
        unknown, never = (sum(getattr(one, name) for one in self.groups) for name in ("unknown", "never_touched"))
        return Times(None, touched, moved, waiting, left, unknown, never)


def _joined(groups: Sequence[Times], name: str) -> Floats:
    return np.sort(np.concatenate([np.empty(0), *(getattr(one, name) for one in groups)]))


def measure(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, *, by: str | None = None) -> Responses:
    """Every clock's time and fate, in memory: some 8 bytes a clock. Executes."""
    clock = responses(tables, pact, as_of, policy, by)
    fate = ibis.cases(
        ((clock.answer == "unknown") & clock.touched, UNKNOWN_TOUCHED),
        (clock.answer == "unknown", UNKNOWN),
        ((clock.answer == "answered") & (clock.stopped_by == "touch"), TOUCHED),
        (clock.answer == "answered", MOVED),
        ((clock.answer == "left") & clock.touched, LEFT_TOUCHED),
        (clock.answer == "left", LEFT),
        else_=WAITING,
    )
    # the time of an unknown one means nothing: any number keeps its row
    asked = clock.select("group", fate=fate, seconds=ibis.ifelse(clock.answer == "unknown", 0.0, clock.measured))
    rows = Rows.fetch(asked, ["group"], "seconds", "fate")
    return Responses(
        policy=policy.id,
        target_hours=float(policy.target.hours),
        groups=tuple(_times(key[0], seconds, fates) for key, seconds, fates in rows.groups()),
        undated=undated(tables, policy),
        touches_read=bool(policy.stops.activities) and "activity" in tables.provided,
    )


def _times(group: str | None, seconds: Floats, fate: npt.NDArray[np.int8]) -> Times:
    counts = np.bincount(fate, minlength=UNKNOWN_TOUCHED + 1)
    return Times(
        group=group,
        touched=seconds[fate == TOUCHED],
        moved=seconds[fate == MOVED],
        waiting=seconds[fate == WAITING],
        left=seconds[(fate == LEFT) | (fate == LEFT_TOUCHED)],
        unknown=int(counts[UNKNOWN] + counts[UNKNOWN_TOUCHED]),
        never_touched=int(counts[WAITING] + counts[LEFT] + counts[UNKNOWN]),
    )


def undated(tables: Tables, policy: SlaPolicy) -> int:
    """Entries into the start stage without a time: they have no clock. Executes."""
    spell = tables.spell
    return int(spell.filter(spell.stage == policy.starts, spell.entered_at.isnull()).count().execute())
