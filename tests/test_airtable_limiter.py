"""Pace: five requests a second of a base whoever asks, a refusal waited out by everybody, and no clock of the day.

Not here: what is asked (test_airtable_reading.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from connectors.airtable import Airtable, limiter
from connectors.airtable.client import Client
from connectors.airtable.limiter import PENALTY, PER_BASE, WINDOW, Limiter, Limiters
from leadpact.errors import SourceRefused, SourceUnreachable
from tests.airtable import Clock
from tests.airtable.house import Crm


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    made.leads_only()
    yield made
    made.server.close()


def test_many_threads_and_connections_share_one_pace(crm: Crm) -> None:
    """Eight sessions read at once, each with a connector of its own; Airtable never has to refuse."""
    failed: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(2):
                crm.read()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    sessions = [threading.Thread(target=read) for _ in range(8)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    assert failed == []
    assert crm.server.calls(path=crm.leads.id) == 17  # one of them described it
    assert (crm.server.limits.met, crm.server.limits.refused) == (0, 0)


def test_a_slow_request_keeps_its_place_until_a_second_after_its_answer() -> None:
    """It may have reached Airtable at any moment before: its start says nothing."""
    clock = Clock()
    one = Limiter(2, clock.monotonic, clock.sleep)
    slow = one.place()
    slow.__enter__()
    with one.place():
        pass
    clock.sleep(10)
    with one.place():  # the quick one is long past, the slow one still under way
        pass
    slow.__exit__(None, None, None)
    answered = clock.monotonic()
    with one.place():
        assert clock.monotonic() >= answered + WINDOW


def test_no_second_holds_more_than_five() -> None:
    clock = Clock()
    one = Limiter(PER_BASE, clock.monotonic, clock.sleep)
    at = []
    for _ in range(23):
        with one.place():
            at.append(clock.monotonic())
    assert max(sum(1 for other in at if 0 <= other - start <= 1.0) for start in at) == PER_BASE
    assert at[-1] - at[0] == pytest.approx(4 * WINDOW)  # and not slower than that


def test_bases_do_not_wait_for_each_other_and_tokens_do() -> None:
    clock = Clock()
    limiters = Limiters(clock.monotonic, clock.sleep)
    assert limiters.of_base("https://a", "app1") is limiters.of_base("https://a", "app1")
    assert limiters.of_base("https://a", "app1") is not limiters.of_base("https://a", "app2")
    assert limiters.of_token("https://a", "pat") is limiters.of_token("https://a", "pat")
    assert "pat-secret" not in repr(vars(limiters)) and limiters.of_token("https://a", "pat-secret").places == 50


def test_every_connection_of_a_process_has_the_same_limiters(crm: Crm) -> None:
    settings = {"token": "pat", "base_id": "appSomeoneElse000"}
    assert Airtable(settings).limiters is Airtable(settings).limiters is limiter.LIMITERS


def test_a_refusal_for_haste_is_waited_out_by_everybody(crm: Crm) -> None:
    """Somebody else hammers the base: Airtable refuses all of us for 30 s, and nobody asks meanwhile."""
    crm.clock.sleep(5)
    for _ in range(7):
        crm.server.limits.allow("another program", crm.company.base.id)
    assert crm.server.limits.met == 1
    before, calls = crm.clock.monotonic(), crm.server.calls()
    refused = crm.server.limits.refused
    assert len(crm.read()["record"]) == 6
    assert crm.server.limits.refused == refused + 1  # asked once inside the penalty, and not again
    assert PENALTY <= crm.clock.monotonic() - before < PENALTY + 10
    assert crm.server.calls() - calls == 3


def test_somebody_elses_wait_is_ours_too(crm: Crm) -> None:
    one, other = crm.limiters.of_base(crm.server.url, "appX"), crm.limiters.of_base(crm.server.url, "appX")
    one.penalise()
    before = crm.clock.monotonic()
    with other.place():
        assert crm.clock.monotonic() - before >= PENALTY


def test_a_base_that_never_stops_refusing_is_an_error_that_says_so(crm: Crm) -> None:
    crm.server.fault("status", code=429, type="RATE_LIMIT_REACHED", times=99)
    with pytest.raises(SourceRefused, match=r"airtable.too_fast"):
        crm.read()


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "truncate", "garbage"])
def test_a_reading_survives_a_bad_connection(crm: Crm, kind: str) -> None:
    crm.server.fault(kind, times=2, skip=1)
    assert {row["record_id"] for row in crm.read()["record"]} == {*crm.leads.records}
    assert crm.server.faults[-1].times == 0


@pytest.mark.parametrize("code", [500, 502, 503])
def test_a_reading_survives_a_server_that_stumbles_and_says_when_it_does_not_stop(crm: Crm, code: int) -> None:
    crm.server.fault("status", code=code, times=3, skip=1)
    assert len(crm.read()["record"]) == 6
    crm.server.fault("status", code=code, times=99)
    with pytest.raises(SourceUnreachable, match=r"airtable.down"):
        crm.read()


def test_a_server_that_hangs_is_left(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.airtable.client.TIMEOUT", (0.2, 0.05))
    crm.server.fault("slow", seconds=0.2, times=1)
    assert len(crm.read()["record"]) == 6


def test_a_redirect_is_not_followed_with_the_token(crm: Crm) -> None:
    crm.server.fault("status", code=302, times=99)
    with pytest.raises(SourceRefused, match=r"airtable.refused"):
        crm.read()


def test_a_netrc_of_the_machine_does_not_sign_for_us(
    crm: Crm, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert len(crm.read()["record"]) == 6


def test_the_token_is_in_no_repr(crm: Crm) -> None:
    client = Client(crm.connect().settings, crm.limiters)
    assert crm.server.token not in f"{client!r} {client.settings!r} {client.api!r} {client.base!r}"
