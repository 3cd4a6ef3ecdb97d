"""The parts of the Funnel page on ten leads whose numbers are known: figures, comparison, leaks, cohorts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import company, fill, prepare, settle_company, visit, words
from tests.rows import lead, moved


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    """The data of the first table with these columns."""
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))
    return found


def people(at: AppTest) -> set[str]:
    return set(table(at, "name", "email")["name"])


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label.replace("\\", ""): metric.value for metric in at.metric}


def test_the_figures_add_up_and_what_is_left_out_is_in_sight() -> None:
    at = visit("funnel")
    assert figures(at) == {
        "Journeys": "10", "Reached Customer": "10.0%", "Lost on the way": "2", "Still on their way": "7",
        "Known history": "100.0%",
    }  # fmt: skip
    assert "Not in these figures: journeys with unknown dates: 0" in words(at)


@pytest.mark.parametrize(
    ("number", "names"),
    [(1, {"Ana"}), (2, {"Flor", "Gina"}), (3, {"Berta", "=1+1", "Dora", "Eva", "Hilda", "Irma", "Julia"})],
)
def test_a_figure_opens_to_its_rule_and_its_people(number: int, names: set[str]) -> None:
    at = visit("funnel")
    at.button(key=f"_funnel_whole_{number}_open").click().run()
    assert people(at) == names
    assert "The cohort is journeys by their entry" in words(at)


@pytest.mark.parametrize("mode", ["strict", "visited"])
def test_the_figures_of_the_other_modes_add_up_too(mode: str) -> None:
    shown = figures(visit("funnel", mode=mode))
    won = round(float(shown["Reached Customer"].rstrip("%")) / 10)
    assert won + int(shown["Lost on the way"]) + int(shown["Still on their way"]) == 10


def test_the_untouched_can_be_listed(home: Path) -> None:
    cold = lead("cold", name="Cold", email="cold@acme.example", status="Unknown", created_at="2025-11-01T09:00:00")
    own = company()
    own.tables["record"].append(cold)
    own.tables["field_change"] += moved("cold", ("2025-11-01T09:00:00", "Unknown"))
    own.tables["status_value"].append({"object": "lead", "value": "Unknown", "is_active": True})
    fill(home, own)
    at = visit("funnel", step=".untouched")
    assert "people without any interaction, before the funnel: 1." in words(at)
    assert people(at) == {"Cold"}


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("query", [{}, {"compare": "before"}, {"view": "leaks"}, {"view": "cohorts"}], ids=str)
def test_every_part_says_what_to_do_without_journeys(lang: str, query: dict[str, str]) -> None:
    at = visit("funnel", lang, **query, **{"from": "2030-01-01"})
    assert not at.exception and not at.metric
    advice = {"en": ("Widen the range",), "es": ("Amplía el periodo",)}[lang]
    assert all(word in words(at) for word in advice)


def test_no_comparison_until_asked() -> None:
    at = visit("funnel")
    assert "only among journeys that have had the same time" in words(at)
    at.segmented_control(key="_funnel_compare").set_value("before").run()
    assert at.query_params["compare"] in ("before", ["before"])
    assert "was reached within 30 days of entry" in words(at)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_period_before_stands_beside_it(home: Path, lang: str) -> None:
    """Six came in January, three of them went on within 10 days; of the four in December, one."""
    january = {f"j{n}": [(f"2026-01-1{n}T09:00:00", "MQL")] for n in range(6)}
    december = {f"d{n}": [(f"2025-12-1{n}T09:00:00", "MQL")] for n in range(4)}
    paths = {**january, **december}
    for who in ("j0", "j1", "j2", "d0"):
        paths[who] = [*paths[who], (paths[who][0][0].replace("T09", "T19"), "SAL")]
    rows = [
        lead(who, name=who, email=f"{who}@acme.example", status=steps[-1][1], created_at=steps[0][0])
        for who, steps in paths.items()
    ]
    history = [row for who, steps in paths.items() for row in moved(who, *steps)]
    fill(home, company(record=rows, field_change=history, activity=None))
    query = {"compare": "before", "window": 10, "from": "2026-01-01", "to": "2026-02-01"}
    at = visit("funnel", lang, **query)
    rows_ = table(at, "now_rate", "before_rate").reset_index()
    sal = rows_[rows_["now_part"] == 3].iloc[0]
    assert (sal["now_whole"], sal["before_part"], sal["before_whole"]) == (6, 1, 4)
    assert sal["now_rate"] == 0.5 and sal["before_rate"] == 0.25
    assert ("could be chance" if lang == "en" else "puede ser azar") in sal["evidence"]
    assert people(visit("funnel", lang, **query, side="sal.other_converted")) == {"d0"}
    assert people(visit("funnel", lang, **query, side="sal.now_entered")) == {f"j{n}" for n in range(6)}


def test_groups_stand_beside_the_rest() -> None:
    at = visit("funnel", compare="rest", by="source")
    rows = table(at, "group_rate", "rest_rate")
    assert set(rows["group"]) == {"Web", "Feria"}
    web = rows[(rows["group"] == "Web") & (rows["stage"] == "MQL")].iloc[0]
    feria = rows[(rows["group"] == "Feria") & (rows["stage"] == "MQL")].iloc[0]
    assert (web["group_part"], web["rest_part"]) == (feria["rest_part"], feria["group_part"])
    assert "With the period before" in at.segmented_control(key="_funnel_compare").options[1]


def test_without_a_split_there_is_no_rest_to_compare_with() -> None:
    at = visit("funnel", compare="rest")
    assert len(at.segmented_control(key="_funnel_compare").options) == 2
    assert "Sets the funnel beside" in words(at)


def test_cohorts_by_month_mark_what_is_still_open() -> None:
    at = visit("funnel", view="cohorts")
    rows = table(at, "cohort_name", "cohort_stage").set_index("cohort_stage")
    assert set(rows["cohort_name"]) == {"Nov 2025"}
    assert list(rows["reached_count"]) == [10, 6, 3, 1, 1]
    assert "still open" in rows.loc["MQL", "note"] and "still open" not in rows.loc["Subscriber", "note"]
    assert rows.loc["MQL", "pending"] == 3


def test_cohorts_with_a_window_that_has_passed_are_final() -> None:
    rows = table(visit("funnel", view="cohorts", window=60), "cohort_name", "cohort_stage")
    assert not rows["note"].str.contains("still open").any()


def test_days_to_a_stage_and_the_people_of_a_cell() -> None:
    at = visit("funnel", "es", view="cohorts", reached="mql", unit="quarter", in_cell="2025-10-01_0.reached")
    rows = table(at, "cohort_name", "cohort_days")
    assert set(rows["cohort_name"]) == {"T4 2025"}
    assert list(rows["reached_count"])[:2] == [4, 4]  # Ana, Berta, Carla, Flor within a week
    assert people(at) == {"Ana", "Berta", "=1+1", "Flor"}
    assert "Una celda es la parte" in words(at)


def test_a_cell_that_is_not_there_lists_nobody() -> None:
    for cell in ("2025-11-01_x.reached", "nonsense", "2025-11-01_99.all"):
        at = visit("funnel", view="cohorts", in_cell=cell)
        assert not at.exception
        assert not any("email" in frame.value.columns for frame in at.dataframe)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_leaks_are_told_with_their_people_and_where_they_went(lang: str) -> None:
    """Flor was lost from MQL and Gina from New, both within 30 days, in November."""
    query = {"view": "leaks", "from": "2025-11-01", "to": "2025-12-01"}
    at = visit("funnel", lang, **query, leak="mql.lost")
    rows = table(at, "excess", "evidence").set_index("entered")
    assert rows.loc[10, "lost"] == 1 and rows.loc[4, "lost"] == 1
    assert people(at) == {"Flor"}
    assert ("Where those lost from MQL went" if lang == "en" else "A dónde fueron los perdidos desde MQL") in words(at)
    assert list(table(at, "lost_to", "lost")["lost"]) == [1]


def test_a_leak_opens_to_its_people() -> None:
    at = visit("funnel", view="leaks", **{"from": "2025-11-01", "to": "2025-12-01"})
    at.button(key="_funnel_leaks_0_open").click().run()
    assert len(people(at)) == 1
    assert "A win is no loss" in words(at)
