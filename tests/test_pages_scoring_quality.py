"""The parts “is it any good?” and “suggested points” of the Scoring page: figures, empty states, taking a rule over.

Not here: the figures themselves (test_scoring_quality.py, test_scoring_suggest.py).
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from config import drafts, versions
from leadpact.workspace import Workspace
from tests.apptest import prepare, settle_company, visit, words
from tests.homes import copied
from tests.scored_world import AS_OF, RULES, rows
from tests.worlds import pact
from ui import access, scoring_suggest

SCORED = pact(scoring={"rules": RULES}, sales_ready={"threshold": 20})


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("scored")
    space = Workspace(home)
    versions.save(space.database, SCORED, author="test", message="", now=AS_OF)
    space.sync(rows(), "acme", now=AS_OF)
    space.database.dispose()
    return home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path / "home", monkeypatch)


@pytest.fixture
def scored(home: Path, synced: Path) -> Path:
    return copied(synced, home)


def test_how_good_it_is_with_the_people_behind(scored: Path) -> None:
    at = visit("scoring", view="quality", days="60", known="now", behind="rule:bank")
    said = words(at)
    assert not at.exception and not at.error
    rules = next(frame.value for frame in at.dataframe if "quality_verdict" in frame.value.columns)
    verdicts = dict(zip(rules["quality_rule"], rules["quality_verdict"], strict=True))
    assert verdicts["signed"] == "Knows the outcome: left out" and verdicts["red"] == "No effect shows"
    assert "still blank at the moment" in said and "Hit by bank" in said
    assert "Conversion rises from band to band" in said
    assert next(metric.value for metric in at.metric) == "400"


def test_too_few_outcomes_say_what_helps(home: Path) -> None:
    settle_company(home)
    versions.save(Workspace(home).database, SCORED, author="test", message="", now=AS_OF)
    said = words(visit("scoring", "es", view="quality"))
    assert "Muy pocos resultados" in said and "Ayuda: más historia" in said


@pytest.mark.parametrize(("view", "lang", "advice"), [("quality", "en", "Connect your CRM"),
                                                      ("suggest", "es", "Conecta primero tu CRM")])  # fmt: skip
def test_before_the_first_sync_it_leads_to_the_connection(home: Path, view: str, lang: str, advice: str) -> None:
    at = visit("scoring", lang, view=view)
    assert not at.exception and advice in words(at)
    assert any(link.proto.page == "connection" for link in at.get("page_link"))


def test_a_rule_is_taken_over_by_somebody_with_a_name(scored: Path) -> None:
    at = visit("scoring", view="suggest", days="60")
    assert not at.exception and "Left out, and why" in [one.value for one in at.subheader]
    button = next(one for one in at.button if one.key and one.key.startswith("_scoring_take_"))
    button.click().run()
    engine = Workspace(scored).database
    assert "Say who you are" in "".join(one.value for one in at.error)
    assert drafts.newest(engine) is None
    at.text_input(key="_scoring_author").set_value("ana@acme.example").run()
    next(one for one in at.button if one.key == button.key).click().run()
    draft = drafts.newest(engine)
    assert draft is not None and draft.author == "ana@acme.example"
    assert len(draft.document["scoring"]["rules"]) == len(RULES) + 1
    assert versions.history(engine)[0].pact.hash == SCORED.hash
    assert not any(one.key == button.key for one in at.button)  # it is in the draft now


def test_who_may_not_edit_cannot_take_over() -> None:
    visitor = access.Visitor("eva@acme.example", frozenset({"viewer"}))

    page = SimpleNamespace(visitor=visitor, key=str)
    with pytest.raises(access.NotAllowed):
        scoring_suggest._take(page, SCORED.scoring.rules[0])
