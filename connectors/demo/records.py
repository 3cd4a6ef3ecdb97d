"""Leads and contacts as the CRM shows them at `until`.

Not here: their field history (changes.py), names and custom fields (identity.py), deals
(deals.py), touches (activities.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import process, staff, words
from connectors.demo.clock import Clock
from connectors.demo.columns import (
    DAY,
    HOUR,
    NEVER,
    NOTHING,
    Flags,
    Ints,
    bent,
    blank,
    constant,
    draw,
    ids,
    moments,
    pick,
    table,
)
from connectors.demo.history import Rows
from connectors.demo.identity import CUSTOM
from connectors.demo.journeys import Journeys
from connectors.demo.ownership import Owned
from connectors.demo.people import INBOUND, NATIVE, People, Place
from leadpact.model import CONDITIONS, RECORD

URL = "https://crm.example/"
DELETED_SHARE = 0.02
REASON_GIVEN, REASON_SHARES = 0.62, (0.16, 0.14, 0.2, 0.16, 0.08, 0.14, 0.08, 0.04)


@dataclass(frozen=True)
class Standing:
    """Where everybody stands at `until`, by person: statuses, conversion, deletion; and the duplicates.

    `survivor` is the person each merged lead was merged into. `number` is the lead's,
    `contact_number` the contact's.
    """

    lead_status: Ints
    contact_status: Ints
    converted_at: Ints
    contact_created: Ints
    deleted: Flags
    contact_deleted: Flags
    best: Ints
    reason: Ints
    survivor: Ints
    row_person: Ints  # the lead table's rows: a person each, duplicates among them
    row_created: Ints
    row_merged: Flags
    row_merged_at: Ints
    number: Ints
    contact_number: Ints
    first: int  # lead numbers of the chunk start after this one


def stand(rng: np.random.Generator, clock: Clock, place: Place, people: People, j: Journeys, rows: Rows) -> Standing:
    """Everything about records that depends on what happened up to `until`."""
    size = people.size
    native = people.kind == NATIVE
    lead_status, contact_status = np.full(size, NOTHING), np.full(size, NOTHING)
    lead_status[rows.person[~rows.on_contact]] = rows.after[~rows.on_contact]  # in order: the last wins
    contact_status[rows.person[rows.on_contact]] = rows.after[rows.on_contact]
    lead_status = np.where(people.is_lead & (people.held != NOTHING), people.held, lead_status)
    untold = native & ~np.isin(np.arange(size), j.person)
    contact_status = np.where(untold, people.held, contact_status)

    converted_at = np.full(size, NEVER, dtype=np.int64)
    done = j.converted & (j.sql <= clock.until)
    converted_at[j.person[done]] = j.sql[done]
    best = np.full(size, process.UNMAPPED)
    np.maximum.at(best, j.person, j.top)

    stage = np.where(lead_status == NOTHING, process.UNMAPPED, process.STAGE_OF[lead_status])
    quiet = (stage == process.SUBSCRIBER) | (stage >= process.REMARKET)
    survivor, duplicated = _duplicates(rng, clock, place, people, j)
    deletable = (people.kind == INBOUND) & ~people.missing & (converted_at >= NEVER) & quiet
    deletable[survivor] = False
    deleted = deletable & (rng.random(size) < DELETED_SHARE)

    contact_deleted = untold & (contact_status == NOTHING) & (rng.random(size) < DELETED_SHARE)

    lost = (stage == process.REMARKET) | (stage == process.DISQUALIFIED)
    reason = np.where(lost & (rng.random(size) < REASON_GIVEN), draw(rng, REASON_SHARES, size), NOTHING)

    leads = np.flatnonzero(people.is_lead)
    row_person = np.concatenate([leads, survivor])
    row_created = np.concatenate([people.created[leads], duplicated])
    row_merged = np.arange(row_person.size) >= leads.size
    order = np.argsort(row_created, kind="stable")
    row_person, row_created, row_merged = row_person[order], row_created[order], row_merged[order]
    row_merged_at = np.minimum(row_created + bent(rng, 2.0, 15.0, row_created.size), clock.until)
    number = np.full(size, NOTHING)
    number[row_person[~row_merged]] = place.first + 1 + np.flatnonzero(~row_merged)
    contact_number = np.where((converted_at < NEVER) & ~native, number, NOTHING)
    contact_number[native] = place.first_native + 1 + np.arange(int(native.sum()))
    return Standing(
        lead_status=lead_status,
        contact_status=contact_status,
        converted_at=converted_at,
        contact_created=np.where(native, people.created, converted_at),
        deleted=deleted,
        contact_deleted=contact_deleted,
        best=best,
        reason=reason,
        survivor=survivor,
        row_person=row_person,
        row_created=row_created,
        row_merged=row_merged,
        row_merged_at=row_merged_at,
        number=number,
        contact_number=contact_number,
        first=place.first,
    )


def _duplicates(rng: np.random.Generator, clock: Clock, place: Place, people: People, j: Journeys) -> tuple[Ints, Ints]:
    """Second records of people still in their first stage, merged since; they never leave `New`."""
    room = np.minimum(np.minimum(j.mql, j.ended), np.minimum(j.start + 20 * DAY, clock.until)) - j.start
    fit = (j.number == 0) & (people.kind[j.person] == INBOUND) & ~people.missing[j.person] & ~j.spam & (room > HOUR)
    eligible = np.flatnonzero(fit)
    if not place.merged or not eligible.size:
        eligible = np.flatnonzero(j.number == 0)[: place.merged]
    chosen = rng.choice(eligible, place.merged, replace=eligible.size < place.merged)
    return j.person[chosen], j.start[chosen] + (room[chosen] * rng.random(place.merged)).astype(np.int64)


def _shared(people: People, told: Mapping[str, pa.Array], rows: Ints, deleted: Flags) -> dict[str, pa.Array]:
    """Columns that leads and contacts have in common, for the given people."""
    take = pa.array(rows)
    personal = {name: blank(told[name].take(take), deleted) for name in ("name", "company", "email", "phone")}
    channel = np.where(people.opted_in, (people.sdr + people.country) % 3, NOTHING)
    kind = (people.source == process.PARTNER).astype(np.int64)
    return {
        **personal,
        **{name: told[name].take(take) for name in CUSTOM},
        "source": pick(people.source[rows], process.SOURCE_NAMES),
        "campaign": pick(people.campaign[rows], process.CAMPAIGNS),
        "country": pick(people.country[rows], words.COUNTRIES),
        "preferred_channel": pick(channel[rows], words.CHANNELS),
        "record_type": pick(kind[rows], ("B2B", "Partner")),
    }


def leads(people: People, standing: Standing, owned: Owned, told: Mapping[str, pa.Array]) -> pa.Table:
    """The lead rows, in order of creation; merged duplicates point to who survived."""
    s, who, merged = standing, standing.row_person, standing.row_merged
    deleted = s.deleted[who] & ~merged
    converted = (s.converted_at[who] < NEVER) & ~merged
    status = np.where(merged, process.CODE["New"], s.lead_status[who])
    lead_id = ids("L", s.first + 1 + np.arange(who.size))
    columns = {
        **_shared(people, told, who, deleted),
        "object": constant("lead", who.size),
        "record_id": lead_id,
        "status": pick(status, process.TEXTS),
        "condition": pick(np.where(deleted, 2, (converted | merged).astype(np.int64)), CONDITIONS),
        "created_at": moments(s.row_created),
        "owner_id": pick(np.where(merged, staff.QUEUE, owned.now[who]), staff.OWNER_IDS),
        "end_reason": pick(np.where(merged, NOTHING, s.reason[who]), words.REASONS_LOST),
        "converted_at": moments(np.where(converted, s.converted_at[who], NEVER)),
        "converted_to": ids("C", np.where(converted, s.contact_number[who], NOTHING)),
        "merged_into": ids("L", np.where(merged, s.number[who], NOTHING)),
        "url": pc.binary_join_element_wise(URL + "lead/", lead_id, ""),
    }
    return table(RECORD, columns, who.size, CUSTOM)


def contacts(people: People, standing: Standing, told: Mapping[str, pa.Array]) -> pa.Table:
    """The contact rows: converted leads, and contacts Sales made without a lead."""
    s, who = standing, np.flatnonzero(standing.contact_number != NOTHING)
    left = (people.kind[who] == NATIVE) & (s.contact_number[who] % 9 == 0)  # no longer with the firm
    deleted = s.contact_deleted[who]
    contact_id = ids("C", s.contact_number[who])
    columns = {
        **_shared(people, told, who, deleted),
        "object": constant("contact", who.size),
        "record_id": contact_id,
        "status": pick(s.contact_status[who], process.TEXTS),
        "condition": pick(np.where(deleted, 2, left.astype(np.int64)), CONDITIONS),
        "created_at": moments(s.contact_created[who]),
        "owner_id": pick(people.rep[who], staff.OWNER_IDS),
        "url": pc.binary_join_element_wise(URL + "contact/", contact_id, ""),
    }
    return table(RECORD, columns, who.size, CUSTOM)
