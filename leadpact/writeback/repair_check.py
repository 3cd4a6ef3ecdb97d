"""What is asked before a repair is planned: may the field be written, and does it take the new values.

By what the CRM tells of its fields now; where a source tells none, by the picklist of the last sync.

Not here: whether the connection may write (target.py: asked when something is), the plan (repair.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from config.faults import near
from leadpact.audit.facts import Facts
from leadpact.audit.shown import shown
from leadpact.audit.valuemap_check import offered
from leadpact.crm_fields import CrmField, Fielded
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.writeback import repair_barriers
from leadpact.writeback.target import Target

STATUS = "status"
# catalogue `repair.fault.<name>`
FAULTS = (
    "no_status", "read_only", "no_choice", "not_told", "inactive", "converted", "no_value", "twice", "empty", "equal",
)  # fmt: skip


def kinds(target: Target, facts: Facts, aims: Collection[tuple[str, str]]) -> Mapping[str, str]:
    """By `object.status` the kind of the status field. `aims` are the new values by object.

    Raises Misconfigured with one detail for everything that stands against writing them, and what
    reading the source raises.
    """
    wrong: list[LeadPactError] = []
    found: dict[str, str] = {}
    for object in sorted({object for object, _ in aims}):
        values = sorted(value for own, value in aims if own == object)
        wrong += [
            _fault("converted", object, value=shown(value)) for value in values if _converts(facts, object, value)
        ]
        if not isinstance(target.connector, Fielded):
            found[f"{object}.{STATUS}"] = "text"
            wrong += _untold(target, facts, object, values)
            continue
        own = [one for one in target.connector.fields(object) if one.column == STATUS]
        found[f"{object}.{STATUS}"] = own[0].kind if own else "text"
        wrong += _of_field(target, object, own, values)
    if wrong:
        raise Misconfigured("repair.cannot", details=wrong, name=target.connection.name)
    return found


def _untold(target: Target, facts: Facts, object: str, values: Collection[str]) -> Iterator[LeadPactError]:
    """A source that tells no fields: by its own list of values. A copy to import takes any where none is told."""
    if target.connector.can.copies and object not in facts.picklists:
        return
    for value in values:
        if not offered(facts, object, value):
            yield _fault("not_told", object, value=shown(value), near=_near(facts, object, value))


def _of_field(
    target: Target, object: str, fields: Collection[CrmField], values: Collection[str]
) -> Iterator[LeadPactError]:
    """Several fields: the object lies in several tables, and any of them may be meant."""
    if not fields:
        yield _fault("no_status", object)
        return
    if not all(one.writable for one in fields):
        closed = next(one for one in fields if not one.writable)
        yield _fault("read_only", object, field=closed.label)
        yield from repair_barriers.lacking(target, object, closed.name)
    for one in fields:
        active = {each.value for each in one.choices if each.is_active}
        for value in values if one.kind == "choice" else ():
            if value in {each.value for each in one.choices} - active:
                yield _fault("inactive", object, value=shown(value))
            elif value not in active:
                yield _fault("no_choice", object, value=shown(value), near=near(value, active))


def pair(facts: Facts, object: str, old: str, new: str, taken: Collection[str]) -> LeadPactError | None:
    """What is wrong with one pair of values; null where nothing is. `taken` are the old values named before."""
    if not new.strip():
        return _fault("empty", object, value=shown(old))
    value = known(facts, object, old)
    if value and (object, value) not in facts.by_key:
        return _fault("no_value", object, value=shown(old), near=_near(facts, object, old))
    if value in taken:
        return _fault("twice", object, value=shown(old))
    if value == known(facts, object, new):
        return _fault("equal", object, value=shown(old))
    return None


def known(facts: Facts, object: str, text: str) -> str:
    """The value as the CRM has it: the text as given where it is one, else without spaces around it."""
    return text if (object, text) in facts.by_key else text.strip()


def _converts(facts: Facts, object: str, value: str) -> bool:
    one = facts.by_key.get((object, value))
    return one is not None and bool(one.is_converted)


def _near(facts: Facts, object: str, value: str) -> str:
    return near(value, {one.value for one in facts.values if one.object == object})


def _fault(name: str, object: str, **params: Any) -> LeadPactError:
    return LeadPactError(f"repair.fault.{name}", object=object, **params)
