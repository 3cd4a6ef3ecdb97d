"""What the CRM and colleagues wrote stays text on every page: in words, tooltips, labels, figures, charts and tables.

Every text of a hostile company is an attack with a number of its own; what a page sends to the browser is searched for
those that are live where the browser reads Markdown, pseudo-HTML or links.

Not here: what a real browser makes of it (test_hardening_browser.py), reports (test_report.py, test_audit_report.py),
the event sheet (test_meeting_review.py), SARIF (test_sarif.py), spreadsheets (test_export.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from tests import hostile_company
from tests.apptest import prepare, visit
from tests.homes import copied
from tests.hostile_company import LIVE
from ui import charts, definition_flow, errors, registry, tables

VIEWS: dict[str, tuple[str, ...]] = {
    "funnel": ("funnel", "cohorts", "compare", "flow", "trends", "leaks", "pipeline"),
    "velocity": ("stages", "reach", "engines", "ageing"),
    "sla": ("policies", "waiting", "response", "bands", "when", "people"),
    "findings": ("findings", "target", "history", "imports", "maturity", "todo"),
    "definition": ("pact", "draft", "versions", "compare"),
    "scoring": ("rules", "quality", "simulate", "suggest"),
    "fixes": ("repair", "history", "trail"),
}
QUICK = [("definition", "pact")]
REST = [(entry.name, view) for entry in registry.registered() for view in VIEWS.get(entry.name, ("",))]
# what the browser shows letter by letter: the names of things, values typed, options, texts for those who do not see
PLAIN = {"id", "key", "alt", "raw_value", "default", "value", "options", "arrow_data", "formatted_value"}
CHART_TAG = re.compile(r"<(?!br>|/?b>|/?extra>)|<b>fat\d")
LINK = re.compile(r"https://|person\?|(/mock)?/media/|$")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    hostile_company.settle(home)
    return home


@pytest.fixture
def home(tmp_path: Path, synced: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(copied(synced, tmp_path / "home"), monkeypatch)


def opened(page: str, view: str) -> AppTest:
    query: dict[str, Any] = {"view": view} if view else {}
    query |= {"by": "source"} if page in ("funnel", "velocity", "sla") else {}
    query |= {"object": "lead", "record": "r1"} if page == "person" else {}
    at = visit(page, "en", **query)
    assert not at.exception
    return at


def elements(node: Any) -> Iterator[Any]:
    for child in getattr(node, "children", {}).values():
        proto = getattr(child, "proto", None)
        if proto is not None:
            yield proto
        yield from elements(child)


def strings(message: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text an element carries, with the name of its field."""
    for field, value in message.ListFields():
        many = not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
        for one in (value.values() if hasattr(value, "values") else value) if many else [value]:
            if hasattr(one, "ListFields"):
                yield from strings(one, field.name)
            elif isinstance(one, str):
                yield field.name, one


def live(at: AppTest) -> list[tuple[str, str, str]]:
    """What is read as Markdown and holds an attack: the element, the field, the text."""
    found = []
    for proto in elements(at._tree):
        kind = type(proto).__name__
        for field, text in strings(proto):
            if (kind, field) == ("PlotlyChart", "spec"):
                found += [(kind, place, each) for place, each in in_chart(json.loads(text))]
            elif (kind, field) == ("Dataframe", "columns"):
                helps = [str(column.get("help") or "") for column in json.loads(text).values()]
                found += [(kind, "help", each) for each in helps if LIVE.search(each)]
            elif field == "url":
                found += [] if LINK.match(text) else [(kind, field, text)]
            elif field not in PLAIN and LIVE.search(text):
                found.append((kind, field, text))
    return found


def in_chart(spec: dict[str, Any]) -> list[tuple[str, str]]:
    """Texts of a chart in which Plotly would see a tag. What a click stands for is shown where a template says so."""
    said = []
    for trace in spec["data"]:
        shown = f"{trace.get('hovertemplate')}{trace.get('texttemplate')}"
        said += list(texts(trace, ("legendgroup", *(() if "customdata" in shown else ("customdata",)))))
    return [(place, text) for place, text in [*said, *texts(spec["layout"], ("template",))] if CHART_TAG.search(text)]


def texts(part: Any, without: Iterable[str], name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, str):
        yield name, part
    elif isinstance(part, dict):
        for key, one in part.items():
            if key not in without:
                yield from texts(one, without, key)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one, without, name)


def links(at: AppTest) -> list[str]:
    """The cells of link columns."""
    found = []
    for table in at.dataframe:
        kinds = json.loads(table.proto.columns or "{}")
        for name, column in kinds.items():
            if (column.get("type_config") or {}).get("type") == "link" and name in table.value:
                found += [str(cell) for cell in table.value[name].dropna()]
    return found


def held(page: str, view: str) -> None:
    at = opened(page, view)
    assert live(at) == []
    assert [link for link in links(at) if not LINK.match(link)] == []


@pytest.mark.parametrize(("page", "view"), QUICK)
def test_nothing_of_the_crm_is_markup(page: str, view: str, home: Path) -> None:
    held(page, view)


@pytest.mark.thorough
@pytest.mark.parametrize(("page", "view"), REST)
def test_nothing_of_the_crm_is_markup_on_any_page(page: str, view: str, home: Path) -> None:
    held(page, view)


def test_a_chart_is_made_plain_at_the_last_moment() -> None:
    """Whatever builds it, and leaves the house's own marks and what a click stands for."""
    evil = "<a href='https://evil.example'>x</a><b>fat1</b><script>"
    figure = go.Figure()
    figure.add_bar(x=[1, 2], y=[evil, "b"], name=evil, text=[evil, f"a<br><b>1</b>{evil}"], customdata=[[evil], ["b"]],
                   hovertemplate=f"%{{y}}<br>{evil}<extra></extra>")  # fmt: skip
    figure.update_yaxes(tickvals=[evil], ticktext=[evil], title=evil)
    figure.add_annotation(text=evil)
    made = charts.as_text(figure).to_plotly_json()
    trace, layout = made["data"][0], made["layout"]
    assert not CHART_TAG.search(json.dumps({**trace, "customdata": [], "text": "", "hovertemplate": ""}, default=str))
    assert trace["y"][0] == layout["yaxis"]["tickvals"][0], "a label still finds its bar"
    assert trace["customdata"][0][0] == evil and trace["text"][1].startswith("a<br><b>1</b>&lt;a href")
    shown = [trace["text"][0], trace["hovertemplate"], layout["yaxis"]["ticktext"][0], layout["annotations"][0]["text"]]
    for text in shown:
        assert not re.search(r"<(?!br>|/?b>|/?extra>)", text)


def test_a_label_in_the_drawing_of_moves_is_no_mermaid() -> None:
    evil = '"] --> x[ %%{init: {"x":"y"}}%%\nclick s0 "javascript:alert(1)" `**b**` <img src=x> #quot; &lt; {{a}} ;'
    document = {"stages": [{"key": "a", "kind": "nurture"}], "flow": [["a", "b"]]}
    lines = definition_flow.drawing(document, {"a": evil, "b": "B"}).splitlines()
    assert len(lines) == 6 and [line for line in lines if "click s0" in line] == [lines[1]]
    label = lines[1].removeprefix('  s0["').removesuffix('"]')
    assert not set(label) & set('"[]{}<>`*%|') and "&" not in label and "javascript#58;" in label


@pytest.mark.parametrize("text", ["30.0 %", "–", "10:30", "1,234 (3.2 %)", "2 – 5 h", "12′", "Customer"])
def test_a_figure_is_shown_as_it_is_written(text: str) -> None:
    assert errors.value(text) == text


def test_attacks_of_every_kind_are_noticed_and_escaped() -> None:
    """The search itself: each attack is live as it stands, and not after `plain`."""
    for _, text in zip(range(200), hostile_company.Payloads(), strict=False):
        assert not any(LIVE.search(shown(text)) for shown in (errors.plain, errors.label, errors.value))
    for n, part in enumerate(hostile_company.PARTS[:12]):
        said = part.format(n=n)
        assert LIVE.search(said) or "%" in said or "{{" in said, said
    assert tables.safe_link("javascript:alert(1)") is None and tables.safe_link("HTTPS://a.example") is not None
