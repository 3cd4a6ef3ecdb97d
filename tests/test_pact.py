"""The pact: what is valid, what an error says, hashes, defaults, proposals, versions."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from config import versions
from config.database import HEAD, metadata, open_database
from config.document import BadPact, default, dump, load, parse, read_yaml
from config.errors import LeadPactError
from config.propose import propose, propose_stage
from config.schema import FUNNEL_KINDS, Pact
from leadpact.language import Language
from tests.worlds import SMALL, pact

NOW = datetime(2026, 1, 1)

DESIGN = (Path(__file__).parent / "golden" / "pact" / "design.yaml").read_text(encoding="utf-8")


def fault(**changes: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(BadPact) as caught:
        pact(**changes)
    (detail, *_) = caught.value.details
    return detail.key, detail.params


def test_the_document_of_the_design_is_valid_as_it_stands() -> None:
    found = parse(read_yaml(DESIGN, "design"))
    assert [stage.key for stage in found.funnel] == ["subscriber", "mql", "sal", "sql", "customer"]
    assert found.sales_ready.any[0].value == ["MX", "ES", "NO"]


def test_the_hash_is_of_the_content_and_nothing_else() -> None:
    plain = parse(read_yaml(DESIGN, "a"))
    spaced = parse(read_yaml("# a comment\n" + DESIGN.replace("flow:", "\nflow:   "), "b"))
    assert plain.hash == spaced.hash
    assert len(plain.hash) == 64
    assert parse(read_yaml(DESIGN.replace("hours: 48", "hours: 47"), "c")).hash != plain.hash
    assert parse(read_yaml(DESIGN.replace("scope: {}\n", ""), "d")).hash == plain.hash


def test_what_spells_depend_on_has_a_hash_of_its_own() -> None:
    assert pact().journey_hash == pact(name="Other", sla=[]).journey_hash
    assert pact().journey_hash != pact(status_map={"lead": {"X": "mql"}}).journey_hash
    assert pact().journey_hash != pact(scope={"record_type": ["B2B"]}).journey_hash


def test_keys_and_country_codes_are_text() -> None:
    values = "NO: mql, 1: mql, true: mql, 2026-01-01: mql"
    text = (
        f"name: A\ntimezone: UTC\nstages: [{{key: mql, label: M, kind: qualified}}]\nstatus_map: {{lead: {{{values}}}}}"
    )
    assert set(parse(read_yaml(text, "t")).status_map.lead) == {"NO", "1", "true", "2026-01-01"}


def test_dumping_and_loading_gives_the_same_pact(tmp_path: Path) -> None:
    first = parse(read_yaml(DESIGN, "design"))
    (tmp_path / "pact.yaml").write_text(dump(first), encoding="utf-8")
    assert load(tmp_path / "pact.yaml").hash == first.hash


@pytest.mark.parametrize(
    ("changes", "key", "path"),
    [
        ({"colour": "red"}, "pact.fault.unknown_key", "colour"),
        ({"stages": []}, "pact.fault.type", "stages"),
        ({"stages": [{"key": "mql", "label": "M", "kind": "good"}]}, "pact.fault.not_one_of", "stages[0].kind"),
        ({"stages": [{"key": "M Q L", "label": "M", "kind": "won"}]}, "pact.fault.form", "stages[0].key"),
        ({"stages": [{"label": "M", "kind": "won"}]}, "pact.fault.missing", "stages[0].key"),
        ({"timezone": "Mars/Base"}, "pact.unknown_zone", "timezone"),
        ({"status_map": {"lead": {"A": "mqll"}}}, "pact.unknown_stage", "status_map.lead.A"),
        ({"flow": [["mql", "nowhere"]]}, "pact.unknown_stage", "flow[0]"),
        ({"review": {"scoring_every_days": 0}}, "pact.fault.range", "review.scoring_every_days"),
        (
            {"sales_ready": {"all": [{"field": "email", "op": "in", "value": "x"}]}},
            "pact.bad_condition",
            "sales_ready.all[0]",
        ),
        (
            {"sla": [{"id": "a", "starts": "mql", "stops": {}, "target": {"hours": 1}}]},
            "pact.sla_never_stops",
            "sla[0].stops",
        ),
    ],
)
def test_an_error_names_the_path(changes: dict[str, Any], key: str, path: str) -> None:
    found, params = fault(**changes)
    assert (found, params["path"]) == (key, path)


def test_a_misspelt_stage_is_answered_with_the_nearest() -> None:
    assert fault(status_map={"lead": {"A": "mqll"}})[1]["near"] == "mql"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"stages": [*SMALL["stages"], SMALL["stages"][2]]}, "pact.twice_stage"),
        ({"sla": [SMALL["sla"][0], SMALL["sla"][0]]}, "pact.twice_sla"),
        ({"commitments": {"sales": {"follow_up": "none"}}}, "pact.unknown_policy"),
        (
            {"sla": [{**SMALL["sla"][0], "target": {"hours": 1, "clock": "working"}}]},
            "pact.sla_without_calendar",
        ),
        ({"sla": [{**SMALL["sla"][0], "calendar": "none"}]}, "pact.unknown_calendar"),
        (
            {"stages": [{"key": "unmapped", "label": "U", "kind": "won"}], "status_map": {}, "sla": []},
            "pact.reserved_stage",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_named(changes: dict[str, Any], key: str) -> None:
    assert fault(**changes)[0] == key


def test_all_faults_are_told_at_once_in_both_languages() -> None:
    with pytest.raises(BadPact) as caught:
        pact(colour="red", timezone="Mars/Base", review={"scoring_every_days": 0})
    assert len(caught.value.details) == 3
    for code in ("en", "es", "es_419"):
        assert Language(code).error(caught.value).count("•") == 3


@pytest.mark.parametrize("text", ["name: [", "a: 1\na: 2", "\t- x", "- just\n- a list", "", "&a [*a]"])
def test_what_is_no_document_is_refused_with_a_message(text: str) -> None:
    with pytest.raises(BadPact):
        parse(read_yaml(text, "file.yaml"), "file.yaml")


@given(st.text(max_size=60))
def test_any_text_is_a_pact_or_a_clear_error(text: str) -> None:
    try:
        parse(read_yaml(text, "any"), "any")
    except BadPact as error:
        assert Language("en").error(error)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_default_pacts_are_whole(language: str) -> None:
    found = default(language)
    assert found.language == language
    assert all(stage.meaning for stage in found.stages)
    assert all(stage.buyer_step for stage in found.stages if stage.kind in FUNNEL_KINDS)
    assert [stage.key for stage in found.stages if stage.optional] == ["maql", "bdmal"]
    kinds = {stage.kind for stage in found.stages}
    assert kinds == {"untouched", *FUNNEL_KINDS, "retained", "recycled", "disqualified", "invalid"}


def test_the_default_pacts_are_the_same_process_in_two_languages() -> None:
    assert default("en").journey_hash == default("es").journey_hash


@pytest.mark.parametrize(
    ("value", "stage"),
    [
        ("MQL", "mql"),
        ("1 - New", "subscriber"),
        ("Nuevo", "subscriber"),
        ("Not Contacted", "unknown"),
        ("Contactado", "sal"),
        ("02. SAL", "sal"),
        ("SalesQualified", "sql"),
        ("Cliente", "customer"),
        ("Former Customer", None),
        ("Re-Market", "remarket"),
        ("Não qualificado", "disqualified"),
        ("DESCARTADO", "disqualified"),
        ("Duplicado", "spam"),
        ("zz_Old - MQL", None),
        ("Blue", None),
        ("", None),
    ],
)
def test_a_stage_is_proposed_by_words_and_never_guessed(value: str, stage: str | None) -> None:
    assert propose_stage(value) == stage


def test_a_proposal_keeps_what_is_mapped_and_drops_unused_optional_stages() -> None:
    found = propose(default("en"), {"lead": ["New", "MQL", "???"], "contact": ["Customer"]})
    assert found.status_map.lead == {"New": "subscriber", "MQL": "mql"}
    assert found.status_map.contact == {"Customer": "customer"}
    assert not any(stage.optional for stage in found.stages)
    with_maql = propose(default("en"), {"lead": ["MAQL"]})
    assert [stage.key for stage in with_maql.stages if stage.optional] == ["maql"]
    mapped = propose(pact(), {"lead": ["MQL", "Customer"]})
    assert mapped.status_map.lead["MQL"] == "mql"


@given(st.text(max_size=255))
def test_proposing_never_fails(value: str) -> None:
    stage = propose_stage(value)
    assert stage is None or stage in {one.key for one in default("en").stages}


def saved(home: Path, document: Pact, author: str = "ana@x.com") -> tuple[sa.Engine, versions.Version]:
    engine = open_database(home)
    return engine, versions.save(engine, document, author=author, message="first", now=NOW)


def test_a_version_is_in_force_only_with_both_teams_on_that_hash(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact())
    assert versions.in_force(versions.history(engine)) is None
    versions.sign(engine, first, email="ana@x.com", team="marketing", door="cli", now=NOW)
    versions.sign(engine, first, email="eve@x.com", team="marketing", door="cli", now=NOW)
    assert versions.in_force(versions.history(engine)) is None
    versions.sign(engine, first, email="bob@x.com", team="sales", door="app", now=NOW)
    assert versions.in_force(versions.history(engine)).number == 1  # type: ignore[union-attr]
    versions.save(engine, pact(name="Next"), author="ana@x.com", message="", now=NOW)
    newest, before = versions.history(engine)
    assert (newest.number, newest.parent, newest.signed_by_both) == (2, 1, False)
    assert versions.in_force([newest, before]) == before


def test_one_person_cannot_sign_for_both(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact())
    versions.sign(engine, first, email="ana@x.com", team="marketing", door="cli", now=NOW)
    with pytest.raises(LeadPactError) as caught:
        versions.sign(engine, first, email="Ana@X.com", team="sales", door="cli", now=NOW)
    assert caught.value.key == "pact.signed_already"


def test_only_the_signatories_named_may_sign(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact(signatories={"sales": ["bob@x.com"]}))
    with pytest.raises(LeadPactError) as caught:
        versions.sign(engine, first, email="eve@x.com", team="sales", door="cli", now=NOW)
    assert caught.value.key == "pact.not_a_signatory"
    versions.sign(engine, first, email="BOB@x.com", team="sales", door="cli", now=NOW)


def test_saving_the_same_pact_again_makes_no_version(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact())
    assert versions.save(engine, pact(), author="bob@x.com", message="", now=NOW).number == first.number


def test_a_version_is_found_by_number_or_beginning_of_its_hash(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact())
    assert versions.find(engine, "1") == versions.find(engine, first.hash[:8]) == first
    with pytest.raises(LeadPactError):
        versions.find(engine, "7")


def test_every_step_is_in_the_audit_trail(tmp_path: Path) -> None:
    engine, first = saved(tmp_path, pact())
    versions.sign(engine, first, email="ana@x.com", team="marketing", door="cli", now=NOW)
    with engine.begin() as database:
        rows = database.execute(sa.select(metadata.tables["audit_trail"])).mappings().all()
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("pact.saved", "ana@x.com"),
        ("pact.signed", "ana@x.com"),
    ]


def test_the_migrations_give_the_schema_the_code_knows(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    inspector = sa.inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name


def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    with engine.begin() as database:
        database.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LeadPactError) as caught:
        open_database(tmp_path)
    assert (caught.value.key, caught.value.params["known"]) == ("database.newer", HEAD)


def test_threads_saving_at_once_lose_no_version(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    threads = [
        threading.Thread(
            target=versions.save, args=(engine, pact(name=f"P{n}")), kwargs={"author": "a", "message": "", "now": NOW}
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in versions.history(engine)] == list(range(8, 0, -1))
