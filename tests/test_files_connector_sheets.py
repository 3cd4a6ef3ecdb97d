"""Workbooks and Parquet files, and files that are not what their names say."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files import Files
from leadpact.connector import Reject
from leadpact.errors import SourceRefused
from leadpact.language import Language

Sheet = list[list[Any]]


def workbook(path: Path, **sheets: Sheet) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def load(path: Path, mapping: str | None = None) -> tuple[dict[str, list[dict[str, Any]]], list[Reject]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    rejects: list[Reject] = []
    for page in Files({"path": str(path)}, mapping=mapping).extract().pages:
        rows.setdefault(page.table, []).extend(page.rows.to_pylist())
        rejects.extend(page.rejects)
    return rows, rejects


def test_a_workbook_reads_ids_dates_and_flags_as_meant(tmp_path: Path) -> None:
    workbook(
        tmp_path / "leads.xlsx",
        Hoja1=[
            [],
            ["record_id", "created_at", "converted_at", "f_size"],
            [12345, datetime(2018, 2, 26, 19, 58, 54), date(2018, 3, 1), 1.5],
            [],
            [12346, datetime(2018, 2, 27), None, "big"],
            [12345, None, None, None],
        ],
    )
    rows, rejects = load(tmp_path)
    first, second = rows["record"]
    assert (first["record_id"], first["created_at"], first["converted_at"], first["f_size"]) == (
        "12345",
        datetime(2018, 2, 26, 19, 58, 54),
        datetime(2018, 3, 1),
        "1.5",
    )
    assert (second["record_id"], second["f_size"]) == ("12346", "big")
    assert [(one.line, one.problem) for one in rejects] == [(6, "files.reject.twice")]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    workbook(tmp_path / "leads.xlsx", A=[["Leads 2024"], [], ["record_id", "status"], ["1", "New"], ["2", None]])
    rows, _ = load(tmp_path)
    assert [(row["record_id"], row["status"]) for row in rows["record"]] == [("1", "New"), ("2", None)]


def test_sheets_are_tables_of_their_own(tmp_path: Path) -> None:
    workbook(
        tmp_path / "crm.xlsx",
        Leads=[["record_id"], ["L1"]],
        Notes=[["hello"]],
        Empty=[],
        status_changes=[["record_id", "to_status", "at"], ["L1", "New", datetime(2024, 1, 1)]],
    )
    rows, _ = load(tmp_path)
    assert [(row["record_id"], row["status"]) for row in rows["record"]] == [("L1", "New")]
    assert [row["at"] for row in rows["field_change"]] == [datetime(2024, 1, 1)]
    assert [table.name for table in Files({"path": str(tmp_path)}).describe()] == [
        "crm/Leads",
        "crm/Notes",
        "crm/status_changes",
    ]


def test_a_mapping_names_a_sheet_or_the_file(tmp_path: Path) -> None:
    workbook(tmp_path / "base.xlsx", Uno=[["id"], ["1"]], Dos=[["id"], ["2"]])
    for source, wanted in (("base/Dos", ["2"]), ("base", ["1"]), ("base.xlsx", ["1"])):
        rows, _ = load(tmp_path, f"version: 1\ntables: [{{source: {source}, to: leads, fields: {{record_id: id}}}}]")
        assert [row["record_id"] for row in rows["record"]] == wanted


def test_serial_numbers_are_dates_where_the_column_is_one(tmp_path: Path) -> None:
    workbook(tmp_path / "leads.xlsx", A=[["record_id", "created_at"], ["1", 43157], ["2", 43157.5]])
    rows, _ = load(tmp_path)
    assert [row["created_at"] for row in rows["record"]] == [datetime(2018, 2, 26), datetime(2018, 2, 26, 12)]


def test_text_among_true_dates_is_listed_not_guessed(tmp_path: Path) -> None:
    """A spreadsheet of another country turns 05/02 into a date and leaves 26/02 as text."""
    workbook(
        tmp_path / "leads.xlsx",
        A=[["record_id", "created_at"], ["1", datetime(2018, 5, 2)], ["2", datetime(2018, 6, 2)], ["3", "26/02/2018"]],
    )
    rows, rejects = load(tmp_path)
    assert [row["created_at"] for row in rows["record"]] == [datetime(2018, 5, 2), datetime(2018, 6, 2), None]
    assert [(one.line, one.column, one.kept) for one in rejects] == [(4, "created_at", True)]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    pq.write_table(
        pa.table(
            {
                "record_id": pa.array([1, 2, 2]),
                "status": pa.array(["New", None, "x"]).dictionary_encode(),
                "created_at": pa.array([datetime(2024, 1, 1), None, None], pa.timestamp("ns", "America/Mexico_City")),
                "f_big": pa.array([1.0, 2.5, None]),
                "nested": pa.array([[1], [2], [3]]),
            }
        ),
        tmp_path / "leads.parquet",
    )
    pq.write_table(
        pa.table({"opportunity_id": ["a"], "amount": pa.array([3], pa.int32()), "is_won": [True]}),
        tmp_path / "opportunities.parquet",
    )
    rows, rejects = load(tmp_path)
    assert [(row["record_id"], row["status"], row["created_at"], row["f_big"]) for row in rows["record"]] == [
        ("1", "New", datetime(2024, 1, 1), "1"),
        ("2", None, None, "2.5"),
    ]
    assert rows["opportunity"][0]["amount"] == 3.0
    assert rows["opportunity"][0]["is_won"] is True
    assert [(one.line, one.problem) for one in rejects] == [(3, "files.reject.twice")]


def test_whole_numbers_in_parquet_may_be_moments(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"record_id": ["a"], "created_at": pa.array([1519675134], pa.int64())}), tmp_path / "leads.parquet"
    )
    rows, _ = load(tmp_path)
    assert rows["record"][0]["created_at"] == datetime(2018, 2, 26, 19, 58, 54)


def _xlsx(path: Path) -> bytes:
    workbook(path / "source.bin", A=[["owner_id"], ["1"]])
    return (path / "source.bin").read_bytes()


@pytest.mark.parametrize(
    "name, content, problem",
    [
        ("owners.csv", b"XLSX", "files.problem.is_workbook"),
        ("owners.csv", b"PAR1....PAR1", "files.problem.is_parquet"),
        ("owners.csv", b"%PDF-1.7 and more", "files.problem.is_binary"),
        ("owners.csv", bytes(range(1, 32)) * 20, "files.problem.is_binary"),
        ("owners.csv", b"\x1f\x8b\x08\x00packed", "files.problem.is_packed"),
        ("owners.csv", b"PK\x03\x04other archive", "files.problem.is_packed"),
        ("owners.xlsx", b"PK\x03\x04 [Content_Types].xml broken", "files.problem.not_a_workbook"),
        ("owners.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 locked", "files.problem.protected"),
        ("owners.xls", b"\n <HTML><body><table></table>", "files.problem.is_html"),
        ("owners.parquet", b"PAR1 but nothing more", "files.problem.not_parquet"),
        ("owners.csv.gz", b"not packed at all", "files.problem.unreadable"),
        ("owners.csv", b"\0\0\0\0\0\0\0\0", "files.problem.empty"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name: str, content: bytes, problem: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "leads.csv").write_text("record_id\nL1\n")
    (home / name).write_bytes(_xlsx(tmp_path) if content == b"XLSX" else content)
    rows, rejects = load(home)
    assert [row["record_id"] for row in rows["record"]] == ["L1"]
    assert [(one.source, one.problem) for one in rejects] == [(name, problem)]
    assert name in Language("es")(rejects[0].problem, **rejects[0].params)


def test_only_a_damaged_workbook_of_leads_refuses(tmp_path: Path) -> None:
    (tmp_path / "leads.xlsx").write_bytes(b"PK\x03\x04 [Content_Types].xml broken")
    with pytest.raises(SourceRefused) as caught:
        load(tmp_path)
    assert [detail.key for detail in caught.value.details] == ["files.problem.not_a_workbook"]


def test_temporary_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("record_id\nL1\n")
    (tmp_path / "~$leads.xlsx").write_bytes(b"lock")
    (tmp_path / ".leads.csv").write_bytes(b"x")
    assert load(tmp_path)[1] == []


def test_a_description_masks_what_is_personal(tmp_path: Path) -> None:
    lines = ["id,name,email,status,created,mixed"]
    lines += [
        f"{n},Ana {n} Paz,ana{n}@example.com,{'New' if n % 2 else 'Won'},{n % 28 + 1:02d}/01/2024," for n in range(40)
    ]
    (tmp_path / "base.csv").write_text("\n".join(lines))
    (table,) = Files({"path": str(tmp_path)}).describe()
    columns = {column.name: column for column in table.columns}
    assert (table.rows, table.sampled) == (40, 40)
    assert columns["id"].unique
    assert columns["id"].kind == "whole"
    assert columns["email"].email
    assert columns["email"].samples[0] == "xxx9@xxxxxxx.xxx"
    assert columns["name"].samples[0] == "Xxx 9 Xxx"
    assert columns["status"].values == ("Won", "New")
    assert (columns["created"].kind, columns["created"].date_forms) == ("time", ("dmy",))
    assert columns["mixed"].kind == "blank"
