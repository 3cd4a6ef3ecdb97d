"""The field a kept text goes into, where the CRM has none of that name: named, shown, and made as a step of its own.

Not here: the plan that fills it (repair_keep.py), how a CRM makes a field (connectors).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from config.plans import plan_row
from config.trail import record
from leadpact.crm_fields import Made, Making, Prepared
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.writeback import plans
from leadpact.writeback.actors import named
from leadpact.writeback.difference import described_fields
from leadpact.writeback.target import Target

MADE = "crm_field.made"
PURPOSE = "keep"


def lacking(target: Target, number: int, name: str, language: str) -> list[Making]:
    """The text fields called `name` that the objects of plan `number` lack, with help in the pact's language.

    Raises Misconfigured (no such plan, a source that does not tell its fields), and what reading raises.
    """
    plan = plans.find(target.engine, number)
    query = sa.select(plan_row.c.object).where(plan_row.c.plan_id == plan.id).distinct()
    with target.engine.begin() as database:
        objects = sorted(database.execute(query).scalars())
    say, found = Language.of(language), []
    for object in objects:
        described = described_fields(target, object)
        if described is None:
            raise Misconfigured("writeback.no_fields_told", name=target.connection.name, type=target.connection.type)
        known = {called.casefold() for one in described.values() for called in (one.name, one.label)}
        if name.casefold() not in known:
            found.append(Making("field", object, name, name, "text", help=say("repair_values.keep_help")))
    return found


def preview(target: Target, wanted: Sequence[Making]) -> list[Prepared]:
    """What would be sent. Reads only. Raises Misconfigured where this source makes no fields."""
    return list(target.equipped().prepare(wanted)) if wanted else []


def make(target: Target, prepared: Sequence[Prepared], *, author: str, now: datetime) -> Iterator[Made]:
    """Makes them, one by one. Raises Misconfigured (nobody named, read-only), Busy, and what the source raises."""
    actor = named(author)
    target.check_writable()
    with target.alone():
        for made in target.equipped().make([one for one in prepared if one.possible]):
            detail = {"connection": target.connection.name, "object": made.prepared.making.object, "purpose": PURPOSE,
                      "what": "field", "name": made.name, "outcome": made.kind}  # fmt: skip
            with target.engine.begin() as database:
                record(database, now, actor, MADE, detail)
            yield made
