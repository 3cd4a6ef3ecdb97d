"""Files that are larger than they look, and documents that grow as they are read: refused with a sentence, in bounds.

The worst of them are read by a process whose memory is limited: what is not refused in time ends that process.

Not here: damaged files (test_files_connector_sheets.py), archives of a backup (test_backup.py).
"""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.document import MOST_CHARACTERS, read_yaml
from config.document import load as load_pact
from connectors.files import bounds
from connectors.files.blocks import MOST_COLUMNS, Unreadable
from connectors.files.folder import look
from leadpact.audit import baseline, valuemap_file
from leadpact.errors import LeadPactError
from leadpact.language import Language
from leadpact.mapping import codec
from leadpact.writeback import repair_list
from tests.conftest import ROOT

MEMORY = 1 << 30
EN, ES = Language("en"), Language("es")

CONTENT = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
           'ContentType="application/xml"/></Types>')  # fmt: skip
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = f'<workbook {MAIN} xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
LINKS = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
         f'Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')  # fmt: skip


def book(path: Path, rows: bytes, *, texts: bytes = b"", parts: int = 0) -> Path:
    """A workbook of one sheet with these rows, written by hand."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", CONTENT)
        out.writestr("xl/workbook.xml", WORKBOOK)
        out.writestr("xl/_rels/workbook.xml.rels", LINKS)
        out.writestr("xl/worksheets/sheet1.xml",
                     f"<worksheet {MAIN}><sheetData>".encode() + rows + b"</sheetData></worksheet>")  # fmt: skip
        if texts:
            out.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>".encode() + texts + b"</sst>")
        for number in range(parts):
            out.writestr(f"xl/media/{number}", b"")
    return path


HEAD = b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
CELL = b'<c r="%b"><v>1</v></c>'
FAR: dict[str, bytes] = {
    "a cell in the furthest corner": b'<row r="1048576">' + CELL % b"XFD1048576" + b"</row>",
    "in single quotes": b"<row><c r='XFD1048576'><v>1</v></c></row>",
    "in small letters": b"<row>" + CELL % b"xfd1048576" + b"</row>",
    "beyond what a sheet has": b"<row>" + CELL % b"AAAAAA99999999" + b"</row>",
    "with spaces in the way": b'<row><c r = "XFD1048576"><v>1</v></c></row>',
    "with a prefix": b'<x:row xmlns:x="u"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    "cells that do not say their place": b"<row>" + b"<c/>" * 16_000 + b"<c><v>1</v></c></row>" + b"<row/>" * 9_000
    + b"<row><c><v>1</v></c></row>",
}  # fmt: skip


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR.keys())
def test_a_sheet_is_no_larger_than_its_cells(rows: bytes, tmp_path: Path) -> None:
    path = book(tmp_path / "leads.xlsx", HEAD + rows)
    with pytest.raises(Unreadable, match=r"too_many_cells|not_a_workbook"):
        bounds.check_book(path)
    assert path.stat().st_size < 100_000
    (problem,) = look(tmp_path).problems
    for lang in (EN, ES):
        assert "leads.xlsx" in lang(problem.key, **problem.params)


def test_sheets_of_every_usual_form_are_read(tmp_path: Path) -> None:
    rows = b"".join(b"<row>" + b"<c><v>%d</v></c>" * 3 % (n, n, n) + b"</row>" for n in range(500))
    for name, form in {"plain.xlsx": HEAD, "nameless.xlsx": rows, "single.xlsx": HEAD.replace(b'"', b"'")}.items():
        bounds.check_book(book(tmp_path / name, form))
    bounds.check_book(book(tmp_path / "notes.xlsx", HEAD, texts=b'<si><t>for r = 5, "XFD1048576"</t></si>'))


def test_a_shared_text_counts_for_every_cell_that_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_TEXT", 5_000_000)
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 1001))
    long, short = b"<si><t>" + b"x" * 10_000 + b"</t></si>", b"<si><t>x</t></si>" * 3
    bounds.check_book(book(tmp_path / "fine.xlsx", cells, texts=short + long))
    with pytest.raises(Unreadable, match="unpacks"):
        bounds.check_book(book(tmp_path / "leads.xlsx", cells, texts=long + short))


def test_an_archive_is_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match="unpacks"):
        bounds.check_book(book(tmp_path / "parts.xlsx", HEAD, parts=bounds.MOST_PARTS))
    fine = book(tmp_path / "fine.xlsx", HEAD + b" " * 50_000_000)
    bounds.check_book(fine)
    monkeypatch.setattr(bounds, "MOST_BOOK", 40_000_000)
    with pytest.raises(Unreadable, match="unpacks"):
        bounds.check_book(book(tmp_path / "leads.xlsx", HEAD + b" " * 50_000_000))
    lying = fine.read_bytes().replace((50_000_000 + _frame()).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    (tmp_path / "lying.xlsx").write_bytes(lying)
    with pytest.raises(Unreadable, match="not_a_workbook"):
        bounds.check_book(tmp_path / "lying.xlsx")


def _frame() -> int:
    return len(f"<worksheet {MAIN}><sheetData>") + len(HEAD) + len("</sheetData></worksheet>")


def test_parquet_says_how_much_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"record_id": pa.array(["a"]).take(pa.array([0] * 5000))}), path)
    monkeypatch.setattr(bounds, "MOST_ROWS", 4_999)
    (source,) = look(tmp_path).sources
    with pytest.raises(Unreadable, match="too_many_rows"):
        source.open()
    monkeypatch.undo()
    source.open()
    monkeypatch.setattr(bounds, "MOST_GROUP", 10)
    with pytest.raises(Unreadable, match="unpacks"):
        source.open()


def test_packed_text_is_not_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SMALL", 1 << 20)
    path = tmp_path / "leads.csv.gz"
    path.write_bytes(gzip.compress(b"record_id,status\n" + b"a,New\n" * 1_000_000))
    with pytest.raises(Unreadable, match="unpacks"):
        _read(path)
    path.write_bytes(
        gzip.compress(("record_id,status\n" + "".join(f"{n:x},{n * 7919 % 977}\n" for n in range(200_000))).encode())
    )
    _read(path)


def test_a_header_has_a_width(tmp_path: Path) -> None:
    for count, fits in ((MOST_COLUMNS, True), (MOST_COLUMNS + 1, False), (500_000, False)):
        path = tmp_path / "leads.csv"
        path.write_text(",".join(f"c{n}" for n in range(count)) + "\n1\n", encoding="utf-8")
        (source,) = look(path).sources
        if fits:
            source.open()
        else:
            with pytest.raises(Unreadable, match="too_wide"):
                source.open()


def _read(path: Path) -> int:
    (source,) = look(path).sources
    return sum(block.rows for block in source.open().blocks([0]))


SHAPES: dict[str, Callable[[Path], Any]] = {
    "a line without end": lambda path: _lines(path, b"record_id,status\n", b"x" * (1 << 20), 500),
    "a quote never closed": lambda path: _lines(path, b'record_id,status\n"', b"x,\n" * (1 << 18), 500),
}


def _lines(path: Path, first: bytes, again: bytes, times: int) -> None:
    with path.open("wb") as out:
        out.write(first)
        for _ in range(times):
            out.write(again)


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_half_a_gigabyte_in_one_row_ends_in_bounded_memory(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    SHAPES[shape](path)
    said = _limited(
        f"from tests.test_hardening_uploads import _read; from pathlib import Path; _read(Path({str(path)!r}))"
    )
    assert "Unreadable: files.problem.endless_row" in said or said == "", said[-300:]


def _limited(code: str) -> str:
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300,
                           check=False, preexec_fn=_limits)  # fmt: skip
    return found.stderr


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


# -- documents ----------------------------------------------------------------------------------


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
BOMBS = {
    "aliases": LAUGHS,
    "merges": "base: &b {k: v}\n" + "".join(f"m{n}: &m{n} {{<<: [{', '.join(['*b'] * 50)}]}}\n" for n in range(60)),
    "within itself": "a: &a [*a]\n",
    "deep": "[" * 100_000,
    "deep maps": "{a: " * 50_000,
    "deep lines": "".join(" " * n + "a:\n" for n in range(1_000)),
    "large": "a: " + "x" * MOST_CHARACTERS,
    "objects": "!!python/object/apply:os.system ['echo pwned']\n",
    "other objects": "a: !!python/name:os.system\nb: !ruby/object:Gem::Installer\n  i: x\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_document_cannot_grow_or_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name], encoding="utf-8")
    for read in (load_pact, codec.load, valuemap_file.load):
        with pytest.raises(LeadPactError) as told:
            read(path)
        assert all(lang.error(told.value) for lang in (EN, ES))


def test_aliases_within_reason_are_read() -> None:
    assert read_yaml("a: &x [1, 2]\nb: *x\n", "f") == {"a": [1, 2], "b": [1, 2]}


def _baseline(path: Path) -> Any:
    return baseline.read(path, connection="a", pact="b", where={})


@pytest.mark.parametrize("read", [load_pact, codec.load, valuemap_file.load, repair_list.load, _baseline])
def test_a_file_of_any_size_costs_no_more_than_the_limit(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as out:
        out.truncate(3 << 30)  # sparse: takes no room
    with pytest.raises(LeadPactError) as told:
        read(path)
    assert all(lang.error(told.value) for lang in (EN, ES))
    with pytest.raises(LeadPactError):
        read(Path("/dev/zero"))


@pytest.mark.parametrize("read", [valuemap_file.from_csv, repair_list.read])
def test_a_cell_without_end_is_no_table(read: Any) -> None:
    with pytest.raises(LeadPactError):
        read('object,value,record_id,status\nlead,"' + "x" * 5_000_000 + '",1,2\n', "list.csv")
