"""The set-up check: which fields write-back needs, which are missing or unfit, and making them.

Making is in two steps: `missing` prepares and shows, a person looks, `make` sends what was shown
and remembers what the CRM calls it. The field that counts days needs the field of the moment to be
there, so it comes in a second round. Values of an existing list are added to, never dropped.

Not here: how a CRM makes a field (connectors), where values go (targets.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from config.schema import Pact
from config.trail import record
from leadpact.crm_fields import CrmField, Fielded, Made, Making, Prepared
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.model import CONTACT, OBJECTS
from leadpact.tables import is_blank
from leadpact.workspace import Analysis
from leadpact.writeback import targets
from leadpact.writeback.actors import named
from leadpact.writeback.difference import described_fields, fault
from leadpact.writeback.formats import KINDS, Formats
from leadpact.writeback.target import Target
from leadpact.writeback.targets import DAYS, LIGHT, PURPOSES, SINCE, STAGE, STATUS, Targets

State = Literal["ok", "missing", "found", "gone", "kind", "read_only", "choices", "later"]
# what a field is called where it is made: adapters turn it into a name of their CRM's kind
NAMES: Mapping[str, str] = {
    "score": "LeadPact Score",
    "light": "LeadPact Light",
    "stage": "LeadPact Stage",
    "since": "LeadPact Stage Since",
    "version": "LeadPact Pact Version",
    "days": "LeadPact Days in Stage",
    "status": "Contact Status",
}


@dataclass(frozen=True)
class Need:
    """One field and how it stands.

    `missing`: none chosen; `found`: none chosen, and one of our name is there; `gone`: the chosen
    one is not; `kind`, `read_only`: it cannot serve; `choices`: values are missing in its list;
    `later`: it is made when the moment's field is there. `making` is what would mend it, null
    where nothing needs making or only people can.
    """

    object: str
    purpose: str
    state: State
    field: str | None = None
    making: Making | None = None


def needs(target: Target, analysis: Analysis) -> list[Need]:
    """Every field write-back needs, of the objects the CRM has records of. Reads the CRM's fields only.

    Raises Misconfigured where this source does not tell its fields, and what it raises.
    """
    if not isinstance(target.connector, Fielded):
        raise Misconfigured("writeback.no_fields_told", name=target.connection.name, type=target.connection.type)
    chosen = targets.load(target.engine, target.connection.name)
    formats = Formats.of(analysis.used)
    found = []
    for object in _present(analysis):
        described = described_fields(target, object) or {}
        if object == CONTACT and not _has_status(analysis):
            found.append(_status(analysis.pact, described))
        for purpose in PURPOSES:
            found.append(_need(object, purpose, chosen, described, formats))
    return found


def _present(analysis: Analysis) -> list[str]:
    there = analysis.tables.record.filter(lambda t: t.condition != "deleted").select("object").distinct()
    seen = set(there.to_pyarrow()["object"].to_pylist())
    return [object for object in OBJECTS if object in seen]


def _has_status(analysis: Analysis) -> bool:
    """Whether contacts have a status: some picklist value is defined, or some contact holds one."""
    value, record = analysis.tables.status_value, analysis.tables.record
    defined = value.filter(value.object == CONTACT).select("object").limit(1)
    held = record.filter(record.object == CONTACT, ~is_blank(record.status)).select("object").limit(1)
    return bool(defined.union(held).limit(1).to_pyarrow().num_rows)


def _need(object: str, purpose: str, chosen: Targets, described: Mapping[str, CrmField], formats: Formats) -> Need:
    name = chosen.field(object, purpose)
    making = _making(object, purpose, chosen, described, formats)
    if name is None:
        same = _ours(purpose, described, formats.pact)
        if same is not None:
            return Need(object, purpose, "found", same)
        return Need(object, purpose, "missing" if making is not None else "later", None, making)
    problem, one = fault(purpose, described.get(name))
    if problem is not None or one is None:
        # a field of the wrong kind is somebody's: people decide, nothing is made over it
        return Need(object, purpose, problem or "gone", name, making if problem == "gone" else None)  # type: ignore[arg-type]
    if one.kind == "choice":
        active = {choice.value for choice in one.choices if choice.is_active}
        lacking = tuple(value for value in formats.choices(purpose) if value not in active)
        if lacking:
            added = Making("choices", object, name, one.label, "choice", lacking)
            return Need(object, purpose, "choices", name, added)
    return Need(object, purpose, "ok", name)


def _making(
    object: str, purpose: str, chosen: Targets, described: Mapping[str, CrmField], formats: Formats
) -> Making | None:
    since = None
    if purpose == DAYS:
        since = chosen.field(object, SINCE)
        if since is None or since not in described or described[since].kind != "time":
            return None
    say = Language.of(formats.pact.language)
    return Making(
        "field",
        object,
        NAMES[purpose],
        label=say(f"writeback.label.{purpose}"),
        kind=KINDS[purpose][0],
        choices=formats.choices(purpose) if purpose in (LIGHT, STAGE) else (),
        days_since=since,
        help=say(f"writeback.help.{purpose}"),
    )


def _status(pact: Pact, described: Mapping[str, CrmField]) -> Need:
    """The status field contacts lack: the values of the pact, or its stages' labels."""
    there = _ours(STATUS, described, pact)
    if there is not None:
        return Need(CONTACT, STATUS, "found", there)
    values = tuple(value for value in pact.status_map.of(CONTACT) if value)
    values = values or tuple(dict.fromkeys(stage.label for stage in pact.stages))
    say = Language.of(pact.language)
    making = Making("field", CONTACT, NAMES[STATUS], say("writeback.label.status"), "choice", values,
                    help=say("writeback.help.status"))  # fmt: skip
    return Need(CONTACT, STATUS, "missing", None, making)


def _ours(purpose: str, described: Mapping[str, CrmField], pact: Pact) -> str | None:
    """A field of our own name that is there and fits, made before or by hand."""
    names = {_plain(NAMES[purpose]), _plain(Language.of(pact.language)(f"writeback.label.{purpose}"))}
    for one in described.values():
        called = {_plain(one.label), _plain(re.sub(r"__c$", "", one.name))}
        if names & called and fault(purpose, one)[0] is None:
            return one.name
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def prepare(target: Target, found: Sequence[Need]) -> list[tuple[Need, Prepared]]:
    """What would be made for each need that making mends, before anything is. Reads only.

    Raises Misconfigured where this source cannot make fields.
    """
    wanted = [one for one in found if one.making is not None]
    connector = target.equipped()
    makings = [one.making for one in wanted if one.making is not None]
    return list(zip(wanted, connector.prepare(makings), strict=True)) if makings else []


def make(
    target: Target, prepared: Sequence[tuple[Need, Prepared]], *, author: str, now: datetime
) -> Iterator[tuple[Need, Made]]:
    """Makes what was prepared, one by one; a field that is there afterwards is chosen for its purpose.

    Raises Misconfigured (nobody named, read-only), Busy while somebody writes, and what the source raises.
    """
    actor = named(author)
    target.check_writable()
    connector = target.equipped()
    possible = [(need, one) for need, one in prepared if one.possible]
    with target.alone():
        for (need, _), made in zip(possible, connector.make([one for _, one in possible]), strict=False):
            _noted(target, need, made, author=actor, now=now)
            yield need, made


def _noted(target: Target, need: Need, made: Made, *, author: str, now: datetime) -> None:
    detail = {"connection": target.connection.name, "object": need.object, "purpose": need.purpose,
              "what": made.prepared.making.what, "name": made.name, "outcome": made.kind}  # fmt: skip
    with target.engine.begin() as database:
        record(database, now, author, "crm_field.made", detail)
    if made.kind in ("made", "exists") and made.name and need.purpose in PURPOSES and need.state != "choices":
        chosen = targets.load(target.engine, target.connection.name)
        chosen = chosen.with_field(need.object, need.purpose, made.name)
        targets.save(target.engine, target.connection.name, chosen, author=author, now=now)


def adopt(target: Target, found: Sequence[Need], *, author: str, now: datetime) -> int:
    """Chooses the fields of our name that are there already; how many."""
    mine = [one for one in found if one.state == "found" and one.purpose != STATUS and one.field]
    if mine:
        chosen = targets.load(target.engine, target.connection.name)
        for one in mine:
            chosen = chosen.with_field(one.object, one.purpose, one.field)
        targets.save(target.engine, target.connection.name, chosen, author=author, now=now)
    return len(mine)
