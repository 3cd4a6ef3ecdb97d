"""Values of Salesforce's picklists added and retired through the Metadata API: nothing is ever left out;
names, and what is shown before anything is sent.

Not here: making fields, and what may happen on the way (test_salesforce_metadata.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.salesforce.metadata import Metadata
from leadpact.crm_fields import Making
from leadpact.errors import SourceUnreachable
from tests.salesforce import Company, Server, faults
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.metadata_set import saves, setup
from tests.salesforce.schema import Pick
from tests.salesforce.side import Connect, change, connect, outcomes  # noqa: F401

SCORE = Making("field", "lead", "LeadPact Score", "LeadPact Score", "number", help="Points by the pact.")
LIGHT = Making("field", "contact", "LeadPact Light", "Light", "choice", ("Green", "Amber", "Red"))


def test_a_status_is_added_and_every_other_value_stays_as_it_is(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.org.objects["Lead"]
    setup(acme.org).processes["Lead.Inbound"] = {
        "fullName": "Lead.Inbound", "isActive": "true", "values": [{"fullName": "New", "default": "true"}],
    }  # fmt: skip
    before = tuple(replace(one, label=one.label or one.value) for one in lead.fields["Status"].picks)
    (one,) = side.prepare([Making("choices", "lead", "Status", choices=("SAL", "New"))])
    # somebody works on the lead process meanwhile: to be looked at again
    setup(acme.org).processes["Lead.Inbound"]["description"] = "From the website"
    assert outcomes(side, [one]) == [("moved", None, None)]
    (one,) = side.prepare([one.making])
    assert (one.message, one.params["values"], one.params["offers"]) == (
        "salesforce_write.make.choices",
        "SAL",
        "Lead.Inbound",
    )
    assert saves(acme.org) == []
    assert outcomes(side, [one]) == [("made", None, "Status")]
    assert lead.fields["Status"].picks == (*before, Pick("SAL", "SAL"))
    assert setup(acme.org).converted == {"Converted"}
    process = setup(acme.org).processes["Lead.Inbound"]
    assert [value["fullName"] for value in process["values"]] == ["New", "SAL"]
    assert side.kinds(change(acme.leads[0], "status", "SAL")) == [("written", None)]


def test_a_value_left_out_would_be_retired_by_the_loopback(acme: Company, connect: Connect) -> None:
    """The test above proves something only if leaving out does harm."""
    side = connect()
    metadata = Metadata(side.client)
    (held,) = metadata.read("StandardValueSet", ["LeadStatus"])
    held.standardValue = [one for one in held.standardValue if one.fullName != "MQL"]
    metadata.update([held])
    assert {one.value: one.active for one in acme.org.objects["Lead"].fields["Status"].picks}["MQL"] is False


def test_custom_lists_record_types_and_retired_values(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.org.objects["Lead"]
    lead.change(
        "Lost_Reason__c", picks=(Pick("Price", "Too dear", True, True), Pick("Old", active=False), Pick("No reply"))
    )
    setup(acme.org).record_types |= {
        name: {"fullName": name, "active": "true", "label": name, "picklistValues": [
            {"picklist": picklist, "values": [{"fullName": value, "default": "false"}]}]}
        for name, picklist, value in (
            ("Lead.B2B", "Lost_Reason__c", "No reply"), ("Lead.Other", "Rating", "Hot"),
            ("Contact.X", "LeadSource", "Web"))
    }  # fmt: skip
    (one,) = side.prepare([Making("choices", "lead", "Lost_Reason__c", choices=("Budget", "Old"))])
    assert one.params["offers"] == "Lead.B2B" and one.params["count"] == 3
    assert outcomes(side, [one]) == [("made", None, "Lost_Reason__c")]
    assert lead.fields["Lost_Reason__c"].picks == (
        Pick("Price", "Too dear", True, True), Pick("Old", "Old"), Pick("No reply", "No reply"),
        Pick("Budget", "Budget"),
    )  # fmt: skip
    offered = setup(acme.org).record_types["Lead.B2B"]["picklistValues"][0]["values"]
    assert [value["fullName"] for value in offered] == ["No reply", "Budget", "Old"]
    (gone,) = side.prepare([Making("retire", "lead", "Lost_Reason__c", choices=("No reply",))])
    assert outcomes(side, [gone]) == [("made", None, "Lost_Reason__c")]
    assert [(one.value, one.active) for one in lead.fields["Lost_Reason__c"].picks] == [
        ("Price", True), ("Old", True), ("No reply", False), ("Budget", True),
    ]  # fmt: skip


def test_shared_lists_are_changed_for_all_and_said_to_be(acme: Company, connect: Connect) -> None:
    side, org = connect(), acme.org
    setup(org).globals["Interest"] = [("Lead", "Lost_Reason__c"), ("Contact", "Contact_Status__c")]
    org.objects["Contact"].change("Contact_Status__c", picks=org.objects["Lead"].fields["Lost_Reason__c"].picks)
    prepared = side.prepare([
        Making("choices", "lead", "source", choices=("Webinar",)),
        Making("choices", "lead", "Lost_Reason__c", choices=("Merger",)),
    ])  # fmt: skip
    assert {one.message for one in prepared} == {"salesforce_write.make.choices_shared"}
    assert [kind for kind, *_ in outcomes(side, prepared)] == ["made", "made"]
    for object, name, value in (
        ("Opportunity", "LeadSource", "Webinar"), ("Contact", "Contact_Status__c", "Merger"),
        ("Lead", "Lost_Reason__c", "Merger"),
    ):  # fmt: skip
        assert org.objects[object].fields[name].picks[-1] == Pick(value, value)


def test_a_new_list_is_offered_by_every_record_type(acme: Company, connect: Connect) -> None:
    side = connect()
    setup(acme.org).record_types["Contact.Partner"] = {"fullName": "Contact.Partner", "active": "true", "label": "P"}
    (one,) = side.prepare([LIGHT])
    assert "Contact.Partner" in one.preview
    assert outcomes(side, [one]) == [("made", None, "LeadPact_Light__c")]
    listed = setup(acme.org).record_types["Contact.Partner"]["picklistValues"][0]
    assert [value["fullName"] for value in listed["values"]] == ["Green", "Amber", "Red"]


def test_several_changes_of_one_list_in_one_go(acme: Company, connect: Connect) -> None:
    side = connect()
    prepared = side.prepare([
        Making("choices", "lead", "Rating", choices=("Lukewarm",)),
        Making("retire", "lead", "Rating", choices=("Cold",)),
        Making("choices", "lead", "Rating", choices=("Lukewarm",)),
    ])  # fmt: skip
    assert [kind for kind, *_ in outcomes(side, prepared)] == ["made", "made", "exists"]
    assert [(one.value, one.active) for one in acme.org.objects["Lead"].fields["Rating"].picks] == [
        ("Hot", True), ("Warm", True), ("Cold", False), ("Lukewarm", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("asked", "name"), [
    ("LeadPact Score", "LeadPact_Score__c"), ("LeadPact_Score__c", "LeadPact_Score__c"),
    ("Puntuación", "Puntuacion__c"), ("1st touch", "X1st_touch__c"), ("a -- b", "a_b__c"), ("x" * 60, "x" * 40 + "__c"),
])  # fmt: skip
def test_names_become_api_names(asked: str, name: str, acme: Company, connect: Connect) -> None:
    (one,) = connect().prepare([Making("field", "lead", asked, "Label")])
    assert one.params["name"] == name and f"<fullName>Lead.{name}</fullName>" in one.preview


def test_a_preview_shows_the_call_and_who_gets_what(acme: Company, connect: Connect) -> None:
    setup(acme.org).record_types["Contact.Partner"] = {
        "fullName": "Contact.Partner",
        "active": "true",
        "label": "P & Q",
    }
    first, second = connect().prepare([Making("field", "contact", "Light", "Light", "choice", ("R&D",)), SCORE])
    assert first.preview.splitlines()[-4:] == [
        '<RecordType fullName="Contact.Partner" picklist="Light__c">R&amp;D</RecordType>',
        '<PermissionSet fullName="LeadPact" field="Contact.Light__c" readable="true" editable="false"/>',
        '<PermissionSet fullName="LeadPact_Connection" field="Contact.Light__c" readable="true" editable="true"/>',
        '<PermissionSetAssignment permissionSet="LeadPact_Connection"/> <!-- LeadPact\'s own user -->',
    ]
    assert "<restricted>true</restricted>" in first.preview and "<fullName>R&amp;D</fullName>" in first.preview
    assert (first.remedy, second.remedy) == ("salesforce_write.assign", None)  # said once


def test_no_session_is_shown_or_logged(
    acme: Company, salesforce: Server, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    side = connect()
    prepared = side.prepare([SCORE, LIGHT, Making("choices", "lead", "Status", choices=("SAL",))])
    found = list(side.make(prepared))
    said = caplog.text + repr(found) + "".join(one.preview + one.state for one in prepared)
    assert salesforce.access.session not in said and "sessionId" not in said
    assert "LeadPact_Score__c" in prepared[0].preview and "<type>Number</type>" in prepared[0].preview


@pytest.mark.parametrize("spoil", [
    lambda body: body.replace(b"<label>Warm</label>", b"<label>Warm</label><shade>blue</shade>"),
    lambda body: body[: body.index(b"<fullName>Warm")],
], ids=["unknown", "short"])  # fmt: skip
def test_a_list_that_is_not_read_whole_is_never_sent_back(
    spoil: Callable[[bytes], bytes], acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    salesforce.faults.add(r"POST .*/Soap/m/", faults.spoiled(spoil), body="<ns0:type>StandardValueSet", times=None)
    with pytest.raises(SourceUnreachable):
        side.prepare([Making("choices", "lead", "Rating", choices=("Lukewarm",))])
    assert saves(acme.org) == []
