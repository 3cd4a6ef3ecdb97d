"""The flow and the trends of the Funnel page, on ten leads whose numbers are known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import company, fill, prepare, settle_company, visit, words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))
    return found


def people(at: AppTest) -> list[str]:
    return sorted(table(at, "name", "email")["name"])


def values(at: AppTest) -> list[str]:
    return [metric.value.replace("\xa0", " ") for metric in at.metric]


PARTS = [{"view": "flow"}, {"view": "flow", "flow": "balance"}, {"view": "flow", "flow": "balance", "every": "week"},
         {"view": "flow", "flow": "paths"}, {"view": "trends"}, {"view": "trends", "every": "week"}]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("query", PARTS, ids=lambda query: "-".join(query.values()))
def test_every_part_opens_and_explains_itself(lang: str, query: dict[str, str]) -> None:
    at = visit("funnel", lang, **query)
    assert not at.exception and not at.error and not at.warning
    assert at.dataframe
    assert ("Pact" if lang == "en" else "Acuerdo") in words(at)
    assert ("Share with known times" if lang == "en" else "Parte con fechas conocidas") in words(at)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("query", [{"view": "flow"}, {"view": "flow", "flow": "paths"}, {"view": "trends"}])
def test_days_without_anything_say_what_to_do(lang: str, query: dict[str, str]) -> None:
    at = visit("funnel", lang, **query, **{"from": "2020-01-01", "to": "2020-02-01"})
    assert not at.exception and not at.error
    assert ("hoose" if lang == "en" else "lige") in words(at)


def test_an_untouched_balance_says_nobody_was_there(home: Path) -> None:
    at = visit("funnel", view="flow", flow="balance", **{"from": "2020-01-01", "to": "2020-02-01"})
    assert not at.exception and "Nobody was in any stage" in words(at)


def test_moves_are_counted_and_the_largest_comes_first() -> None:
    at = visit("funnel", view="flow")
    assert values(at) == ["12", "0", "0"]
    rows = table(at, "flow_from", "flow_to")
    assert rows.iloc[0][["flow_from", "flow_to", "flow_moves", "flow_people"]].tolist() == [
        "(new)",
        "Subscriber",
        10,
        10,
    ]
    known = {(row.flow_from, row.flow_to): row.flow_moves for row in rows.itertuples()}
    assert known["Subscriber", "MQL"] == 6 and known["MQL", "Accepted by Sales"] == 3
    assert "No flow is agreed" in words(at)


def test_the_people_of_a_move_are_as_many_as_it_says() -> None:
    at = visit("funnel", view="flow", move="subscriber.mql")
    assert people(at) == ["=1+1", "Ana", "Berta", "Dora", "Eva", "Flor"]
    for text in list(at.selectbox(key="_funnel_move").options)[1:4]:
        count = int(text.rsplit("(", 1)[1].rstrip(")"))
        at.selectbox(key="_funnel_move").select(text).run()
        assert len(people(at)) == count, text


def test_moves_can_be_split_and_add_up() -> None:
    rows = table(visit("funnel", view="flow", by="source"), "flow_from", "flow_to")
    mql = rows[(rows["flow_from"] == "Subscriber") & (rows["flow_to"] == "MQL")]
    assert set(mql["group"]) == {"Web", "Feria"} and mql["flow_moves"].sum() == 6


def test_the_agreed_flow_is_a_figure_of_its_own(home: Path) -> None:
    from config import versions
    from config.document import default, parse
    from leadpact.workspace import Workspace
    from tests.apptest import AS_OF

    document = default("en").model_dump(mode="json", exclude_defaults=True)
    values_of = {
        "New": "subscriber",
        "MQL": "mql",
        "SAL": "sal",
        "Customer": "customer",
        "Disqualified": "disqualified",
    }
    agreed = parse({**document, "flow": [["subscriber", "mql"], ["mql", "sal"]], "status_map": {"lead": values_of}})
    versions.save(Workspace(home).database, agreed, author="a@b.example", message="", now=AS_OF)
    at = visit("funnel", view="flow")
    assert values(at) == ["12", "0", "0", "3"]  # Ana's win and two straight to disqualified; Carla's is not judged
    at.button(key="_funnel_flow_3_open").click().run()
    assert people(at) == ["Ana", "Flor", "Gina"]


def test_a_balance_adds_up_and_opens() -> None:
    at = visit("funnel", view="flow", flow="balance", cell="mql.left")
    rows = table(at, "flow_start", "flow_end").set_index("stage")
    assert rows.loc["MQL", ["flow_start", "flow_in", "flow_out", "flow_end"]].tolist() == [0, 6, 4, 2]
    assert (rows["flow_start"] + rows["flow_in"] - rows["flow_out"] == rows["flow_end"]).all()
    assert people(at) == ["=1+1", "Ana", "Berta", "Flor"]


def test_a_balance_by_month_is_of_the_stage_chosen() -> None:
    at = visit("funnel", view="flow", flow="balance", every="month", stage="mql", cell="mql.end_2026-02-01")
    rows = table(at, "flow_start", "flow_end")
    assert rows.iloc[0]["period"] == "Mar 2026 (unfinished)"
    assert rows.iloc[1][["period", "flow_start", "flow_in", "flow_out", "flow_end"]].tolist() == [
        "Feb 2026",
        0,
        1,
        0,
        1,
    ]
    assert len(rows) == 12
    assert people(at) == ["Dora"]


def test_the_people_of_a_path() -> None:
    at = visit("funnel", view="flow", flow="paths", path="subscriber-mql.journey")
    rows = table(at, "flow_path", "flow_count")
    assert rows.iloc[0][["flow_path", "flow_count"]].tolist() == ["Subscriber", 3]
    assert people(at) == ["Dora", "Eva"]
    assert values(at) == ["10", "6", "0"]


def test_rework_opens_those_who_came_back(home: Path) -> None:
    from tests.apptest import START
    from tests.rows import moved

    back = [START, ("2025-11-05T09:00:00", "MQL"), ("2025-11-06T09:00:00", "SAL"), ("2025-11-09T09:00:00", "MQL")]
    history = [row for row in company().tables["field_change"] if row["record_id"] != "berta"] + moved("berta", *back)
    record = [{**row, "status": "MQL"} if row["record_id"] == "berta" else row for row in company().tables["record"]]
    fill(home, company(field_change=history, record=record))
    at = visit("funnel", view="flow", flow="paths", rework="mql.again")
    row = table(at, "flow_entries", "flow_reentries").set_index("stage").loc["MQL"]
    assert row[["flow_entries", "flow_people", "flow_reentries", "flow_people_again"]].tolist() == [7, 6, 1, 1]
    assert people(at) == ["Berta"]
    assert values(visit("funnel", view="flow"))[:3] == ["13", "1", "1"]
    assert len(table(at, "flow_path", "flow_count")) > 1


def test_trends_count_months_and_mark_the_unfinished_one() -> None:
    at = visit("funnel", view="trends")
    rows = table(at, "period", "Journeys started")
    assert rows["period"].tolist()[:2] == ["Mar 2026 (unfinished)", "Feb 2026"] and len(rows) == 12
    november = rows[rows["period"] == "Nov 2025"].iloc[0]
    assert november[["Journeys started", "Subscriber", "MQL", "Accepted by Sales", "Lost"]].tolist() == [
        10,
        10,
        4,
        3,
        2,
    ]
    assert rows[rows["period"] == "Dec 2025"].iloc[0][["Journeys started", "Won"]].tolist() == [0, 1]
    assert values(at) == ["10", "1", "2", "1 of 10"]
    assert november["Reached Customer"] == 0.1 and "few cases" in november["note"]


def test_the_people_of_a_point_of_a_trend() -> None:
    at = visit("funnel", view="trends", when="stage_mql.2025-11-01")
    assert people(at) == ["=1+1", "Ana", "Berta", "Flor"]


def test_a_total_of_the_trends_opens_its_people() -> None:
    at = visit("funnel", view="trends")
    at.button(key="_funnel_trends_2_open").click().run()
    assert people(at) == ["Flor", "Gina"]


def test_one_line_stands_beside_the_periods_before() -> None:
    at = visit("funnel", view="trends", every="week", trend="stage_mql")
    assert not at.exception
    assert at.selectbox(key="_funnel_trend").value == "stage_mql"
    assert at.query_params["trend"] in ("stage_mql", ["stage_mql"])


def test_a_window_nobody_is_old_enough_for_says_so() -> None:
    at = visit("funnel", view="trends", window=365)
    assert "is 365 days old yet" in "\n".join(info.value for info in at.info).replace("\\", "")
