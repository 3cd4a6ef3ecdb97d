"""Who gets what of a digest, and what a message says: pure, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadpact.audit.identity import Identity
from leadpact.commands.operations_arguments import DIGEST_KINDS
from leadpact.digest.compose import MOST, Setting, compose
from leadpact.digest.due import Breach, Found, Promise
from leadpact.digest.routing import Owner, Routed, route
from leadpact.digest.settings import KINDS, parsed
from leadpact.language import LANGUAGES

AT = datetime(2026, 3, 2, 9)
OWNERS = {
    "u1": Owner("u1", "Ana", "Sales", "boss"),
    "u2": Owner("u2", "Luis", "SDR", None),
    "boss": Owner("boss", "Eva", "Sales", None),
}
CLOCK = Breach("main", "follow-up", "lead", "7", AT, 1.2, 57.6, 48.0, None, "u1", "Zoe", "Acme",
               {"owner": 0.8, "manager": 1.0})  # fmt: skip
PROMISE = Promise("main", "pace", "2026-02", True, 6, 10, 10)
FOUND = Found("main", Identity("STA01", "lead", "Voicemail"), "error", 30, AT)


def routed(*items: Any, ended: Mapping[str, float] | None = None, **channels: Mapping[str, Any]) -> Routed:
    made = {name: {"url": "json://127.0.0.1/x", **one} for name, one in channels.items()}
    people = {"u1": "ana@acme.example", "Eva": {"email": "eva@acme.example", "language": "es"}}
    return route(items, parsed({"channels": made, "owners": people}), "acme", OWNERS, ended or {})


def gets(found: Routed) -> dict[str, int]:
    return {recipient: len(letter.items) for recipient, letter in found.letters.items()}


def test_each_owner_and_each_owners_manager_at_their_own_address() -> None:
    own = {"url": "mailto://h?to={owner_email}", "audience": "owner"}
    boss = {"url": "mailto://h?to={manager_email}", "audience": "manager"}
    items = [CLOCK, replace(CLOCK, record_id="8", owner_id="u2"), replace(CLOCK, record_id="9", owner_id=None)]
    found = routed(*items, own=own, boss=boss)
    assert gets(found) == {"own:u1": 1, "boss:boss": 1}
    urls = {name: letter.url for name, letter in found.letters.items()}
    assert urls == {"own:u1": "mailto://h?to=ana@acme.example", "boss:boss": "mailto://h?to=eva@acme.example"}
    assert [letter.language for letter in found.letters.values()] == ["en", "es"]
    assert found.no_address == {"Luis"} and found.unowned == 2 and found.channels == {"own", "boss"}


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.79, {}), (0.8, {"team": 1}), (0.99, {"team": 1}), (1.0, {"team": 1, "boss": 1, "ceo": 1})],
)
def test_at_the_share_agreed(share: float, expected: dict[str, int]) -> None:
    channels = {"team": {"audience": "team"}, "boss": {"audience": "manager"},
                "ceo": {"audience": "leaders", "kinds": ["breaches"]}}  # fmt: skip
    assert gets(routed(replace(CLOCK, share=share), **channels)) == expected


def test_a_name_the_pact_gives_is_a_channel_or_said() -> None:
    named = replace(CLOCK, share=0.6, shares={"owner": 0.5, "chief": 0.55, "nobody": 2.0})
    found = routed(named, chief={"audience": "leaders", "kinds": ["breaches"]}, boss={"audience": "manager"})
    assert gets(found) == {"chief": 1}, "a manager the pact does not tell is not told"
    assert found.no_channel == {"nobody"}


def test_only_a_team_and_only_a_connection() -> None:
    channels = {"sales": {"audience": "manager", "team": "sales"}, "sdr": {"audience": "manager", "team": "sdr"},
                "other": {"audience": "manager", "connection": "other"}}  # fmt: skip
    assert gets(routed(CLOCK, **channels)) == {"sales": 1}


def test_what_is_over_is_told_as_a_breach_only() -> None:
    over = replace(CLOCK, at=AT)
    channels = {"team": {"audience": "team"}, "boss": {"audience": "manager"}}
    assert gets(routed(over, **channels)) == {"boss": 1}
    assert gets(routed(replace(over, share=1.0), **channels)) == {}, "exactly at the target is in time"


def test_a_month_that_ended_is_told_to_whom_the_pact_says() -> None:
    channels = {"team": {"audience": "team"}, "ceo": {"audience": "leaders"}}
    assert gets(routed(PROMISE, **channels)) == {"team": 1, "ceo": 1}
    assert gets(routed(PROMISE, ended={"ceo": 0.6, "team": 0.5}, **channels)) == {"ceo": 1}
    assert gets(routed(replace(PROMISE, ended=False), ended={"ceo": 0.1}, **channels)) == {"team": 1, "ceo": 1}
    assert gets(routed(FOUND, **channels)) == {"ceo": 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_in_every_language(language: str) -> None:
    kinds = list(KINDS)
    channel = {"audience": "leaders", "kinds": kinds, "language": language}
    promises = [replace(PROMISE, which=which) for which in ("pace", "accepted", "follow_up")]
    promises += [replace(one, ended=False) for one in promises]
    clocks = [replace(CLOCK, record_id=str(number), share=1.01 + number / 100) for number in range(MOST + 5)]
    near, stopped = replace(CLOCK, record_id="near", share=0.9, shares={"x": 0.5}), replace(CLOCK, record_id="s", at=AT)
    found = routed(*clocks, near, stopped, *promises, FOUND, ceo=channel)
    letter = found.letters["ceo"]
    shared = Setting("acme", {"Pact <b>": True}, ZoneInfo("UTC"), AT, "https://l.example", OWNERS)
    message = compose(letter, list(letter.items.values()), 3, shared)
    for body in (message.text, message.html, message.markdown):
        assert body.count("l.example/person?") == MOST + 1 and "Voicemail" in body and "Zoe" not in body
        assert "<b>" not in body and "2026" in body
    assert message.text.count("•") == 1 + MOST + 1 + 6 + 1, "each section is capped and says how many more"
    assert len(message.subject) < 200 and "{" not in message.text


def test_choices_written_twice_to_start_quickly_are_equal() -> None:
    assert DIGEST_KINDS == KINDS
