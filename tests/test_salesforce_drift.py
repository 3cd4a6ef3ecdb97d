"""The org changes while it is read and between, its clock is another, a write loses its answer: no row is lost.

The oracle is the org itself (tests/salesforce/oracle.py).

Not here: links and sessions that fail (test_salesforce_faults.py), writing as such (test_salesforce_writing.py).
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from leadpact.connector import Change
from leadpact.errors import SourceRefused
from leadpact.language import Language
from tests.salesforce import access, faults, house
from tests.salesforce.house import PASSWORD, House, busy_day, told

home = house.home
HISTORY = r"queryAll.*FROM LeadHistory"


# -- the org changes under our feet -----------------------------------------------------------------


def rejected(home: House) -> set[tuple[str, str | None]]:
    with closing(home.mirror.open()) as connection:
        rows = connection.execute("SELECT DISTINCT source, column_name, problem FROM crm.reject").fetchall()
    for _, _, problem in rows:
        assert Language("en").has(problem) and Language("es").has(problem)
    return {(source, column) for source, column, _ in rows}


def test_what_is_taken_away_is_named_and_the_rest_is_read(home: House) -> None:
    org = home.company.org
    busy_day(home.company)
    org.hide("Lead", "Email")
    org.drop("Lead", "Employees_Band__c")
    org.hide("CampaignMember")
    result = home.sync()
    assert home.differences("campaign_touch") == []
    assert {("Lead", "Email"), ("Lead", "Employees_Band__c"), ("CampaignMember", None)} <= rejected(home)
    assert "campaign_touch" not in home.mirror.info()["provided"]
    assert result.counts["record"] == len(org.rows["Lead"]) + len(org.rows["Contact"])
    org.show("CampaignMember")
    home.sync()
    assert home.differences() == []


def test_a_stamp_that_becomes_text_is_named_and_dates_nothing_any_more(home: House) -> None:
    assert stamped(home) > 0
    home.company.org.retype("Lead", "MQL_Date__c", "string", convert=lambda day: f"around {day}")
    home.sync()
    assert home.differences() == []
    assert ("Lead", "MQL_Date__c") in rejected(home)
    assert stamped(home) == 0


def stamped(home: House) -> int:
    with closing(home.mirror.open()) as connection:
        query = "SELECT count(*) FROM crm.field_change WHERE to_value = 'Became MQL'"
        return int(connection.execute(query).fetchall()[0][0])


def test_an_unknown_picklist_value_is_read_as_it_is(home: House) -> None:
    org = home.company.org
    org.clock.advance(60)
    org.update("Lead", home.company.leads[0], Status="Nobody told anybody")
    home.sync()
    assert home.differences() == []
    with closing(home.mirror.open()) as connection:
        query = "SELECT DISTINCT is_active FROM crm.status_value WHERE value = 'Nobody told anybody'"
        assert connection.execute(query).fetchall() == [(False,)]


def test_a_field_that_goes_while_it_is_read_is_done_without_by_the_next_sync(home: House) -> None:
    busy_day(home.company)
    drop = faults.meanwhile(lambda: home.company.org.drop("Task", "CallDisposition"))
    home.server.faults.add(r"queryAll.*FROM Task", drop)
    with pytest.raises(SourceRefused) as error:
        home.sync()
    told(error.value, "again")
    assert home.mirror.current() == 1
    home.sync()
    assert home.differences("activity") == []


# -- clocks, and changes while we read ---------------------------------------------------------------


def test_a_clock_that_differs_from_ours_loses_and_doubles_nothing(home: House) -> None:
    """The server's clock stands still: what changes after a reading carries the very second the reading began."""
    org, lead = home.company.org, home.company.leads[0]
    for status, apart in (("MQL", timedelta(hours=-5)), ("SQL", timedelta(0)), ("New", timedelta(days=3))):
        org.update("Lead", lead, Status=status)
        result = home.sync(now=org.clock() + apart, overlap_minutes=0)
        assert (home.differences(), result.mode, result.noticed) == ([], "delta", 0)


def test_what_changes_while_it_is_read_is_caught_by_the_next_sync(home: House) -> None:
    org, leads = home.company.org, home.company.leads
    org.clock.advance(3_600)

    def between() -> None:
        org.update("Lead", leads[0], Status="SQL")
        org.merge("Lead", leads[2], leads[3])
        org.insert("Lead", LastName="Late")

    home.server.faults.add(HISTORY, faults.meanwhile(between))
    home.server.faults.add("queryAll.*FROM Event", faults.meanwhile(lambda: org.update("Lead", leads[1], Status="SQL")))
    home.sync(now=org.clock())
    org.clock.advance(3_600)
    result = home.sync(now=org.clock())
    assert home.differences() == []
    with closing(home.mirror.open()) as connection:
        query = "SELECT * FROM crm.field_change WHERE evidence = 'observed' OR seq = -3"
        assert connection.execute(query).fetchall() == []
    assert result.noticed == 0


# -- writing -----------------------------------------------------------------------------------------

UNKNOWN = {
    "cut before": faults.cut(),
    "cut after": faults.cut(after_work=True),
    "no answer": faults.stall(after_work=True),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_write_without_an_answer_is_unknown_and_never_sent_again(home: House, name: str) -> None:
    lead, org = home.company.leads[0], home.company.org
    home.server.faults.add("PATCH .*composite/sobjects", UNKNOWN[name])
    connector = home.connector(writable=True)
    change = Change("lead", lead, "status", "Working", "SQL")
    outcomes = list(connector.write([change]))
    assert [one.kind for one in outcomes] == ["unknown"]
    sent = [one for one in home.server.requests if one.method == "PATCH"]
    assert len(sent) == 1
    now = org.get("Lead", lead)["Status"]
    assert connector.read("lead", [lead], ["status"]) == {lead: {"status": now}}, "reading settles it"
    assert now == ("Working" if name == "cut before" else "SQL")


def test_a_write_that_was_certainly_refused_is_sent_again(home: House) -> None:
    leads, org = home.company.leads[:2], home.company.org
    home.server.faults.add("PATCH .*composite/sobjects", faults.status(429, retry_after=3))
    home.server.faults.add("PATCH .*composite/sobjects", faults.expired(), nth=2)
    changes = [Change("lead", one, "status", None, "SQL") for one in leads]
    outcomes = list(home.connector(**PASSWORD, writable=True).write(changes))
    assert [one.kind for one in outcomes] == ["written", "written"]
    assert [org.get("Lead", one)["Status"] for one in leads] == ["SQL", "SQL"]
    assert 3 in home.slept


def test_nothing_secret_is_kept_beside_the_mirror(home: House) -> None:
    busy_day(home.company)
    home.sync(**PASSWORD)
    secrets = (access.PASSWORD, access.SECURITY_TOKEN, "!AQ")
    for path in home.folder.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            assert not any(one.encode() in path.read_bytes() for one in secrets), path
