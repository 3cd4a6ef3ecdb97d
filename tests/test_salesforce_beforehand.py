"""What Salesforce tells before a repair: holders of a value, what this user lacks, records that would refuse.

Not here: automations (test_salesforce_automations.py), plans (test_repair_values.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

from leadpact.crm_facts import Barriers, Counting, Guarded, Held
from tests.salesforce import Company, Server, faults
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.set_up import approval, rights
from tests.salesforce.side import Connect, connect  # noqa: F401


def test_who_holds_a_value_is_asked_in_one_question(acme: Company, salesforce: Server, connect: Connect) -> None:
    side, org = connect(), acme.org
    assert isinstance(side, Counting)
    assert isinstance(side, Guarded)
    for lead in acme.leads:
        org.update("Lead", lead, Status="New")
    org.update("Lead", acme.leads[0], Status="Left voicemail")
    org.update("Lead", acme.leads[1], Status="Left voicemail")
    org.delete("Lead", acme.leads[1])
    org.convert(acme.leads[2])
    side.fields("lead")
    before = side.client.calls
    told = side.holders("lead", "status", ["Left voicemail", "MQL", "It's \\ new"])
    assert told == {"Left voicemail": Held(1), "MQL": Held(0), "It's \\ new": Held(0)}
    assert side.client.calls == before + 1
    assert side.holders("lead", "Status", ["Converted"])["Converted"].records >= 1, "converted leads hold it too"


def test_an_org_too_large_to_count_is_asked_whether_there_is_one(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    side.fields("lead")
    acme.org.update("Lead", acme.leads[0], Status="Left voicemail")
    salesforce.faults.add("GROUP BY", faults.status(400, "QUERY_TIMEOUT"), times=None)
    told = side.holders("lead", "status", ["Left voicemail", "Nobody's"])
    assert told == {"Left voicemail": Held(1, at_least=True), "Nobody's": Held(0)}


def test_permissions_are_named_with_what_they_take(acme: Company, connect: Connect) -> None:
    fine = connect().permissions("lead", "status")
    assert [(one.name, one.ok) for one in fine] == [("object", True), ("field", True)]
    acme.org.objects["Lead"].change("Status", read_only=True)
    _, field = connect().permissions("lead", "status")
    assert (field.ok, field.message) == (False, "salesforce_write.may.no_field")
    assert field.params == {"object": "Lead", "field": "Status"}
    acme.org.hide("Lead")
    (unseen,) = connect().permissions("lead", "status")
    assert (unseen.ok, unseen.remedy) == (False, "salesforce_write.may.no_object_remedy")


def test_records_that_would_refuse_are_known_beforehand(acme: Company, salesforce: Server, connect: Connect) -> None:
    side, org, leads = connect(), acme.org, acme.leads
    org.convert(leads[0])
    org.delete("Lead", leads[1])
    approval(org, leads[2])
    approval(org, leads[3], status="Approved")
    rights(org, denied=(leads[4],), unseen=(leads[5],))
    kind = org.insert("RecordType", Name="Partner", DeveloperName="Partner", SobjectType="Lead", IsActive=True)
    org.update("Lead", leads[6], RecordTypeId=kind)
    org.offered[kind, "Status"] = ("New", "Working")
    wanted = {**dict.fromkeys(leads[:7], "MQL"), leads[7]: None, "00Qnever": "MQL"}
    told = side.barriers("lead", "status", wanted, thorough=True)
    assert told.found == {
        leads[0]: "converted", leads[1]: "gone", leads[2]: "locked", leads[4]: "no_access", leads[5]: "no_access",
        leads[6]: "no_type_value", "00Qnever": "gone",
    }  # fmt: skip
    assert told.unasked == 0
    again = side.barriers("lead", "status", {leads[6]: "Working"}, thorough=True)
    assert again.found == {}, "its record type offers that one"


def test_calls_are_few_and_told(acme: Company, salesforce: Server, connect: Connect) -> None:
    side, org = connect(), acme.org
    rights(org)
    leads = [org.insert("Lead", LastName=f"L{at}", Company="A", Status="New") for at in range(450)]
    rights(org)
    side.fields("lead")
    wanted = dict.fromkeys(leads, "MQL")
    before = side.client.calls
    told = side.barriers("lead", "status", wanted, thorough=True)
    # one for the records, one for approvals, one to know the user, three for the rights of 450
    assert (told.found, told.calls) == ({}, 6)
    assert side.client.calls - before == 6
    cheap = side.barriers("lead", "status", wanted, thorough=False)
    assert (cheap.calls, cheap.unasked) == (2, 450)


def test_an_org_that_tells_none_of_it_is_not_taken_for_fine(acme: Company, connect: Connect) -> None:
    told = connect().barriers("lead", "status", {acme.leads[0]: "MQL"}, thorough=True)
    assert isinstance(told, Barriers)
    assert (told.found, told.unasked) == ({}, 1)
