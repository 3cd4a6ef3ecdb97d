"""Findings set aside: with a reason, a name and an end, by identity, until the end of their day."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import versions
from config.database import audit_trail, open_database
from leadpact.audit import suppression
from leadpact.audit.identity import Identity
from leadpact.audit.suppression import SortedOut, bring_back, every, set_aside, sort_out
from leadpact.errors import Misconfigured
from tests.findings import finding
from tests.together import together
from tests.worlds import pact

MEXICO, UTC = ZoneInfo("America/Mexico_City"), ZoneInfo("UTC")
NOW = datetime(2026, 3, 1, 12)
CALLED = Identity("STA01", "lead", "Called")
GIVEN: dict[str, Any] = {"reason": "New phone system", "author": "ana@x.com", "door": "cli", "now": NOW, "zone": UTC}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def sorted_out(engine: Engine, *found: Any, now: datetime = NOW, zone: ZoneInfo = UTC) -> SortedOut:
    return sort_out(found, every(engine, "acme"), suppression.today(now, zone))


def test_what_is_set_aside_is_listed_apart_and_the_rest_counts(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN, until=date(2026, 4, 1))
    others = [finding(value="Emailed"), finding("STA03"), finding(object="contact"), finding(value="called")]
    found = sorted_out(engine, others[0], finding(), *others[1:])
    assert found.counted == tuple(others)
    ((one, why),) = found.aside
    assert (one.value, why.reason, why.author, why.until) == (
        "Called",
        "New phone system",
        "ana@x.com",
        date(2026, 4, 1),
    )
    assert found.back == {}


def test_a_finding_that_got_worse_stays_aside(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN)
    assert sorted_out(engine, finding(severity="error", records=10**6)).counted == ()


def test_one_of_a_whole_object_holds_for_each_of_its_record_types_and_not_the_other_way(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN)
    assert len(sorted_out(engine, finding(record_type="B2B"), finding()).aside) == 2
    bring_back(engine, "acme", CALLED, author="ana", door="cli", now=NOW)
    set_aside(engine, "acme", Identity("STA01", "lead", "Called", "B2B"), **GIVEN)
    found = sorted_out(engine, finding(record_type="B2B"), finding(record_type="B2C"), finding())
    assert [one.record_type for one, _ in found.aside] == ["B2B"]


def test_without_an_end_it_is_ninety_days(engine: Engine) -> None:
    assert set_aside(engine, "acme", CALLED, **GIVEN).until == date(2026, 5, 30)


@pytest.mark.parametrize(
    ("now", "zone", "aside"),
    [
        (datetime(2026, 3, 31, 23, 59, 59), UTC, True),
        (datetime(2026, 4, 1, 0, 0, 0), UTC, False),
        (datetime(2026, 4, 1, 5, 59, 59), MEXICO, True),  # six hours behind: the day is not over there
        (datetime(2026, 4, 1, 6, 0, 0), MEXICO, False),
        (datetime(2026, 3, 31, 14, 59, 59), ZoneInfo("Asia/Tokyo"), True),
        (datetime(2026, 3, 31, 15, 0, 0), ZoneInfo("Asia/Tokyo"), False),
    ],
)
def test_it_holds_to_the_end_of_its_day_in_the_pacts_zone(
    engine: Engine, now: datetime, zone: ZoneInfo, aside: bool
) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN, until=date(2026, 3, 31))
    found = sorted_out(engine, finding(), now=now, zone=zone)
    assert bool(found.aside) is aside
    assert (Identity.of(finding()).fingerprint in found.back) is not aside
    assert len(found.counted) + len(found.aside) == 1


def test_an_ended_one_comes_back_and_says_who_had_set_it_aside(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN, until=date(2026, 3, 1))
    later = sorted_out(engine, finding(), finding(value="Emailed"), now=datetime(2026, 3, 2))
    (ended,) = later.back.values()
    assert (ended.identity, ended.author, ended.until) == (CALLED, "ana@x.com", date(2026, 3, 1))
    assert len(later.counted) == 2
    assert not ended.holds(date(2026, 3, 2))


def test_setting_aside_again_replaces_reason_and_end(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN, until=date(2026, 3, 2))
    set_aside(engine, "acme", CALLED, **{**GIVEN, "reason": "Agreed", "author": "bob@x.com"}, until=date(2027, 1, 1))
    (only,) = every(engine, "acme")
    assert (only.reason, only.author, only.until) == ("Agreed", "bob@x.com", date(2027, 1, 1))


def test_brought_back_it_counts_and_is_gone_from_the_list(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN)
    was = bring_back(engine, "acme", CALLED, author="bob@x.com", door="app", now=NOW)
    assert was.reason == "New phone system"
    assert (every(engine, "acme"), len(sorted_out(engine, finding()).counted)) == ([], 1)
    with pytest.raises(Misconfigured) as caught:
        bring_back(engine, "acme", CALLED, author="bob@x.com", door="app", now=NOW)
    assert caught.value.key == "suppression.none"


def test_every_step_is_in_the_audit_trail_and_no_signature_is_touched(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana@x.com", message="", now=NOW)
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        versions.sign(engine, versions.find(engine, "1"), email=email, team=team, door="cli", now=NOW)  # type: ignore[arg-type]
    set_aside(engine, "acme", CALLED, **GIVEN, until=date(2026, 4, 1))
    bring_back(engine, "acme", CALLED, author="bob@x.com", door="app", now=NOW)
    with engine.begin() as database:
        rows = database.execute(sa.select(audit_trail).order_by(audit_trail.c.id)).mappings().all()[-2:]
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("finding.set_aside", "ana@x.com"),
        ("finding.brought_back", "bob@x.com"),
    ]
    assert all(said in rows[0]["detail"] for said in ("STA01", "Called", "New phone system", "2026-04-01", "cli"))
    (version,) = versions.history(engine)
    assert version.signed_by_both


def test_connections_do_not_share_what_is_set_aside(engine: Engine) -> None:
    set_aside(engine, "acme", CALLED, **GIVEN)
    assert every(engine, "beta") == []
    with pytest.raises(Misconfigured):
        bring_back(engine, "beta", CALLED, author="ana@x.com", door="cli", now=NOW)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"reason": ""}, "suppression.no_reason"),
        ({"reason": "  \n\t "}, "suppression.no_reason"),
        ({"reason": "x" * 1001}, "suppression.long_reason"),
        ({"author": " "}, "suppression.no_name"),
        ({"author": "x" * 321}, "suppression.long_name"),
        ({"until": date(2026, 2, 28)}, "suppression.past"),
        ({"until": date(2026, 2, 28), "zone": MEXICO}, "suppression.past"),
    ],
)
def test_what_cannot_be_set_aside_is_said_and_nothing_is_kept(engine: Engine, given: dict[str, Any], key: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        set_aside(engine, "acme", CALLED, **{**GIVEN, **given})
    assert (caught.value.key, caught.value.exit_code) == (key, 2)
    assert every(engine, "acme") == []


def test_today_is_a_day_that_can_be_named_and_so_is_the_last_there_is(engine: Engine) -> None:
    early = datetime(2026, 3, 1, 3)  # still the day before in Mexico
    assert set_aside(engine, "acme", CALLED, **{**GIVEN, "now": early, "zone": MEXICO}, until=date(2026, 2, 28))
    set_aside(engine, "acme", CALLED, **GIVEN, until=date.max)
    assert len(sorted_out(engine, finding(), now=datetime(2030, 1, 1)).aside) == 1


STRANGE = ["=HYPERLINK(1)", "<script>x</script>", "'; DROP TABLE finding_suppression;--", 'a"b', "שלום\u202e", "a\0b",
           "\ud800", "x" * 255, "🔥", "%s{}"]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_strange_values_and_reasons_are_kept_as_they_are(engine: Engine, text: str) -> None:
    set_aside(engine, "acme", Identity("STA01", "lead", text), **{**GIVEN, "reason": f"why {text}"})
    (only,) = every(engine, "acme")
    assert only.reason.startswith("why ")
    assert len(sorted_out(engine, finding(value=text)).aside) == 1
    if text.isprintable():
        assert (only.identity.value, only.reason) == (text, f"why {text}")


def test_people_setting_the_same_finding_aside_at_once_leave_one_word(engine: Engine) -> None:
    def one(number: int) -> None:
        set_aside(engine, "acme", CALLED, **{**GIVEN, "author": f"{number}@x.com"})

    assert together(*(partial(one, number) for number in range(8))) == []
    assert len(every(engine, "acme")) == 1
    with engine.begin() as database:
        assert len(database.execute(sa.select(audit_trail)).all()) == 8
