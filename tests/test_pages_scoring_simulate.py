"""The simulation part of the Scoring page, and `scoring simulate`: a draft beside the version in use.

Not here: the figures (test_scoring_simulate.py), the other parts of the page.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config import drafts, versions
from config.document import default, parse
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare, settle_company, visit, words
from tests.command import Answer, called, document
from tests.test_pages_scoring import PROPOSED, RULES


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(home: Path, *options: str) -> Answer:
        return called(capsys, "--home", str(home), *options)

    return call


def agree(home: Path, threshold: float | None = 20, draft: float | None = None) -> dict[str, Any]:
    """A version signed by both, and a draft with another threshold where one is given."""
    engine = Workspace(home).database
    known = default("en").model_dump(mode="json", exclude_defaults=True)
    made = {**known, "status_map": {**known["status_map"], **PROPOSED}, "scoring": {"rules": RULES}}
    made["sales_ready"] = {} if threshold is None else {"threshold": threshold}
    one = versions.save(engine, parse(made), author="test", message="", now=AS_OF)
    for team in ("marketing", "sales"):
        one = versions.sign(engine, one, email=f"{team}@acme.example", team=team, door="cli", now=AS_OF)
    if draft is not None:
        begun = drafts.begin(engine, author="ana", now=AS_OF)
        value = {"threshold": draft}
        drafts.edit(engine, begun.id, section="sales_ready", value=value, expected=0, author="ana", now=AS_OF)
    return made


@pytest.mark.parametrize(("lang", "advice"), [("en", "Sync a connection first"), ("es", "Primero sincroniza")])
def test_without_data_it_says_what_to_do(lang: str, advice: str) -> None:
    at = visit("scoring", lang, view="simulate")
    assert not at.exception
    assert advice in words(at)


@pytest.mark.parametrize(
    ("lang", "advice"), [("en", "There is nothing to simulate yet"), ("es", "Todavía no hay nada")]
)
def test_without_a_draft_it_says_where_to_begin(home: Path, lang: str, advice: str) -> None:
    settle_company(home)
    agree(home)
    at = visit("scoring", lang, view="simulate")
    assert not at.exception
    assert advice in words(at)


PAGES = [("en", "Green with the draft", "Fast or well done"), ("es", "Verdes con el borrador", "Rápido o bien hecho")]


def test_the_page_says_what_the_draft_would_do(home: Path, run: Any) -> None:
    settle_company(home)
    agree(home, 1000, draft=5)
    told = document(run(home, "scoring", "simulate", "--months", "1", "--json"))
    assert told["today"]["gained"] > 0
    for lang, title, heading in PAGES:
        at = visit("scoring", lang, view="simulate", capacity="3", months="1")
        assert not at.exception
        assert heading in words(at)
        assert next(one.value for one in at.metric if one.label == title) == str(told["today"]["gained"])
    # the last is the Spanish one: which text is which, lights and fields by their names, weeks by their day
    assert "versión 1" in next(one.value for one in at.caption if "«Antes»" in one.value).casefold()
    lights = next(frame.value for frame in at.dataframe if "light_change" in frame.value.columns)["light_change"]
    assert set(lights) <= {f"{was} → verde" for was in ("ámbar", "rojo", "–")}
    weeks = next(frame.value for frame in at.dataframe if "Semana hasta" in frame.value.columns)["Semana hasta"]
    assert not any(":" in day for day in weeks) and "f_" not in " ".join(one.value for one in at.caption)


def test_the_chosen_threshold_goes_into_the_draft_and_nothing_is_signed(home: Path) -> None:
    settle_company(home)
    agree(home, 1000, draft=5)
    at = visit("scoring", "en", view="simulate", months="1")
    at.select_slider(key="_scoring_simulate_threshold").set_value(20.0).run()
    at.button(key="_scoring_simulate_use").click().run()
    assert "Say who you are" in words(at)
    at.text_input(key="_scoring_author").set_value("Ana").run()
    at.button(key="_scoring_simulate_use").click().run()
    assert not at.exception and "both teams sign it" in words(at)
    engine = Workspace(home).database
    held = drafts.newest(engine)
    assert held is not None
    assert held.document["sales_ready"]["threshold"] == 20
    assert held.author == "ana"
    assert len(versions.history(engine)) == 1


def test_the_command_takes_a_file_and_a_version_to_put_it_beside(home: Path, run: Any, tmp_path: Path) -> None:
    settle_company(home)
    made = agree(home, 20)
    file = tmp_path / "draft.yaml"
    file.write_text(json.dumps({**made, "sales_ready": {"threshold": 5}}), encoding="utf-8")
    people = tmp_path / "people.csv"
    told = document(run(home, "scoring", "simulate", "--pact", str(file), "--against", "1", "--months", "2",
                        "--capacity", "1", "--explain", str(people), "--json"))  # fmt: skip
    assert told["against"]["version"] == 1 or told["against"]["hash"]
    assert len(told["weeks"]) == 9
    assert told["outcome"]["after"]["threshold"] == 5
    lines = people.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + told["today"]["gained"] + told["today"]["lost"]
    assert "Rápido o bien hecho" in run(home, "--lang", "es", "scoring", "simulate", "--pact", str(file))[1]


def test_the_command_says_that_there_is_no_draft_and_that_both_are_the_same(
    home: Path, run: Any, tmp_path: Path
) -> None:
    settle_company(home)
    made = agree(home, 20)
    assert "no draft" in run(home, "scoring", "simulate")[2]
    file = tmp_path / "same.yaml"
    file.write_text(json.dumps(made), encoding="utf-8")
    refused = run(home, "scoring", "simulate", "--pact", str(file))
    assert refused[0] == 2
    assert "nothing to compare" in refused[2]
