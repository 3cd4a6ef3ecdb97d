"""How long records stay in a status value, how often it is entered, and by whom.

A stay lasts from the change that led to the value until the record's next one. Who still holds
it counts as "at least this long" (Kaplan-Meier), and so does a lead until its conversion, which
froze it, and a record whose value was relabelled. A stay that ended in a change the CRM lost is
left out.

Not here: time in a stage of the pact (metrics/velocity.py), who an actor is (actors.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leadpact.audit.actors import Hands
from leadpact.audit.behaviour_trail import CONVERTED, DAY, INTEGRATION, LOST, NOBODY, PERSON, SEEN, Ints, Key, Trail
from leadpact.metrics.survival import TIE

LATELY_DAYS = 90


@dataclass(frozen=True)
class Stay:
    """Stays whose length so far is known, `open` of them not ended; the median is null where half have not left."""

    n: int
    open: int
    median_days: float | None


@dataclass(frozen=True)
class Entries:
    """Dated entries into a value, `lately` of them in the last 90 days; `stay` is null where no length is known."""

    n: int
    lately: int
    hands: Hands
    stay: Stay | None


def entries(trail: Trail) -> Mapping[Key, Entries]:
    """By (object, value); without those no dated change leads to."""
    same = trail.place[1:] == trail.place[:-1]
    until = np.append(np.where(same, trail.at[1:], trail.end), trail.end)
    after = np.append(np.where(same, trail.what[1:], CONVERTED), CONVERTED)
    found = {}
    for key, here in trail.entries:
        if len(here):
            known = here[after[here] != LOST]
            stay = _stay(until[known] - trail.at[known], after[known] <= SEEN)
            lately = int(np.count_nonzero(trail.at[here] >= trail.end - LATELY_DAYS * DAY))
            found[key] = Entries(len(here), lately, _hands(trail.actor[here]), stay)
    return found


def _hands(actor: Ints) -> Hands:
    counts = np.bincount(actor, minlength=3).tolist()
    return Hands(person=counts[PERSON], integration=counts[INTEGRATION], unknown=counts[NOBODY])


def _stay(length: Ints, ended: Ints) -> Stay | None:
    """Kaplan and Meier's median, as survival_local.py, without its copies of every row."""
    if not len(length):
        return None
    order = np.argsort(length)
    times = length[order]
    first = np.flatnonzero(np.append(True, times[1:] != times[:-1]))
    left = np.add.reduceat(ended[order].astype(np.int64), first)
    half = np.flatnonzero(np.cumprod(1 - left / (len(length) - first)) <= 0.5 + TIE)
    median = float(times[first[half[0]]]) / DAY if len(half) else None
    return Stay(len(length), len(length) - int(left.sum()), median)
