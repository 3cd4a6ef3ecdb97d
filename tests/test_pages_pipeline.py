"""Money on the Funnel page: deals, cycles, contacts and campaigns on ten leads whose numbers are known."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import company, fill, prepare, visit, words
from tests.homes import copied

TOPICS = ("money", "cycles", "contacts", "campaigns")


def deals() -> list[dict[str, Any]]:
    """Ana's two and Berta's deal after their leads, one of nobody, one whose amount is not known."""
    rows = [
        ("d1", "ana", 1000, "EUR", "2025-11-10T09:00:00", "2025-12-01T09:00:00", True, True),
        ("d2", "ana", 300, "USD", "2025-12-10T09:00:00", None, False, False),
        ("d3", "berta", None, "EUR", "2025-11-12T09:00:00", "2025-12-02T09:00:00", False, True),
        ("d4", "nobody", 50, "EUR", "2025-11-12T09:00:00", None, False, False),
    ]
    names = ("opportunity_id", "record_id", "amount", "currency", "created_at", "closed_at", "is_won", "is_closed")
    return [{**dict(zip(names, row, strict=True)), "object": "lead"} for row in rows]


def touches() -> list[dict[str, Any]]:
    rows = [("ana", "Feria <b>", "2025-11-02T10:00:00"), ("ana", "Webinar", "2025-11-03T10:00:00"),
            ("hilda", "Feria <b>", "2025-11-02T10:00:00")]  # fmt: skip
    return [
        {"object": "lead", "record_id": who, "campaign": name, "response": "Sí", "at": at} for who, name, at in rows
    ]


@functools.cache
def filled() -> Path:
    """The company with deals and campaign responses, synced once."""
    folder = Path(tempfile.mkdtemp(prefix="leadpact-money-"))
    fill(folder, company(opportunity=deals(), campaign_touch=touches()))
    return folder


@functools.cache
def bare() -> Path:
    """The company as its CRM gives it: no deals, no campaign responses."""
    folder = Path(tempfile.mkdtemp(prefix="leadpact-bare-"))
    fill(folder, company())
    return folder


@functools.cache
def quiet() -> Path:
    """Both tables are delivered, and there is nothing in them."""
    folder = Path(tempfile.mkdtemp(prefix="leadpact-quiet-"))
    fill(folder, company(opportunity=[], campaign_touch=[]))
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


def opened(home: Path, world: Path, topic: str, lang: str = "en", **query: Any) -> AppTest:
    copied(world, home)
    at = visit("funnel", lang, view="pipeline", topic=topic, **query)
    assert not at.exception and not at.error
    return at


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))
    return found


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("world", [filled, bare, quiet])
def test_every_view_opens(home: Path, world: Any, topic: str, lang: str) -> None:
    at = opened(home, world(), topic, lang)
    assert len(at.title) == 1
    assert at.segmented_control(key="_funnel_topic").value == topic


def test_deals_are_told_by_how_they_came_about_and_in_one_currency(home: Path) -> None:
    at = opened(home, filled(), "money")
    rows = table(at, "money_of", "amount_won").set_index("money_of")
    assert rows["money_deals"].to_dict() == {"All deals": 4, "Sourced by a lead": 3, "Of no known lead or contact": 1,
                                             "Influenced by a campaign": 2}  # fmt: skip
    assert (rows.loc["All deals", "amount_won"], rows.loc["All deals", "amount_open"]) == (1000, 50)
    assert rows.loc["All deals", "money_count_only"] == 1
    every = table(at, "currency", "amount_won")
    assert set(every["currency"]) == {"EUR", "USD"}
    at.selectbox(key="_funnel_currency").set_value("USD").run()
    assert table(at, "money_of", "amount_open").set_index("money_of").loc["All deals", "amount_open"] == 300
    assert at.query_params["currency"] in ("USD", ["USD"])
    at.selectbox(key="_funnel_currency").set_value("count").run()
    assert "amount_open" not in table(at, "money_of", "money_open").columns


def test_campaigns_show_each_deal_whole_and_say_that_they_do_not_add_up(home: Path) -> None:
    at = opened(home, filled(), "money")
    rows = table(at, "money_campaign").set_index("money_campaign")
    assert rows["money_deals"].to_dict() == {"Feria <b>": 2, "Webinar": 2}
    assert "do not add up" in words(at)


def test_the_deals_behind_a_bar(home: Path) -> None:
    at = opened(home, filled(), "money", deal="sourced.won")
    rows = table(at, "opportunity_id")
    assert list(rows["opportunity_id"]) == ["d1"]
    assert rows.loc[0, "deal_state"] == "won"
    nobody = opened(home, filled(), "money", deal="unattributed.deals")
    assert list(table(nobody, "opportunity_id")["opportunity_id"]) == ["d4"]


def test_split_by_source_the_deals_sourced_add_up(home: Path) -> None:
    rows = table(opened(home, filled(), "money", by="source"), "money_of", "group")
    sourced = rows[rows["money_of"] == "Sourced by a lead"]
    assert dict(zip(sourced["group"], sourced["money_deals"], strict=True)) == {"Feria": 2, "Web": 1}


def test_a_figure_opens_to_its_deals(home: Path) -> None:
    at = opened(home, filled(), "money")
    labels = ["Sourced", "Sourced, won (EUR)", "Sourced, open (EUR)", "Influenced", "No known person"]
    assert [one.label.replace("\\", "") for one in at.metric] == labels
    assert at.metric[0].value == "3 · 75%"
    at.button(key="_funnel_money_0_open").click().run()
    assert not at.exception
    assert "latest journey begun by then" in words(at)


def test_without_the_tables_it_is_unknown_and_says_what_to_do(home: Path) -> None:
    for topic, said in (("money", "no opportunities"), ("cycles", "no opportunities"), ("campaigns", "no campaign")):
        at = opened(home, bare(), topic)
        assert said in words(at) and "not zero" in words(at)


def test_without_deals_it_is_empty_and_says_so(home: Path) -> None:
    assert "No deal was created" in words(opened(home, quiet(), "money"))


def test_cycles_count_open_deals(home: Path) -> None:
    at = opened(home, filled(), "cycles")
    rows = table(at, "cycle_n", "cycle_deal_lost")
    assert rows[["cycle_n", "cycle_open", "cycle_won", "cycle_deal_lost"]].to_numpy().tolist() == [[4, 2, 1, 1]]
    days = table(at, "days", "cycle_deal_lost_by").set_index("days")
    assert (days.loc[30, "cycle_won_by"], days.loc[30, "cycle_deal_lost_by"]) == (0.25, 0.25)
    journeys = table(at, "cycle_n", "cycle_lost")
    assert int(journeys["cycle_won"].iloc[0]) == 1
    people = opened(home, filled(), "cycles", cycle_journey="journey.won")
    assert list(table(people, "name", "days")["name"]) == ["Ana"]


def test_what_contacts_bring_by_month_and_by_another_stage(home: Path) -> None:
    at = opened(home, filled(), "contacts", to_stage="mql")
    rows = table(at, "brought_group")
    assert dict(zip(rows["brought_group"], rows["brought_all"], strict=True)) == {
        "2025-11": 4,
        "2025-12": 1,
        "2026-02": 1,
        "2026-03": 1,
    }
    # in December Ana, a customer, comes back with a deal
    assert list(rows["brought_existing"]) == [0.0, 1.0, 0.0, 0.0]
    at = opened(home, filled(), "contacts", to_stage="mql", brought="lead.n.2026-02-01")
    assert list(table(at, "name", "journey_number")["name"]) == ["Dora"]


def test_campaign_responses_at_a_landmark(home: Path) -> None:
    at = opened(home, filled(), "campaigns", landmark="0", window="30", to_stage="mql")
    rows = table(at, "response_of").set_index("response_of")
    assert rows["response_n"].to_dict()["All compared"] == 10
    at = opened(home, filled(), "campaigns", to_stage="sql", window="30", landmark="7", credit="any")
    rows = table(at, "response_of").set_index("response_of")
    numbers = rows["response_n"].to_dict()
    assert (numbers["With a response"], numbers["Feria <b>"], numbers["Webinar"]) == (2, 2, 1)
    assert rows.loc["With a response", "response_converted"] == 1  # Ana, by her deal of day nine
    assert "association" in words(at)
    assert "do not add up" in words(at)
