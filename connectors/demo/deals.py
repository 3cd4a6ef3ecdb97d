"""Opportunities: one for each journey that got that far, renewals, upsells, and orphans.

Not here: whether a deal is won (journeys.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import process, staff, words
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, NEVER, NOTHING, Flags, Ints, bent, draw, ids, moments, pick, table
from connectors.demo.journeys import Journeys
from connectors.demo.people import People, Place
from leadpact.model import OPPORTUNITIES

NEW, RENEWAL, UPSELL = range(3)
TYPES = ("new", "renewal", "upsell")
ORPHANS = 0.03  # opportunities made for nobody in particular, as a share of the new ones
CRITERIA = ("f_budget", "f_decision_maker", "f_next_step")
STEPS = ("Propuesta", "Demo", "Contract review", "Visita a planta")


@dataclass(frozen=True)
class Deals:
    """Parallel arrays; `person` is NOTHING for an orphan, `closed` NEVER while open."""

    person: Ints
    on_contact: Flags
    type: Ints
    created: Ints
    closed: Ints
    won: Flags


def deals(rng: np.random.Generator, clock: Clock, people: People, j: Journeys) -> Deals:
    """Every opportunity created before `until`, as it stands then.

    Where a record's history was never kept, nobody noted whose deal it is either: so those
    people are unknown whatever became of them, and leave no bias behind.
    """
    until = clock.until
    new = np.flatnonzero(j.deal <= until)
    closed = np.where(j.won[new] < NEVER, j.won[new], j.ended[new])
    closed = np.where(closed <= until, closed, NEVER)
    contact = j.on_contact | j.converted
    parts = [(j.person[new], contact[new], np.full(new.size, NEW), j.deal[new], closed, j.top[new] == process.WON)]

    bought = np.flatnonzero(j.won <= until)
    for kind, chance, low, high, win in ((RENEWAL, 0.6, 300, 360, 0.85), (UPSELL, 0.2, 60, 220, 0.5)):
        which = bought[rng.random(bought.size) < chance]
        created = j.won[which] + rng.integers(low * DAY, high * DAY, which.size)
        ends = created + bent(rng, 20.0, 60.0, which.size)
        won = rng.random(which.size) < win
        there = created <= until
        ends, which = np.where(ends <= until, ends, NEVER)[there], which[there]
        parts.append((j.person[which], contact[which], np.full(which.size, kind), created[there], ends, won[there]))

    size = int(new.size * ORPHANS)
    created = clock.arrivals(rng, size)
    ends = created + bent(rng, 30.0, 90.0, size)
    parts.append(
        (
            np.full(size, NOTHING),
            np.zeros(size, dtype=bool),
            np.full(size, NEW),
            created,
            np.where(ends <= until, ends, NEVER),
            rng.random(size) < 0.3,
        )
    )
    person, on_contact, kind_of, created, closed, won = (np.concatenate(column) for column in zip(*parts, strict=True))
    person = np.where((person != NOTHING) & people.missing[person], NOTHING, person)
    return Deals(person, on_contact & (person != NOTHING), kind_of, created, closed, won & (closed < NEVER))


def opportunities(
    rng: np.random.Generator,
    clock: Clock,
    place: Place,
    people: People,
    drawn: Deals,
    lead_ids: pa.Array,
    contact_ids: pa.Array,
) -> pa.Table:
    """The opportunity table; amounts in the buyer's currency, agreed criteria with gaps."""
    size, orphan = drawn.person.size, drawn.person == NOTHING
    country = np.where(orphan, 0, people.country[drawn.person])
    amount = np.exp(rng.normal(9.3, 0.8, size)) * np.asarray(words.PER_EURO)[country]
    anybody = staff.assign(rng, "sales", np.zeros(size, np.int64), drawn.created, clock.until)
    rep = np.where(orphan, anybody, people.rep[drawn.person])
    holder = pa.array(drawn.on_contact)
    at_lead = lead_ids.take(pa.array(drawn.person, mask=orphan))
    at_contact = contact_ids.take(pa.array(drawn.person, mask=orphan))
    columns = {
        "opportunity_id": ids(f"O{place.chunk:03d}", np.arange(size), 6),
        "object": pick(np.where(orphan, NOTHING, drawn.on_contact), ("lead", "contact")),
        "record_id": pc.if_else(holder, at_contact, at_lead),
        "type": pick(drawn.type, TYPES),
        "pipeline": pick((drawn.type == RENEWAL).astype(np.int64), ("Ventas nuevas", "Renovaciones")),
        "amount": pa.array(np.where(rng.random(size) < 0.06, np.nan, np.round(amount, -1)), from_pandas=True),
        "currency": pick(country, words.CURRENCY),
        "created_at": moments(drawn.created),
        "closed_at": moments(drawn.closed),
        "is_won": pa.array(drawn.won),
        "is_closed": pa.array(drawn.closed < NEVER),
        "owner_id": pick(rep, staff.OWNER_IDS),
        "f_budget": pick(np.where(rng.random(size) < 0.45, draw(rng, (0.8, 0.2), size), NOTHING), ("Yes", "No")),
        "f_decision_maker": pick(np.where(rng.random(size) < 0.6, draw(rng, (0.7, 0.3), size), NOTHING), ("Yes", "No")),
        "f_next_step": pick(np.where(rng.random(size) < 0.5, draw(rng, (0.25,) * 4, size), NOTHING), STEPS),
    }
    return table(OPPORTUNITIES, columns, size, CRITERIA)
