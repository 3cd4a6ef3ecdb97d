"""The people of one chunk: where they come from, when, and what is latent about them.

A person here is a lead, or a contact that never was one. Chunks are independent draws, so
that a million leads never sit in memory at once.

Not here: what happens to them (journeys.py), how they look in the CRM (records.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.demo import process, staff, words
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, NOTHING, Flags, Ints, draw

CHUNK = 50_000  # leads; changing it changes the company
NATIVE_SHARE, NATIVE_ROOM = 0.08, 5_000  # contacts that never were leads, and ids kept for them in a chunk
MERGED_SHARE, LEGACY_SHARE, MISSING_SHARE = 0.015, 0.035, 0.03
INBOUND, BOUGHT, LEGACY, NATIVE = range(4)
LEGACY_VALUES = ("zz_Old - do not use", "Open - Legacy", "Junk (old)", "En revisión", "")
LEGACY_SHARES = (0.45, 0.2, 0.15, 0.08, 0.12)
NATIVE_VALUES = ("Active", "Customer", "Former Customer", "Prospect (old)", "Renewal", "")
NATIVE_SHARES = (0.08, 0.06, 0.04, 0.04, 0.02, 0.76)


@dataclass(frozen=True)
class Place:
    """Where a chunk lies in the company: its number, its leads, the first of their numbers."""

    leads: int
    chunk: int

    @property
    def first(self) -> int:
        return self.chunk * CHUNK

    @property
    def size(self) -> int:
        return min(CHUNK, self.leads - self.first)

    @property
    def merged(self) -> int:
        return int(self.size * MERGED_SHARE)

    @property
    def natives(self) -> int:
        return int(self.size * NATIVE_SHARE)

    @property
    def first_native(self) -> int:
        return self.leads + self.chunk * NATIVE_ROOM


def places(leads: int) -> list[Place]:
    return [Place(leads, chunk) for chunk in range(-(-leads // CHUNK))]


@dataclass(frozen=True)
class People:
    """Arrays over the people of a chunk; codes index the tuples of process, staff and words.

    `held` is the status of those without a journey (legacy leads, native contacts), else
    NOTHING. `missing`: their status history was never kept. `queued`: first owned by a queue.
    """

    kind: Ints
    source: Ints
    campaign: Ints
    country: Ints
    created: Ints
    held: Ints
    zone: Ints
    sdr: Ints
    rep: Ints
    marketer: Ints
    queued: Flags
    missing: Flags
    opted_in: Flags

    @property
    def size(self) -> int:
        return int(self.kind.size)

    @property
    def is_lead(self) -> Flags:
        return np.asarray(self.kind != NATIVE)


def populate(rng: np.random.Generator, clock: Clock, place: Place) -> People:
    """Draws the people of a chunk, in order of kind; merged duplicates come later (records.py)."""
    lists = {code: int(place.size * process.SOURCES[code].share) for code in process.LISTS}
    legacy = int(place.size * LEGACY_SHARE)
    inbound = place.size - place.merged - legacy - sum(lists.values())
    shares = [process.SOURCES[code].share for code in process.INBOUND]

    kind = np.repeat([INBOUND, BOUGHT, LEGACY, NATIVE], [inbound, sum(lists.values()), legacy, place.natives])
    size = kind.size
    source = draw(rng, shares, size)
    source[kind == BOUGHT] = np.repeat(list(lists), list(lists.values()))
    source[kind == NATIVE] = process.PROSPECTING

    created = clock.arrivals(rng, size)
    created[kind == LEGACY] = clock.since + rng.integers(0, 100 * DAY, legacy)
    imported = [clock.import_moment(process.SOURCES[code].bought_days) for code in lists]
    created[kind == BOUGHT] = np.repeat(imported, list(lists.values())) + rng.integers(0, 600, sum(lists.values()))

    country = draw(rng, words.COUNTRY_SHARE, size)
    country[source == process.SOURCE_NAMES.index("US Industrial Directory")] = words.ENGLISH
    country[source == process.SOURCE_NAMES.index("Base comprada CDMX")] = 0
    zone = np.asarray(words.COUNTRY_ZONE)[country]

    held = np.full(size, NOTHING, dtype=np.int64)
    for which, values, chances in ((LEGACY, LEGACY_VALUES, LEGACY_SHARES), (NATIVE, NATIVE_VALUES, NATIVE_SHARES)):
        codes = np.array([process.CODE.get(value, NOTHING) for value in values])
        held[kind == which] = codes[draw(rng, chances, int((kind == which).sum()))]

    return People(
        kind=kind,
        source=source,
        campaign=_campaigns(rng, source),
        country=country,
        created=created,
        held=held,
        zone=zone,
        sdr=staff.assign(rng, "sdr", zone, created, clock.until),
        rep=staff.assign(rng, "sales", zone, created, clock.until),
        marketer=staff.assign(rng, "marketing", zone, created, clock.until),
        queued=rng.random(size) < 0.55,
        missing=(rng.random(size) < MISSING_SHARE) & (kind == INBOUND),
        opted_in=(rng.random(size) < 0.8) & (kind == INBOUND),
    )


def _campaigns(rng: np.random.Generator, source: Ints) -> Ints:
    luck, filled = rng.random(source.size), rng.random(source.size) >= process.NO_CAMPAIGN
    campaign = np.full(source.size, NOTHING, dtype=np.int64)
    for code, choice in enumerate(process.CAMPAIGNS_OF):
        where = (source == code) & filled
        if choice:
            campaign[where] = np.asarray(choice)[(luck[where] * len(choice)).astype(np.int64)]
    return campaign
