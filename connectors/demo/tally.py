"""The facts of a company, counted chunk by chunk as it is drawn.

Not here: the definitions behind journeys and clocks (told.py), the published form (truth.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import activities, process, staff, told
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, HOUR, NEVER, NOTHING, Flags, Ints
from connectors.demo.deals import NEW, Deals
from connectors.demo.history import Rows
from connectors.demo.people import BOUGHT, NATIVE, People
from connectors.demo.records import Standing

SAMPLE = 50  # ids kept of each kind of oddity


@dataclass(frozen=True)
class Chunk:
    """All that was drawn for one chunk, and the ids by person."""

    people: People
    rows: Rows
    deals: Deals
    standing: Standing
    touches: activities.Touches
    unnoticed: int
    lead_ids: pa.Array
    contact_ids: pa.Array


@dataclass
class Tally:
    """Facts summed over chunks. Counters are keyed by tuples; samples keep the first ids."""

    clock: Clock
    counts: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    samples: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Counts one chunk. Chunks may come in any order but samples follow it."""
        self._journeys(chunk)
        self._records(chunk)
        self._contradictions(chunk)
        self._lists(chunk)

    def _mark(self, key: tuple[str, ...], where: Flags, ids: pa.Array) -> None:
        self.counts[key] += int(where.sum())
        sample = self.samples.setdefault(key, [])
        if len(sample) < SAMPLE:
            sample += ids.take(pa.array(np.flatnonzero(where)[: SAMPLE - len(sample)])).to_pylist()

    def _tally(self, key: tuple[Any, ...], *codes: Ints) -> None:
        """Adds the number of rows of each combination of codes."""
        for row, count in zip(*np.unique(np.column_stack(codes), axis=0, return_counts=True), strict=True):
            self.counts[(*key, *(int(code) for code in row))] += int(count)

    def _journeys(self, chunk: Chunk) -> None:
        people, until = chunk.people, self.clock.until
        spells = told.spells(people, chunk.rows, chunk.deals)
        found = told.journeys(spells)
        source = people.source[found.person]
        self._tally(("invalid",), source[found.invalid])
        self._tally(("journeys",), source[~found.invalid])
        mature = told.mature(found, until)
        self._tally(("mature",), source[mature], found.top[mature])
        _, each = np.unique(found.person, return_counts=True)
        self._tally(("per_person",), each)
        self.counts[("untold",)] += int((people.missing & people.is_lead).sum())

        clocks = told.clocks(spells, chunk.touches, until)
        slow = (people.sdr[clocks.person] == staff.SLOW).astype(np.int64)
        self._tally(("clocks",), people.source[clocks.person], clocks.state)
        self._tally(("owner_clocks",), slow, clocks.state)
        self.counts[("hot",)] += int((clocks.state == told.RUNNING).sum())
        first = np.ones(clocks.journey.size, dtype=bool)
        first[1:] = clocks.journey[1:] != clocks.journey[:-1]
        first &= mature[clocks.journey]
        band = np.searchsorted([hours * HOUR for _, hours in told.BANDS], clocks.response[first])
        sold = (found.top[clocks.journey[first]] >= process.SQL).astype(np.int64)
        self._tally(("response",), np.minimum(band, len(told.BANDS)), sold)

        active = np.zeros(people.size, dtype=np.int64)
        np.maximum.at(active, chunk.touches.person, chunk.touches.at)
        quiet = np.maximum(active[found.person], found.entry) < until - process.FORGOTTEN_DAYS * DAY
        still = (found.last < process.WON) & quiet
        still &= ~chunk.standing.deleted[found.person]
        self._tally(("forgotten",), found.last[still])
        self.counts[("unnoticed",)] += chunk.unnoticed

    def _records(self, chunk: Chunk) -> None:
        people, s = chunk.people, chunk.standing
        native, contact = people.kind == NATIVE, s.contact_number != NOTHING
        self._tally(("held", "lead"), s.lead_status[people.is_lead & ~s.deleted])
        self.counts[("held", "lead", process.CODE["New"])] += s.survivor.size
        self._tally(("held", "contact"), s.contact_status[contact & ~s.contact_deleted])
        self._mark(("deleted", "lead"), s.deleted, chunk.lead_ids)
        self._mark(("deleted", "contact"), s.contact_deleted, chunk.contact_ids)
        self._mark(("converted",), s.converted_at < NEVER, chunk.lead_ids)
        silent = (people.missing & people.is_lead) | ((people.held != NOTHING) & ~native)
        self._mark(("missing_history", "lead"), silent & (s.lead_status != NOTHING), chunk.lead_ids)
        silent = (people.missing & contact) | (native & (s.best < 0))
        self._mark(("missing_history", "contact"), silent & (s.contact_status != NOTHING), chunk.contact_ids)
        merged = [f"L{s.first + 1 + row:07d}" for row in np.flatnonzero(s.row_merged)[:SAMPLE].tolist()]
        self.counts[("merged",)] += s.survivor.size
        self.samples.setdefault(("merged",), []).extend(merged)
        self.counts[("people",)] += people.size
        self._tally(("deals",), chunk.deals.type)
        self._tally(("won_deals",), chunk.deals.type[chunk.deals.won])
        self.counts[("unattributed",)] += int((chunk.deals.person == NOTHING).sum())

    def _contradictions(self, chunk: Chunk) -> None:
        people, s, deals = chunk.people, chunk.standing, chunk.deals
        sql = process.CODE["SQL"]
        won = np.zeros(people.size, dtype=bool)
        won[deals.person[deals.won & (deals.type == NEW) & (deals.person >= 0)]] = True
        has_contact = s.contact_number != NOTHING
        counting = np.where(has_contact, s.contact_status, s.lead_status)
        ids = pc.if_else(pa.array(has_contact), chunk.contact_ids, chunk.lead_ids)
        self._mark(("contradictions", "won_counting_status_sql"), won & (counting == sql), ids)
        self._mark(("contradictions", "won_lead_says_sql"), won & (s.lead_status == sql), chunk.lead_ids)
        blank = won & has_contact & (counting == NOTHING)
        self._mark(("contradictions", "won_contact_blank"), blank, chunk.contact_ids)
        contrary = has_contact & (s.lead_status == sql) & (counting == process.CODE["MQL"])
        self._mark(("contradictions", "lead_sql_contact_mql"), contrary, chunk.contact_ids)

    def _lists(self, chunk: Chunk) -> None:
        people = chunk.people
        touched = np.zeros(people.size, dtype=bool)
        touched[chunk.touches.person] = True
        bought = people.kind == BOUGHT
        self._tally(("list", "leads"), people.source[bought])
        self._tally(("list", "touched"), people.source[bought & touched])
        moved = process.STAGE_OF[chunk.standing.lead_status] > process.SUBSCRIBER
        self._tally(("list", "moved"), people.source[bought & moved])
