"""Maturity: levels from evidence, unknown where there is none, and never lower for mending something."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.document import read_yaml
from leadpact import audit
from leadpact.audit.registry import every
from leadpact.audit.rule import Finding, NotChecked
from leadpact.audit.runner import Audit
from leadpact.cli import main
from leadpact.language import Language, Text
from leadpact.maturity import criteria, words
from leadpact.maturity.completeness import FIELDS, completeness
from leadpact.maturity.criteria import AREAS, Criterion
from leadpact.maturity.evidence import Evidence
from leadpact.maturity.judge import Seen
from leadpact.maturity.scorecard import Area, Scorecard, _area, judge
from leadpact.workspace import Analysis
from tests.audit_cases import rows, world
from tests.worlds import World, pact

COMPANIES = read_yaml(
    (Path(__file__).resolve().parent / "golden" / "maturity" / "companies.yaml").read_text(encoding="utf-8"),
    "companies",
)
LANGUAGES = [Language(code) for code in ("en", "es", "es_419")]
MEASURED = ("records", "filled", "coverage", "quarrel", "reasons", "returned")
NAMES = [(kind, name) for kind, areas in AREAS.items() for name in areas]
CLEAN = "signed_and_clean"


@functools.cache
def company(name: str) -> tuple[Analysis, Audit]:
    analysis = world(COMPANIES[name])
    return analysis, audit.run(analysis)


@functools.cache
def evidence(name: str) -> Evidence:
    return Evidence(*company(name))


@functools.cache
def card(name: str) -> Scorecard:
    return judge(evidence(name))


def spoiled(*findings: Finding, unchecked: tuple[str, ...] = (), **pact_parts: Any) -> Scorecard:
    """The clean company with these findings, or with a poorer pact."""
    analysis, result = company(CLEAN)
    kept = {name: part for name, part in evidence(CLEAN).__dict__.items() if name in MEASURED}
    if pact_parts:
        kept.pop("quarrel")
        poorer = pact(**{**COMPANIES[CLEAN]["pact"], **pact_parts})
        analysis = replace(analysis, used=replace(analysis.used, pact=poorer))
    missing = tuple(NotChecked(code, "x.y", ("activity",)) for code in unchecked)
    made = Evidence(analysis, Audit((*result.findings, *findings), (*result.not_checked, *missing)))
    made.__dict__.update(kept)  # what no finding changes is measured once
    return judge(made)


def finding(code: str, severity: Any = "warning", object: str | None = "lead") -> Finding:
    text = Text.of("audit.records.record", count=7)
    return Finding(code, "x.y", severity, object, None, 7, text, text)


@pytest.mark.parametrize("name", COMPANIES)
def test_golden_companies(name: str) -> None:
    found = {kind: {one.name: one.level for one in card(name).areas if one.kind == kind} for kind in AREAS}
    assert found == COMPANIES[name]["levels"]


@pytest.mark.parametrize(
    ("code", "kind", "area", "level"),
    [("STA09", "components", "definition", 2), ("DEF02", "components", "definition", 3),
     ("STA01", "components", "statuses", 2), ("CON03", "components", "statuses", 3),
     ("CON01", "components", "statuses", 1),
     ("ROU03", "components", "routing", 2), ("ROU02", "components", "routing", 3),
     ("EVI02", "components", "qualification", 2), ("SCO03", "components", "qualification", 3),
     ("SLA02", "components", "sla", 1), ("SLA03", "components", "sla", 3),
     ("STA15", "steps", "generate", 2), ("CON05", "steps", "generate", 3), ("EVI04", "steps", "qualify", 2),
     ("STA12", "steps", "educate", 1), ("EVI03", "steps", "hand_over", 2), ("FLO01", "steps", "measure", 3)],
)  # fmt: skip
def test_a_finding_holds_the_area_below_the_level_it_is_asked_for_at(
    code: str, kind: str, area: str, level: int
) -> None:
    object = "contact" if code == "CON01" else "lead"
    held = spoiled(finding(code, object=object)).area(kind, area)
    assert held.level == level
    assert code in " ".join(LANGUAGES[0].text(one.seen.text) for one in held.missing)
    assert spoiled(finding(code, "info", object=object)).area(kind, area).level == 4  # a note is no fault


@pytest.mark.parametrize(
    ("parts", "kind", "area", "level"),
    [({"sla": [], "commitments": {}}, "components", "sla", 0), ({"routing": []}, "components", "routing", 1),
     ({"review": {}}, "components", "definition", 3), ({"flow": []}, "steps", "measure", 2),
     ({"scoring": {}}, "components", "qualification", 1), ({"sales_ready": {}}, "components", "qualification", 0),
     ({"commitments": {}}, "steps", "qualify", 3), ({"sales_ready": {}}, "steps", "qualify", 1)],
)  # fmt: skip
def test_what_the_pact_does_not_say_holds_the_area_back(
    parts: dict[str, Any], kind: str, area: str, level: int
) -> None:
    assert spoiled(**parts).area(kind, area).level == level


def test_every_level_of_every_area_can_be_reached() -> None:
    for kind, name in NAMES:
        own = AREAS[kind][name]
        assert {one.level for one in own} == {1, 2, 3, 4}
        for level in criteria.LEVELS:
            assert judged([Seen(one.level <= level, Text.of("ui.yes")) for one in own], own).level == level


def judged(seen: list[Seen], own: tuple[Criterion, ...]) -> Area:
    fixed = tuple(replace(one, test=_fixed(what)) for one, what in zip(own, seen, strict=True))
    return _area(evidence("empty"), "components", "definition", fixed)


def _fixed(seen: Seen) -> Callable[[Evidence], Seen]:
    return lambda _: seen


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mending_never_lowers_a_level(data: st.DataObject) -> None:
    kind, name = data.draw(st.sampled_from(NAMES))
    own = AREAS[kind][name]
    before = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=len(own), max_size=len(own)))
    better = {True: [True], None: [None, True], False: [False, None, True]}
    after = [data.draw(st.sampled_from(better[met])) for met in before]
    was, now = (judged([Seen(met, Text.of("ui.yes")) for met in some], own) for some in (before, after))
    assert now.least >= was.least and now.most >= was.most
    assert was.least <= was.most


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fewer_findings_never_make_it_worse(data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.sampled_from([rule.code for rule in every()]), unique=True, max_size=8))
    fixed = data.draw(st.sets(st.sampled_from(codes))) if codes else set()
    worse = spoiled(*(finding(code) for code in codes))
    better = spoiled(*(finding(code) for code in codes if code not in fixed))
    for kind, name in NAMES:
        was, now = worse.area(kind, name), better.area(kind, name)
        assert now.least >= was.least and now.most >= was.most


def test_what_was_not_checked_is_unknown_and_not_a_level() -> None:
    area = spoiled(unchecked=("ROU01",)).area("components", "routing")
    assert (area.level, area.least, area.most) == (2, 2, 4)
    assert [one.seen.met for one in area.missing] == [None]


def test_an_empty_company_has_no_level_by_default() -> None:
    for one in card("empty").areas:
        assert one.level in (0, None) or all(
            judged.seen.met is not True or judged.page in ("definition", "connection")
            for judged in one.judged if judged.level <= (one.level or 0)
        ), one.name  # fmt: skip
    assert card("empty").completeness == ()


def test_completeness_counts_filled_fields_of_records_that_count() -> None:
    analysis = world({
        "leads": {"ana": {"status": "MQL", "email": "a@x.example", "f_budget": " "},
                  "bo": {"status": "MQL", "email": " "},
                  "gone": {"status": "MQL", "condition": "deleted"}, "twin": {"status": "MQL", "merged_into": "ana"}},
        "contacts": {"kim": {"status": "SQL", "company": "Acme"}},
        "pact": {"sales_ready": {"opportunity": [{"id": "b", "question": "Budget?", "field": "f_budget"}]}},
    })  # fmt: skip
    found = {(one.object, one.field): one for one in completeness(analysis.tables, analysis.pact)}
    assert (found["lead", "email"].filled, found["lead", "email"].records, found["lead", "email"].share) == (1, 2, 0.5)
    assert found["lead", "company"].share == 0.0 and found["contact", "company"].share == 1.0
    assert found["lead", "phone"].share is None  # on no record at all: perhaps not mapped
    assert found["lead", "f_budget"].share is None
    assert {field for _, field in found} == {*FIELDS, "f_budget"}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_everything_is_told_in_the_readers_language(language: Language) -> None:
    for name in COMPANIES:
        document = card(name).as_json(language)
        assert not [
            text for text in json.dumps(document, ensure_ascii=False).split('"') if text.startswith("maturity.")
        ]
        assert all(language.text(words.level(one)) for one in card(name).areas)


def test_the_document_is_that_of_the_criteria() -> None:
    for code, name in words.FILES.items():
        assert (words.DOCS / name).read_text(encoding="utf-8") == words.render(Language(code)), (
            "run python -m leadpact.maturity.words"
        )


def test_the_command_says_levels_and_completeness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = World(tmp_path)
    case = COMPANIES["half_way"]
    home.sync(rows(case), used=pact())
    assert main(["--home", str(tmp_path), "maturity", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["pact", "as_of", "areas", "completeness"]
    first = document["areas"][0]
    assert list(first) == ["kind", "area", "level", "at_least", "at_most", "missing", "criteria"]
    assert len(document["areas"]) == 11 and first["area"] == "definition"
    assert main(["--home", str(tmp_path), "maturity", "--lang", "es"]) == 0
    assert "Cinco componentes" in capsys.readouterr().out
