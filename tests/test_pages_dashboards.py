"""Funnel, SLA, Findings and Today on ten leads whose numbers are known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from leadpact.export import MARK
from tests.apptest import company, fill, prepare, settle_company, visit, words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    """The data of the first table with these columns, as it is underneath; a table is no widget with a key."""
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if set(columns) <= set(frame.value.columns))
    return found


def people(at: AppTest) -> pd.DataFrame:
    return table(at, "name", "email")


def options(at: AppTest, key: str) -> list[Any]:
    return list(at.selectbox(key=key).options)


def test_the_funnel_counts_journeys_stage_by_stage() -> None:
    rows = table(visit("funnel"), "stage", "converted")
    assert list(rows["stage"]) == ["Subscriber", "MQL", "Accepted by Sales", "Opportunity", "Customer"]
    assert list(rows["converted"]) == [10, 6, 3, 1, 1]
    assert list(rows["lost"]) == [0, 1, 1, 0, 0]
    assert list(rows["pending"]) == [0, 3, 2, 2, 0]
    assert list(rows["rate_of_first"]) == [1.0, 0.6, 0.3, 0.1, 0.1]


def test_stages_nobody_can_enter_are_hidden_until_asked_for() -> None:
    at = visit("funnel")
    toggle = at.toggle(key="_funnel_all_stages")
    assert "Interested, Searching, SQL" in toggle.label.replace("\\", "")
    toggle.set_value(True).run()
    assert list(table(at, "stage", "converted")["stage"])[:3] == ["Subscriber", "Interested", "Searching"]
    assert at.query_params["all_stages"] in ("1", ["1"])


def test_few_cases_are_marked() -> None:
    rows = table(visit("funnel"), "stage", "converted")
    assert set(rows["note"]) == {"few cases (fewer than 30)"}


def test_a_window_in_the_link_gives_the_mature_rate_with_its_interval() -> None:
    at = visit("funnel", window=90)
    assert at.selectbox(key="_funnel_window").value == 90
    rows = table(at, "stage", "converted").set_index("stage")
    assert rows.loc["MQL", "mature_entered"] == 10  # all entered on 1 November, four months before
    assert rows.loc["MQL", "mature_rate"] == 0.4  # Dora and Eva came after 90 days
    assert "–" in rows.loc["MQL", "interval"]


def test_filters_survive_a_change_of_page_and_the_way_back_to_the_default() -> None:
    at = visit("funnel", source="Web", window=30)
    assert at.metric[0].value == "5"
    for name in ("source", "window"):  # what following a link to another page does to the URL
        del at.query_params[name]
    at.switch_page("pages/sla.py").run()
    assert at.selectbox(key="_sla_source").value == "Web"
    assert "Source = Web" in words(at)
    at.selectbox(key="_sla_source").select_index(0).run()
    assert "source" not in at.query_params
    at.switch_page("pages/funnel.py").run()
    assert at.metric[0].value == "10"
    assert at.selectbox(key="_funnel_window").value == 30


def test_two_choices_made_quickly_both_count() -> None:
    """The second comes with the address of before the first: the browser has not been told of it yet."""
    at = visit("velocity", source="Web")
    before = dict(at.query_params)
    at.selectbox(key="_velocity_source").set_value("Feria").run()
    at.query_params.clear()
    at.query_params.update(before)
    at.selectbox(key="_velocity_by").set_value("owner").run()
    assert (at.selectbox(key="_velocity_source").value, at.selectbox(key="_velocity_by").value) == ("Feria", "owner")
    assert at.query_params["source"] in ("Feria", ["Feria"]) and at.query_params["by"] in ("owner", ["owner"])
    at.selectbox(key="_velocity_source").select_index(0).run()
    at.query_params["source"] = "Feria"
    at.selectbox(key="_velocity_by").select_index(0).run()
    assert not {"source", "by"} & set(at.query_params)


def test_the_way_back_in_the_browser_wins_over_what_was_chosen() -> None:
    at = visit("velocity", source="Web")
    at.selectbox(key="_velocity_source").set_value("Feria").run()
    at.query_params["source"] = "Web"
    at.run()
    assert at.selectbox(key="_velocity_source").value == "Web"


def test_reset_takes_every_filter_back() -> None:
    at = visit("funnel", source="Web", window=30, by="source", to="2025-12-01")
    at.button(key="_funnel_reset").click().run()
    assert at.metric[0].value == "10"
    assert not {"source", "window", "by", "to"} & set(at.query_params)


@pytest.mark.parametrize(
    ("name", "value"),
    [("window", "soon"), ("window", "-3"), ("from", "yesterday"), ("mode", "best"), ("anchor", "none"),
     ("by", "email"), ("as_of", "2026-13-01"), ("to", "9999-12-31")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_left_out_and_said(name: str, value: str) -> None:
    at = visit("funnel", **{name: value})
    assert not at.exception and not at.error
    assert name in at.warning[0].value.replace("\\", "")
    assert at.metric[0].value == "10"
    assert name not in at.query_params


def test_an_end_before_the_start_is_left_out_and_said() -> None:
    at = visit("funnel", **{"from": "2025-11-01", "to": "2025-10-01"})
    assert at.warning and at.metric[0].value == "10"


def test_the_last_day_shown_is_the_day_before_the_end() -> None:
    at = visit("funnel", to="2025-11-02")
    assert str(at.date_input(key="_funnel_to").value) == "2025-11-01"
    assert at.metric[0].value == "10"
    assert visit("funnel", to="2025-11-01").metric == []


def test_a_past_moment_takes_back_what_came_later() -> None:
    at = visit("funnel", as_of="2025-11-06")
    rows = table(at, "stage", "converted").set_index("stage")
    assert rows.loc["MQL", "converted"] == 3
    assert rows.loc["Customer", "converted"] == 0
    assert "As of Nov 6, 2025" in words(at)


def test_a_moment_after_the_sync_is_the_sync() -> None:
    at = visit("funnel", as_of="2027-01-01")
    assert not at.exception and not re.search(r"As of \w+ \d", words(at).split("Explain")[0])


def test_split_by_source_adds_up() -> None:
    rows = table(visit("funnel", by="source"), "stage", "converted")
    firsts = rows[rows["stage"] == "Subscriber"].set_index("group")["converted"]
    assert firsts.to_dict() == {"Web": 5, "Feria": 5}


def test_the_link_to_a_bar_lists_its_people_masked_until_asked() -> None:
    at = visit("funnel", step="mql.lost")
    found = people(at)
    assert list(found["name"]) == ["Gina"]
    assert list(found["email"]) == ["g•••@•••.example"]
    assert "123" not in found["phone"].iloc[0]
    at.toggle(key="_funnel_people_reveal").set_value(True).run()
    assert list(people(at)["email"]) == ["gina@acme.example"]


def test_people_can_be_chosen_without_a_mouse() -> None:
    at = visit("funnel")
    at.selectbox(key="_funnel_step").set_value("sal.pending").run()
    assert set(people(at)["name"]) == {"Dora", "Eva"}
    assert at.query_params["step"] in ("sal.pending", ["sal.pending"])


def test_a_bar_that_is_not_there_lists_nobody() -> None:
    at = visit("funnel", step="nothing.converted")
    assert not at.exception
    assert not [frame for frame in at.dataframe if "name" in frame.value.columns]


def test_people_of_every_bar_are_as_many_as_it_says() -> None:
    at = visit("funnel", by="source")
    for text in options(at, "_funnel_step")[1:]:
        count = int(text.rsplit("(", 1)[1].rstrip(")"))
        at.selectbox(key="_funnel_step").select(text).run()
        assert len(people(at)) == count, text


def test_the_download_holds_every_row_and_runs_nothing(home: Path) -> None:
    from leadpact import settings
    from leadpact.language import Language
    from ui import exports, funnels, sources
    from ui import people as people_list
    from ui.access import Visitor
    from ui.choice import Choice
    from ui.page import Page
    from ui.whom import Sight

    space = sources.workspace()
    found = settings.connections(space.database)
    used = space.pact_in_use("acme")
    page = Page("funnel", Language("es"), Visitor(), space, found, found["acme"], used, space.analyse("acme"))
    from leadpact.metrics.funnel import Scope

    args = (Scope(), False, Choice("sal", "converted"))
    kinds = {"name": "text", "entry": "moment", "phone": "text", "url": "link", "url_text": "text"}
    hosts = frozenset({"crm.example"})
    sheet = people_list._sheet(page, funnels.behind, args, "record_id", kinds, hosts, Sight(), masked=False)  # type: ignore[arg-type]
    text = exports.csv_of(sheet).decode()
    assert text.startswith(MARK)
    rows = text.removeprefix(MARK).splitlines()
    assert rows[0] == "Nombre,Entrada,Teléfono,CRM"
    assert sorted(row.split(",")[0] for row in rows[1:]) == ["'=1+1", "Ana", "Berta"]
    assert all(row.split(",")[2].startswith("'+34") for row in rows[1:])
    assert all(row.split(",")[3].startswith("https://crm.example/") for row in rows[1:])


def test_an_address_that_does_not_lead_into_the_crm_stands_as_text(home: Path) -> None:
    records = company().tables["record"]
    poisoned = {"flor": "https://crm.example.evil.example/flor", "gina": "javascript:alert(1)"}
    for record in records:
        record["url"] = poisoned.get(record["record_id"], record.get("url"))
    fill(home, company(record=records))
    found = people(visit("funnel", step="mql.lost")).set_index("record_id")
    assert "url" not in found
    assert set(found["url_text"]) <= set(poisoned.values()) and len(found)
    both = people(visit("funnel", step="mql.converted")).set_index("record_id")  # Flor too: MQL before she was lost
    assert both["url"].dropna().str.startswith("https://crm.example/").all()
    assert list(both.index[both["url"].isna()]) == list(both.index[both["url_text"].notna()]) == ["flor"]


def test_sla_counts_the_six_states() -> None:
    at = visit("sla")
    row = table(at, "met", "overdue").iloc[0]
    states = ("met", "breached", "overdue", "running", "withdrawn", "unknown")
    assert [row[name] for name in states] == [2, 1, 1, 1, 1, 0]
    assert row["compliance"] == 0.5
    assert at.metric[0].value.replace("\xa0", " ").replace(" ", "") == "50.0%"


def test_sla_people_behind_a_state_and_a_group() -> None:
    at = visit("sla", by="team", clocks="mql-follow-up.met.sales")
    assert set(table(at, "name", "touched")["name"]) == {"Ana", "=1+1"}


def test_sla_without_activities_is_unknown_not_overdue(home: Path) -> None:
    fill(home, company(activity=None))
    row = table(visit("sla"), "met", "overdue").iloc[0]
    assert row["overdue"] == 0 and row["unknown"] > 0


def test_no_sla_in_the_pact_says_what_to_do(home: Path) -> None:
    from datetime import datetime

    from config import versions
    from config.document import default
    from leadpact.workspace import Workspace

    pact = default("en").model_copy(update={"sla": []})
    versions.save(Workspace(home).database, pact, author="a@b.example", message="", now=datetime(2026, 3, 1))
    at = visit("sla")
    assert not at.exception and "No SLA is agreed yet" in words(at)
    at = visit("today")
    assert not at.exception and "No SLA is written in the pact" in words(at)
    assert [metric.value for metric in at.metric][:2] == ["unknown", "unknown"]


def test_findings_filter_by_severity_and_rule() -> None:
    at = visit("findings")
    labels = [expander.label.replace("\\", "") for expander in at.expander]
    assert any("STA01" in label for label in labels) and any("CON01" in label for label in labels)
    at.selectbox(key="_findings_rule").set_value("STA01").run()
    labels = [expander.label for expander in at.expander]
    assert [("STA01" in label) for label in labels] == [True, False]  # the rule, and the explanation
    assert "Left Voicemail" in words(at)


def test_a_finding_opens_the_people_behind_it() -> None:
    at = visit("findings", rule="STA01")
    at.button(key="_findings_people_STA01:lead:Left Voicemail").click().run()
    assert list(people(at)["name"]) == ["=1+1"]
    assert at.query_params["finding"] in ("STA01:lead:Left Voicemail", ["STA01:lead:Left Voicemail"])


def test_what_a_source_cannot_say_is_not_checked_and_not_fine(home: Path) -> None:
    fill(home, company(status_value=None))
    at = visit("findings", view="unchecked")
    assert "Not checked" in [one.value for one in at.subheader]
    assert "STA14" in words(at)


def test_today_tests_both_complaints_with_their_numbers() -> None:
    values = [metric.value.replace("\xa0", "").replace(" ", "") for metric in visit("today").metric]
    assert values[:4] == ["50.0%", "3", "75.0%", "1"]  # in time, never touched, accepted, sent back


def test_today_shows_unknown_as_unknown(home: Path) -> None:
    fill(home, company(activity=None, record=[row for row in company().tables["record"] if row["object"] == "lead"]))
    at = visit("today")
    said = words(at)
    assert "This source has no contacts" in said
    assert "This source gives no activities" in said
    assert at.metric[1].value == "unknown"  # never touched
