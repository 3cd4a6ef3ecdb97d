"""Making fields and picklist values in two steps: prepared and shown, then sent if nothing moved.

What is prepared is worked out again when it is made, from the org as it is then; its state must be
the one that was shown. One `make` may change a list several times: its own changes are not a move.

Not here: what is sent (metadata_fields.py, metadata_values.py), calls (metadata.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.salesforce import metadata_values as picklists
from connectors.salesforce.client import Client
from connectors.salesforce.fields import Fields, kind_described
from connectors.salesforce.metadata import Component, Metadata
from connectors.salesforce.metadata_fields import WRITER, api_name, field_component, grants, kind_of
from connectors.salesforce.metadata_step import Step
from connectors.salesforce.metadata_values import Unfitting
from connectors.salesforce.plan import SOBJECTS
from connectors.salesforce.schema import Field
from connectors.salesforce.write_call import CallRefused, NotSent, Unanswered, certain
from leadpact.crm_fields import FieldKind, Made, Making, Prepared
from leadpact.errors import SourceRefused

TAKEN = "DUPLICATE_DEVELOPER_NAME"
ASSIGN = "salesforce_write.assign"
NO_ACCESS = frozenset(
    {"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "API_DISABLED_FOR_ORG", "INVALID_TYPE"}
)


class Equipment:
    """Prepares and makes for one org."""

    def __init__(self, client: Client, fields: Fields, *, writable: bool) -> None:
        self._client, self._fields, self._writable = client, fields, writable
        self._metadata = Metadata(client)

    # -- looking -------------------------------------------------------------------------------

    def prepare(self, wanted: Sequence[Making]) -> list[Prepared]:
        """What would be sent for each, in order. Raises SourceRefused, SourceUnreachable."""
        self._fields.forget()
        found: list[Prepared] = []
        for making in wanted:
            try:
                step = self._step(making, [one.making for one in found if one.possible])
            except Unfitting as unfit:
                found.append(_impossible(making, unfit.why, unfit.params))
            except SourceRefused as refusal:
                if refusal.params.get("code") not in NO_ACCESS:
                    raise
                found.append(_impossible(making, "no_permission", {}))
            else:
                message = f"salesforce_write.make.{step.message}"
                told = any(one.remedy == ASSIGN for one in found)
                remedy = ASSIGN if step.assigns and not told else None
                found.append(
                    Prepared(making, True, message, remedy, step.params, step.preview(self._metadata), step.state)
                )
        return found

    def _step(self, making: Making, before: Sequence[Making] = ()) -> Step:
        """What a Making takes as things are; `before` are those made first. Raises Unfitting, what reading raises."""
        sobject = SOBJECTS.get(making.object)
        if sobject is None or self._fields.described(making.object) is None:
            raise Unfitting("no_object", object=making.object)
        if making.what == "field":
            return self._field(making, sobject, before)
        described = self._fields.find(making.object, making.name)
        if described is None:
            raise Unfitting("no_field", name=making.name)
        if described.type != "picklist":
            raise Unfitting("no_choice", name=described.name)
        return self._values(making, sobject, described)

    def _field(self, making: Making, sobject: str, before: Sequence[Making]) -> Step:
        name = api_name(making.name)
        if name is None or (making.days_since is None and making.kind in ("formula", "other")):
            raise Unfitting("bad_name", name=making.name)
        if making.kind == "choice" and not making.choices:
            raise Unfitting("no_values", name=making.name)
        since = self._since(making, before) if making.days_since is not None else None
        full_name, params = f"{sobject}.{name}", {"name": name, "label": making.label or making.name, "object": sobject}
        (there,) = self._metadata.read("CustomField", [full_name])
        state = self._metadata.state([there])
        kind = _kind(making)
        seen = self._fields.find(making.object, name)
        held = kind_of(there) if there is not None else kind_described(seen) if seen is not None else None
        if held is not None:
            if held != kind:
                raise Unfitting("other_kind", **params)
            if _filled(seen, kind):
                return Step("exists", state, name, params, exists=True)
            lacking = grants(self._metadata, full_name, editable=kind != "formula")
            return Step("exists_unseen", state, name, params, grants=lacking, exists=True, assigns=True)
        component = field_component(self._metadata, sobject, name, making, since)
        step = Step("field", state, name, params, sends=[("createMetadata", component)], assigns=True)
        step.grants = grants(self._metadata, full_name, editable=kind != "formula")
        if making.kind == "choice" and since is None:
            step.offers = picklists.offer_everywhere(self._metadata, sobject, name, making.choices)
        return step

    def _since(self, making: Making, before: Sequence[Making]) -> Field:
        """The moment a formula counts from: a field there is, or one that is made first."""
        wanted = str(making.days_since)
        found = self._fields.find(making.object, wanted)
        if found is not None and found.type in ("date", "datetime"):
            return found
        made = api_name(wanted)
        for one in before:
            if (one.what, one.object, one.kind) == ("field", making.object, "time") and api_name(one.name) == made:
                return Field(str(made), "datetime", one.label)
        raise Unfitting("no_since", name=wanted)

    def _values(self, making: Making, sobject: str, described: Field) -> Step:
        found = picklists.read(self._metadata, sobject, described.name)
        state, kept = found.state(self._metadata), len(found.values)
        retiring = making.what == "retire"
        changed = (
            picklists.retire(found, making.choices)
            if retiring
            else picklists.add(self._metadata, found, making.choices)
        )
        params: dict[str, Any] = {
            "name": described.name, "object": sobject, "values": ", ".join(changed or making.choices), "count": kept,
        }  # fmt: skip
        offers = [one for one in found.offers if one.values]
        if not changed and not offers:
            return Step("nothing", state, described.name, params, exists=True, lists=found)
        params["offers"] = ", ".join(one.name for one in offers) or "–"
        message = ("retire" if retiring else "choices") + ("_shared" if found.shared else "")
        step = Step(message, state, described.name, params, offers=offers, lists=found)
        step.sends = [("updateMetadata", found.component)] if changed else []
        return step

    # -- doing ---------------------------------------------------------------------------------

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Sends what was prepared, one by one. Raises SourceUnreachable where nothing can be sent."""
        own: dict[str, tuple[set[str], str]] = {}
        done: list[Making] = []
        for one in prepared:
            if not self._writable:
                yield Made(one, "refused", "READ_ONLY")
            elif not one.possible:
                yield Made(one, "refused", "NOT_POSSIBLE")
            else:
                made = self._make(one, done, own)
                if made.kind in ("made", "exists"):
                    done.append(one.making)
                yield made

    def _make(self, one: Prepared, done: Sequence[Making], own: dict[str, tuple[set[str], str]]) -> Made:
        self._fields.forget()
        try:
            step = self._step(one.making, done)
        except Unfitting:
            return Made(one, "moved")
        list_name = step.lists.name if step.lists is not None else f"{one.making.object}.{step.name}"
        seen, left = own.get(list_name, (set[str](), ""))
        if step.state != one.state and not (one.state in seen and step.state == left):
            return Made(one, "moved")
        taken = False
        try:
            for operation, component in step.sends:
                self._send(operation, component)
        except CallRefused as refusal:
            # a field this user cannot see may not be told by the Metadata API either
            if refusal.code != TAKEN:
                return Made(one, "refused", refusal.code)
            taken, step = True, replace(step, exists=True, offers=[])
        except Unanswered as cut:
            return Made(one, "unknown", cut.code)
        except NotSent as unsent:
            raise unsent.error from None
        code = self._follow(step, one.making)
        if taken:
            found = self._fields.find(one.making.object, step.name)
            if found is None or kind_described(found) != _kind(one.making):
                return Made(one, "refused", TAKEN if found is None else "OTHER_KIND")
        if step.lists is not None:
            again = picklists.read(self._metadata, SOBJECTS[one.making.object], step.name)
            own[list_name] = ({*seen, one.state}, again.state(self._metadata))
        return Made(one, "exists" if step.exists else "made", code, step.name)

    def _send(self, operation: str, component: Component) -> None:
        send = self._metadata.create if operation == "createMetadata" else self._metadata.update
        send([component])

    def _follow(self, step: Step, making: Making) -> str | None:
        """Record types, permission sets and their assignment; a code where something of it is left to do by hand."""
        try:
            for offer in step.offers:
                self._send("updateMetadata", offer.component)
        except (CallRefused, Unanswered, NotSent):
            return "RECORD_TYPES_LEFT"
        try:
            for one in step.grants:
                self._send(one.operation, one.component)
            if step.assigns:
                self._assign(making, step.name)
        except (CallRefused, Unanswered, NotSent, SourceRefused):
            return "ASSIGN_PERMISSION_SET"
        return None

    def _assign(self, making: Making, name: str) -> None:
        """Gives LeadPact's own user the permission set by which it writes; people get theirs from an administrator."""
        self._fields.forget()
        if _filled(self._fields.find(making.object, name), _kind(making)):
            return
        user = str((self._client.get("") or {}).get("identity", "")).rpartition("/")[2]
        wanted: Mapping[str, str] = {
            "AssigneeId": user,
            "PermissionSetId": self._metadata.list("PermissionSet")[WRITER],
        }
        path = "sobjects/PermissionSetAssignment"
        certain(self._client, lambda salesforce: salesforce.restful(path, method="POST", json=wanted))
        self._fields.forget()


def _filled(seen: Field | None, kind: FieldKind) -> bool:
    """Whether LeadPact's own user sees a field, and may write it where it is one to be written."""
    return seen is not None and (seen.writable or kind == "formula")


def _kind(making: Making) -> FieldKind:
    return making.kind if making.days_since is None else "formula"


def _impossible(making: Making, why: str, params: Mapping[str, Any]) -> Prepared:
    message, remedy = f"salesforce_write.make.{why}", f"salesforce_write.make.{why}_remedy"
    return Prepared(making, False, message, remedy, {"name": making.name, **params})
