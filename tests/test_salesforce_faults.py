"""What may go wrong between here and Salesforce, over real https: no row lost or doubled, the last generation serves,
the next sync catches up, and the message names the remedy.

The oracle is the org itself (tests/salesforce/oracle.py). Nobody waits: pauses are only written down.

Not here: reading as such (test_salesforce_reading.py), writing as such (test_salesforce_writing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce import link
from leadpact.connector import Change
from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from leadpact.language import Language
from tests.salesforce import START, Server, access, company, faults, fixtures, oracle
from tests.salesforce.house import PASSWORD, House, busy_day

MAPPING = """
version: 1
tables:
  - source: Lead
    to: leads
    custom: {f_industry: Industry, f_band: Employees_Band__c}
    status_dates: [{column: MQL_Date__c, status: Became MQL}]
"""
BULK = {"bulk_over": 0}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which the company of START was published once."""
    folder = tmp_path_factory.mktemp("base") / "home"
    with pytest.MonkeyPatch.context() as patch, fixtures.serving(Server(company().org), patch) as server:
        house = House(folder, company(), server, mapping=MAPPING)
        house.sync(now=START)
        assert house.differences() == []
        house.home.database.dispose()
    yield folder


@pytest.fixture
def house(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """That home, a server of its own, and time limits so short that a stalled server costs nothing."""
    monkeypatch.setattr(link, "READ", 0.25)
    made = company()
    with fixtures.serving(Server(made.org), monkeypatch) as server:
        found = House.copied(base, tmp_path / "home", made, server, mapping=MAPPING)
        yield found
        found.home.database.dispose()


# -- faults that pass -----------------------------------------------------------------------------

ONCE: dict[str, tuple[str, faults.Fault]] = {
    "too many requests": (r"sobjects/Task/describe", faults.status(429, retry_after=7)),
    "server error": (r"sobjects/Event/describe", faults.status(500)),
    "unavailable": (r"sobjects/User/describe", faults.status(503, html=True)),
    "no answer in time": (r"FROM Organization", faults.stall()),
    "cut before the work": (r"FROM User", faults.cut()),
    "cut after the work": (r"FROM Group", faults.cut(after_work=True)),
    "expired session in mid-sync": (r"FROM LeadHistory", faults.expired()),
    "body that breaks off": (r"queryAll.*FROM Contact ", faults.torn()),
    "body that ends early": (r"queryAll.*FROM Task", faults.shortened()),
    "body of something else": (r"queryAll.*FROM Event", faults.garbled()),
}
ONCE_BULK: dict[str, tuple[str, faults.Fault]] = {
    "job not taken": (r"POST .*/jobs/query", faults.status(503)),
    "job taken, answer lost": (r"POST .*/jobs/query", faults.cut(after_work=True)),
    "job not told of": (r"GET .*/jobs/query/\w+ ?$", faults.status(500)),
    "page that breaks off": (r"/results", faults.torn(0.7)),
    "page with rows missing": (r"/results", faults.spoiled(lambda body: body[: body.rindex(b'"\n"') + 2])),
    "page of something else": (r"/results", faults.garbled()),
    "expired session among pages": (r"/results", faults.expired()),
}


def test_faults_that_pass_cost_pauses_and_no_row(house: House) -> None:
    busy_day(house.company)
    for pattern, fault in ONCE.values():
        house.server.faults.add(pattern, fault)
    house.sync(**PASSWORD)
    assert house.server.faults.hit == len(ONCE)
    assert house.differences() == []
    assert 7 in house.slept, "as long as Salesforce asked for"
    assert house.server.access.logins == 2, "signed in again once, in the middle"


def test_faults_that_pass_in_bulk_cost_pauses_and_no_row(house: House) -> None:
    busy_day(house.company)
    house.server.bulk_rows = 4  # several pages a job
    for number, (pattern, fault) in enumerate(ONCE_BULK.values(), start=2):
        house.server.faults.add(pattern, fault, nth=number)
    house.sync(**PASSWORD, **BULK, full=True)
    assert house.server.faults.hit == len(ONCE_BULK)
    assert house.differences() == []


def test_a_locator_that_expired_costs_a_second_try_and_no_row(house: House) -> None:
    busy_day(house.company)
    house.server.page_rows = 5
    house.server.faults.add(r"/query/01g", faults.lost_locator(), nth=2)
    house.sync(full=True)
    assert house.server.faults.hit == 1
    assert house.differences() == []


# -- faults that stay -----------------------------------------------------------------------------

HISTORY = r"queryAll.*FROM LeadHistory"
Trouble = Callable[[House], Any]


def _always(pattern: str, fault: faults.Fault) -> Trouble:
    return lambda house: house.server.faults.add(pattern, fault, times=None)


STAYING: dict[str, tuple[Trouble, dict[str, Any], type[LeadPactError], str, str]] = {
    "the session is over": (
        lambda house: house.server.faults.add(HISTORY, faults.expired()), {},
        SourceRefused, "salesforce.session_expired", "sign",
    ),
    "the day's calls are used": (
        _always(HISTORY, faults.quota()), {}, SourceRefused, "salesforce.quota_used_up", "24 hours",
    ),
    "our share of them is used": (
        lambda house: setattr(house.server, "api_allowed", 40), {},
        SourceRefused, "salesforce.quota_share", "quota_share",
    ),
    "too many requests": (
        _always(HISTORY, faults.status(429, retry_after=2)), {}, SourceRefused, "salesforce.too_many", "again",
    ),
    "server error": (_always(HISTORY, faults.status(500)), {}, SourceUnreachable, "salesforce.unavailable", "again"),
    "unavailable": (_always(HISTORY, faults.status(503)), {}, SourceUnreachable, "salesforce.unavailable", "again"),
    "no answer": (_always(HISTORY, faults.stall()), {}, SourceUnreachable, "salesforce.timeout", "again"),
    "cut": (_always(HISTORY, faults.cut()), {}, SourceUnreachable, "salesforce.unreachable", "connection"),
    "something else": (_always(HISTORY, faults.garbled()), {}, SourceUnreachable, "salesforce.garbled", "proxy"),
    "locators expire": (
        lambda house: (setattr(house.server, "page_rows", 5), _always(r"/query/01g", faults.lost_locator())(house)),
        {"full": True}, SourceRefused, "salesforce.page_expired", "again",
    ),
    "jobs fail": (
        _always(r"/jobs/query/\w+$", faults.failed_job()), BULK, SourceRefused, "salesforce.job_failed", "again",
    ),
    "pages lack rows": (
        _always(r"/results", faults.shortened(0.8)), BULK, SourceUnreachable, "salesforce.garbled", "proxy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", [{}, BULK], ids=["rest", "bulk"])
def test_what_stays_wrong_publishes_nothing_and_is_caught_up_with(house: House, way: dict[str, Any]) -> None:
    before = oracle.held(house.mirror)
    busy_day(house.company)
    for name, (trouble, options, kind, key, remedy) in STAYING.items():
        if ("bulk_over" in options) != bool(way):
            continue
        trouble(house)
        with pytest.raises(LeadPactError) as error:
            house.sync(**options)
        assert (name, type(error.value), error.value.key) == (name, kind, key)
        told(error.value, remedy)
        assert house.mirror.current() == 1
        assert oracle.held(house.mirror) == before, f"{name}: the last generation serves as it was"
        house.server.faults.clear()
        house.server.api_used, house.server.api_allowed, house.server.page_rows = 0, 100_000, 2_000
        house.server.access.session = house.server.access.issue()
    house.sync(**way)
    assert house.differences() == []


def test_a_field_that_goes_while_it_is_read_is_done_without_by_the_next_sync(house: House) -> None:
    busy_day(house.company)
    drop = faults.meanwhile(lambda: house.company.org.drop("Task", "CallDisposition"))
    house.server.faults.add(r"queryAll.*FROM Task", drop)
    with pytest.raises(SourceRefused) as error:
        house.sync()
    told(error.value, "again")
    assert house.mirror.current() == 1
    house.sync()
    assert house.differences("activity") == []


def told(error: LeadPactError, remedy: str) -> None:
    """The message says what to do, in both languages, and holds no secret and nobody's data."""
    english, spanish = Language("en").error(error), Language("es").error(error)
    assert remedy in english.lower(), english
    assert spanish and spanish != english
    for text in (english, spanish, str(error), repr(error)):
        assert "canary" not in text.lower() and "!AQ" not in text


def test_a_used_quota_is_not_asked_again_and_again(house: House) -> None:
    house.server.faults.add("FROM Organization", faults.quota(), times=None)
    with pytest.raises(SourceRefused):
        house.sync()
    assert (house.server.calls(), house.slept) == (1, [])


# -- the org changes under our feet -----------------------------------------------------------------


def rejected(house: House) -> set[tuple[str, str | None]]:
    with closing(house.mirror.open()) as connection:
        rows = connection.execute("SELECT DISTINCT source, column_name, problem FROM crm.reject").fetchall()
    for _, _, problem in rows:
        assert Language("en").has(problem) and Language("es").has(problem)
    return {(source, column) for source, column, _ in rows}


def test_what_is_taken_away_is_named_and_the_rest_is_read(house: House) -> None:
    org = house.company.org
    busy_day(house.company)
    org.hide("Lead", "Email")
    org.drop("Lead", "Employees_Band__c")
    org.hide("CampaignMember")
    result = house.sync()
    assert house.differences("campaign_touch") == []
    assert {("Lead", "Email"), ("Lead", "Employees_Band__c"), ("CampaignMember", None)} <= rejected(house)
    assert "campaign_touch" not in house.mirror.info()["provided"]
    assert result.counts["record"] == len(org.rows["Lead"]) + len(org.rows["Contact"])
    org.show("CampaignMember")
    house.sync()
    assert house.differences() == []


def test_a_stamp_that_becomes_text_is_named_and_dates_nothing_any_more(house: House) -> None:
    assert stamped(house) > 0
    house.company.org.retype("Lead", "MQL_Date__c", "string", convert=lambda day: f"around {day}")
    house.sync()
    assert house.differences() == []
    assert ("Lead", "MQL_Date__c") in rejected(house)
    assert stamped(house) == 0


def stamped(house: House) -> int:
    with closing(house.mirror.open()) as connection:
        query = "SELECT count(*) FROM crm.field_change WHERE to_value = 'Became MQL'"
        return int(connection.execute(query).fetchall()[0][0])


def test_an_unknown_picklist_value_is_read_as_it_is(house: House) -> None:
    org = house.company.org
    org.clock.advance(60)
    org.update("Lead", house.company.leads[0], Status="Nobody told anybody")
    house.sync()
    assert house.differences() == []
    with closing(house.mirror.open()) as connection:
        query = "SELECT DISTINCT is_active FROM crm.status_value WHERE value = 'Nobody told anybody'"
        assert connection.execute(query).fetchall() == [(False,)]


# -- clocks, and changes while we read ---------------------------------------------------------------


def test_a_clock_that_differs_from_ours_loses_and_doubles_nothing(house: House) -> None:
    """The server's clock stands still: what changes after a reading carries the very second the reading began."""
    org, lead = house.company.org, house.company.leads[0]
    for status, apart in (("MQL", timedelta(hours=-5)), ("SQL", timedelta(0)), ("New", timedelta(days=3))):
        org.update("Lead", lead, Status=status)
        result = house.sync(now=org.clock() + apart, overlap_minutes=0)
        assert (house.differences(), result.mode, result.noticed) == ([], "delta", 0)


def test_what_changes_while_it_is_read_is_caught_by_the_next_sync(house: House) -> None:
    org, leads = house.company.org, house.company.leads
    org.clock.advance(3_600)

    def between() -> None:
        org.update("Lead", leads[0], Status="SQL")
        org.merge("Lead", leads[2], leads[3])
        org.insert("Lead", LastName="Late")

    house.server.faults.add(HISTORY, faults.meanwhile(between))
    house.server.faults.add(
        "queryAll.*FROM Event", faults.meanwhile(lambda: org.update("Lead", leads[1], Status="SQL"))
    )
    house.sync(now=org.clock())
    org.clock.advance(3_600)
    result = house.sync(now=org.clock())
    assert house.differences() == []
    with closing(house.mirror.open()) as connection:
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
def test_a_write_without_an_answer_is_unknown_and_never_sent_again(house: House, name: str) -> None:
    lead, org = house.company.leads[0], house.company.org
    house.server.faults.add("PATCH .*composite/sobjects", UNKNOWN[name])
    connector = house.connector(writable=True)
    change = Change("lead", lead, "status", "Working", "SQL")
    outcomes = list(connector.write([change]))
    assert [one.kind for one in outcomes] == ["unknown"]
    sent = [one for one in house.server.requests if one.method == "PATCH"]
    assert len(sent) == 1
    now = org.get("Lead", lead)["Status"]
    assert connector.read("lead", [lead], ["status"]) == {lead: {"status": now}}, "reading settles it"
    assert now == ("Working" if name == "cut before" else "SQL")


def test_a_write_that_was_certainly_refused_is_sent_again(house: House) -> None:
    leads, org = house.company.leads[:2], house.company.org
    house.server.faults.add("PATCH .*composite/sobjects", faults.status(429, retry_after=3))
    house.server.faults.add("PATCH .*composite/sobjects", faults.expired(), nth=2)
    changes = [Change("lead", one, "status", None, "SQL") for one in leads]
    outcomes = list(house.connector(**PASSWORD, writable=True).write(changes))
    assert [one.kind for one in outcomes] == ["written", "written"]
    assert [org.get("Lead", one)["Status"] for one in leads] == ["SQL", "SQL"]
    assert 3 in house.slept


def test_nothing_secret_is_kept_beside_the_mirror(house: House) -> None:
    busy_day(house.company)
    house.sync(**PASSWORD)
    secrets = (access.PASSWORD, access.SECURITY_TOKEN, "!AQ")
    for path in house.folder.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            assert not any(one.encode() in path.read_bytes() for one in secrets), path
