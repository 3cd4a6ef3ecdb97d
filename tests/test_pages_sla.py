"""The parts of the SLA page on ten leads whose numbers are known, in both languages, full and empty."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import company, fill, prepare, settle_company, visit, words
from tests.rows import Rows, lead
from ui.sla_parts import ICONS, PARTS

ONE = "mql-follow-up"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    """The data of the first table with these columns, as it is underneath."""
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))
    return found


def names(at: AppTest) -> list[str]:
    return list(table(at, "name", "email")["name"])


def test_every_part_has_an_icon() -> None:
    assert list(ICONS) == list(PARTS)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_opens(part: str, lang: str) -> None:
    at = visit("sla", lang, view=part)
    assert not at.exception and not at.error and len(at.title) == 1
    assert len(at.dataframe) >= 1 or part == "bands"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_part_says_what_to_do_where_no_clock_has_started(home: Path, lang: str) -> None:
    fill(home, Rows(record=[lead("ana", status="New", created_at=datetime(2026, 1, 5))]))
    for part in PARTS:
        at = visit("sla", lang, view=part)
        assert not at.exception and not at.error
        expected = {"waiting": ("Who waits is not known", "No se sabe quién espera")}  # no date of any change
        texts = expected.get(part, ("No clock has started", "No se ha iniciado ningún plazo"))
        said = words(at)
        assert texts[lang == "es"] in said or part == "bands", part


def test_who_can_still_be_met_comes_before_the_long_forgotten() -> None:
    at = visit("sla", view="waiting")
    assert [one.value for one in at.metric] == ["0", "0", "1", "1"]  # soon, over, later, forgotten
    assert [list(frame.value["name"]) for frame in at.dataframe if "left_hours" in frame.value.columns] == [["Eva"]]
    at.toggle(key="_sla_show_forgotten").set_value(True).run()
    urgent, forgotten = (frame.value for frame in at.dataframe if "left_hours" in frame.value.columns)
    assert (list(urgent["name"]), list(urgent["urgency"])) == (["Eva"], ["later"])
    assert (list(forgotten["name"]), list(forgotten["urgency"])) == (["Dora"], ["forgotten"])
    assert forgotten["left_hours"].iloc[0] < 0 < urgent["left_hours"].iloc[0]
    assert list(urgent["url"]) == ["https://crm.example/eva"] and list(urgent["owner"]) == ["Olga"]


def test_a_figure_opens_to_its_rule_and_people() -> None:
    at = visit("sla")
    at.button(key=f"_sla_figures_{ONE}_0_open").click().run()
    assert "met / (met + breached + overdue)" in words(at)
    assert len(names(at)) == 2


def test_times_are_told_with_who_waits_and_who_left_apart() -> None:
    rows = table(visit("sla", view="response"), "response_time", "answered").set_index("response_time")
    counts = {name: tuple(row[["answered", "waiting", "left"]].astype(int)) for name, row in rows.iterrows()}
    assert counts == {
        "up to 15 min": (0, 0, 0), "15 min – 1 h": (0, 0, 1), "1 h – 2 h": (0, 0, 0), "2 h – 4 h": (1, 0, 0),
        "4 h – 8 h": (0, 1, 0), "8 h – 1 day": (1, 0, 0), "1 day – 2 days": (0, 0, 0),
        "2 days – 1 week": (1, 0, 0), "over 1 week": (0, 1, 0),
    }  # fmt: skip


def test_the_people_of_a_bar_are_listed() -> None:
    at = visit("sla", view="response", clocks=f"{ONE}.answered_7")
    assert names(at) == ["Berta"]
    at.selectbox(key="_sla_clocks").set_value(f"{ONE}.left_1").run()
    assert names(at) == ["Flor"]


def test_the_slider_says_what_another_target_would_give() -> None:
    at = visit("sla", view="response")
    assert at.metric[0].value.replace("\xa0", "") == "50.0%"
    at.select_slider(key="_sla_target").set_value(96.0).run()
    assert not at.exception
    assert at.metric[0].value.replace("\xa0", "") == "75.0%"  # Berta, after 96 hours to the second, is in time
    assert at.query_params["target"] in ("96", ["96"])
    rows = table(at, "target_time", "met").set_index("target_time")
    assert (rows.loc["4 days", "met"], rows.loc["2 days", "met"], rows.loc["2 days", "note"]) == (3, 2, "agreed")


def test_a_figure_of_another_target_opens_to_its_own_people() -> None:
    at = visit("sla", view="response", target=96)
    at.button(key="_sla_target_0_open").click().run()
    assert not at.exception and "judged again at this target" in words(at)
    assert set(names(at)) == {"Ana", "Berta", "=1+1"}


def test_a_target_nobody_offers_is_the_agreed_one() -> None:
    for value in ("7.77", "soon"):
        at = visit("sla", view="response", target=value)
        assert not at.exception and at.select_slider(key="_sla_target").value == 48


def test_conversion_is_followed_from_the_answer_and_called_an_association() -> None:
    at = visit("sla", view="bands")
    said = words(at)
    assert "An association, not a cause" in said
    rows = table(at, "band_rate", "young")
    stages = list(dict.fromkeys(rows["stage"]))
    assert stages[-1] == "Customer" and len(rows) == 9 * len(stages)
    customer = rows[rows["stage"] == "Customer"].set_index("response_time")
    assert (customer.loc["2 h – 4 h", "converted"], customer.loc["2 h – 4 h", "answered"]) == (1, 1)  # Ana
    assert (customer.loc["2 days – 1 week", "converted"], customer.loc["2 days – 1 week", "answered"]) == (0, 1)
    at.selectbox(key="_sla_band").set_value(f"{ONE}.customer:3").run()
    assert names(at) == ["Ana"]


def test_a_shorter_time_leaves_fewer_too_young() -> None:
    at = visit("sla", view="bands", after=180)
    assert "Nobody was answered 180 days ago or earlier" in words(at)


def test_weeks_and_months_hold_every_clock_and_mark_what_is_not_final() -> None:
    at = visit("sla", view="when", every="month")
    rows = table(at, "period", "compliance").set_index("period")
    assert next(iter(rows.index)) == "March 2026" and len(rows) == 5  # December and January too, empty
    march = rows.iloc[0]
    assert (march["running"], march["possible"].replace("\xa0", "")) == (1, "0.0% – 100.0%")
    assert "1 clock still runs" in march["note"] and pd.isna(march["compliance"])
    assert rows["met"].sum() == 2 and rows["breached"].sum() == 1 and rows["overdue"].sum() == 1


def test_an_hour_of_the_week_lists_its_people() -> None:
    at = visit("sla", view="when", clocks=f"{ONE}.cell_0_9_1")
    assert names(at) == ["Eva"]  # 2 March 2026 is a Monday
    assert "How many start" not in words(at)
    at = visit("sla", view="when", heat="share")
    assert not at.exception and "fewer than 30 due clocks stay empty" in words(at)


def test_owners_show_what_was_due_and_kept() -> None:
    at = visit("sla", view="people")
    row = table(at, "due", "kept").iloc[0]
    assert (row["group"], row["due"], row["kept"], row["never_touched"], row["running"]) == ("Olga", 4, 2, 3, 1)
    assert row["note"] == "few cases (fewer than 30)"
    at.selectbox(key="_sla_clocks").set_value(f"{ONE}.never.Olga").run()
    assert set(names(at)) == {"Dora", "Eva", "Flor"}


def test_without_activities_nobody_is_called_untouched(home: Path) -> None:
    fill(home, company(activity=None))
    at = visit("sla", view="people")
    assert table(at, "due", "kept")["never_touched"].isna().all()
    assert "the source gives none" in words(at)
    at = visit("sla")
    assert at.metric[3].value == "unknown"


def test_a_group_of_the_split_is_shown_alone() -> None:
    at = visit("sla", view="response", by="source")
    whole = table(at, "response_time", "answered")["answered"].sum()
    at.selectbox(key="_sla_group").set_value("Web").run()
    web = table(at, "response_time", "answered")["answered"].sum()
    assert whole == 3 and 0 < web < 3
    for part in ("bands", "when"):
        at = visit("sla", view=part, by="source", group="Web")
        assert not at.exception and at.selectbox(key="_sla_group").value == "Web"


def test_a_policy_is_chosen_where_there_are_several(home: Path) -> None:
    from config import versions
    from leadpact.workspace import Workspace

    pact = Workspace(home).proposed("acme", "en")
    second = pact.sla[0].model_copy(update={"id": "acceptance", "target": pact.sla[0].target.model_copy(
        update={"hours": 100.0})})  # fmt: skip
    versions.save(Workspace(home).database, pact.model_copy(update={"sla": [*pact.sla, second]}),
                  author="a@b.example", message="", now=datetime(2026, 3, 1))  # fmt: skip
    at = visit("sla", view="response", policy="acceptance")
    assert not at.exception and "Target: 100 hours" in words(at)
    rows = table(at, "response_time", "answered").set_index("response_time")
    assert rows.loc["2 days – 100 h", "answered"] == 1  # Berta, after 96 hours: in time under this one
    at = visit("sla", view="waiting")
    assert sum(int(one.value) for one in at.metric) == 2  # a person waits once, whatever the policies
