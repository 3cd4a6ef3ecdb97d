"""The demo company: believable, bilingual, deterministic by (leads, seed, until), its truth known.

Drawn in chunks of 50,000 leads that do not depend on each other: `stream` holds one at a
time, `Company.generate` all of them.

Not here: the process (process.py) and its truth (truth.py), files on disk (files.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from connectors.demo import process, staff
from connectors.demo.activities import activities
from connectors.demo.campaigns import campaign_touches
from connectors.demo.changes import field_changes
from connectors.demo.clock import clock_until, utc
from connectors.demo.columns import Ints, ids, table
from connectors.demo.deals import deals, opportunities
from connectors.demo.history import flatten, slots
from connectors.demo.identity import CUSTOM, identities
from connectors.demo.journeys import live
from connectors.demo.ownership import ownership
from connectors.demo.people import CHUNK, INBOUND, NATIVE, NATIVE_ROOM, People, Place, places, populate
from connectors.demo.records import contacts, leads, stand
from connectors.demo.settings import LEADS, SEED
from connectors.demo.tally import Chunk
from connectors.demo.truth import Truth
from leadpact.model import STATUS_VALUE

SHARED_IDENTITY = 0.06  # native contacts that carry a lead's e-mail
Tables = Mapping[str, pa.Table]


def status_values() -> pa.Table:
    """The two picklists; retired values are still listed, values nobody defined are not."""
    offered = [(place, value, getattr(value, place)) for place in ("lead", "contact") for value in process.VALUES]
    offered = [entry for entry in offered if entry[2]]
    position: dict[str, int] = {}
    for place, _, _ in offered:
        position[place] = position.get(place, 0) + 1
    starts = {"lead": 0, "contact": position["lead"]}
    columns = {
        "object": pa.array([place for place, _, _ in offered]),
        "value": pa.array([value.text for _, value, _ in offered]),
        "label": pa.array([value.text for _, value, _ in offered]),
        "is_active": pa.array([state == "active" for _, _, state in offered]),
        "is_default": pa.array([place == "lead" and value.text == "New" for place, value, _ in offered]),
        "is_converted": pa.array([place == "lead" and value.text == "SQL" for place, value, _ in offered]),
        "position": pa.array([at - starts[place] + 1 for at, (place, _, _) in enumerate(offered)]),
    }
    return table(STATUS_VALUE, columns, len(offered))


def fixed() -> Tables:
    """The tables that are the same for every number of leads: owners and picklists."""
    return {"owner": staff.owners(), "status_value": status_values()}


def chunk(place: Place, seed: int, until: datetime) -> tuple[Tables, Chunk]:
    """One chunk's tables (leads and contacts apart: `lead`, `contact`) and what they were drawn from."""
    clock = clock_until(utc(until))
    rng = np.random.default_rng([seed, place.leads, place.chunk])
    people = populate(rng, clock, place)
    lived = live(rng, clock, people)
    drawn = slots(rng, clock, people, lived)
    rows = flatten(drawn, lived)
    standing = stand(rng, clock, place, people, lived, rows)
    owned = ownership(rng, clock, people, lived)
    who = identities(rng, people, standing.best, _twins(rng, people), place.chunk)
    sold = deals(rng, clock, people, lived)
    lead_ids, contact_ids = ids("L", standing.number), ids("C", standing.contact_number)
    touched, touches, unnoticed = activities(rng, clock, place, people, lived, drawn, standing, lead_ids, contact_ids)
    tables = {
        "lead": leads(people, standing, owned, who),
        "contact": contacts(people, standing, who),
        "field_change": field_changes(people, standing, rows, owned),
        "activity": touched,
        "opportunity": opportunities(rng, clock, place, people, sold, lead_ids, contact_ids),
        "campaign_touch": campaign_touches(rng, clock, people, lead_ids),
    }
    return tables, Chunk(people, rows, sold, standing, touches, unnoticed, lead_ids, contact_ids)


def _twins(rng: np.random.Generator, people: People) -> Ints:
    """Whose identity each person carries: their own, or for some native contacts a lead's."""
    twin = np.arange(people.size)
    inbound = np.flatnonzero(people.kind == INBOUND)
    shared = (people.kind == NATIVE) & (rng.random(people.size) < SHARED_IDENTITY)
    if inbound.size:
        twin[shared] = inbound[rng.integers(0, inbound.size, int(shared.sum()))]
    return twin


@lru_cache(maxsize=3)
def tables_of(place: Place, seed: int, until: datetime) -> Tables:
    """A chunk's tables, the last few kept: reading single records asks for the same chunk again."""
    return chunk(place, seed, until)[0]


def place_of(record_id: str, leads: int) -> Place | None:
    """The chunk a record lies in; null for an id this company cannot have."""
    digits = record_id[1:]
    if record_id[:1] not in ("L", "C") or len(digits) < 7 or not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits)
    if 1 <= number <= leads:
        return Place(leads, (number - 1) // CHUNK)
    index = (number - leads - 1) // NATIVE_ROOM
    return Place(leads, index) if record_id[0] == "C" and number > leads and index * CHUNK < leads else None


@dataclass(frozen=True)
class Company:
    """The whole company in memory: canonical tables by name (`record` holds leads and contacts), and the truth."""

    tables: Tables
    truth: Mapping[str, Any]

    @staticmethod
    def generate(leads: int = LEADS, seed: int = SEED, *, until: datetime) -> Company:
        """Draws the company as it stands at `until` (UTC where it has no zone).

        Takes about 1 kB a lead; `stream` and files.write_company need the memory of one chunk.
        """
        truth = Truth(clock_until(utc(until)))
        parts = []
        for tables, drawn in stream(leads, seed, until):
            truth.add(drawn)
            parts.append(tables)
        names = ("field_change", "activity", "opportunity", "campaign_touch")
        joined = {name: pa.concat_tables([part[name] for part in parts]) for name in names}
        joined["record"] = pa.concat_tables([part[kind] for kind in ("lead", "contact") for part in parts])
        return Company({**joined, **fixed()}, truth.document(leads, seed))


def stream(leads: int, seed: int, until: datetime) -> Iterator[tuple[Tables, Chunk]]:
    """The company chunk after chunk, in order. Raises ValueError where `leads` is not positive."""
    if leads < 1:
        raise ValueError("a company needs at least one lead")
    for place in places(leads):
        yield chunk(place, seed, until)


__all__ = ["CUSTOM", "LEADS", "SEED", "Company", "chunk", "fixed", "place_of", "places", "stream", "tables_of"]
