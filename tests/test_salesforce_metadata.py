"""Making fields and picklist values in Salesforce, through the Metadata API, over https and against its WSDL.

Not here: values of records (test_salesforce_writing.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

from dataclasses import replace

import pytest

from leadpact.crm_fields import Making
from leadpact.errors import SourceRefused, SourceUnreachable
from leadpact.language import Language
from tests.salesforce import Company, Server, access, faults
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.metadata_set import assign, grant, saves, setup
from tests.salesforce.schema import Pick
from tests.salesforce.side import Connect, Side, change, connect, outcomes  # noqa: F401

SCORE = Making("field", "lead", "LeadPact Score", "LeadPact Score", "number", help="Points by the pact.")
SINCE = Making("field", "lead", "LeadPact Stage Since", "Stage since", "time")
DAYS = Making("field", "lead", "LeadPact Days in Stage", "Days", "formula", days_since="LeadPact_Stage_Since__c")
LIGHT = Making("field", "contact", "LeadPact Light", "Light", "choice", ("Green", "Amber", "Red"))
SOAP = r"POST .*/Soap/m/"


def why(side: Side, making: Making) -> str:
    (found,) = side.prepare([making])
    assert not found.possible
    for lang in ("en", "es", "es_419"):
        assert Language.of(lang)(found.message, **found.params) and Language.of(lang)(str(found.remedy), **found.params)
    return found.message.rpartition(".")[2]


# -- fields -----------------------------------------------------------------------------------------


def test_fields_are_made_seen_and_filled(acme: Company, salesforce: Server, connect: Connect) -> None:
    side, lead, contact = connect(), acme.leads[0], acme.contacts[0]
    wanted = [SCORE, SINCE, DAYS, LIGHT]
    prepared = side.prepare(wanted)
    assert saves(acme.org) == [] and all(one.possible and one.state for one in prepared)
    assert [one.making for one in prepared] == wanted
    made = outcomes(side, prepared)
    assert made == [
        ("made", None, "LeadPact_Score__c"), ("made", None, "LeadPact_Stage_Since__c"),
        ("made", None, "LeadPact_Days_in_Stage__c"), ("made", None, "LeadPact_Light__c"),
    ]  # fmt: skip
    found = {one.name: one for one in (*side.fields("lead"), *side.fields("contact"))}
    assert [(found[name or ""].kind, found[name or ""].writable) for _, _, name in made] == [
        ("number", True), ("time", True), ("formula", False), ("choice", True),
    ]  # fmt: skip
    light = found["LeadPact_Light__c"]
    assert light.restricted and [one.value for one in light.choices] == ["Green", "Amber", "Red"]
    filled = [change(lead, "LeadPact_Score__c", "85"), change(contact, "LeadPact_Light__c", "Green", "contact")]
    assert side.kinds(*filled) == [("written", None), ("written", None)]
    fields = acme.org.objects["Lead"].fields
    since = "LeadPact_Stage_Since__c"
    assert fields["LeadPact_Days_in_Stage__c"].formula == f"IF(ISBLANK({since}), NULL, NOW() - {since})"
    assert fields["LeadPact_Score__c"].help == "Points by the pact."


def test_people_read_and_only_leadpact_writes(acme: Company, connect: Connect) -> None:
    side = connect()
    outcomes(side, side.prepare([SCORE, SINCE, DAYS]))
    sets = setup(acme.org).permission_sets
    held = {name: {one["field"]: one["editable"] for one in sets[name]["fieldPermissions"]} for name in sets}
    names = [f"Lead.LeadPact_{name}__c" for name in ("Score", "Stage_Since", "Days_in_Stage")]
    assert held["LeadPact"] == dict.fromkeys(names, "false")
    assert held["LeadPact_Connection"] == {names[0]: "true", names[1]: "true", names[2]: "false"}
    assert not any("userPermissions" in one or "objectPermissions" in one for one in sets.values())
    rows = acme.org.rows["PermissionSetAssignment"].values()
    assert [row["AssigneeId"] for row in rows] == [acme.org.admin]  # people get theirs from an administrator


def test_what_a_permission_set_grants_already_stays(acme: Company, connect: Connect) -> None:
    side = connect()
    held = {"fullName": "LeadPact", "label": "Ours", "fieldPermissions": [
        {"editable": "true", "field": "Lead.Budget__c", "readable": "true"}],
        "objectPermissions": [{
            "allowCreate": "false", "allowDelete": "false", "allowEdit": "false", "allowRead": "true",
            "modifyAllRecords": "false", "object": "Lead", "viewAllRecords": "false"}]}  # fmt: skip
    setup(acme.org).permission_sets["LeadPact"] = held
    acme.org.insert("PermissionSet", Name="LeadPact", Label="Ours")
    outcomes(side, side.prepare([SCORE]))
    now = setup(acme.org).permission_sets["LeadPact"]
    assert [one["field"] for one in now["fieldPermissions"]] == ["Lead.Budget__c", "Lead.LeadPact_Score__c"]
    assert now["label"] == "Ours" and now["objectPermissions"][0]["allowRead"] == "true"


def test_where_leadpact_may_not_assign_it_says_so(acme: Company, connect: Connect) -> None:
    side = connect()
    setup(acme.org).may_assign = False
    prepared = side.prepare([SCORE])
    assert outcomes(side, prepared) == [("made", "ASSIGN_PERMISSION_SET", "LeadPact_Score__c")]
    assert "LeadPact_Score__c" not in {one.name for one in side.fields("lead")}
    # asked again: it is there, only unseen; an administrator assigns, and all is well
    (again,) = side.prepare([SCORE])
    assert again.message == "salesforce_write.make.exists_unseen" and "createMetadata" not in again.preview
    assign(acme.org, "LeadPact_Connection")
    (seen,) = side.prepare([SCORE])
    assert seen.message == "salesforce_write.make.exists" and seen.preview == ""
    before = saves(acme.org)
    assert outcomes(side, [seen]) == [("exists", None, "LeadPact_Score__c")] and saves(acme.org) == before


def test_a_field_nobody_told_of_is_granted_and_not_made_again(acme: Company, connect: Connect) -> None:
    """readMetadata may be silent about fields this user cannot see: the refusal of their name tells."""
    side, here = connect(), setup(acme.org)
    here.tells_unseen = here.may_assign = False
    assert [kind for kind, *_ in outcomes(side, side.prepare([SCORE]))] == ["made"]
    assert outcomes(side, side.prepare([SCORE])) == [("refused", "DUPLICATE_DEVELOPER_NAME", None)]
    here.may_assign = True
    text = side.prepare([replace(SCORE, kind="text")])
    assert outcomes(side, side.prepare([SCORE])) == [("exists", None, "LeadPact_Score__c")]
    acme.org.rows["PermissionSetAssignment"].clear()
    grant(acme.org)
    assert outcomes(side, text) == [("refused", "OTHER_KIND", None)]


def test_what_cannot_be_made_is_said_with_a_remedy(acme: Company, connect: Connect) -> None:
    side = connect()
    assert why(side, Making("field", "lead", "¿?", "x")) == "bad_name"
    assert why(side, Making("field", "lead", "Thing", "x", "other")) == "bad_name"
    assert why(side, Making("field", "lead", "Empty list", "x", "choice")) == "no_values"
    assert why(side, Making("field", "lead", "Budget", "x", "time")) == "other_kind"
    assert why(side, DAYS) == "no_since"
    assert why(side, Making("field", "lead", "D", "x", "formula", days_since="Budget__c")) == "no_since"
    assert why(side, Making("field", "account", "X", "x")) == "no_object"
    assert why(side, Making("choices", "lead", "Nobody__c", choices=("x",))) == "no_field"
    assert why(side, Making("choices", "lead", "Budget__c", choices=("x",))) == "no_choice"
    assert why(side, Making("choices", "lead", "Status", choices=("mql",))) == "clash"
    assert why(side, Making("retire", "lead", "Status", choices=("Nobody's",))) == "no_value"
    assert why(side, Making("retire", "lead", "Status", choices=("New",))) == "default"
    assert why(side, Making("retire", "lead", "Status", choices=("Converted",))) == "last_converted"
    assert why(side, Making("retire", "lead", "Lost_Reason__c", choices=("Price", "Timing", "No reply"))) == "last"
    setup(acme.org).may = False
    assert why(side, SCORE) == "no_permission"
    assert saves(acme.org) == []


def test_a_days_formula_on_a_date_counts_whole_days(acme: Company, connect: Connect) -> None:
    side = connect()
    (one,) = side.prepare([Making("field", "lead", "MQL days", "MQL days", "formula", days_since="MQL_Date__c")])
    assert "IF(ISBLANK(MQL_Date__c), NULL, TODAY() - MQL_Date__c)" in one.preview
    assert outcomes(side, [one]) == [("made", None, "MQL_days__c")]


# -- between looking and doing -----------------------------------------------------------------------


def test_what_a_colleague_changed_meanwhile_is_not_written_over(acme: Company, connect: Connect) -> None:
    side, org = connect(), acme.org
    prepared = side.prepare([Making("choices", "lead", "Rating", choices=("Lukewarm",)), SCORE])
    org.objects["Lead"].change("Rating", picks=(*org.objects["Lead"].fields["Rating"].picks, Pick("Boiling")))
    other = connect()
    outcomes(other, other.prepare([SCORE]))
    before = saves(acme.org)
    assert [kind for kind, *_ in outcomes(side, prepared)] == ["moved", "moved"]
    assert saves(acme.org) == before
    (again,) = side.prepare([prepared[0].making])
    outcomes(side, [again])
    assert [one.value for one in org.objects["Lead"].fields["Rating"].picks][-2:] == ["Boiling", "Lukewarm"]


@pytest.mark.parametrize("writable", [None, False, "true"])
def test_a_read_only_connection_shows_and_makes_nothing(writable: object, acme: Company, connect: Connect) -> None:
    side = connect(writable=writable)
    prepared = side.prepare([SCORE, LIGHT])
    assert [one.possible for one in prepared] == [True, True]
    assert outcomes(side, prepared) == [("refused", "READ_ONLY", None)] * 2 and saves(acme.org) == []


def test_a_refused_component_says_its_code(acme: Company, salesforce: Server, connect: Connect) -> None:
    side = connect()
    prepared = side.prepare([SCORE, Making("field", "lead", "Second", "Second")])

    def takes_the_name() -> None:
        acme.org.objects["Lead"].fields["leadpact_score__c"] = acme.org.objects["Lead"].fields["Rating"]

    salesforce.faults.add(SOAP, faults.meanwhile(takes_the_name), body="createMetadata")
    found = outcomes(side, prepared)
    assert found == [("refused", "DUPLICATE_DEVELOPER_NAME", None), ("made", None, "Second__c")]


@pytest.mark.parametrize(("fault", "code"), [
    (faults.cut(after_work=True), "LINK_CUT"), (faults.torn(), "LINK_CUT"), (faults.shortened(), "ANSWER_UNREADABLE"),
    (faults.garbled(), "ANSWER_UNREADABLE"),
], ids=["cut", "torn", "short", "garbled"])  # fmt: skip
def test_a_cut_leaves_it_unknown_and_sends_nothing_twice(
    fault: faults.Fault, code: str, acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    prepared = side.prepare([SCORE])
    salesforce.faults.add(SOAP, fault, body="createMetadata")
    assert outcomes(side, prepared) == [("unknown", code, None)]
    assert saves(acme.org) == ["createMetadata CustomField:Lead.LeadPact_Score__c"]
    (again,) = side.prepare([SCORE])
    assert again.message == "salesforce_write.make.exists_unseen"
    assert outcomes(side, [again]) == [("exists", None, "LeadPact_Score__c")]


def test_reads_are_patient_and_errors_are_ours(acme: Company, salesforce: Server, connect: Connect) -> None:
    side = connect()
    salesforce.faults.add(SOAP, faults.status(503))
    salesforce.faults.add(SOAP, faults.shortened(), nth=2)
    assert side.prepare([SCORE])[0].possible and len(side.slept) == 2
    salesforce.access.expire()
    with pytest.raises(SourceRefused) as raised:
        side.prepare([SCORE])
    assert raised.value.key == "salesforce.session_expired"
    salesforce.stop()
    with pytest.raises(SourceUnreachable):
        side.prepare([SCORE])


def test_a_token_that_expired_while_making_is_an_error_with_its_remedy(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    prepared = side.prepare([SCORE])
    salesforce.faults.add(SOAP, faults.expired(), body="createMetadata")
    with pytest.raises(SourceRefused) as raised:
        outcomes(side, prepared)
    assert raised.value.key == "salesforce.session_expired" and saves(acme.org) == []


def test_an_expired_session_is_renewed(acme: Company, salesforce: Server, connect: Connect) -> None:
    side = connect(
        instance_url=None, session_id=None, domain=salesforce.domain,
        consumer_key=access.CONSUMER_KEY, consumer_secret=access.CONSUMER_SECRET,
    )  # fmt: skip
    prepared = side.prepare([SCORE])
    salesforce.faults.add(SOAP, faults.expired(), body="createMetadata")
    assert outcomes(side, prepared) == [("made", None, "LeadPact_Score__c")]


def test_what_follows_a_field_may_be_left_to_people(acme: Company, salesforce: Server, connect: Connect) -> None:
    setup(acme.org).record_types["Contact.Partner"] = {"fullName": "Contact.Partner", "active": "true", "label": "P"}
    side = connect()
    salesforce.faults.add(SOAP, faults.cut(), body="RecordType.*picklistValues")
    light = Making("field", "contact", "Light", "Light", "choice", ("Green",))
    assert outcomes(side, side.prepare([light])) == [("made", "RECORD_TYPES_LEFT", "Light__c")]
    salesforce.faults.add(SOAP, faults.status(500), body="createMetadata.*PermissionSet")
    assert outcomes(side, side.prepare([SCORE])) == [("made", "ASSIGN_PERMISSION_SET", "LeadPact_Score__c")]
