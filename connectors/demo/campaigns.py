"""Campaign responses of leads.

Not here: which campaign a lead came by (people.py).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from connectors.demo import process, words
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, Ints, bent, constant, draw, moments, pick, table
from connectors.demo.people import LEGACY, People
from leadpact.model import CAMPAIGN_TOUCH

WEBINAR = process.CAMPAIGNS.index("Webinar Trazabilidad")
NEWSLETTER_SHARE = 0.12  # people the webinar reaches whatever brought them


def campaign_touches(rng: np.random.Generator, clock: Clock, people: People, lead_ids: pa.Array) -> pa.Table:
    """The response that made the lead, and webinars attended since."""
    first = np.flatnonzero((people.campaign >= 0) & (people.kind != LEGACY))
    at = people.created + DAY + bent(rng, 15.0, 90.0, people.size)
    again = np.flatnonzero(people.opted_in & (rng.random(people.size) < NEWSLETTER_SHARE) & (at <= clock.until))
    person = np.concatenate([first, again])
    campaign: Ints = np.concatenate([people.campaign[first], np.full(again.size, WEBINAR)])
    since = draw(rng, (0, 0.4, 0.4, 0, 0.2), again.size)
    response = np.concatenate([draw(rng, (0.5, 0.2, 0.1, 0.2), first.size), since])
    columns = {
        "object": constant("lead", person.size),
        "record_id": lead_ids.take(pa.array(person)),
        "campaign": pick(campaign, process.CAMPAIGNS),
        "response": pick(response, words.RESPONSES),
        "at": moments(np.concatenate([people.created[first], at[again]])),
    }
    return table(CAMPAIGN_TOUCH, columns, person.size)
