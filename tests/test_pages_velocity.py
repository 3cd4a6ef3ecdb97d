"""The Velocity page: its parts in English and Spanish, on nothing and on a small company, and the people behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from leadpact.metrics.curves import Point
from tests.apptest import AS_OF, AppTest, company, fill, prepare, settle_company, visit, words
from tests.rows import Rows, lead, moved
from ui import velocity_charts

PARTS = ["stages", "curves", "reach", "ageing", "engines"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path / "home", monkeypatch)


@pytest.fixture
def acme(home: Path) -> Path:
    settle_company(home)
    return home


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    """The first table with these columns."""
    return next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))


def people(at: AppTest) -> list[str]:
    return sorted(table(at, "name", "record_id")["name"])


def values(at: AppTest) -> list[str]:
    return [metric.value.replace("\xa0", " ") for metric in at.metric]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_with_people(acme: Path, part: str, lang: str) -> None:
    at = visit("velocity", lang, view=part)
    assert not at.exception and not at.error and len(at.title) == 1
    assert at.expander[-1].label == ("Explain this number" if lang == "en" else "Explicar este número")
    assert at.button(key="_velocity_means").label.startswith("How each number" if lang == "en" else "Cómo se cuenta")


@pytest.mark.parametrize(("lang", "said"), [("en", "Nobody entered"), ("es", "Nadie entró")])
def test_a_stage_nobody_entered_says_what_to_do(acme: Path, lang: str, said: str) -> None:
    at = visit("velocity", lang, view="curves", stage="sql")
    assert not at.exception and said in words(at)


@pytest.mark.parametrize(
    ("part", "said"),
    [("stages", "No leads entered"), ("reach", "No leads entered"), ("ageing", "No lead stands"),
     ("engines", "too few cases")],
)  # fmt: skip
def test_nothing_to_show_says_what_to_do(home: Path, part: str, said: str) -> None:
    bought = [lead("ana", status="Unknown", created_at="2026-01-01T09:00:00")]
    fill(home, Rows(creation_logged=True, record=bought, field_change=moved("ana", ("2026-01-01T09:00:00", "Unknown"))))
    at = visit("velocity", view=part, to="2000-01-01")
    assert not at.exception and said in words(at)


def test_days_per_stage_with_those_still_there(acme: Path) -> None:
    """Six MQL: left after an hour, 1, 1 and 4 days; one there for ten days, one for six hours."""
    at = visit("velocity")
    row = table(at, "stage", "median_days").set_index("stage").loc["MQL"]
    assert (row["n"], row["n_open"]) == (6, 2)
    assert (row["p25_days"], row["median_days"], row["p75_days"]) == (24, 24, 96)  # in hours
    assert values(at)[1] == "24.0 h"


def test_a_quartile_that_is_not_reached_is_said(acme: Path) -> None:
    rows = table(visit("velocity"), "stage", "median_days").set_index("stage")
    assert "not reached" in rows.loc["Customer", "note"]
    assert pd.isna(rows.loc["Customer", "median_days"])


def test_people_of_a_stage_by_link_and_by_choice(acme: Path) -> None:
    at = visit("velocity", who="mql.open")
    assert people(at) == ["Dora", "Eva"]
    at.selectbox(key="_velocity_who").set_value("mql.left").run()
    assert people(at) == ["=1+1", "Ana", "Berta", "Flor"]


def test_split_by_source_adds_up_and_asks_for_a_stage(acme: Path) -> None:
    at = visit("velocity", by="source")
    rows = table(at, "group", "stage", "n")
    assert rows[rows["stage"] == "MQL"].groupby("group")["n"].sum().to_dict() == {"Feria": 3, "Web": 3}
    at.selectbox(key="_velocity_stage").set_value("subscriber").run()
    assert not at.exception and at.query_params["stage"] in ("subscriber", ["subscriber"])


def test_a_figure_opens_to_rule_facts_and_people(acme: Path) -> None:
    at = visit("velocity")
    at.button(key="_velocity_medians_1_open").click().run()
    said = words(at)
    assert "Kaplan–Meier" in said and "Coverage" in said and "UTC" in said
    assert people(at) == ["=1+1", "Ana", "Berta", "Flor"]


def test_who_is_still_there_at_seven_days(acme: Path) -> None:
    """5/6 after the hour, 2/4 of it after a day (Eva is out of sight), 1/2 of it after four: only Dora is left."""
    at = visit("velocity", view="curves")
    rows = table(at, "day", "share", "at_risk").set_index("day")
    assert rows.loc[7, "at_risk"] == 1
    assert rows.loc[7, "share"] == pytest.approx(5 / 6 * 2 / 4 * 1 / 2)
    at.button(key="_velocity_stay_0_open").click().run()
    assert people(at) == ["Dora"]


def test_reaching_sales_is_quoted_at_7_30_and_90_days(acme: Path) -> None:
    """Of ten, Ana was accepted on day 2, Carla on day 6, Berta on day 8."""
    at = visit("velocity", view="reach", goal="sal")
    rows = table(at, "day", "share", "interval").set_index("day")
    assert list(rows.index) == [7, 30, 90]
    assert (rows.loc[7, "share"], rows.loc[30, "share"]) == (pytest.approx(0.2), pytest.approx(0.3))
    assert rows["n"].unique().tolist() == [10]
    at.selectbox(key="_velocity_who").set_value("sal.reached").run()
    assert people(at) == ["=1+1", "Ana", "Berta"]


def test_open_leads_by_age_and_their_people(acme: Path) -> None:
    at = visit("velocity", view="ageing")
    rows = table(at, "stage", "n_open", "7 to 30 days").set_index("stage")
    assert rows.loc["MQL", ["n_open", "under 7 days", "7 to 30 days"]].tolist() == [2, 1, 1]
    assert rows.loc["Subscriber", "90 to 180 days"] == 3
    at.selectbox(key="_velocity_who").set_value("mql.band_1").run()
    assert people(at) == ["Dora"]


def test_few_cases_are_not_compared(acme: Path) -> None:
    at = visit("velocity", view="engines")
    assert "too few cases to compare" in words(at)
    assert not at.metric


def engines(size: int = 60) -> Rows:
    """Two sources, one of which takes six times as long, and a third of its leads are refused."""
    records: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []
    for number in range(size):
        for source, days in (("Web", 1), ("Feria", 6)):
            who, begun = f"{source}{number}", datetime(2025, 9, 1) + timedelta(hours=number)
            lost = source == "Feria" and number % 2
            until = begun + timedelta(days=days + number % 3)
            last = "Disqualified" if lost else "SAL"
            records.append(lead(who, name=who, source=source, status=last, created_at=begun))
            history += moved(who, (begun, "MQL"), (until, last))
    return Rows(creation_logged=True, record=records, field_change=history)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_slow_engine_is_shown_with_its_people(home: Path, lang: str) -> None:
    fill(home, engines())
    at = visit("velocity", lang, view="engines")
    rows = table(at, "what", "group", "ratio")
    assert set(rows["group"]) == {"Feria"} and len(rows) == 2
    said = words(at)
    assert ("not a cause" if lang == "en" else "no una causa") in said
    assert values(at)[0].replace(" ", " ").startswith("+")
    at.selectbox(key="_velocity_who").set_value("mql.lost:source.Feria").run()
    assert len(people(at)) == 30


def test_dates_restrict_to_entries_into_the_stage(acme: Path) -> None:
    rows = table(visit("velocity", **{"from": "2026-01-01"}), "stage", "n").set_index("stage")
    assert rows.loc["MQL", "n"] == 2 and "Subscriber" not in rows.index
    at = visit("velocity", view="ageing", **{"from": "2026-03-01"})
    assert table(at, "stage", "n_open").set_index("stage")["n_open"].to_dict() == {"MQL": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [("stage", "nowhere"), ("goal", "nowhere"), ("lost_after", "soon"), ("who", "x.y"), ("view", "z")],
)
def test_a_value_that_cannot_be_is_left_out(acme: Path, name: str, value: str) -> None:
    view = {"lost_after": "engines", "goal": "reach"}.get(name, "curves")
    at = visit("velocity", **{"view": view, name: value})
    assert not at.exception and not at.error


def test_a_staircase_is_drawn_as_far_as_enough_are_watched() -> None:
    points = [Point(float(day), 1 - day / 20, None, None, 20 - day) for day in range(20)]
    assert [point.at_risk for point in velocity_charts.watched(points)] == list(range(20, 9, -1))
    few = [Point(0.0, 1.0, None, None, 3), Point(2.0, None, None, None, 0)]
    assert velocity_charts.watched(few) == few[:1]


def test_names_of_groups_are_not_markup(home: Path) -> None:
    world = company()
    for record in world.tables["record"]:
        record["source"] = "<b>50%{x}</b>"
    fill(home, world, now=AS_OF)
    for part in PARTS:
        at = visit("velocity", view=part, by="source")
        assert not at.exception and not at.error
