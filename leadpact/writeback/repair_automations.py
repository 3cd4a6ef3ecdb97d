"""What is set up in the CRM to run when a plan's fields are written, as far as the CRM lets it be read.

Not here: how a CRM tells it (connectors), tables (leadpact/commands, ui).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from config.plans import plan_row
from leadpact.crm_facts import Automated, Automations, Unread
from leadpact.errors import SourceRefused
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target


@dataclass(frozen=True)
class Of:
    """The automations of one field."""

    object: str
    field: str
    told: Automations


def of(target: Target, plan: Plan) -> list[Of]:
    """By object and field of a plan what runs when they are written. Asks the CRM; some seconds on a large org.

    A CRM that cannot tell is one `unread` with the reason. Raises SourceUnreachable.
    """
    return [Of(object, field, asked(target, object, field)) for object, field in fields(target, plan)]


def fields(target: Target, plan: Plan) -> list[tuple[str, str]]:
    """The fields a plan writes, with their objects."""
    columns = plan_row.c
    query = sa.select(columns.object, columns.field).where(columns.plan_id == plan.id).distinct()
    with target.engine.begin() as database:
        return [(row.object, row.field) for row in database.execute(query.order_by(columns.object, columns.field))]


def asked(target: Target, object: str, field: str) -> Automations:
    """What runs when a field is written. `field` as in Change. Raises SourceUnreachable."""
    connector = target.connector
    if not isinstance(connector, Automated):
        params = {"type": target.connection.type}
        return Automations(unread=(Unread("all", "repair_values.unread.not_told", params),))
    try:
        return connector.automations(object, field)
    except SourceRefused as refusal:
        return Automations(unread=(Unread("all", refusal.key, refusal.params),))
