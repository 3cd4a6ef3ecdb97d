"""Whose lead it is, over time: queues first, then an SDR, then a rep; some stay parked.

Not here: the staff (staff.py), the owner of contacts, which never changes here (records.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.demo import process, staff
from connectors.demo.clock import Clock
from connectors.demo.columns import HOUR, NEVER, Ints
from connectors.demo.journeys import Journeys
from connectors.demo.people import BOUGHT, People


@dataclass(frozen=True)
class Owned:
    """`now` by person; the changes as parallel arrays in order of person and time."""

    now: Ints
    person: Ints
    before: Ints
    after: Ints
    at: Ints
    seq: Ints


def ownership(rng: np.random.Generator, clock: Clock, people: People, j: Journeys) -> Owned:
    """Owner changes of leads up to `until`, and who owns them then."""
    at_first = np.where(people.kind == BOUGHT, staff.IMPORTER, people.sdr)
    at_first = np.where(people.queued, staff.QUEUE, at_first)
    lead = ~j.on_contact
    last = np.ones(j.size, dtype=bool)
    last[:-1] = j.person[1:] != j.person[:-1]

    first = j.touch[:, 0]
    taken = lead & (j.mql < NEVER) & ((first < NEVER) | (j.top >= process.SAL) | (rng.random(j.size) < 0.88))
    before_touch = np.where(first < NEVER, np.maximum(first - 60, j.mql), NEVER)
    given = np.minimum(j.mql + rng.integers(60, 3 * HOUR, j.size), before_touch)
    sold = lead & ~j.converted & (j.sql < NEVER)
    parked = lead & ~j.converted & last & (j.end == process.REMARKET) & (rng.random(j.size) < 0.3)
    events = (
        (taken, given, people.sdr[j.person]),
        (sold, j.sql + 300, people.rep[j.person]),
        (parked, j.ended + HOUR, np.full(j.size, staff.PARKED)),
    )
    person = np.concatenate([j.person[where] for where, _, _ in events])
    at = np.concatenate([moment[where] for where, moment, _ in events])
    after = np.concatenate([owner[where] for where, _, owner in events])
    there = at <= clock.until
    person, at, after = person[there], at[there], after[there]
    order = np.lexsort((at, person))
    person, at, after = person[order], at[order], after[order]

    fresh = np.ones(person.size, dtype=bool)
    fresh[1:] = person[1:] != person[:-1]
    before = np.where(fresh, at_first[person], np.roll(after, 1))
    moved = before != after  # giving a lead to its owner again is no change
    person, before, after, at = person[moved], before[moved], after[moved], at[moved]
    fresh = np.ones(person.size, dtype=bool)
    fresh[1:] = person[1:] != person[:-1]
    position = np.arange(person.size)
    seq = position - np.maximum.accumulate(np.where(fresh, position, 0))
    now = at_first.copy()
    now[person] = after  # the last write wins, and rows are in order of time
    return Owned(now, person, before, after, at, seq)
