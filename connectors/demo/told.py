"""Timelines of a chunk by the definitions of the design, computed straight on the drawn arrays.

A second implementation on purpose: numpy over the generator's own rows, sharing no code
with leadpact/metrics, so that each can prove the other wrong.

Not here: which facts are published, and under what names (truth.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.demo import process
from connectors.demo.activities import Touches
from connectors.demo.columns import DAY, HOUR, NEVER, Flags, Ints
from connectors.demo.deals import NEW, Deals
from connectors.demo.history import Rows
from connectors.demo.people import People

AFTER_ROWS = 1_000  # an opportunity's event comes after a status change of the same second


@dataclass(frozen=True)
class Spells:
    """Stages in order of person and time, consecutive equal ones merged.

    `journey` numbers journeys over the chunk, -1 before a person's first.
    """

    person: Ints
    stage: Ints
    at: Ints
    journey: Ints


def spells(people: People, rows: Rows, deals: Deals) -> Spells:
    """Spells of everybody whose history was kept; opportunities of type `new` are events."""
    seen = ~people.missing[rows.person]
    new = np.flatnonzero((deals.type == NEW) & (deals.person >= 0))
    closed = new[deals.closed[new] < NEVER]
    person = np.concatenate([rows.person[seen], deals.person[new], deals.person[closed]])
    at = np.concatenate([rows.at[seen], deals.created[new], deals.closed[closed]])
    stage = np.concatenate(
        [
            process.STAGE_OF[rows.after[seen]],
            np.full(new.size, process.DEAL),
            np.where(deals.won[closed], process.WON, process.REMARKET),
        ]
    )
    tie = np.concatenate([rows.seq[seen], np.full(new.size + closed.size, AFTER_ROWS)])
    order = np.lexsort((tie, at, person))
    person, at, stage = person[order], at[order], stage[order]
    fresh = _changes(person)
    moved = fresh | _changes(stage)
    person, at, stage, fresh = person[moved], at[moved], stage[moved], _changes(person[moved])
    before = np.where(fresh, process.SPAM, np.roll(stage, 1))
    starts = (stage <= process.WON) & (before >= process.WON)
    starts &= ~((stage == process.WON) & (before == process.RENEWAL))
    journey = np.cumsum(starts) - 1
    begun = np.maximum.accumulate(np.where(fresh, np.arange(person.size), 0))
    first = np.where(starts, np.arange(person.size), -1)
    journey[np.maximum.accumulate(first) < begun] = -1
    return Spells(person, stage, at, journey)


def _changes(column: Ints) -> Flags:
    changed = np.ones(column.size, dtype=bool)
    changed[1:] = column[1:] != column[:-1]
    return changed


@dataclass(frozen=True)
class Told:
    """Journeys of a chunk, parallel arrays: person, entry, furthest stage, last stage, since when."""

    person: Ints
    entry: Ints
    top: Ints
    invalid: Flags
    last: Ints
    since: Ints


def journeys(told: Spells) -> Told:
    """One entry a journey, in order of person and entry."""
    inside = told.journey >= 0
    person, stage, at, number = (c[inside] for c in (told.person, told.stage, told.at, told.journey))
    if not number.size:
        none = np.zeros(0, dtype=np.int64)
        return Told(none, none, none, none.astype(bool), none, none)
    first = np.flatnonzero(_changes(number))
    last = np.append(first[1:], number.size) - 1
    top = np.maximum.reduceat(np.where(stage <= process.WON, stage, -1), first)
    invalid = np.logical_or.reduceat(stage == process.SPAM, first)
    return Told(person[first], at[first], top, invalid, stage[last], at[last])


@dataclass(frozen=True)
class Clocks:
    """One follow-up clock per entry into MQL; `response` is seconds to the first touch, NEVER where none."""

    person: Ints
    journey: Ints
    state: Ints
    response: Ints


MET, BREACHED, OVERDUE, RUNNING, WITHDRAWN = range(5)
BANDS = (("within_2h", 2), ("within_8h", 8), ("within_24h", 24), ("within_48h", 48), ("later", 10**9))  # hours
STATES = ("met", "breached", "overdue", "running", "withdrawn")


def clocks(told: Spells, touches: Touches, until: int) -> Clocks:
    """States of the clocks: 48 elapsed hours, stopped by SAL and later or by a human touch of Sales."""
    here = np.flatnonzero(told.stage == process.MQL)
    person, start = told.person[here], told.at[here]
    following = np.minimum(here + 1, told.person.size - 1)
    left = (here + 1 < told.person.size) & (told.person[following] == person)
    left_at = np.where(left, told.at[following], NEVER)
    forward = left & (told.stage[following] > process.MQL) & (told.stage[following] <= process.WON)

    span = 1 << 34  # seconds; larger than any moment here
    key = np.sort(touches.person[touches.human] * span + touches.at[touches.human])
    index = np.searchsorted(key, person * span + start)
    found = index < key.size
    touched = np.where(found, key[np.minimum(index, max(key.size - 1, 0))] if key.size else 0, 0)
    touched = np.where(found & (touched // span == person), touched % span, NEVER)

    stop = np.minimum(np.where(forward, left_at, NEVER), touched)
    withdrawn_at = np.where(left & ~forward, left_at, NEVER)
    target = process.FOLLOW_UP_HOURS * HOUR
    state = np.where(until - start > target, OVERDUE, RUNNING)
    withdrawn = withdrawn_at < stop
    state = np.where(withdrawn, np.where(withdrawn_at - start > target, BREACHED, WITHDRAWN), state)
    stopped = (stop < NEVER) & ~withdrawn
    state = np.where(stopped, np.where(stop - start <= target, MET, BREACHED), state)
    response = np.where(touched < withdrawn_at, touched - start, NEVER)
    return Clocks(person, told.journey[here], state, response)


def mature(told: Told, until: int) -> Flags:
    """Journeys old enough that nothing more can be reached, without the invalid ones."""
    return (until - told.entry >= process.MATURE_DAYS * DAY) & ~told.invalid
