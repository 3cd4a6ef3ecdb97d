"""Touches and traces: calls, mails and meetings of Sales, robots' mails, visits, forms, events.

A chunk's activities are built batch by batch (one batch a kind of thing that happens) and
joined; only what happened up to `until` is told.

Not here: when Sales tries (journeys.py), what counts as a touch (truth.py tells, the metrics decide).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import process, staff, words
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, HOUR, NEVER, NOTHING, Flags, Ints, bent, blank, draw, ids, moments, pick, table
from connectors.demo.history import TRIED, Slots
from connectors.demo.journeys import Journeys
from connectors.demo.people import BOUGHT, People, Place
from connectors.demo.records import Standing
from leadpact.model import ACTIVITY

KINDS = ("call", "email", "meeting", "message", "web_visit", "form", "event")
CALL, EMAIL, MEETING, MESSAGE, VISIT, FORM, EVENT = range(7)
SUBJECTS = (
    *words.CALL_SUBJECTS,
    *words.MAIL_SUBJECTS,
    *words.MEETING_SUBJECTS,
    *words.FORMS,
    *words.PRICING_PAGES,
    *words.NOISE_PAGES,
    *words.CALL_OUTCOMES,
    *words.MEETING_OUTCOMES,
    *process.CAMPAIGNS,
)
WORD = {word: code for code, word in enumerate(SUBJECTS)}
SPOKEN = {
    "Left Voicemail": "Left voicemail",
    "Buzón de voz": "Buzón de voz",
    "No contesta": "No contesta",
    "Contacted": "Connected",
    "Contactado": "Contactado",
    "Attempted to Contact": "No answer",
    "Follow-up Call": "Connected",
}
PRICING_BUYERS, PRICING_OTHERS = 0.55, 0.16  # share of journeys that look at prices


@dataclass
class Batches:
    """Activities so far: lists of arrays, one entry a batch."""

    clock: Clock
    person: list[Ints] = field(default_factory=list)
    kind: list[Ints] = field(default_factory=list)
    at: list[Ints] = field(default_factory=list)
    actor: list[Ints] = field(default_factory=list)
    inbound: list[Flags] = field(default_factory=list)
    automated: list[Flags] = field(default_factory=list)
    completed: list[Flags] = field(default_factory=list)
    outcome: list[Ints] = field(default_factory=list)
    subject: list[Ints] = field(default_factory=list)

    def add(
        self,
        where: Flags,
        person: Ints,
        at: Ints,
        kind: Ints | int,
        subject: Ints,
        actor: Ints | int = NOTHING,
        inbound: bool = False,
        automated: bool = False,
        completed: Flags | bool = True,
        outcome: Ints | int = NOTHING,
    ) -> None:
        """Adds what is marked and has happened."""
        there = np.flatnonzero(where & (at <= self.clock.until))
        for column, given in (
            (self.person, person),
            (self.kind, kind),
            (self.at, at),
            (self.actor, actor),
            (self.inbound, inbound),
            (self.automated, automated),
            (self.completed, completed),
            (self.outcome, outcome),
            (self.subject, subject),
        ):
            column.append(np.broadcast_to(np.asarray(given), where.shape)[there])


@dataclass(frozen=True)
class Touches:
    """What truth needs to know about activities, in no order."""

    person: Ints
    at: Ints
    human: Flags  # a call, mail or meeting, completed, outbound, not automated, by somebody of SDR or Sales


def _any(rng: np.random.Generator, texts: tuple[str, ...], size: int) -> Ints:
    return np.array([WORD[text] for text in texts])[rng.integers(0, len(texts), size)]


def _sales(rng: np.random.Generator, people: People, j: Journeys, drawn: Slots, out: Batches) -> None:
    """Attempts (mostly logged, a few only planned), then meetings between acceptance and SQL."""
    size, sdr = j.size, people.sdr[j.person]
    spoken = np.array([WORD[SPOKEN[text]] if text in SPOKEN else NOTHING for text in process.TEXTS])
    for k in range(4):
        shown = drawn.at[:, TRIED + k] < NEVER
        kind = np.where(shown, CALL, np.array([CALL, EMAIL, MESSAGE])[draw(rng, (0.45, 0.45, 0.1), size)])
        outcome = np.where(shown, spoken[drawn.value[:, TRIED + k]], _any(rng, words.CALL_OUTCOMES, size))
        subject = np.where(kind == CALL, _any(rng, words.CALL_SUBJECTS, size), _any(rng, words.MAIL_SUBJECTS[:4], size))
        out.add(
            drawn.logged[:, k],
            j.person,
            j.touch[:, k],
            kind,
            subject,
            sdr,
            completed=shown | (rng.random(size) < 0.93),
            outcome=np.where(kind == CALL, outcome, NOTHING),
        )
    for share in (0.7, 0.4):
        until = np.where(j.sql < NEVER, j.sql, j.sal + 8 * DAY)
        at = j.sal + ((until - j.sal) * rng.random(size)).astype(np.int64)
        at = out.clock.office(at, staff.OWNER_ZONE[sdr])
        kind = np.where(rng.random(size) < 0.5, MEETING, CALL)
        called, met = _any(rng, words.CALL_SUBJECTS, size), _any(rng, words.MEETING_SUBJECTS, size)
        subject = np.where(kind == MEETING, met, called)
        outcome = np.where(kind == MEETING, _any(rng, words.MEETING_OUTCOMES, size), WORD["Connected"])
        out.add((j.sal < NEVER) & (rng.random(size) < share), j.person, at, kind, subject, sdr, outcome=outcome)


def _marketing(rng: np.random.Generator, people: People, j: Journeys, bought: Flags, out: Batches) -> None:
    """Robots' mails, a marketer's mail now and then (no touch of Sales), forms, visits, events."""
    size, marketer = j.size, people.marketer[j.person]
    warm = ~bought | (j.top > process.SUBSCRIBER)
    for delay, share in ((HOUR, 0.35), (5 * DAY, 0.3)):
        out.add(
            warm & (rng.random(size) < share),
            j.person,
            j.start + delay,
            EMAIL,
            _any(rng, words.MAIL_SUBJECTS[4:], size),
            staff.ROBOT,
            automated=True,
        )
    out.add(
        (rng.random(size) < 0.05) & (j.mql < NEVER),
        j.person,
        j.mql + HOUR,
        EMAIL,
        _any(rng, words.MAIL_SUBJECTS, size),
        marketer,
    )
    events = people.source[j.person] == process.EVENTS
    campaign = np.where(people.campaign[j.person] >= 0, people.campaign[j.person], 5)
    out.add(
        events & (j.number == 0) & (rng.random(size) < 0.8),
        j.person,
        j.start,
        EVENT,
        WORD[process.CAMPAIGNS[0]] + campaign,
        inbound=True,
    )
    form = _any(rng, words.FORMS, size)
    out.add(warm & ~events & (rng.random(size) < 0.55), j.person, j.start, FORM, form, inbound=True)
    out.add((rng.random(size) < 0.5) & ~j.direct, j.person, j.mql, FORM, _any(rng, words.FORMS[3:], size), inbound=True)
    out.add(
        (rng.random(size) < 0.12) & (j.mql < NEVER),
        j.person,
        j.mql + bent(rng, 0.5, 6.0, size),
        EMAIL,
        _any(rng, words.MAIL_SUBJECTS[:4], size),
        inbound=True,
    )
    out.add(
        warm & (rng.random(size) < 0.45),
        j.person,
        j.start + bent(rng, 1.0, 20.0, size),
        VISIT,
        _any(rng, words.NOISE_PAGES, size),
        inbound=True,
    )
    chance = np.where(j.top >= process.SQL, PRICING_BUYERS, PRICING_OTHERS) * warm
    near = np.where(j.mql < NEVER, j.mql, j.start + 5 * DAY) - bent(rng, 0.5, 4.0, size)
    out.add(
        rng.random(size) < chance,
        j.person,
        np.maximum(near, j.start),
        VISIT,
        _any(rng, words.PRICING_PAGES, size),
        inbound=True,
    )


def activities(
    rng: np.random.Generator,
    clock: Clock,
    place: Place,
    people: People,
    j: Journeys,
    drawn: Slots,
    standing: Standing,
    lead_ids: pa.Array,
    contact_ids: pa.Array,
) -> tuple[pa.Table, Touches, int]:
    """The activity table, what truth reads of it, and how many contacts came back unnoticed."""
    out = Batches(clock)
    bought = people.kind[j.person] == BOUGHT
    _sales(rng, people, j, drawn, out)
    _marketing(rng, people, j, bought, out)
    # Untouched people are called like others: bought leads that never did anything.
    cold = bought & (j.top == process.SUBSCRIBER) & (rng.random(j.size) < 0.06)
    out.add(
        cold,
        j.person,
        clock.office(j.start + bent(rng, 20.0, 120.0, j.size), people.zone[j.person]),
        CALL,
        _any(rng, words.CALL_SUBJECTS, j.size),
        people.sdr[j.person],
        outcome=WORD["No answer"],
    )
    # A lost deal's contact asks again, and nobody opens a journey.
    last = np.append(j.person[1:] != j.person[:-1], True)
    back = last & (j.end == process.REMARKET) & (j.converted | j.on_contact) & (rng.random(j.size) < 0.2)
    asked = j.ended + bent(rng, 40.0, 150.0, j.size)
    out.add(back, j.person, asked, FORM, _any(rng, words.FORMS[3:], j.size), inbound=True)
    unnoticed = int((back & (asked <= clock.until)).sum())

    person, kind, at, actor, outcome, subject = (
        np.concatenate(column).astype(np.int64)
        for column in (out.person, out.kind, out.at, out.actor, out.outcome, out.subject)
    )
    inbound, automated, completed = (
        np.concatenate(column).astype(np.bool_) for column in (out.inbound, out.automated, out.completed)
    )
    size = person.size
    on_contact = at >= standing.contact_created[person]
    take = pa.array(person)
    columns = {
        "activity_id": ids(f"A{place.chunk:03d}", np.arange(size)),
        "object": pick(on_contact.astype(np.int64), ("lead", "contact")),
        "record_id": pc.if_else(pa.array(on_contact), contact_ids.take(take), lead_ids.take(take)),
        "kind": pick(kind, KINDS),
        "direction": pick(inbound.astype(np.int64), ("outbound", "inbound")),
        "at": moments(at),
        "completed": pa.array(completed),
        "automated": pa.array(automated),
        "outcome": pick(outcome, SUBJECTS),
        "actor_id": pick(actor, staff.OWNER_IDS),
        "subject": blank(pick(subject, SUBJECTS), standing.deleted[person]),
    }
    human = (kind <= MEETING) & completed & ~inbound & ~automated & (actor >= 0) & staff.HUMAN_SELLERS[actor]
    return table(ACTIVITY, columns, size), Touches(person, at, human), unnoticed
