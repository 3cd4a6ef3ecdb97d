"""Values a repair needs and the CRM's list does not have: named, offered, and added as a step of its own.

Three functions, one after the other, with a person between the last two: `missing` (what lacks),
`preview` (what would be sent, nothing is), `make` (sends exactly that, and notes it in the audit
trail). Values that are there and retired are made active again. No existing value is dropped.

Not here: which role may (ui/access.py: MAKE_FIELDS), how a CRM does it (connectors), retiring (repair_retire.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.faults import near
from config.trail import record
from leadpact.audit.facts import Facts
from leadpact.audit.target import stage_of
from leadpact.audit.valuemap import ValueMap
from leadpact.crm_fields import CrmField, Fielded, Made, Making, Prepared
from leadpact.workspace import Analysis
from leadpact.writeback.actors import named
from leadpact.writeback.target import Target

STATUS = "status"
ADDED = "crm_values.added"
Aim = tuple[str, str]  # object, value


@dataclass(frozen=True)
class Missing:
    """What the list of one field lacks. `field` is the CRM's own name of it, `label` what people call it.

    `new` values are not in the list (of a CRM that describes active values only: or retired), `retired` ones
    are there and inactive. `near` names by value the
    active one close to it, where there is one; `unclaimed` are values no stage of the pact claims yet.
    """

    object: str
    field: str
    label: str
    new: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    near: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unclaimed: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        return (*self.new, *self.retired)

    @property
    def making(self) -> Making:
        """What would mend it."""
        return Making("choices", self.object, self.field, self.label, "choice", self.values)


def aims_of(values: ValueMap) -> set[Aim]:
    """The new values of a map, with their objects."""
    return {(row.object, row.to) for row in values.moving if row.to is not None}


def missing(target: Target, analysis: Analysis, values: ValueMap | Iterable[Aim]) -> list[Missing]:
    """What the CRM's lists lack of these new values, by the fields as they are described now.

    Empty where nothing lacks, or where this source does not tell its fields. Values of converted leads are
    never offered. Raises what reading the source raises.
    """
    if not isinstance(target.connector, Fielded):
        return []
    facts, pact = Facts.of(analysis), analysis.pact
    aims = aims_of(values) if isinstance(values, ValueMap) else set(values)
    found = []
    for object in sorted({object for object, _ in aims}):
        wanted = sorted({value for own, value in aims if own == object and not _converts(facts, object, value)})
        for one in fields_of(target, object):
            lacking = _lacking(one, wanted)
            if lacking is not None:
                unclaimed = tuple(each for each in lacking.values if stage_of(pact, object, each) is None)
                found.append(
                    Missing(object, one.name, one.label, lacking.new, lacking.retired, lacking.near, unclaimed)
                )
    return found


def fields_of(target: Target, object: str) -> list[CrmField]:
    """The fields that hold the status of an object, as a list of choices; several where several tables hold it."""
    if not isinstance(target.connector, Fielded):
        return []
    return [one for one in target.connector.fields(object) if one.column == STATUS and one.kind == "choice"]


def _lacking(one: CrmField, wanted: Sequence[str]) -> Missing | None:
    known = {each.value: each.is_active for each in one.choices}
    active = [value for value, is_active in known.items() if is_active]
    new = tuple(value for value in wanted if value not in known)
    retired = tuple(value for value in wanted if known.get(value) is False)
    if not new and not retired:
        return None
    close = {value: other for value in new if (other := near(value, active)) in known}  # all of them: none is close
    return Missing(one.object, one.name, one.label, new, retired, close)


def _converts(facts: Facts, object: str, value: str) -> bool:
    one = facts.by_key.get((object, value))
    return one is not None and bool(one.is_converted)


def preview(target: Target, found: Sequence[Missing]) -> list[tuple[Missing, Prepared]]:
    """What would be sent for each; `Prepared.possible` is false where this CRM or user cannot, with what to do.

    Reads only. Raises Misconfigured where this source cannot change its lists, and what reading raises.
    """
    connector = target.equipped()
    return list(zip(found, connector.prepare([one.making for one in found]), strict=True)) if found else []


def make(
    target: Target, prepared: Sequence[tuple[Missing, Prepared]], *, author: str, now: datetime
) -> Iterator[tuple[Missing, Made]]:
    """Adds what was prepared, one by one; a list somebody changed since is left as it is (`moved`).

    Raises Misconfigured (nobody named, read-only), Busy while somebody applies, and what the source raises.
    """
    actor = named(author)
    target.check_writable()
    connector = target.equipped()
    possible = [(one, step) for one, step in prepared if step.possible]
    with target.alone():
        for (one, _), made in zip(possible, connector.make([step for _, step in possible]), strict=False):
            detail = {"connection": target.connection.name, "object": one.object, "field": one.field,
                      "values": list(one.values), "outcome": made.kind, "code": made.code}  # fmt: skip
            with target.engine.begin() as database:
                record(database, now, actor, ADDED, detail)
            yield one, made
