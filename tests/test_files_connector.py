"""The files connector on tiny folders: golden cases of what loads, what is listed and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from connectors.demo.company import Company
from connectors.demo.files import Format, write
from connectors.files import Files, listing
from leadpact.connector import Connector, Extract, Reject
from leadpact.errors import LeadPactError, Misconfigured, SourceRefused, SourceUnreachable
from leadpact.language import Language
from leadpact.mapping import parse
from leadpact.model import TABLES

GOLDEN = Path(__file__).resolve().parent / "golden" / "files"
SHOWN = ("source", "line", "column", "problem", "kept", "raw")


def cases() -> list[Any]:
    yaml = YAML(typ="safe", pure=True)
    return [
        pytest.param(case, id=f"{path.stem}-{name}")
        for path in sorted(GOLDEN.glob("*.yaml"))
        for name, case in yaml.load(path).items()
    ]


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).write_bytes(text.encode())
    return path


def connect(case: dict[str, Any], path: Path) -> Files:
    mapping = parse({"version": 1, **case["mapping"]}) if "mapping" in case else None
    return Files({"path": str(folder(path, case["files"])), **case.get("settings", {})}, mapping=mapping)


def read_out(extract: Extract) -> tuple[dict[str, list[dict[str, Any]]], list[Reject]]:
    """Rows by table and all rejects; every page must have its table's schema."""
    rows: dict[str, list[dict[str, Any]]] = {}
    rejects: list[Reject] = []
    for page in extract.pages:
        custom = [name for name in page.rows.column_names if name.startswith("f_")]
        assert page.rows.schema == TABLES[page.table].arrow_schema(custom)
        assert page.rows.num_rows <= 50_000
        rows.setdefault(page.table, []).extend(page.rows.to_pylist())
        rejects.extend(page.rejects)
    return rows, rejects


def fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(row[name] == _moment(value) for name, value in wanted.items())


def _moment(value: Any) -> Any:
    return datetime(value.year, value.month, value.day) if type(value) is date else value


@pytest.mark.parametrize("case", cases())
def test_golden(case: dict[str, Any], tmp_path: Path) -> None:
    files = connect(case, tmp_path)
    if "error" in case:
        with pytest.raises(LeadPactError) as caught:
            files.extract()
        assert caught.value.key == case["error"]
        assert [detail.key for detail in caught.value.details] == case.get("details", [])
        for name, value in case.get("params", {}).items():
            assert caught.value.params[name] == value
        assert all(Language(lang).error(caught.value) for lang in ("en", "es"))
        return
    extract = files.extract()
    rows, rejects = read_out(extract)
    for table in TABLES:
        if table in case:
            found = rows.get(table, [])
            assert len(found) == len(case[table]), found
            for row, wanted in zip(found, case[table], strict=True):
                assert fits(row, wanted), (row, wanted)
    if "rejects" in case:
        listed = [{name: getattr(reject, name) for name in SHOWN} for reject in rejects]
        assert len(listed) == len(case["rejects"]), listed
        for reject, wanted in zip(listed, case["rejects"], strict=True):
            assert fits(reject, wanted), (reject, wanted)
    if "provided" in case:
        assert sorted(extract.provided) == case["provided"]
    if "creation_logged" in case:
        assert extract.creation_logged is case["creation_logged"]
    for name in case.get("columns_absent", []):
        assert all(name not in row for row in rows["record"])
    for reject in rejects:
        assert all(Language(lang)(reject.problem, **reject.params) for lang in ("en", "es"))


def test_it_is_a_connector_and_making_one_reads_nothing(tmp_path: Path) -> None:
    files = Files({"path": str(tmp_path / "not there")})
    assert isinstance(files, Connector)
    assert not files.can.write
    assert not files.can.history


def test_capabilities_follow_the_files(tmp_path: Path) -> None:
    folder(tmp_path, {"leads.csv": "record_id,MQL\n1,2024-01-01\n"})
    plain = Files({"path": str(tmp_path)})
    assert not plain.can.history
    assert not plain.can.activities
    dated = Files(
        {"path": str(tmp_path)},
        mapping="version: 1\ntables: [{source: leads, to: leads, status_dates: [{column: MQL, status: MQL}]}]",
    )
    assert dated.can.history
    folder(tmp_path, {"activities.csv": "record_id\n1\n", "status_changes.csv": "record_id,to_status,at\n"})
    assert plain.can.history
    assert plain.can.activities


@pytest.mark.parametrize("settings", [{}, {"path": " "}, {"path": "x", "timezone": "Mexico"}])
def test_settings_that_cannot_be_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as caught:
        Files(settings)
    assert Language("es").error(caught.value)


def test_a_missing_folder_is_out_of_reach(tmp_path: Path) -> None:
    files = Files({"path": str(tmp_path / "gone")})
    with pytest.raises(SourceUnreachable) as caught:
        files.extract()
    assert caught.value.exit_code == 3
    assert "gone" in Language("en").error(caught.value)
    assert [check.ok for check in files.check()] == [False]


def test_one_file_can_be_the_whole_source(tmp_path: Path) -> None:
    folder(tmp_path, {"leads.csv": "record_id\n1\n", "contacts.csv": "record_id\n2\n"})
    rows, _ = read_out(Files({"path": str(tmp_path / "leads.csv")}).extract())
    assert [row["record_id"] for row in rows["record"]] == ["1"]


def test_checks_name_each_file_and_its_problem(tmp_path: Path) -> None:
    folder(tmp_path, {"leads.csv": "record_id\n1\n", "owners.csv": ""})
    checks = list(Files({"path": str(tmp_path)}).check())
    found = [(check.name, check.ok) for check in checks]
    assert found == [("folder", True), ("leads.csv", True), ("owners.csv", False)]
    for check in checks:
        for lang in ("en", "es"):
            assert Language(lang)(check.message, **check.params)
            assert check.remedy is None or Language(lang)(check.remedy, **check.params)


def test_what_files_cannot_date_is_said(tmp_path: Path) -> None:
    entry = {"source": "leads", "to": "leads", "status_since": "since"}
    case = {"mapping": {"tables": [entry]}, "files": {"leads.csv": "record_id,status,since\n1,New,2026-01-01\n"}}
    found = connect(case, tmp_path)
    assert [check.message for check in found.check() if not check.ok] == ["files.problem.status_since"]
    rows, rejects = read_out(found.extract())
    assert len(rows["record"]) == 1 and [reject.problem for reject in rejects] == ["files.problem.status_since"]


def test_values_are_read_by_id_and_nothing_is_written(tmp_path: Path) -> None:
    from leadpact.connector import Change

    folder(tmp_path, {"leads.csv": "record_id,status,created_at\n1,New,2024-01-01\n2,Won,\n"})
    files = Files({"path": str(tmp_path)})
    assert files.read("lead", ["2", "9"], ["status", "created_at"]) == {"2": {"status": "Won", "created_at": None}}
    change = Change("lead", "1", "status", "New", "Won")
    outcomes = list(files.write([change]))
    assert [(outcome.change, outcome.kind) for outcome in outcomes] == [(change, "refused")]
    assert (tmp_path / "leads.csv").read_text() == "record_id,status,created_at\n1,New,2024-01-01\n2,Won,\n"


def test_pages_are_cut_and_line_numbers_run_through(tmp_path: Path) -> None:
    lines = ["record_id,status"] + [f"L{number},New" for number in range(120_000)] + ["L7,Again"]
    folder(tmp_path, {"leads.csv": "\n".join(lines)})
    rows, rejects = read_out(Files({"path": str(tmp_path)}).extract())
    assert len(rows["record"]) == 120_000
    assert [(reject.line, reject.problem) for reject in rejects] == [(120_002, "files.reject.twice")]


def test_a_late_cell_decides_day_and_month(tmp_path: Path) -> None:
    lines = ["record_id,created_at"] + [f"L{number},03/04/2024" for number in range(150_000)] + ["last,25/04/2024"]
    folder(tmp_path, {"leads.csv": "\n".join(lines)})
    pages = list(Files({"path": str(tmp_path)}).extract().pages)
    first = pa.concat_tables(page.rows for page in pages).column("created_at")[0].as_py()
    assert first == datetime(2024, 4, 3)


def test_a_file_cut_in_the_middle_publishes_nothing(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(b"record_id,status\n" + b"".join(b"L%d,New\n" % n for n in range(200_000)))
    (tmp_path / "leads.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceRefused) as caught:
        read_out(Files({"path": str(tmp_path)}).extract())
    assert "leads.csv.gz" in Language("en").error(caught.value)


def test_a_flood_of_one_fault_is_listed_in_part_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LISTED", 5)
    lines = ["record_id,created_at"] + [f"{n},2024-01-01" for n in range(50)] + [f"{n},soon" for n in range(50, 62)]
    folder(tmp_path, {"leads.csv": "\n".join(lines)})
    rows, rejects = read_out(Files({"path": str(tmp_path)}).extract())
    assert len(rows["record"]) == 62
    assert [reject.line for reject in rejects] == [52, 53, 54, 55, 56, None]
    assert (rejects[-1].problem, rejects[-1].params["count"]) == ("files.problem.more", 7)


def test_no_message_holds_a_cell(tmp_path: Path) -> None:
    folder(tmp_path, {"leads.csv": "record_id,created_at,email\nsecret-1,2024-01-01,a\nsecret-1,sometime,b\n,,x\n"})
    _, rejects = read_out(Files({"path": str(tmp_path)}).extract())
    assert len(rejects) == 3
    for reject in rejects:
        said = Language("en")(reject.problem, **reject.params)
        assert "secret" not in said
        assert "sometime" not in said


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_company_written_as_files_is_read_back_whole(form: Format, tmp_path: Path) -> None:
    company = Company.generate(leads=300, seed=5, until=datetime(2026, 3, 4))
    write(company, tmp_path, form)
    files = Files({"path": str(tmp_path)})
    rows, rejects = read_out(files.extract())
    assert rejects == []
    assert files.can.history
    assert files.can.activities
    for name in ("record", "activity", "opportunity", "owner", "status_value", "campaign_touch"):
        key = TABLES[name].key
        assert _comparable(rows[name], key) == _comparable(company.tables[name].to_pylist(), key)
    wanted = [row for row in company.tables["field_change"].to_pylist() if row["field"] == "status"]
    assert [_told(row) for row in rows["field_change"]] == [_told(row) for row in wanted]


def _told(row: dict[str, Any]) -> list[Any]:
    return [_second(row[name]) for name in ("object", "record_id", "from_value", "to_value", "at", "seq", "actor_id")]


def _comparable(rows: list[dict[str, Any]], key: tuple[str, ...]) -> list[list[tuple[str, Any]]]:
    """Rows in the order of their key, times to the second, as text files keep them."""
    named = [sorted((name, _second(value)) for name, value in row.items()) for row in rows]
    return sorted(named, key=lambda row: [str(dict(row)[name]) for name in key])


def _second(value: Any) -> Any:
    return value.replace(microsecond=0, tzinfo=None) if isinstance(value, datetime) else value
