"""Digests over any history of runs: never twice, never lost, at the right moment; crashes and two at once included.

Clocks, runs and what becomes of each message are made up at random; what should happen is told by
a model that knows nothing of claims.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.database import open_database
from config.digest_tables import digest_sent
from leadpact.digest import claims, running
from leadpact.digest.compose import Message, Setting
from leadpact.digest.due import Breach
from leadpact.digest.routing import Owner, route
from leadpact.digest.settings import parsed
from tests.together import together

START = datetime(2026, 1, 5)
SHARES = {"owner": 0.8, "manager": 1.0}
TARGET = 10.0
OWNERS = {"o1": Owner("o1", "Ana", "sales", None), "o2": Owner("o2", "Luis", "sales", None), "o3": Owner("o3", "Eva")}
CHANNELS = parsed({
    "channels": {
        "own": {"url": "mailto://u:p@127.0.0.1?to={owner_email}", "audience": "owner"},
        "boss": {"url": "json://127.0.0.1/boss", "audience": "manager"},
    },
    "owners": {"o1": "ana@acme.example", "Luis": "luis@acme.example"},
})  # fmt: skip
SHARED = Setting("acme", {"Pact": False}, ZoneInfo("UTC"), START, None, OWNERS)


class Killed(BaseException):
    """The process died."""


class Clock:
    """A lead that waits from `start` hours on; it is called at `stop` (null: never)."""

    def __init__(self, number: int, start: float, lasts: float | None, owner: str) -> None:
        self.number, self.start, self.owner = number, start, owner
        self.stop = None if lasts is None else start + lasts

    def due(self, at: float) -> Breach | None:
        """The clock as due.py would tell it `at` hours; null where it does not."""
        stopped = self.stop is not None and self.stop <= at
        until = self.stop if stopped and self.stop is not None else at
        share = (until - self.start) / TARGET
        if until < self.start or (share <= 1 if stopped else share < min(SHARES.values())):
            return None
        moment = START + timedelta(hours=until) if stopped else None
        return Breach("main", "p", "lead", str(self.number), START + timedelta(hours=self.start), share, share * TARGET,
                      TARGET, moment, self.owner, None, None, SHARES)  # fmt: skip

    def concerns(self, recipient: str, at: float, first: float) -> bool:
        """By the words of the promise: the owner while there is time, the boss once there is none."""
        found = self.due(at)
        if found is None:
            return False
        if recipient == "boss":
            # what was over a day before the first run was never the digest's to tell
            return found.share >= 1 and (found.at is None or found.at >= START + timedelta(hours=first - 24))
        return found.at is None and {"o1": "own:o1", "o2": "own:o2"}.get(self.owner) == recipient


RECIPIENTS = ("own:o1", "own:o2", "boss")
FATES = ("fine", "fine", "fine", "refused", "raises", "killed before", "killed after")

clocks = st.builds(
    Clock,
    st.just(0),
    st.integers(-60, 40).map(float),
    st.one_of(st.none(), st.integers(0, 30).map(float)),
    st.sampled_from(("o1", "o2", "o3")),
)
runs = st.tuples(st.integers(0, 12), st.fixed_dictionaries({one: st.sampled_from(FATES) for one in RECIPIENTS}))


def identity(items: Sequence[Any]) -> list[str]:
    return sorted(one.record_id for one in items)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = open_database(tmp_path / "home")
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def composed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message says which leads it is of, all of them, and how many are in doubt."""

    def compose(letter: Any, items: Sequence[Any], doubtful: int, shared: Setting) -> Message:
        told = json.dumps([letter.recipient, identity(items), doubtful])
        return Message(told, told, told, told)

    monkeypatch.setattr(running, "compose", compose)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(clocks, min_size=1, max_size=8), st.lists(runs, min_size=1, max_size=7))
def test_any_history(leads: list[Clock], history: list[tuple[int, dict[str, str]]]) -> None:
    for number, lead in enumerate(leads):
        lead.number = number
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    digest_sent.create(engine)
    at, settled = 0.0, {one: set[int]() for one in RECIPIENTS}  # told, or in doubt: never to be sent again
    arrived = {one: list[str]() for one in RECIPIENTS}
    doubted, admitted = dict.fromkeys(RECIPIENTS, 0), dict.fromkeys(RECIPIENTS, 0)
    for later, fates in history:
        at += later
        sent: dict[str, list[str]] = {}

        def send(_url: str, message: Message, fates: dict[str, str] = fates, sent: dict[str, list[str]] = sent) -> bool:
            recipient, items, doubtful = json.loads(message.subject)
            fate = fates[recipient]
            if fate == "killed before":
                raise Killed
            if fate == "raises":
                raise OSError("down")
            assert recipient not in sent, "one message for a recipient and a run"
            if fate != "refused":
                sent[recipient] = items
                admitted[recipient] += doubtful if fate == "fine" else 0
            if fate == "killed after":
                raise Killed
            return fate == "fine"

        now = START + timedelta(hours=at)
        items = [found for lead in leads if (found := lead.due(at)) is not None]
        routed = route(items, CHANNELS, "acme", OWNERS, {})
        died = False
        try:
            running.tell(engine, routed, SHARED, now=now, send=send)
        except Killed:
            died = True
        reached = True
        for recipient in routed.letters:  # in this order; whoever comes after a death is not reached
            due = {lead.number for lead in leads if lead.concerns(recipient, at, history[0][0])} - settled[recipient]
            if not reached or not due:
                assert recipient not in sent
                continue
            fate = fates[recipient]
            if fate in ("fine", "killed after"):
                assert sent[recipient] == sorted(map(str, due)), "everything due, at the first run that could"
                arrived[recipient] += sent[recipient]
            if fate not in ("refused", "raises"):
                settled[recipient] |= due
            if fate.startswith("killed"):
                reached = False
                doubted[recipient] += len(due)
        assert died == (not reached)
        missed = {one for one in RECIPIENTS if any(lead.concerns(one, at, history[0][0]) for lead in leads)} - set(
            routed.letters
        )
        assert not missed
    for recipient, told in arrived.items():
        assert len(told) == len(set(told)), "never twice"
        assert admitted[recipient] <= doubted[recipient]
    unknown = any(found.owner_id == "o3" and found.at is None for found in items)
    assert ("Eva" in routed.no_address) == unknown, "whom nobody can write to is said"


def late(*numbers: int, at: float = 30) -> Any:
    items = [found for number in numbers if (found := Clock(number, 0, None, "o1").due(at)) is not None]
    return route(items, CHANNELS, "acme", OWNERS, {})


def test_what_a_crash_left_in_doubt_is_told_once_and_not_sent_again(engine: sa.Engine) -> None:
    def dies(*_: Any) -> bool:
        raise Killed

    with pytest.raises(Killed):
        running.tell(engine, late(1, 2), SHARED, now=START, send=dies)
    soon, after = START + timedelta(minutes=5), START + timedelta(hours=1)
    got: list[Any] = []

    def takes(_: str, message: Message) -> bool:
        got.append(json.loads(message.subject))
        return True

    _, doubts = running.tell(engine, late(1, 2), SHARED, now=soon, send=takes)
    assert doubts.left == {}, "the other process may still be at it"
    assert got == [["boss", ["1", "2"], 0]], "the letter that was not begun"
    _, doubts = running.tell(engine, late(1, 2), SHARED, now=after, send=takes)
    assert (doubts.left, doubts.fresh) == ({"own:o1": 2}, 2) and len(got) == 1, (
        "nothing new: nothing is sent, and the run says so"
    )
    _, doubts = running.tell(engine, late(1, 2), SHARED, now=after, send=takes)
    assert (doubts.left, doubts.fresh) == ({"own:o1": 2}, 0)
    running.tell(engine, late(1, 2, 3), SHARED, now=after, send=takes)
    assert got[1:] == [["own:o1", ["3"], 2], ["boss", ["3"], 0]]
    _, doubts = running.tell(engine, late(1, 2, 3, 4), SHARED, now=after, send=takes)
    assert doubts.left == {} and got[3:] == [["own:o1", ["4"], 0], ["boss", ["4"], 0]]


def test_what_no_message_can_say_is_said_for_a_week(engine: sa.Engine) -> None:
    claims.claim(engine, "acme", "boss", {"k": "breaches"}, START)
    days = [claims.in_doubt(engine, "acme", START + timedelta(days=day)) for day in (1, 8, 9)]
    assert [(one.left, one.fresh) for one in days] == [({"boss": 1}, 1), ({"boss": 1}, 0), ({}, 0)]


def test_a_dry_run_claims_nothing_and_says_the_same(engine: sa.Engine) -> None:
    def never(*_: Any) -> bool:
        raise AssertionError("a dry run sends nothing")

    for _ in range(2):
        told, _ = running.tell(engine, late(1), SHARED, now=START, send=never, dry=True)
        assert [(one.recipient, one.lines, one.outcome) for one in told] == [
            ("own:o1", 1, "planned"),
            ("boss", 1, "planned"),
        ]
    with engine.begin() as database:
        assert database.execute(sa.select(sa.func.count()).select_from(digest_sent)).scalar() == 0


def test_a_new_entry_is_another_clock_and_another_owner_is_told(engine: sa.Engine) -> None:
    got: list[Any] = []

    def takes(_: str, message: Message) -> bool:
        got.append(json.loads(message.subject)[:2])
        return True

    first, again, moved = (Clock(1, start, None, owner) for start, owner in ((0, "o1"), (5, "o1"), (0, "o2")))
    for clock in (first, again, moved, first, again):
        routed = route([clock.due(40)], CHANNELS, "acme", OWNERS, {})  # type: ignore[list-item]
        running.tell(engine, routed, SHARED, now=START, send=takes)
    # the boss was told of that clock; its new owner was not
    assert got == [["own:o1", ["1"]], ["boss", ["1"]], ["own:o1", ["1"]], ["boss", ["1"]], ["own:o2", ["1"]]]


def at_once(engine: sa.Engine, processes: int) -> None:
    """Several send at the same moment, five times: each lead once to each."""
    got: list[Any] = []
    guard = threading.Lock()

    def takes(_: str, message: Message) -> bool:
        with guard:
            got.extend([json.loads(message.subject)[0], one] for one in json.loads(message.subject)[1])
        return True

    for round_ in range(5):
        routed = late(*range(round_ * 7, round_ * 7 + 7))
        tell = functools.partial(running.tell, engine, routed, SHARED, now=START, send=takes)
        assert not together(*[tell] * processes)
    assert sorted(map(tuple, got)) == sorted((who, str(n)) for who in ("own:o1", "boss") for n in range(35))


def test_two_at_once_never_send_twice(engine: sa.Engine) -> None:
    at_once(engine, 3)


def test_two_at_once_never_send_twice_on_postgres(tmp_path: Path, postgres: str) -> None:
    engine = open_database(tmp_path, postgres)
    at_once(engine, 3)
    engine.dispose()


def test_ten_thousand_at_once_are_claimed_in_a_moment(engine: sa.Engine) -> None:
    kinds = {f"{number:064}": "breaches" for number in range(10_000)}
    first = claims.claim(engine, "acme", "boss", kinds, START)
    assert len(first.keys) == 10_000 and not claims.claim(engine, "acme", "boss", kinds, START).keys
    claims.settle(engine, first, sent=False, now=START)
    assert len(claims.claim(engine, "acme", "boss", kinds, START).keys) == 10_000
