"""The demo company is what it claims to be: deterministic, whole, and wrong in all six classic ways."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.document import parse
from connectors.demo import write_company
from connectors.demo.company import Company, tables_of
from connectors.demo.files import write
from connectors.demo.people import CHUNK, Place
from leadpact.model import TABLES, is_custom

UNTIL = datetime(2026, 3, 4, 16, 20)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def company() -> Company:
    return Company.generate(5_000, 7, until=UNTIL)


@pytest.fixture(scope="module")
def rows(company: Company) -> dict[str, list[Row]]:
    return {name: table.to_pylist() for name, table in company.tables.items()}


@pytest.fixture(scope="module")
def record(rows: dict[str, list[Row]]) -> dict[tuple[str, str], Row]:
    return {(row["object"], row["record_id"]): row for row in rows["record"]}


def statuses(rows: dict[str, list[Row]]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """Each record's status changes, in their order."""
    found: dict[tuple[str, str], list[Row]] = {}
    for change in rows["field_change"]:
        if change["field"] == "status":
            found.setdefault((change["object"], change["record_id"]), []).append(change)
    for key, changes in found.items():
        yield key, sorted(changes, key=lambda change: (change["at"], change["seq"]))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, format: Any) -> None:
    mexico = UNTIL.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=-6)))
    write_company(tmp_path / "a", 300, 5, until=UNTIL, format=format)
    write_company(tmp_path / "b", 300, 5, until=mexico, format=format)
    write(Company.generate(300, 5, until=UNTIL), tmp_path / "whole", format)
    write_company(tmp_path / "seed", 300, 6, until=UNTIL, format=format)
    assert content(tmp_path / "a") == content(tmp_path / "b") == content(tmp_path / "whole")
    assert content(tmp_path / "a")[f"leads.{format}"] != content(tmp_path / "seed")[f"leads.{format}"]


def test_written_counts_are_the_rows(tmp_path: Path) -> None:
    counts = write_company(tmp_path, 400, until=UNTIL)
    lines = {path.stem: path.read_text(encoding="utf-8").count("\n") - 1 for path in tmp_path.glob("*.csv")}
    assert counts == lines
    assert counts["leads"] == 400
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["company"]["leads"] == 400


@pytest.mark.parametrize("leads", [0, -1])
def test_a_company_without_leads_is_refused(leads: int) -> None:
    with pytest.raises(ValueError, match="at least one lead"):
        Company.generate(leads, until=UNTIL)


def test_tables_are_canonical(company: Company) -> None:
    assert set(company.tables) == set(TABLES)
    for name, table in company.tables.items():
        custom = [column for column in table.column_names if is_custom(column)]
        assert table.schema == TABLES[name].arrow_schema(custom)
        for column in TABLES[name].columns:
            assert not column.required or table[column.name].null_count == 0, (name, column.name)


def test_keys_are_unique_across_chunks() -> None:
    """Two chunks: the second holds what does not fit the first."""
    leads, ids = CHUNK + 70, Counter[tuple[str, str]]()
    for chunk in (0, 1):
        tables = tables_of(Place(leads, chunk), 3, UNTIL)
        for kind in ("lead", "contact"):
            ids.update((kind, record_id) for record_id in tables[kind]["record_id"].to_pylist())
        ids.update(("activity", one) for one in tables["activity"]["activity_id"].to_pylist())
        ids.update(("opportunity", one) for one in tables["opportunity"]["opportunity_id"].to_pylist())
        mails = tables["lead"].filter(pa.compute.is_null(tables["lead"]["merged_into"]))["email"].drop_null()
        ids.update(("mail", mail) for mail in mails.to_pylist())
    assert max(ids.values()) == 1
    assert sum(kind == "lead" for kind, _ in ids) == leads


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 250), st.integers(0, 10_000), st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)))
def test_nothing_precedes_creation_or_follows_until(leads: int, seed: int, until: datetime) -> None:
    tables = {name: table.to_pylist() for name, table in Company.generate(leads, seed, until=until).tables.items()}
    created = {(row["object"], row["record_id"]): row["created_at"] for row in tables["record"]}
    assert sum(kind == "lead" for kind, _ in created) == leads
    assert all(at <= until for at in created.values())
    assert all(row["converted_at"] is None or row["converted_at"] >= row["created_at"] for row in tables["record"])
    for name in ("field_change", "activity", "campaign_touch"):
        for row in tables[name]:
            assert created[row["object"], row["record_id"]] <= row["at"] <= until, (name, row)
    for deal in tables["opportunity"]:
        assert deal["created_at"] <= (deal["closed_at"] or until) <= until
        assert deal["record_id"] is None or created[deal["object"], deal["record_id"]] <= deal["created_at"]


def test_every_reference_points_to_something(rows: dict[str, list[Row]], record: dict[tuple[str, str], Row]) -> None:
    owners = {row["owner_id"] for row in rows["owner"]}
    for name in ("field_change", "activity", "campaign_touch"):
        assert all((row["object"], row["record_id"]) in record for row in rows[name])
    for row in rows["record"]:
        assert row["owner_id"] in owners
        assert row["converted_to"] is None or ("contact", row["converted_to"]) in record
        assert row["merged_into"] is None or record["lead", row["merged_into"]]["merged_into"] is None
    deals = [row for row in rows["opportunity"] if row["record_id"] is not None]
    assert all((row["object"], row["record_id"]) in record for row in deals)
    actors = {row["actor_id"] for name in ("field_change", "activity") for row in rows[name]}
    assert actors - {None} <= owners


def test_history_is_a_chain_from_creation_to_the_status_of_today(
    rows: dict[str, list[Row]], record: dict[tuple[str, str], Row]
) -> None:
    ties = 0
    for key, changes in statuses(rows):
        assert changes[0]["from_value"] is None
        for before, after in pairwise(changes):
            assert after["from_value"] == before["to_value"] != after["to_value"]
            ties += before["at"] == after["at"]
        assert changes[-1]["to_value"] == record[key]["status"]
        if key[0] == "lead":
            assert (changes[0]["evidence"], changes[0]["at"]) == ("created", record[key]["created_at"])
        assert all(change["evidence"] == "history" for change in changes[1:])
    assert ties > 20  # equal moments are told apart by `seq` alone


def test_a_converted_lead_is_frozen_and_its_contact_lives(
    rows: dict[str, list[Row]], record: dict[tuple[str, str], Row], company: Company
) -> None:
    converted = {key: row for key, row in record.items() if row["converted_at"] is not None}
    assert len(converted) == company.truth["converted"]["count"] > 400
    assert {row["status"] for row in converted.values()} == {"SQL"}
    for key, changes in statuses(rows):
        assert key not in converted or changes[-1]["at"] <= converted[key]["converted_at"]
    for deal in rows["opportunity"]:
        frozen = converted.get((deal["object"], deal["record_id"]))
        assert frozen is None or deal["created_at"] < frozen["converted_at"]


def test_owner_history_ends_with_the_owner(rows: dict[str, list[Row]], record: dict[tuple[str, str], Row]) -> None:
    moves = [change for change in rows["field_change"] if change["field"] == "owner_id"]
    last = {change["record_id"]: change for change in moves}
    queues = {row["owner_id"] for row in rows["owner"] if row["is_queue"]}
    assert all(record["lead", key]["owner_id"] == change["to_value"] for key, change in last.items())
    assert sum(change["from_value"] in queues for change in moves) > 500


def test_the_expected_pact_is_a_pact(company: Company) -> None:
    pact = parse(company.truth["pact"])
    assert pact.opportunities.types == ["new"]
    for place in ("lead", "contact"):
        for value, told in company.truth["values"][place].items():
            assert pact.status_map.of(place).get(value) == told["stage"], value
