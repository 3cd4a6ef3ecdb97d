"""The commands `scoring quality` and `scoring suggest`: their documents, their people, a rule taken over.

Not here: the figures (test_scoring_quality.py, test_scoring_suggest.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import drafts, versions
from leadpact.cli import main
from leadpact.workspace import Workspace
from tests.scored_world import AS_OF, RULES, rows
from tests.worlds import pact

SCORED = pact(scoring={"rules": RULES}, sales_ready={"threshold": 20})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scoring-cli")
    space = Workspace(folder)
    versions.save(space.database, SCORED, author="test", message="", now=AS_OF)
    space.sync(rows(), "acme", now=AS_OF)
    return folder


def asked(home: Path, *words: str) -> list[str]:
    return ["--home", str(home), "--connection", "acme", "scoring", *words, "--window", "60"]


def test_quality_as_a_document_with_the_people(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    assert main([*asked(home, "quality", "--known", "now", "--explain", str(file)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["basis"], told["known"]) == ({"stage": "mql", "goal": "customer", "days": 60, "after_days": 0}, "now")
    assert told["cases"] == 400 and told["enough"] and 0.5 < told["auc_low"] < told["auc"] < told["auc_high"]
    assert {rule["rule"]: rule["verdict"] for rule in told["rules"]}["signed"] == "leak"
    assert {leak["field"] for leak in told["leaks"] if leak["leaks"]} == {"f_contract", "f_verdict"}
    assert sum(band["n"] for band in told["bands"]) == told["cases"]
    assert told["pact"]["in_force"] is False and told["as_of"].endswith("Z")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 401


def test_suggested_points_in_spanish_and_one_taken_over(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*asked(home, "suggest", "--take", "web-visit-7"), "--lang", "es"]) == 2
    assert "--as EMAIL" in capsys.readouterr().err
    assert main([*asked(home, "suggest", "--take", "web-visit-7", "--as", "ana@acme.example"), "--lang", "es"]) == 0
    out = capsys.readouterr().out
    assert "Puntos sugeridos" in out and "1 regla está ahora en el borrador" in out
    draft = drafts.newest(Workspace(home).database)
    assert draft is not None and draft.document["scoring"]["rules"][-1]["id"] == "web-visit-7"
