"""Journeys as the CRM saw them: status changes, with everything people do to a status field.

Actions used as statuses, English beside Spanish, stages skipped, two changes in one second,
contacts whose status nobody keeps.

Not here: what really happened (journeys.py), the owner's changes (records.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.demo import process, staff, words
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, NEVER, NOTHING, Flags, Ints, draw
from connectors.demo.journeys import Journeys
from connectors.demo.people import BOUGHT, NATIVE, People
from connectors.demo.process import CODE

ENTRY, NURTURED, HANDED, TRIED, ACCEPTED, RETURNED, WORKED, READY, CREATED, CLOSED = 0, 1, 4, 5, 9, 10, 11, 12, 13, 14
SLOTS = 15  # NURTURED takes three, TRIED four
NURTURING, TRYING = range(NURTURED, HANDED), range(TRIED, ACCEPTED)
BLANK, STATIC, KEPT, CONTRARY = range(4)  # how a converted contact's status is kept
REGIMES = (0.70, 0.20, 0.08, 0.02)
NATIVE_BLANK = 0.6  # share of prospected deals whose contact's status stays blank throughout
NURTURE = (  # share that gets there from the step before, values, their shares
    (
        0.95,
        ("Nurture", "Nutrición", "Email Sent", "Webinar", "Pendiente", "Subscriber"),
        (0.34, 0.16, 0.2, 0.1, 0.1, 0.1),
    ),
    (0.8, ("Nurture", "Email Sent", "Nutrición"), (0.4, 0.4, 0.2)),
    (0.6, ("Webinar", "Nurture", "Pendiente"), (0.3, 0.5, 0.2)),
)
EN_ACTIONS = ("Attempted to Contact", "Contacted", "Left Voicemail", "Follow-up Call")
ES_ACTIONS = ("No contesta", "Contactado", "Buzón de voz", "Contacted", "Follow-up Call")
EN_SHARES, ES_SHARES = (0.3, 0.3, 0.25, 0.15), (0.3, 0.25, 0.25, 0.1, 0.1)


@dataclass(frozen=True)
class Rows:
    """Status changes in order of person, time and sequence. `before` is NOTHING for a first value."""

    person: Ints
    on_contact: Flags
    before: Ints
    after: Ints
    at: Ints
    seq: Ints
    actor: Ints


@dataclass(frozen=True)
class Slots:
    """A journey's possible status changes, fifteen a row; `at` is NEVER where there is none."""

    at: Ints
    value: Ints
    actor: Ints
    logged: Flags  # per attempt: a call or mail was logged beside the status


def slots(rng: np.random.Generator, clock: Clock, people: People, journeys: Journeys) -> Slots:
    """Draws how each journey shows in the status field."""
    j, size = journeys, journeys.size
    at = np.full((size, SLOTS), NEVER, dtype=np.int64)
    value = np.full((size, SLOTS), NOTHING, dtype=np.int64)
    actor = np.repeat(people.sdr[j.person][:, None], SLOTS, axis=1)
    actor[:, [ENTRY, HANDED]] = staff.ROBOT
    actor[:, NURTURING] = people.marketer[j.person][:, None]
    by_hand = rng.random(size) < 0.3
    actor[by_hand, HANDED] = people.marketer[j.person[by_hand]]
    bought = people.kind[j.person] == BOUGHT
    actor[bought, ENTRY] = staff.IMPORTER

    _enter(rng, clock, people, j, at, value)
    _nurture(rng, j, bought, at, value)
    at[:, HANDED] = np.where(j.skip_mql, NEVER, j.mql)
    value[:, HANDED] = CODE["MQL"]
    logged = _try(rng, people, j, at, value)
    _sell(rng, j, at, value)
    _close(rng, people, j, at, value, actor)

    for slot in (*NURTURING, *TRYING, RETURNED, WORKED, CREATED):  # no such values among a contact's
        at[j.on_contact, slot] = NEVER
    actor[j.on_contact, ACCEPTED:] = people.rep[j.person[j.on_contact]][:, None]
    unkept = j.on_contact & (people.kind[j.person] == NATIVE) & (j.top >= process.DEAL) & (j.deal <= clock.until)
    at[unkept & (rng.random(size) < NATIVE_BLANK)] = NEVER
    at[at > clock.until] = NEVER
    return Slots(_forward(at), value, actor, logged)


def _forward(at: Ints) -> Ints:
    """No change before the one it follows; equal moments stay equal."""
    last = np.zeros(at.shape[0], dtype=np.int64)
    for slot in range(SLOTS):
        there = at[:, slot] < NEVER
        at[there, slot] = np.maximum(at[there, slot], last[there])
        last = np.where(there, at[:, slot], last)
    return at


def _words(rng: np.random.Generator, texts: tuple[str, ...], shares: tuple[float, ...], size: int) -> Ints:
    return np.array([CODE[text] for text in texts])[draw(rng, shares, size)]


def _enter(rng: np.random.Generator, clock: Clock, people: People, j: Journeys, at: Ints, value: Ints) -> None:
    """First value: New, Subscriber, or Open while the picklist had it; half the hand-raisers start as MQL."""
    size, first = j.size, (j.number == 0) & ~j.on_contact
    at[:, ENTRY] = np.where(j.direct & (~first | (rng.random(size) < 0.5)), NEVER, j.start)
    early = first & (j.start < clock.until - process.OPEN_RETIRED_DAYS * DAY) & (rng.random(size) < 0.35)
    value[:, ENTRY] = _words(rng, ("New", "Subscriber"), (0.7, 0.3), size)
    value[early, ENTRY] = _words(rng, ("Open", "Abierto"), (0.6, 0.4), int(early.sum()))
    value[~first, ENTRY] = _words(rng, ("Nurture", "Subscriber"), (0.5, 0.5), int((~first).sum()))
    value[j.on_contact | (people.kind[j.person] == BOUGHT), ENTRY] = CODE["Subscriber"]


def _nurture(rng: np.random.Generator, j: Journeys, bought: Flags, at: Ints, value: Ints) -> None:
    size = j.size
    stop = np.minimum(np.minimum(j.mql, j.ended), j.start + 60 * DAY)
    moments = np.sort(rng.random((len(NURTURING), size)), axis=0)
    shown = ~j.direct & ~j.spam & ~(bought & (j.top == process.SUBSCRIBER))
    for slot, moment, (share, texts, shares) in zip(NURTURING, moments, NURTURE, strict=True):
        shown = shown & (rng.random(size) < share)
        at[:, slot] = np.where(shown, j.start + (moment * (stop - j.start)).astype(np.int64), NEVER)
        value[:, slot] = _words(rng, texts, shares, size)


def _try(rng: np.random.Generator, people: People, j: Journeys, at: Ints, value: Ints) -> Flags:
    """Attempts to reach the buyer, written into the status; most are logged as calls too."""
    size, english = j.size, people.country[j.person] == words.ENGLISH
    logged = rng.random((size, 4)) < 0.88
    for k in range(len(TRYING)):
        shown = (j.touch[:, k] < NEVER) & ~j.skip_mql & (rng.random(size) < 0.86)
        pause = rng.integers(30, 280, size)
        at[:, TRIED + k] = np.where(shown, np.minimum(j.touch[:, k] + pause, j.sal), NEVER)
        value[:, TRIED + k] = np.where(
            english, _words(rng, EN_ACTIONS, EN_SHARES, size), _words(rng, ES_ACTIONS, ES_SHARES, size)
        )
    return logged


def _sell(rng: np.random.Generator, j: Journeys, at: Ints, value: Ints) -> None:
    size = j.size
    at[:, ACCEPTED] = np.where(j.skip_sal, NEVER, j.sal)
    value[:, ACCEPTED] = _words(rng, ("SAL", "Working", "In Progress"), (0.4, 0.4, 0.2), size)
    value[j.on_contact, ACCEPTED] = CODE["SAL"]
    at[:, RETURNED] = j.back
    value[:, RETURNED] = CODE["MQL"]
    at[:, WORKED] = np.where(j.skip_sal, NEVER, j.sal_again)
    value[:, WORKED] = _words(rng, ("Working", "In Progress", "Working - Contacted"), (0.35, 0.3, 0.35), size)
    at[:, READY] = j.sql
    value[:, READY] = CODE["SQL"]


def _close(rng: np.random.Generator, people: People, j: Journeys, at: Ints, value: Ints, actor: Ints) -> None:
    """Ends, and the contact's status from conversion on: mostly nobody keeps it."""
    size = j.size
    regime = draw(rng, REGIMES, size)
    at[:, CREATED] = np.where(j.converted & (regime != BLANK), j.sql, NEVER)
    value[:, CREATED] = np.where(regime == CONTRARY, CODE["MQL"], CODE["SQL"])
    refused = _words(rng, ("Disqualified", "Descartado", "Sin presupuesto"), (0.5, 0.28, 0.22), size)
    value[:, CLOSED] = np.select(
        [j.end == process.REMARKET, j.end == process.WON, j.spam],
        [CODE["Re-Market"], CODE["Customer"], CODE["Spam"]],
        refused,
    )
    value[j.on_contact & (j.end == process.DISQUALIFIED), CLOSED] = CODE["Disqualified"]
    luck = rng.random(size)
    dealt = j.top >= process.DEAL
    shown = np.where(j.converted, regime == KEPT, np.where(dealt, luck < 0.35, True))
    late = np.where(dealt, rng.integers(300, DAY, size), 0)
    at[:, CLOSED] = np.where(shown & (j.ended < NEVER), j.ended + late, NEVER)
    actor[:, [CREATED, CLOSED]] = np.where(j.converted, people.rep[j.person], people.sdr[j.person])[:, None]
    actor[j.end == process.SPAM, CLOSED] = people.marketer[j.person[j.end == process.SPAM]]


def flatten(drawn: Slots, j: Journeys) -> Rows:
    """The slots as rows; a "change" to the value already held is none. `seq` counts a person's rows."""
    taken = drawn.at < NEVER
    row, slot = np.nonzero(taken)
    person, at, after, actor = j.person[row], drawn.at[taken], drawn.value[taken], drawn.actor[taken]
    on_contact = j.on_contact[row] | (j.converted[row] & (slot >= CREATED))
    same = np.zeros(row.size, dtype=bool)
    same[1:] = (person[1:] == person[:-1]) & (on_contact[1:] == on_contact[:-1]) & (after[1:] == after[:-1])
    person, at, after, actor = (column[~same] for column in (person, at, after, actor))
    on_contact = on_contact[~same]
    first = np.ones(person.size, dtype=bool)
    first[1:] = person[1:] != person[:-1]
    opening = first.copy()
    opening[1:] |= on_contact[1:] != on_contact[:-1]
    before = np.where(opening, NOTHING, np.roll(after, 1))
    position = np.arange(person.size)
    seq = position - np.maximum.accumulate(np.where(first, position, 0))
    return Rows(person, on_contact, before, after, at, seq, actor)
