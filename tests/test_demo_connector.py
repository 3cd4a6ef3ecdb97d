"""The demo connector: the same company at every reading, and everything written stays written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.demo import Demo, crm
from connectors.demo.company import Company
from leadpact.connector import Capabilities, Change, Connector, Extract
from leadpact.errors import LeadPactError, Misconfigured, SourceRefused
from leadpact.language import Language
from leadpact.model import TABLES

UNTIL = datetime(2026, 3, 4, 16, 20)
SETTINGS = {"leads": 400, "seed": 3, "until": UNTIL.isoformat(), "writable": True}
LATER = UNTIL.replace(tzinfo=UTC) + timedelta(hours=5)
Rows = dict[str, list[dict[str, Any]]]


def demo(state: Path | None = None, **settings: Any) -> Demo:
    return Demo({**SETTINGS, **settings}, state, lambda: LATER)


def read_out(extract: Extract) -> Rows:
    found: Rows = {}
    for page in extract.pages:
        assert page.rows.schema == TABLES[page.table].arrow_schema(
            [name for name in page.rows.column_names if name.startswith("f_")]
        )
        found.setdefault(page.table, []).extend(page.rows.to_pylist())
    return found


def some(rows: Rows, object: str = "lead", **wanted: Any) -> str:
    """The first record like that, open for writing."""
    free = {"condition": "active", "converted_at": None, "merged_into": None, **wanted}
    return next(
        row["record_id"]
        for row in rows["record"]
        if row["object"] == object and all(row[name] == value for name, value in free.items())
    )


@pytest.fixture
def rows() -> Iterator[Rows]:
    yield read_out(demo().extract())


def test_it_speaks_the_protocol() -> None:
    assert isinstance(demo(), Connector)
    can = Capabilities(history=True, activities=True, write=True, batch_size=200, incremental=True, deletions=True)
    assert demo().can == can
    assert not can.compare_and_set


def test_a_full_extract_is_the_whole_company(rows: Rows) -> None:
    company = Company.generate(400, 3, until=UNTIL)
    assert {name: len(found) for name, found in rows.items()} == {
        name: table.num_rows for name, table in company.tables.items()
    }
    for name, table in company.tables.items():
        assert rows[name] == table.to_pylist()
    assert demo().extract().provided == frozenset(TABLES)
    assert demo().extract().complete


def test_pages_are_small(monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    assert crm.PAGE_ROWS <= 50_000
    monkeypatch.setattr(crm, "PAGE_ROWS", 64)
    pages = list(demo().extract().pages)
    assert max(page.rows.num_rows for page in pages) == 64
    assert sum(page.rows.num_rows for page in pages) == sum(len(found) for found in rows.values())


def test_the_moment_is_fixed_by_the_first_use(tmp_path: Path) -> None:
    first = Demo({"leads": 50}, tmp_path, lambda: UNTIL.replace(tzinfo=UTC))
    mark = (extract := first.extract()).mark()
    before = read_out(extract)
    later = Demo({"leads": 50}, tmp_path, lambda: LATER + timedelta(days=90))
    assert read_out(later.extract()) == before
    assert later.extract().mark() == mark
    assert read_out(later.extract(mark)) == {}
    assert read_out(Demo({"leads": 50}, None, lambda: LATER + timedelta(days=90)).extract()) != before


def test_a_check_fixes_nothing(tmp_path: Path) -> None:
    assert all(check.ok for check in Demo({"writable": True}, tmp_path).check())
    assert list(tmp_path.iterdir()) == []
    assert [check.ok for check in demo(writable=False).check()] == [True, False]


def test_writes_survive_and_are_delivered_once(tmp_path: Path, rows: Rows) -> None:
    one, two = some(rows, status="Nurture"), some(rows, "contact", status=None)
    connector = demo(tmp_path)
    mark = connector.extract().mark()
    changes = [Change("lead", one, "status", "Nurture", "SAL"), Change("contact", two, "status", None, "SQL")]
    assert [outcome.kind for outcome in connector.write(changes)] == ["written", "written"]

    again = demo(tmp_path)
    assert again.read("lead", [one], ["status"]) == {one: {"status": "SAL"}}
    delta = again.extract(mark)
    assert not delta.complete
    found = read_out(delta)
    assert set(found) == {"record", "field_change"}
    assert {(row["object"], row["record_id"], row["status"]) for row in found["record"]} == {
        ("lead", one, "SAL"),
        ("contact", two, "SQL"),
    }
    edits = {row["record_id"]: row for row in found["field_change"]}
    assert edits[one] == {
        "object": "lead",
        "record_id": one,
        "field": "status",
        "from_value": "Nurture",
        "to_value": "SAL",
        "at": LATER.replace(tzinfo=None),
        "seq": edits[one]["seq"],
        "actor_id": "leadpact",
        "evidence": "history",
    }
    assert edits[two]["from_value"] is None
    assert read_out(again.extract(delta.mark())) == {}

    whole = read_out(again.extract())
    assert some(whole, record_id=one, status="SAL") == one
    known = {tuple(sorted(row.items(), key=str)) for row in rows["field_change"]}
    new = [row for row in whole["field_change"] if tuple(sorted(row.items(), key=str)) not in known]
    assert sorted(row["record_id"] for row in new) == sorted([one, two])
    untouched = [row for row in whole["record"] if row["record_id"] not in (one, two)]
    assert untouched == [row for row in rows["record"] if row["record_id"] not in (one, two)]


def test_changes_that_share_the_mark_are_not_skipped(tmp_path: Path, rows: Rows) -> None:
    """Same record, same clock: each write is a change of its own, told apart by `seq`."""
    one, connector = some(rows, status="Nurture"), demo(tmp_path)
    list(connector.write([Change("lead", one, "status", "Nurture", "MQL")]))
    mark = connector.extract().mark()
    list(connector.write([Change("lead", one, "status", "MQL", "SAL"), Change("lead", one, "status", "SAL", "SQL")]))
    found = read_out(connector.extract(mark))
    assert [(row["from_value"], row["to_value"]) for row in found["field_change"]] == [("MQL", "SAL"), ("SAL", "SQL")]
    assert len({row["seq"] for row in found["field_change"]}) == 2
    assert [row["status"] for row in found["record"]] == ["SQL"]


def test_an_extract_is_what_it_was_when_it_began(tmp_path: Path, rows: Rows) -> None:
    one, connector = some(rows, status="Nurture"), demo(tmp_path)
    extract = connector.extract()
    list(connector.write([Change("lead", one, "status", "Nurture", "SAL")]))
    assert read_out(extract) == rows
    assert [row["record_id"] for row in read_out(connector.extract(extract.mark()))["record"]] == [one]


def test_refusals_are_outcomes_and_stop_nobody(tmp_path: Path, rows: Rows) -> None:
    good, other = some(rows, status="Nurture"), some(rows, status="Disqualified")
    every = rows["record"]
    converted = next(row["record_id"] for row in every if row["converted_at"] is not None)
    deleted = next(row["record_id"] for row in every if row["condition"] == "deleted" and row["object"] == "lead")
    merged = next(row["record_id"] for row in every if row["merged_into"] is not None)
    asked = [
        ("lead", "L9999999", "status", "SAL", "ENTITY_NOT_FOUND"),
        ("account", good, "status", "SAL", "ENTITY_NOT_FOUND"),
        ("lead", good, "status", "SAL", None),
        ("lead", good, "status", "Renewal", "INVALID_PICKLIST"),
        ("lead", converted, "status", "SAL", "CANNOT_UPDATE_CONVERTED_LEAD"),
        ("lead", deleted, "status", "SAL", "ENTITY_IS_DELETED"),
        ("lead", merged, "status", "SAL", "ENTITY_IS_DELETED"),
        ("lead", good, "created_at", "2020-01-01", "INVALID_FIELD"),
        ("lead", good, "f_unheard_of", "x", "INVALID_FIELD"),
        ("lead", good, "owner_id", "U999", "INVALID_CROSS_REFERENCE_KEY"),
        ("lead", other, "f_last_outcome", "No contesta", None),
    ]
    changes = [Change(object, key, field, None, after) for object, key, field, after, _ in asked]
    connector = demo(tmp_path)
    outcomes = list(connector.write(changes))
    assert [outcome.change for outcome in outcomes] == changes
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [
        ("refused" if code else "written", code) for *_, code in asked
    ]
    assert connector.read("lead", [other, deleted, merged], ["f_last_outcome"]) == {
        other: {"f_last_outcome": "No contesta"}
    }


def test_a_batch_is_stored_before_it_is_reported(tmp_path: Path, rows: Rows) -> None:
    """Whoever stops listening after the first outcome loses nothing of what was reported."""
    leads = [row["record_id"] for row in rows["record"] if row["status"] == "Nurture"][:3]
    first = next(demo(tmp_path).write([Change("lead", key, "status", "Nurture", "SAL") for key in leads]))
    assert first.kind == "written"
    assert demo(tmp_path).read("lead", [leads[0]], ["status"])[leads[0]]["status"] == "SAL"


def test_a_read_only_connection_refuses(rows: Rows) -> None:
    change = Change("lead", some(rows, status="Nurture"), "status", "Nurture", "SAL")
    assert [(outcome.kind, outcome.code) for outcome in demo(writable=False).write([change])] == [
        ("refused", "READ_ONLY")
    ]


def test_reading_gives_text_and_knows_its_fields(rows: Rows) -> None:
    row = next(row for row in rows["record"] if row["converted_at"] is not None)
    found = demo().read("lead", [row["record_id"], "L9999999", "nonsense"], ["status", "converted_at", "end_reason"])
    assert found == {
        row["record_id"]: {"status": "SQL", "converted_at": row["converted_at"].isoformat(), "end_reason": None}
    }
    with pytest.raises(SourceRefused):
        demo().read("lead", [row["record_id"]], ["f_unheard_of"])


def test_companies_in_one_folder_are_kept_apart(tmp_path: Path, rows: Rows) -> None:
    one, connector = some(rows, status="Nurture"), demo(tmp_path)
    list(connector.write([Change("lead", one, "status", "Nurture", "SAL")]))
    other = demo(tmp_path, seed=4)
    assert read_out(other.extract()) == read_out(demo(seed=4).extract())
    assert other.extract(connector.extract().mark()).complete  # a mark of another company means everything


@pytest.mark.parametrize("mark", ["", "nonsense", "400/3/2026-03-04T16:20:00/x", "/", "400/3/2026-03-04T16:20:00/-1"])
def test_a_mark_that_means_nothing_means_everything(mark: str) -> None:
    assert demo().extract(mark).complete


WRONG = ({"leads": 0}, {"leads": "x"}, {"leads": True}, {"leads": 2.5}, {"seed": -1}, {"until": "soon"}, {"until": 5})


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_settings_say_which(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as caught:
        demo(**wrong)
    for language in ("en", "es", "es_419"):
        assert next(iter(wrong)) in Language(language).error(caught.value)


def test_everything_it_says_is_in_the_catalogues() -> None:
    for language in map(Language, ("en", "es", "es_419")):
        for check in [*demo().check(), *demo(writable=False).check()]:
            assert language(check.message, **check.params)
            assert check.remedy is None or language(check.remedy)
        assert language.error(LeadPactError("demo.no_field", name="f_x"))
