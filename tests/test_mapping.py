"""The mapping document: what is valid, errors that name path and remedy, YAML there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadpact.errors import BadMapping
from leadpact.language import Language
from leadpact.mapping import (
    TARGETS,
    MappingDocument,
    SourceColumn,
    SourceTable,
    dumps,
    faults,
    load,
    loads,
    parse,
)

WHOLE = """
version: 1
tables:
  - source: base/Hoja1
    to: leads
    where: {Tipo: [Lead, Prospecto]}
    fields: {record_id: Folio, status: null}
    custom: {f_sector: Sector}
    constants: {country: NO, created_at: 2024-01-31}
    values: {condition: {Activo: active}}
    dates: {Fecha MQL: dmy}
    numbers: {Importe: comma}
    status_dates: [{column: Fecha MQL, status: MQL}]
    blank: [Select]
ignore: [notes]
"""


def faults_of(document: Any) -> dict[str, str]:
    """path → key of every fault."""
    with pytest.raises(BadMapping) as caught:
        parse(document)
    for lang in ("en", "es"):
        shown = Language(lang).error(caught.value)
        assert all(str(detail.params["path"]) in shown for detail in caught.value.details)
    return {str(detail.params["path"]): detail.key for detail in caught.value.details}


def one(**entry: Any) -> dict[str, Any]:
    return {"version": 1, "tables": [{"source": "a", "to": "leads", **entry}]}


def test_a_whole_document_survives_the_way_there_and_back() -> None:
    document = loads(WHOLE)
    (entry,) = document.tables
    assert entry.constants == {"country": "NO", "created_at": "2024-01-31"}
    assert entry.fields == {"record_id": "Folio", "status": None}
    assert loads(dumps(document)) == document
    assert document.of("BASE/hoja1") == (entry,)
    assert document.of("other") == ()


def test_notes_become_comments_that_change_nothing() -> None:
    document = loads(WHOLE)
    text = dumps(document, {("tables", 0, "fields", "record_id"): "95 %", ("tables", 0, "to"): "why"})
    assert "record_id: Folio  # 95 %" in text
    assert "# why" in text
    assert loads(text) == document


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
HEADER = st.text(LETTERS, min_size=1).filter(lambda text: text.strip())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["record_id", "status", "source"]), HEADER),
    HEADER,
    st.dictionaries(HEADER, st.sampled_from(["iso", "dmy", "mdy"]), max_size=2),
    st.lists(HEADER, max_size=3),
)
@example({}, "0", {}, ["?0"])
def test_any_headers_survive_yaml(fields: dict[str, str], source: str, dates: dict[str, str], blank: list[str]) -> None:
    entry = {"source": source, "to": "contacts", "fields": fields, "dates": dates, "blank": blank}
    document = parse({"tables": [entry]})
    assert loads(dumps(document)) == document


def test_an_empty_mapping_is_one() -> None:
    assert parse({}) == MappingDocument()
    assert loads(dumps(MappingDocument())) == MappingDocument()


@pytest.mark.parametrize(
    "document, path, key",
    [
        (one(to="leadz"), "tables[0].to", "mapping.fault.not_one_of"),
        ({"version": 2}, "version", "mapping.fault.not_one_of"),
        ({"tables": [{"to": "leads"}]}, "tables[0].source", "mapping.fault.missing"),
        (one(source=" "), "tables[0].source", "mapping.fault.empty"),
        (one(colour=1), "tables[0].colour", "mapping.fault.unknown_key"),
        (one(fields={"estatus": "x"}), "tables[0]", "mapping.fault.column"),
        (one(constants={"created_at": "soon"}), "tables[0]", "mapping.fault.constant"),
        (one(to="owners", constants={"is_active": "yes"}), "tables[0]", "mapping.fault.constant"),
        (one(constants={"country": True}), "tables[0]", "mapping.fault.constant"),
        (one(to="opportunities", constants={"amount": "12"}), "tables[0]", "mapping.fault.constant"),
        (one(fields={"country": "C"}, constants={"country": "ES"}), "tables[0]", "mapping.fault.twice"),
        (one(custom={"industry": "Industry"}), "tables[0].custom", "mapping.fault.slug"),
        (one(custom={"f_Industry": "Industry"}), "tables[0].custom", "mapping.fault.slug"),
        (one(custom={"f_año": "Año"}), "tables[0].custom", "mapping.fault.slug"),
        (one(to="owners", custom={"f_x": "X"}), "tables[0]", "mapping.fault.no_custom"),
        (
            one(to="activities", status_dates=[{"column": "a", "status": "b"}]),
            "tables[0]",
            "mapping.fault.no_status_dates",
        ),
        (one(dates={"a": "yyyy"}), "tables[0].dates.a", "mapping.fault.not_one_of"),
        (one(status_dates=[{"column": "a"}]), "tables[0].status_dates[0].status", "mapping.fault.missing"),
        (one(fields=["a"]), "tables[0].fields", "mapping.fault.type"),
        ({"tables": "x"}, "tables", "mapping.fault.type"),
    ],
)
def test_faults_name_their_place(document: Any, path: str, key: str) -> None:
    assert faults_of(document) == {path: key}


def test_a_misspelt_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadMapping) as caught:
        parse(one(fields={"record_if": "x"}))
    (detail,) = caught.value.details
    assert detail.params["closest"] == "record_id"
    assert "record_id" in Language("es").error(caught.value)


def test_all_faults_are_said_at_once() -> None:
    document = {"tables": [{"source": "a", "to": "nowhere"}, {"to": "leads"}], "more": 1}
    assert faults_of(document) == {
        "tables[0].to": "mapping.fault.not_one_of",
        "tables[1].source": "mapping.fault.missing",
        "more": "mapping.fault.unknown_key",
    }


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    with pytest.raises(BadMapping) as caught:
        load(path)
    assert caught.value.key == "mapping.no_file"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadMapping) as caught:
        load(path)
    assert caught.value.key == "mapping.unreadable"
    path.write_text("version: 1\ntables: [\n  {source: a, to: leads\n", encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        load(path)
    assert (caught.value.key, caught.value.params["line"]) == ("mapping.not_yaml", "4")
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        load(path)
    assert caught.value.key == "mapping.not_a_document"
    path.write_text(WHOLE, encoding="utf-8-sig")
    assert load(path) == loads(WHOLE)


def test_a_mapping_is_held_against_the_source() -> None:
    tables = [
        SourceTable("base", tuple(map(SourceColumn, ("Folio", "Fecha MQL ", "status")))),
        SourceTable("broken", problem="files.problem.empty"),
    ]
    good = loads(
        "tables: [{source: Base, to: leads, fields: {record_id: folio}, "
        "status_dates: [{column: fecha mql, status: MQL}]}, {source: broken, to: owners}]"
    )
    assert faults(good, tables) == []
    bad = loads(
        "tables: [{source: bse, to: leads}, {source: base, to: contacts, fields: {status: Estado}, "
        "custom: {f_x: Folios}, where: {Typ: [a]}, dates: {Fecha: dmy}}]"
    )
    found = [(fault.key, fault.params["path"], fault.params.get("closest")) for fault in faults(bad, tables)]
    assert found == [
        ("mapping.fault.no_source", "tables[0].source", "base"),
        ("mapping.fault.no_header", "tables[1].fields.status", "–"),
        ("mapping.fault.no_header", "tables[1].custom.f_x", "Folio"),
        ("mapping.fault.no_header", "tables[1].where.Typ", "–"),
        ("mapping.fault.no_header", "tables[1].dates.Fecha", "Fecha MQL "),
        ("mapping.fault.required", "tables[1].fields", None),
    ]
    for fault in faults(bad, tables):
        assert all(Language(lang).error(fault) for lang in ("en", "es"))


def test_targets_know_their_columns() -> None:
    assert TARGETS["leads"].column("f_any").kind == "text"
    with pytest.raises(KeyError):
        TARGETS["owners"].column("f_any")
    for target in TARGETS.values():
        assert set(target.required) <= set(target.names)
