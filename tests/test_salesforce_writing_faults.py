"""What a write knows of itself when something goes wrong on the way: certain refusals, and the unknown.

Not here: refusals of single records (test_salesforce_writing.py), faults of reading (test_salesforce_faults.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import json
from typing import Any

import pytest

from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from tests.salesforce import Company, Server, access, faults
from tests.salesforce.collections import rules
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.side import Connect, change, connect  # noqa: F401

WRITES = r"PATCH .*/composite/sobjects$"
CUTS = {
    "before": faults.cut(),
    "after": faults.cut(after_work=True),
    "torn": faults.torn(),
    "garbled": faults.garbled(),
    "short": faults.shortened(),
    "500": faults.status(500),
    "proxy": faults.status(503, html=True),
    "fewer": faults.spoiled(lambda body: json.dumps(json.loads(body)[:-1]).encode()),
    "other": faults.spoiled(lambda body: body.replace(b"true", b'"yes"')),
}


def written(server: Server) -> int:
    return sum(one.method == "PATCH" for one in server.requests)


# -- what is certain, and what is not ---------------------------------------------------------------


@pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS)
def test_without_an_answer_a_change_is_unknown_and_never_sent_again(
    fault: faults.Fault, acme: Company, salesforce: Server, connect: Connect
) -> None:
    side, lead = connect(), acme.leads[0]
    salesforce.faults.add(WRITES, fault)
    found = side.kinds(
        change(lead, "status", "SQL"), change(lead, "f_unheard_of", "x"), change(acme.leads[1], "Rating", "Hot")
    )
    assert [kind for kind, _ in found] == ["unknown", "refused", "unknown"] and all(code for _, code in found)
    assert written(salesforce) == 1
    # whoever reads afterwards knows: the CRM was asked once at most
    assert len(rules(acme.org).writes) <= 2


def test_after_a_cut_the_rest_is_not_sent(acme: Company, salesforce: Server, connect: Connect) -> None:
    lead, heard = acme.leads[0], []
    salesforce.faults.add(WRITES, faults.cut(after_work=True), nth=2)
    with pytest.raises(SourceUnreachable) as raised:
        for one in connect().write([change(lead, "status", status) for status in ("MQL", "SQL", "Working")]):
            heard.append((one.kind, one.code))
    assert heard == [("written", None), ("unknown", "LINK_CUT")]
    assert raised.value.key == "salesforce_write.cut" and written(salesforce) == 2
    assert acme.org.get("Lead", lead)["Status"] == "SQL"


def test_a_cut_while_refused_rows_go_again_leaves_each_what_it_was(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    one, two, three = acme.leads[:3]
    rules(acme.org).locked[one] = 1
    rules(acme.org).refused[two] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ())
    salesforce.faults.add(WRITES, faults.cut(), nth=2)
    asked = [(one, "status"), (two, "Notes__c"), (two, "Description"), (three, "status"), (three, "status")]
    heard = []
    with pytest.raises(SourceUnreachable):
        for outcome in connect().write([change(lead, field, "SQL") for lead, field in asked]):
            heard.append((outcome.kind, outcome.code))
    rule = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert heard == [("unknown", "LINK_CUT"), ("unknown", "LINK_CUT"), ("refused", rule), ("written", None)]
    assert written(salesforce) == 2


def test_slow_answers_are_unknown(acme: Company, salesforce: Server, connect: Connect, monkeypatch: Any) -> None:
    side = connect()
    side.read("lead", acme.leads[:1], ["status"])
    monkeypatch.setattr("connectors.salesforce.link.READ", 0.2)
    salesforce.faults.add(WRITES, faults.stall(3, after_work=True))
    assert side.kinds(change(acme.leads[0], "status", "SQL")) == [("unknown", "TIMEOUT")]
    assert acme.org.get("Lead", acme.leads[0])["Status"] == "SQL"


def test_certain_refusals_are_waited_out(acme: Company, salesforce: Server, connect: Connect) -> None:
    salesforce.faults.add(WRITES, faults.status(429, retry_after=7))
    salesforce.faults.add(WRITES, faults.status(503), nth=2)
    side = connect()
    assert side.kinds(change(acme.leads[0], "status", "SQL")) == [("written", None)]
    assert side.slept[0] == 7 and len(side.slept) == 2


def test_a_refusal_that_stays_is_an_error_with_its_remedy(acme: Company, salesforce: Server, connect: Connect) -> None:
    salesforce.faults.add(WRITES, faults.status(429), times=None)
    salesforce.faults.add(WRITES, faults.quota(), nth=99)
    side = connect()
    with pytest.raises(LeadPactError):
        side.now(change(acme.leads[0], "status", "SQL"))
    assert len(side.slept) == 3 and not rules(acme.org).writes
    salesforce.faults.clear()
    salesforce.faults.add(WRITES, faults.quota())
    with pytest.raises(SourceRefused) as raised:
        connect().now(change(acme.leads[0], "status", "SQL"))
    assert raised.value.key == "salesforce.quota_used_up"


def test_an_expired_session_is_renewed_and_the_call_sent_once_more(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    named = {"instance_url": None, "session_id": None, "domain": salesforce.domain,
             "consumer_key": access.CONSUMER_KEY, "consumer_secret": access.CONSUMER_SECRET}  # fmt: skip
    side = connect(**named)
    side.read("lead", acme.leads[:1], ["status"])
    salesforce.faults.add(WRITES, faults.expired())
    assert side.kinds(change(acme.leads[0], "status", "SQL")) == [("written", None)]
    assert len(rules(acme.org).writes) == 1


def test_a_token_that_expired_cannot_be_renewed_and_nothing_is_written(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    side.read("lead", acme.leads[:1], ["status"])
    salesforce.access.expire()
    with pytest.raises(SourceRefused) as raised:
        side.now(change(acme.leads[0], "status", "SQL"))
    assert raised.value.key == "salesforce.session_expired" and not rules(acme.org).writes


def test_a_server_that_is_gone_raises(acme: Company, salesforce: Server, connect: Connect) -> None:
    side = connect()
    side.read("lead", acme.leads[:1], ["status"])
    salesforce.stop()
    with pytest.raises(SourceUnreachable):
        side.now(change(acme.leads[0], "status", "SQL"))
