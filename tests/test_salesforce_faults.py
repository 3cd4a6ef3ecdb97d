"""What may go wrong between here and Salesforce, over real https: no row lost or doubled, the last generation serves,
the next sync catches up, and the message names the remedy.

The oracle is the org itself (tests/salesforce/oracle.py). Nobody waits: pauses are only written down.

Not here: an org that changes under our feet, and writing (test_salesforce_drift.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from tests.salesforce import faults, house, oracle
from tests.salesforce.house import PASSWORD, House, busy_day, told

home = house.home
BULK = {"bulk_over": 0}


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


def test_faults_that_pass_cost_pauses_and_no_row(home: House) -> None:
    busy_day(home.company)
    for pattern, fault in ONCE.values():
        home.server.faults.add(pattern, fault)
    home.sync(**PASSWORD)
    assert home.server.faults.hit == len(ONCE)
    assert home.differences() == []
    assert 7 in home.slept, "as long as Salesforce asked for"
    assert home.server.access.logins == 2, "signed in again once, in the middle"


def test_faults_that_pass_in_bulk_cost_pauses_and_no_row(home: House) -> None:
    busy_day(home.company)
    home.server.bulk_rows = 4  # several pages a job
    for number, (pattern, fault) in enumerate(ONCE_BULK.values(), start=2):
        home.server.faults.add(pattern, fault, nth=number)
    home.sync(**PASSWORD, **BULK, full=True)
    assert home.server.faults.hit == len(ONCE_BULK)
    assert home.differences() == []


def test_a_locator_that_expired_costs_a_second_try_and_no_row(home: House) -> None:
    busy_day(home.company)
    home.server.page_rows = 5
    home.server.faults.add(r"/query/01g", faults.lost_locator(), nth=2)
    home.sync(full=True)
    assert home.server.faults.hit == 1
    assert home.differences() == []


# -- faults that stay -----------------------------------------------------------------------------

HISTORY = r"queryAll.*FROM LeadHistory"
Trouble = Callable[[House], Any]


def _always(pattern: str, fault: faults.Fault) -> Trouble:
    return lambda home: home.server.faults.add(pattern, fault, times=None)


STAYING: dict[str, tuple[Trouble, dict[str, Any], type[LeadPactError], str, str]] = {
    "the session is over": (
        lambda home: home.server.faults.add(HISTORY, faults.expired()), {},
        SourceRefused, "salesforce.session_expired", "sign",
    ),
    "the day's calls are used": (
        _always(HISTORY, faults.quota()), {}, SourceRefused, "salesforce.quota_used_up", "24 hours",
    ),
    "our share of them is used": (
        lambda home: setattr(home.server, "api_allowed", 40), {},
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
        lambda home: (setattr(home.server, "page_rows", 5), _always(r"/query/01g", faults.lost_locator())(home)),
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
def test_what_stays_wrong_publishes_nothing_and_is_caught_up_with(home: House, way: dict[str, Any]) -> None:
    before = oracle.held(home.mirror)
    busy_day(home.company)
    for name, (trouble, options, kind, key, remedy) in STAYING.items():
        if ("bulk_over" in options) != bool(way):
            continue
        trouble(home)
        with pytest.raises(LeadPactError) as error:
            home.sync(**options)
        assert (name, type(error.value), error.value.key) == (name, kind, key)
        told(error.value, remedy)
        assert home.mirror.current() == 1
        assert oracle.held(home.mirror) == before, f"{name}: the last generation serves as it was"
        home.server.faults.clear()
        home.server.api_used, home.server.api_allowed, home.server.page_rows = 0, 100_000, 2_000
        home.server.access.session = home.server.access.issue()
    home.sync(**way)
    assert home.differences() == []


def test_a_used_quota_is_not_asked_again_and_again(home: House) -> None:
    home.server.faults.add("FROM Organization", faults.quota(), times=None)
    with pytest.raises(SourceRefused):
        home.sync()
    assert (home.server.calls(), home.slept) == (1, [])
