"""Meetings: who may do what, blind votes, the clock, points from votes, agreement, and the minutes.

Kappa is held against a sum written out by hand and against statsmodels.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from statsmodels.stats.inter_rater import cohens_kappa

from config.database import open_database
from config.meetings import meeting_guess, meeting_person, meeting_vote
from leadpact.language import Language
from leadpact.meeting import (
    agenda,
    agreement,
    codes,
    differ,
    guesses,
    items,
    kept,
    minutes,
    outcome,
    running,
    sessions,
    voting,
)
from leadpact.meeting.facts import Item, Key, Meeting, NewItem, Tally
from leadpact.meeting.guesses import TooManyGuesses
from leadpact.meeting.kept import Refused
from tests.together import together

NOW = datetime(2026, 3, 2, 9, 0)
LEAD = NewItem(
    "lead", "review", "lead:l1", "l1", {"object": "lead", "record_id": "l1", "moment": "2026-01-01T00:00:00"}
)
ASKED = [items.test("country", "filled"), items.behaviour("web_visit"), LEAD]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return open_database(tmp_path_factory.mktemp("meeting"))


def opened(engine: Engine, mode: str = "phones", asked: list[NewItem] = ASKED) -> tuple[Meeting, Key]:
    made = sessions.open_session(
        engine, title="What is a good lead?", connection="acme", mode=mode, facilitator="Olga", items=asked, now=NOW
    )
    return made.meeting, Key(made.token)


def comes(engine: Engine, one: Meeting, name: str, team: str, now: datetime = NOW) -> Key:
    return Key(sessions.join(engine, one.id, name=name, team=team, email=None, now=now).token)


def refused(key: str) -> object:
    return pytest.raises(Refused, match=key.replace(".", r"\."))


def test_a_meeting_keeps_which_pact_it_is_about(engine: Engine) -> None:
    assert opened(engine)[0].pact == "main"
    made = sessions.open_session(
        engine, title="Partners", connection="acme", mode="hands", facilitator="Olga", items=ASKED, now=NOW, pact="b"
    )
    assert sessions.find(engine, made.meeting.code, source="here", now=NOW).pact == "b"


# codes and guesses


@given(st.integers(0, 10))
@settings(max_examples=10, deadline=None)
def test_a_code_is_found_again_however_it_is_typed(_: int) -> None:
    code = codes.new_code()
    assert {codes.as_code(text) for text in (code, code.lower(), code.replace("-", " "), f" {code} ")} == {code}
    assert set(code) - {"-"} <= set(codes.ALPHABET) and not set("01OILU") & set(codes.ALPHABET)


def test_what_is_no_code_is_none() -> None:
    assert [codes.as_code(text) for text in ("", "ABCD", "ABCD-EFG0", "ABCD-EFGHJ", "' OR 1=1")] == [None] * 5


def test_after_too_many_wrong_codes_even_the_right_one_waits(engine: Engine) -> None:
    one, _ = opened(engine)
    for _ in range(guesses.MOST_OF_ONE):
        with refused("meeting.no_such_code"):
            sessions.find(engine, "2222-2222", source="a", now=NOW)
    with pytest.raises(TooManyGuesses):
        sessions.find(engine, one.code, source="a", now=NOW)
    assert sessions.find(engine, one.code, source="b", now=NOW).id == one.id
    assert sessions.find(engine, one.code, source="a", now=NOW + guesses.WITHIN).id == one.id
    with engine.begin() as database:
        rows = [{"source": f"s{at}", "at": NOW} for at in range(guesses.MOST_OF_ALL)]
        database.execute(meeting_guess.insert(), rows)
    with pytest.raises(TooManyGuesses):
        sessions.find(engine, one.code, source="c", now=NOW)
    with engine.begin() as database:
        database.execute(meeting_guess.delete())


# who may do what


def test_only_the_facilitator_moves_a_meeting(engine: Engine) -> None:
    one, host = opened(engine)
    ana = comes(engine, one, "Ana", "marketing")
    for act in (
        lambda key: running.start(engine, one.id, key, now=NOW),
        lambda key: voting.reveal(engine, one.id, key, kind="criterion", now=NOW),
        lambda key: sessions.close(engine, one.id, key, now=NOW),
        lambda key: sessions.put(engine, one.id, key, [items.own("x")], now=NOW),
        lambda key: running.note(engine, one.id, key, kind="decision", text="x", now=NOW),
        lambda key: voting.again(engine, one.id, key, 1, now=NOW),
        lambda key: sessions.remove(engine, one.id, key, 1, now=NOW),
        lambda key: running.keep_sheet(engine, one.id, key, {}, now=NOW),
    ):
        for key in (ana, Key(), Key("wrong"), Key(email="olga@acme.example"), Key(host.token, "eva@acme.example")):
            with refused("meeting.not_the_facilitator"):
                act(key)
    running.start(engine, one.id, host, now=NOW)
    assert kept.by_id(engine, one.id).started_at == NOW  # type: ignore[union-attr]


def test_whoever_carries_a_meeting_on_takes_the_place_and_the_old_link_is_worth_nothing(engine: Engine) -> None:
    one, host = opened(engine)
    late = NOW + timedelta(days=sessions.DAYS + 1)
    new = sessions.take_over(engine, one.id, facilitator="Pia", now=late)
    assert not kept.is_host(engine, one.id, host) and kept.is_host(engine, one.id, Key(new.token))
    assert new.meeting.facilitator == "Pia" and new.meeting.is_open(late)
    sessions.close(engine, one.id, Key(new.token), now=late)
    with refused("meeting.closed"):
        sessions.take_over(engine, one.id, facilitator="Olga", now=late)


def test_nobody_joins_or_votes_once_it_is_closed_or_expired(engine: Engine) -> None:
    one, host = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    late = NOW + timedelta(days=sessions.DAYS)
    with refused("meeting.expired"):
        voting.cast(engine, one.id, ana, item.id, 1, now=late)
    sessions.close(engine, one.id, host, now=NOW)
    with refused("meeting.closed"):
        voting.cast(engine, one.id, ana, item.id, 1, now=NOW)
    with refused("meeting.closed"):
        comes(engine, one, "Beto", "sales")


def test_a_name_is_taken_once_and_who_signed_in_comes_back_as_themselves(engine: Engine) -> None:
    one, _ = opened(engine)
    comes(engine, one, "Ana", "sales")
    with refused("meeting.name_taken"):
        comes(engine, one, " aNA ", "marketing")
    first = sessions.join(engine, one.id, name="b@acme.example", team="sales", email="b@acme.example", now=NOW)
    again = sessions.join(engine, one.id, name="B", team="marketing", email="B@acme.example", now=NOW)
    assert again.person == first.person and first.token is None and first.person.team == "sales"
    for name, team, key in (("", "sales", "no_name"), ("Eva", "finance", "which_team")):
        with refused(f"meeting.{key}"):
            comes(engine, one, name, team)


def test_where_people_sign_in_anothers_link_is_worth_nothing(engine: Engine) -> None:
    one, _ = opened(engine)
    ana = comes(engine, one, "Ana", "sales")
    item = kept.items(engine, one.id)[0]
    with refused("meeting.not_in"):
        voting.cast(engine, one.id, Key(ana.token, "eva@acme.example"), item.id, 3, now=NOW)
    assert sessions.who(engine, one.id, Key(ana.token, "eva@acme.example")) is None


# votes


def test_a_vote_is_one_and_can_be_changed_until_it_is_revealed(engine: Engine) -> None:
    one, host = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    for value in (0, 3, 2):
        voting.cast(engine, one.id, ana, item.id, value, now=NOW)
    assert voting.mine(engine, one.id, ana) == {item.id: 2}
    voting.cast(engine, one.id, ana, item.id, None, now=NOW)
    assert voting.mine(engine, one.id, ana) == {}
    voting.cast(engine, one.id, ana, item.id, 1, now=NOW)
    assert voting.reveal(engine, one.id, host, kind="criterion", now=NOW) == 2
    with refused("meeting.revealed_already"):
        voting.cast(engine, one.id, ana, item.id, 3, now=NOW)
    (first, *_) = voting.tallies(engine, one.id, "criterion")
    assert first.values == {"marketing": {}, "sales": {1: 1}}
    voting.again(engine, one.id, host, item.id, now=NOW)
    voting.cast(engine, one.id, ana, item.id, 3, now=NOW)
    (first, *_) = voting.tallies(engine, one.id, "criterion")
    assert first.values is None and first.voted == {"marketing": 0, "sales": 1}


def test_what_is_blind_is_not_even_read(engine: Engine) -> None:
    """No statement sent while a value is blind asks for the values of votes."""
    one, _ = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    voting.cast(engine, one.id, ana, item.id, 3, now=NOW)
    rows: list[object] = []

    def seen(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        rows.append(statement)

    sa.event.listen(engine, "before_cursor_execute", seen)
    found = voting.tallies(engine, one.id, "criterion")
    sa.event.remove(engine, "before_cursor_execute", seen)
    asked = [str(one) for one in rows if "meeting_vote.value" in str(one)]
    assert asked and all("revealed_at IS NOT NULL" in one for one in asked)
    assert all(each.values is None for each in found)
    assert "3" not in minutes.markdown(Language("en"), minutes.read(engine, one), ZoneInfo("UTC")).split("## Votes")[1]


def test_an_item_of_another_meeting_and_a_value_off_the_scale_are_refused(engine: Engine) -> None:
    one, _ = opened(engine)
    other, _ = opened(engine)
    ana = comes(engine, one, "Ana", "sales")
    with refused("meeting.no_such_item"):
        voting.cast(engine, one.id, ana, kept.items(engine, other.id)[0].id, 1, now=NOW)
    with refused("meeting.not_in"):
        voting.cast(engine, other.id, ana, kept.items(engine, other.id)[0].id, 1, now=NOW)
    criterion, _, lead = kept.items(engine, one.id)
    for item, value in ((criterion, 4), (criterion, -1), (lead, 2)):
        with refused("meeting.off_scale"):
            voting.cast(engine, one.id, ana, item.id, value, now=NOW)


def test_many_vote_at_once_and_none_is_lost(engine: Engine) -> None:
    one, host = opened(engine)
    keys = [comes(engine, one, f"P{at}", "sales" if at % 2 else "marketing") for at in range(8)]
    asked = kept.items(engine, one.id, "criterion")

    def votes(key: Key, at: int) -> None:
        for item in asked:
            voting.cast(engine, one.id, key, item.id, 0, now=NOW)
            voting.cast(engine, one.id, key, item.id, at % 4, now=NOW)

    assert together(*(partial(votes, key, at) for at, key in enumerate(keys))) == []
    voting.reveal(engine, one.id, host, kind="criterion", now=NOW)
    for tally in voting.tallies(engine, one.id, "criterion"):
        assert tally.values == {"marketing": {0: 2, 2: 2}, "sales": {1: 2, 3: 2}}
    assert voting.progress(engine, one.id, "criterion")["sales"] == {"people": 4, "voted": 4, "done": 4}


def test_the_database_itself_refuses_a_second_vote(engine: Engine) -> None:
    one, _ = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    voting.cast(engine, one.id, ana, item.id, 3, now=NOW)
    with engine.begin() as database:
        row = dict(database.execute(sa.select(meeting_vote).where(meeting_vote.c.item_id == item.id)).mappings().one())
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as database:
        database.execute(meeting_vote.insert().values(**row))


def test_who_was_taken_out_counts_no_more(engine: Engine) -> None:
    one, host = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    voting.cast(engine, one.id, ana, item.id, 3, now=NOW)
    person = sessions.who(engine, one.id, ana)
    assert person is not None
    sessions.remove(engine, one.id, host, person.id, now=NOW)
    assert voting.tallies(engine, one.id, "criterion")[0].voted == {"marketing": 0, "sales": 0}
    with refused("meeting.not_in"):
        voting.cast(engine, one.id, ana, item.id, 3, now=NOW)


def test_hands_are_counted_on_one_screen_only(engine: Engine) -> None:
    one, host = opened(engine, "hands")
    item = kept.items(engine, one.id)[0]
    with refused("meeting.one_screen"):
        comes(engine, one, "Ana", "sales")
    voting.hands(engine, one.id, host, item.id, "sales", {3: 4, 0: 1}, now=NOW)
    voting.hands(engine, one.id, host, item.id, "sales", {3: 5}, now=NOW)
    assert voting.tallies(engine, one.id, "criterion")[0].values == {"marketing": {}, "sales": {3: 5}}
    with refused("meeting.bad_hands"):
        voting.hands(engine, one.id, host, item.id, "sales", {3: -1}, now=NOW)
    phones, own = opened(engine)
    with refused("meeting.not_by_hands"):
        voting.hands(engine, phones.id, own, kept.items(engine, phones.id)[0].id, "sales", {3: 1}, now=NOW)


def test_a_session_is_there_after_a_restart(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    one, host = opened(engine)
    ana, item = comes(engine, one, "Ana", "sales"), kept.items(engine, one.id)[0]
    voting.cast(engine, one.id, ana, item.id, 2, now=NOW)
    running.start(engine, one.id, host, now=NOW)
    engine.dispose()
    engine = open_database(tmp_path)
    assert sessions.with_token(engine, ana.token or "") == sessions.with_token(engine, host.token or "")
    assert voting.mine(engine, one.id, ana) == {item.id: 2}
    kept_tokens = [row.token for row in engine.connect().execute(sa.select(meeting_person.c.token))]
    assert ana.token not in kept_tokens  # a hash, not the secret


# the clock


def test_the_hour_is_an_hour_and_the_clock_is_worked_out_from_its_start() -> None:
    assert sum(length for _, length in agenda.AGENDA) == 60
    assert agenda.clock(agenda.AGENDA, 0, None, None, NOW) is None
    later = NOW + timedelta(minutes=12)
    found = agenda.clock(agenda.AGENDA, 1, NOW, NOW + timedelta(minutes=7), later)
    assert found is not None
    assert (found.step, found.elapsed, found.left, found.step_left, found.behind) == ("vote", 720, 2880, 300, 120)
    over = agenda.clock(agenda.AGENDA, 5, NOW, NOW, NOW + timedelta(minutes=75), NOW + timedelta(minutes=61))
    assert over is not None and over.left == -60 and agenda.written(over.left) == "−01:00"


# what follows from votes


def tally(marketing: dict[int, int], sales: dict[int, int], position: int = 1, **detail: object) -> Tally:
    when = {"field": "country", "op": "filled"}
    item = Item(position, "criterion", "demographics", f"k{position}", f"Item {position}", {"when": when, **detail},
                position, 1, NOW)  # fmt: skip
    return Tally(item, {}, {"marketing": marketing, "sales": sales})


def test_the_widest_difference_comes_first_and_one_team_alone_last() -> None:
    same, apart, alone = tally({2: 3}, {2: 1}, 1), tally({3: 1}, {0: 5}, 2), tally({3: 2}, {}, 3)
    torn = tally({0: 2, 3: 2}, {0: 1, 3: 1}, 4)  # the same means, and nobody agrees within
    found = differ.in_order([same, apart, alone, torn])
    assert [one.item.position for one in found] == [2, 4, 1, 3]
    assert [one.difference for one in found] == [1.0, 0.0, 0.0, None]
    assert found[0].higher == "marketing" and found[1].higher is None
    assert found[0].worth == 0.5  # five people of Sales count as much as one of Marketing


COUNTS = st.dictionaries(st.integers(0, 3), st.integers(1, 5), min_size=1)


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_points_follow_the_worth_and_a_must_needs_two_of_three_in_each_team(
    marketing: dict[int, int], sales: dict[int, int]
) -> None:
    (one,) = outcome.propose(differ.in_order([tally(marketing, sales)]))
    means = [sum(v * n for v, n in votes.items()) / sum(votes.values()) for votes in (marketing, sales)]
    raw = sum(means) / 2 / 3 * 25
    assert abs((one.points or 0) - raw) <= 2.5 + 1e-9 and (one.points or 0) % 5 == 0
    wanted = all(votes.get(3, 0) * 3 >= sum(votes.values()) * 2 for votes in (marketing, sales))
    assert one.must is wanted


def test_what_is_proposed_becomes_sections_without_losing_what_was_there() -> None:
    document = {
        "name": "x",
        "scoring": {"crm_field": "f_score", "rules": [
            {"id": "old", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": 5},
            {"id": "free-mail", "category": "fit", "when": {"field": "email", "op": "contains", "value": "gmail"},
             "points": -10}]},
        "sales_ready": {"threshold": 50, "all": [{"field": "email", "op": "filled"}]},
    }  # fmt: skip
    found = outcome.propose(differ.in_order([
        tally({3: 3}, {3: 3}, 1),
        tally({3: 1}, {3: 1}, 2, when={"field": "email", "op": "filled"}, rule="old"),
        tally({2: 1}, {2: 1}, 3, when={"field": "email", "op": "contains", "value": "gmail"}, rule="free-mail",
              points=-10),
        tally({3: 1}, {3: 1}, 4, when=None),
        tally({0: 1}, {0: 1}, 5),
        tally({3: 1}, {3: 1}, 6, when={"activity": "web_visit", "within_days": 90}),
    ]))  # fmt: skip
    by = {one.standing.item.position: one for one in found}
    assert {at: (one.points, one.must, one.why) for at, one in by.items()} == {
        1: (25, True, "must"), 2: (25, True, "must"), 3: (-15, False, "points"), 4: (None, False, "no_field"),
        5: (None, False, "worthless"), 6: (25, False, "points"),
    }  # fmt: skip
    made = outcome.sections(document, [(one, one.standing.item.label) for one in found])
    rules = {rule["id"]: rule for rule in made["scoring"]["rules"]}
    assert {name: rule["points"] for name, rule in rules.items()} == {
        "old": 25, "free-mail": -15, "item-1": 25, "item-6": 25,
    }  # fmt: skip
    assert rules["item-6"]["category"] == "behaviour" and made["scoring"]["crm_field"] == "f_score"
    assert made["sales_ready"] == {"threshold": 50, "all": [{"field": "email", "op": "filled"},
                                                            {"field": "country", "op": "filled"}]}  # fmt: skip
    assert outcome.sections({**document, **made}, [(one, one.standing.item.label) for one in found]) == {}


# agreement


def by_hand(a: int, b: int, c: int, d: int) -> float | None:
    """(po − pe) / (1 − pe) of the four counts, with nothing but fractions."""
    n = a + b + c + d
    if not n or (a + b) * (a + c) + (c + d) * (b + d) == n * n:
        return None
    po, pe = (a + d) / n, ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return (po - pe) / (1 - pe)


@given(*[st.integers(0, 20)] * 4)
@settings(max_examples=80, deadline=None)
def test_kappa_is_that_of_the_formula_and_of_statsmodels(a: int, b: int, c: int, d: int) -> None:
    found, error = agreement.kappa([[a, b], [c, d]])
    assert found == (None if by_hand(a, b, c, d) is None else pytest.approx(by_hand(a, b, c, d)))
    if found is not None and error is not None:
        with np.errstate(invalid="ignore"):
            wanted = cohens_kappa([[a, b], [c, d]])
        known = 0.0 if np.isnan(wanted.std_kappa) else wanted.std_kappa  # the root of a sum just below 0
        assert found == pytest.approx(wanted.kappa) and error == pytest.approx(known, abs=2e-6)
        assert agreement.kappa([[a, c], [b, d]])[0] == pytest.approx(found)  # it is nobody's point of view


def judged(marketing: dict[int, int], sales: dict[int, int]) -> Tally:
    return Tally(Item(1, "lead", "review", "k", "l", {}, 1, 1, NOW), {}, {"marketing": marketing, "sales": sales})


def test_the_classic_example_of_kappa_and_what_is_left_out() -> None:
    """20 both yes, 5 and 10 apart, 15 both no: kappa is 0.4."""
    good, other = {1: 2, 0: 1}, {0: 1}
    leads = [judged(good, good)] * 20 + [judged(good, other)] * 5 + [judged(other, good)] * 10
    leads += [judged(other, other)] * 15 + [judged({1: 1, 0: 1}, good)] * 3 + [judged(good, {})] * 2
    found = agreement.agreement([*leads, Tally(leads[0].item, {}, None)])
    assert found.kappa == pytest.approx(0.4) and found.observed == 0.7 and found.expected == 0.5
    assert (found.leads, found.ties, found.one_sided, found.only_marketing) == (50, 3, 2, 5)
    assert found.low == pytest.approx(0.151, abs=1e-3) and found.high == pytest.approx(0.649, abs=1e-3)
    assert agreement.strength(found.kappa) == "fair"


@pytest.mark.parametrize("leads", [[], [judged({1: 1}, {1: 1})] * 5])
def test_where_chance_explains_everything_kappa_is_null(leads: list[Tally]) -> None:
    found = agreement.agreement(leads)
    assert (found.kappa, found.low, found.high, agreement.strength(found.kappa)) == (None,) * 4


def test_perfect_agreement_of_a_few_has_no_interval() -> None:
    found = agreement.agreement([judged({1: 1}, {1: 1}), judged({0: 1}, {0: 1})])
    assert found.kappa == 1 and found.low is None


# minutes


@pytest.mark.parametrize("lang", ["en", "es"])
def test_minutes_say_who_was_there_and_run_nothing(engine: Engine, lang: str) -> None:
    one, host = opened(engine)
    for name, team in (("<script>alert(1)</script>", "sales"), ("[Ana](javascript:x)", "marketing")):
        key = comes(engine, one, name, team)
    running.start(engine, one.id, host, now=NOW + timedelta(minutes=10))
    person = sessions.who(engine, one.id, key)
    assert person is not None
    sessions.seen(engine, one.id, person, now=NOW + timedelta(minutes=11))
    running.note(engine, one.id, host, kind="decision", text="**80** points\n# from May", now=NOW)
    running.note(engine, one.id, host, kind="parked", text="Partners | resellers", now=NOW)
    text = minutes.markdown(Language(lang), minutes.read(engine, kept.by_id(engine, one.id) or one), ZoneInfo("UTC"))
    assert "<script" not in text and "[Ana]" not in text and "&lt;script&gt;" in text
    assert r"\*\*80\*\* points \# from May" in text and r"Partners \| resellers" in text
    assert one.code not in text
    say = Language(lang)
    assert f"{say('team.sales')} ({say('meeting.min.beforehand')})" in text
    assert Counter(line[:3] for line in text.splitlines() if line.startswith("#"))["## "] >= 4
