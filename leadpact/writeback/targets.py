"""Into which CRM fields LeadPact writes what it knows: chosen by people, kept in pact.db by connection.

Purposes: `score`, `light`, `stage`, `since` (the moment the stage began), `version` (of the pact).
`days` is a field the CRM counts itself from `since`: it is checked and made, never written.

Not here: what is written (wanted.py), whether the fields are there (setup.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import writeback_setting
from config.trail import record
from leadpact.errors import Misconfigured
from leadpact.model import OBJECTS, RECORD
from leadpact.writeback.actors import named
from leadpact.writeback.plan import Limits

SCORE, LIGHT, STAGE, SINCE, VERSION = WRITTEN = ("score", "light", "stage", "since", "version")
DAYS, STATUS = "days", "status"
PURPOSES = (*WRITTEN, DAYS)
LONGEST = 255


@dataclass(frozen=True)
class Targets:
    """The fields of one connection: object -> purpose -> field as `Change.field` takes it; and its limits."""

    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def of(self, object: str) -> Mapping[str, str]:
        """Purpose -> field of one object, those LeadPact writes, in the order of WRITTEN."""
        own = self.fields.get(object, {})
        return {purpose: own[purpose] for purpose in WRITTEN if own.get(purpose)}

    def field(self, object: str, purpose: str) -> str | None:
        return self.fields.get(object, {}).get(purpose)

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(object for object in OBJECTS if self.of(object))

    def with_field(self, object: str, purpose: str, name: str | None) -> Targets:
        """The same with one field chosen, or none any more. Raises Misconfigured for what cannot be chosen."""
        if object not in OBJECTS or purpose not in PURPOSES:
            raise Misconfigured("writeback.no_purpose", object=object, purpose=purpose,
                                objects=", ".join(OBJECTS), purposes=", ".join(PURPOSES))  # fmt: skip
        own = {one: chosen for one, chosen in self.fields.get(object, {}).items() if one != purpose}
        if name is not None and name.strip():
            chosen = name.strip()
            # LeadPact writes its own fields and never what a CRM keeps by itself
            if chosen in RECORD.names or len(chosen) > LONGEST:
                raise Misconfigured("writeback.not_a_target", field=chosen[:LONGEST])
            if chosen in own.values():
                raise Misconfigured("writeback.field_twice", field=chosen)
            own[purpose] = chosen
        return replace(self, fields={**self.fields, object: own})


def load(engine: Engine, connection: str) -> Targets:
    """What was chosen; nothing, and the limits of the house, where nobody has."""
    query = sa.select(writeback_setting.c.document).where(writeback_setting.c.connection == connection)
    with engine.begin() as database:
        document: str | None = database.execute(query).scalar()
    if document is None:
        return Targets()
    found = json.loads(document)
    return Targets(found["fields"], Limits(**found["limits"]))


def save(engine: Engine, connection: str, targets: Targets, *, author: str, now: datetime) -> None:
    """Keeps the choice in place of the one before; the audit trail has both. Raises Misconfigured without a name."""
    actor = named(author)
    fields = {object: dict(own) for object, own in targets.fields.items() if own}
    limits = {"share": targets.limits.share, "most": targets.limits.most}
    document = {"fields": fields, "limits": limits}
    own = writeback_setting.c.connection == connection
    with engine.begin() as database:
        database.execute(writeback_setting.delete().where(own))
        given = {"connection": connection, "document": json.dumps(document, sort_keys=True)}
        database.execute(writeback_setting.insert().values(**given, author=actor, changed_at=now))
        record(database, now, actor, "crm_fields.chosen", {"connection": connection, **document})
