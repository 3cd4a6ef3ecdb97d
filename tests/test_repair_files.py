"""Repairs of a `files` connection: a corrected copy to import, the source never touched, every other byte as it was.

Not here: reading files (test_files_connector.py and its neighbours), plans (test_repair.py).
"""

from __future__ import annotations

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.database import FILE
from connectors.files import Files
from connectors.files.copy import Copy
from connectors.files.copy_text import Cell, edit
from connectors.files.encoding import text_form
from leadpact.audit.facts import Facts
from leadpact.connector import Change
from leadpact.errors import SourceRefused
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import journal, plans, repair, repair_automations, repair_retire, undoing
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from tests.worlds import pact
from tests.writeback_crm import Hours, migrated

NOW = datetime(2026, 3, 4, 12)
USED = pact(status_map={"lead": {"New": "subscriber", "Working": "sal", "zz_Old": "unknown"}})
# titles above, quotes, line breaks within, a row too short, spaces around, words of another alphabet
CSV = (
    '"Export, März"\r\nrecord_id;Estado;Nota;created_at\r\n'
    'a1; zz_Old ;"dice ""zz_Old"";\r\nzz_Old";04.03.2026\r\n'
    'a2;"zz_Old";zz_Old;05.03.2026\r\n'
    "a3;Working;ñandú;06.03.2026\r\n\r\n"
    'a4;zz_Old\r\n"a5";zz_Old;;07.03.2026'
)
DONE = CSV.replace("a1; zz_Old ;", "a1; Working ;").replace('a2;"zz_Old";', 'a2;"Working";')
DONE = DONE.replace('"a5";zz_Old;', '"a5";Working;')
MAPPING = "version: 1\ntables:\n  - {source: leads, to: leads, fields: {status: Estado}}\n"


class House:
    """A folder of files, synced, with a target."""

    def __init__(self, folder: Path, mapping: str = MAPPING, path: str = "export") -> None:
        self.export = folder / "export"
        self.export.mkdir(exist_ok=True)
        self.copy = folder / "export-corrected"
        home = folder / "home"
        home.mkdir()
        (home / FILE).write_bytes(migrated())  # migrating costs more than the test
        self.space, self.mapping, self.path = Workspace(home), mapping, folder / path

    def adapter(self) -> Copy:
        """The copy by itself, without a plan."""
        return Files({"path": str(self.path)}, mapping=self.mapping).copy()

    def target(self) -> Target:
        options = {"path": str(self.path)}
        self.space.sync(Files(options, mapping=self.mapping), "acme", now=NOW)
        return Target.of(self.space, Connection("acme", "files", options), Files(options, mapping=self.mapping))

    def plan(self, target: Target, old: str = "zz_Old", new: str = "Working") -> Plan:
        one = self.space.analyse("acme", pact=PactInUse(USED, 3, True))
        values, source = repair.of_pairs(Facts.of(one), "lead", [(old, new)])
        return repair.plan(target, one, values, source, author="ana", now=NOW)


def moved(copy: Copy, before: str, after: str, *ids: str) -> list[tuple[str, str | None]]:
    """What came of giving records a status."""
    changes = [Change("lead", one, "status", before, after) for one in ids]
    return [(one.kind, one.code) for one in copy.write(changes)]


def applied(target: Target, plan: Plan) -> Report:
    return apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=NOW, limits=Limits(1.0, 100),
                 watch=Hours().watch())  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_comes_back_as_it_was(tmp_path: Path, encoding: str) -> None:
    house = House(tmp_path)
    (house.export / "leads.csv").write_bytes(CSV.encode(encoding))
    assert moved(house.adapter(), "zz_Old", "Working", "a1", "a2", "a5") == [("written", None)] * 3
    assert (house.copy / "leads.csv").read_bytes() == DONE.encode(encoding)
    assert moved(house.adapter(), "Working", "zz_Old", "a1", "a2", "a5") == [("written", None)] * 3
    assert (house.copy / "leads.csv").read_bytes() == CSV.encode(encoding)


def test_only_the_status_cells_change_and_an_undo_gives_the_source(tmp_path: Path) -> None:
    house, encoding = House(tmp_path), "cp1252"
    source = house.export / "leads.csv"
    source.write_bytes(CSV.encode(encoding))
    (house.export / "owners.csv").write_text("owner_id,name\no1,Ana\n", encoding="utf-8")
    target = house.target()
    assert target.connector.can.copies
    plan = house.plan(target)
    assert {row.record_id for _, row in plans.rows(target.engine, plan)} == {"a1", "a2", "a5"}
    done = applied(target, plan)
    assert (done.state, done.written, done.clean, done.pilot) == ("done", 3, True, None)
    assert (house.copy / "leads.csv").read_bytes() == DONE.encode(encoding)
    assert source.read_bytes() == CSV.encode(encoding), "the source is never written"
    assert {one.name for one in house.copy.iterdir()} == {"leads.csv", "changes.csv", "corrections.json"}
    listed = list(csv.DictReader(io.StringIO((house.copy / "changes.csv").read_text(encoding="utf-8-sig"))))
    assert [(one["record_id"], one["line"], one["before"], one["after"]) for one in listed] == [
        ("a1", "3", "zz_Old", "Working"), ("a2", "5", "zz_Old", "Working"), ("a5", "9", "zz_Old", "Working"),
    ]  # fmt: skip
    again = applied(target, plan)
    assert (again.written, again.now) == (3, 0), "nothing is written twice"
    undone = applied(target, undoing.plan(target, plan.id, author="bob", now=NOW))
    assert (undone.written, undone.clean) == (3, True)
    assert (house.copy / "leads.csv").read_bytes() == CSV.encode(encoding)


def test_what_the_files_do_not_hold_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n")
    (house.export / "leads.csv").write_text("record_id,status\na,New\nb,New\n", encoding="utf-8")
    made = list(house.adapter().write([Change("lead", "nobody", "status", "New", "Working"),
                                        Change("lead", "a", "owner_id", None, "x")]))  # fmt: skip
    assert [(one.kind, one.code) for one in made] == [("refused", "ENTITY_NOT_FOUND"), ("refused", "INVALID_FIELD")]


def test_what_moved_since_is_a_conflict_and_a_new_export_begins_a_new_copy(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n")
    source = house.export / "leads.csv"
    source.write_text("record_id,status\na,zz_Old\nb,zz_Old\nc,Working\n", encoding="utf-8")
    target = house.target()
    plan = house.plan(target)
    source.write_text("record_id,status\nb,zz_Old\na,New\nc,Working\nd,zz_Old\n", encoding="utf-8")
    done = applied(target, plan)
    assert (done.written, done.conflicts) == (1, 1)
    assert (house.copy / "leads.csv").read_text(encoding="utf-8") == (
        "record_id,status\nb,Working\na,New\nc,Working\nd,zz_Old\n"
    )
    # the copy was imported, and exported again: the source itself says so now
    source.write_text("record_id,status\na,New\nb,Working\n", encoding="utf-8")
    undone = applied(target, undoing.plan(target, plan.id, author="bob", now=NOW))
    assert (undone.written, undone.conflicts) == (1, 0)
    assert (house.copy / "leads.csv").read_text(encoding="utf-8") == "record_id,status\na,New\nb,zz_Old\n"


def test_two_plans_work_on_one_copy_and_a_changed_copy_is_left_alone(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n")
    (house.export / "leads.csv").write_text("record_id,status\na,zz_Old\nb,New\n", encoding="utf-8")
    assert moved(house.adapter(), "zz_Old", "Working", "a") == [("written", None)]
    assert moved(house.adapter(), "New", "Working", "b") == [("written", None)]
    copy = house.copy / "leads.csv"
    assert copy.read_text(encoding="utf-8") == "record_id,status\na,Working\nb,Working\n"
    copy.write_text("record_id,status\na,Mine\nb,Working\n", encoding="utf-8")
    with pytest.raises(SourceRefused, match="copy_changed"):
        moved(house.adapter(), "Working", "zz_Old", "b")
    assert "Mine" in copy.read_text(encoding="utf-8")


def test_derived_statuses_are_set_apart(tmp_path: Path) -> None:
    mapping = (
        "version: 1\ntables:\n  - {source: leads, to: leads}\n"
        "  - source: more\n    to: leads\n    status_dates: [{column: Since, status: zz_Old}]\n"
    )
    house = House(tmp_path, mapping)
    (house.export / "leads.csv").write_text("record_id,status\na,zz_Old\nk,Working\n", encoding="utf-8")
    (house.export / "more.csv").write_text("record_id,Since\nb,2026-01-02\nc,2026-01-03\n", encoding="utf-8")
    target = house.target()
    plan = house.plan(target)
    assert (plan.changes, plan.skipped["derived"]) == (1, 2)
    assert applied(target, plan).clean
    assert not (house.copy / "more.csv").exists()


def test_words_of_the_mapping_are_written_as_the_file_has_them(tmp_path: Path) -> None:
    mapping = (
        "version: 1\ntables:\n  - source: leads\n    to: leads\n    values: {status: {Viejo: zz_Old, "
        "En curso: Working, Trabajando: Nurture, Nutre: Nurture}}\n"
    )
    house = House(tmp_path, mapping)
    (house.export / "leads.csv").write_text(
        "record_id,status\na,Viejo\nb,En curso\nc,Trabajando\nd,Nutre\n", encoding="utf-8"
    )
    assert moved(house.adapter(), "zz_Old", "Working", "a") == [("written", None)]
    assert "a,En curso\n" in (house.copy / "leads.csv").read_text(encoding="utf-8")
    for value in ("Nurture", "Viejo"):  # two words would do; and a word that means something else
        assert moved(house.adapter(), "Working", value, "b") == [("refused", "AMBIGUOUS_VALUE")]
    assert moved(house.adapter(), "Working", "MQL", "b") == [("written", None)]


def test_workbooks_keep_all_but_the_cell(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\ntables:\n  - {source: crm/People, to: leads}\n")
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "People"
    rows = [["record_id", "amount", "status"], ["a", 1.5, "zz_Old"], ["b", "=1+1", "Working"], ["c", None, "zz_Old"]]
    for row in rows:
        sheet.append(row)
    sheet["C2"].font = openpyxl.styles.Font(bold=True)
    book.create_sheet("Other").append(["zz_Old", "zz_Old"])
    book.save(house.export / "crm.xlsx")
    before = (house.export / "crm.xlsx").read_bytes()
    assert moved(house.adapter(), "zz_Old", "Working", "a", "c") == [("written", None)] * 2
    assert moved(house.adapter(), "Working", "MQL", "b") == [("written", None)]
    made: Any = openpyxl.load_workbook(house.copy / "crm.xlsx")
    assert [[cell.value for cell in row] for row in made["People"].rows] == [
        ["record_id", "amount", "status"], ["a", 1.5, "Working"], ["b", "=1+1", "MQL"], ["c", None, "Working"],
    ]  # fmt: skip
    assert made["People"]["C2"].font.bold
    assert made["Other"]["A1"].value == "zz_Old"
    assert (house.export / "crm.xlsx").read_bytes() == before


def test_parquet_keeps_types_and_metadata(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n")
    schema = pa.schema([("record_id", pa.string()), ("status", pa.dictionary(pa.int32(), pa.string())),
                        ("n", pa.int64()), ("tags", pa.list_(pa.string()))], metadata={"who": "acme"})  # fmt: skip
    rows = [{"record_id": f"r{at}", "status": "zz_Old" if at % 2 else "Working", "n": at, "tags": ["x"]}
            for at in range(6)]  # fmt: skip
    with pq.ParquetWriter(house.export / "leads.parquet", schema, compression="zstd") as out:
        for start in (0, 3):
            out.write_table(pa.Table.from_pylist(rows[start : start + 3], schema=schema))
    assert moved(house.adapter(), "zz_Old", "Working", "r1", "r3", "r5") == [("written", None)] * 3
    made = pq.ParquetFile(house.copy / "leads.parquet")
    assert (made.metadata.num_row_groups, made.metadata.row_group(0).column(0).compression) == (2, "ZSTD")
    assert made.schema_arrow.equals(schema)
    assert made.schema_arrow.metadata[b"who"] == b"acme"
    assert made.read().to_pylist() == [{**row, "status": "Working"} for row in rows]


def test_one_packed_file_as_a_connection(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n", "export/leads.csv.gz")
    (house.export / "leads.csv.gz").write_bytes(gzip.compress(b"record_id,status\na,zz_Old\nb,Working\n"))
    assert moved(house.adapter(), "zz_Old", "Working", "a") == [("written", None)]
    (made,) = house.export.glob("*-corrected/leads.csv.gz")
    assert gzip.decompress(made.read_bytes()) == b"record_id,status\na,Working\nb,Working\n"


def test_a_kill_between_two_steps_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, "version: 1\n")
    (house.export / "leads.csv").write_text("record_id,status\na,zz_Old\nb,Working\n", encoding="utf-8")
    target = house.target()
    plan = house.plan(target)
    real = Path.replace

    def die(self: Path, to: Path) -> Path:
        if Path(to).name == "leads.csv":
            raise KeyboardInterrupt
        return real(self, to)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        applied(target, plan)
    monkeypatch.undo()
    assert journal.counted(target.engine, plan) == {journal.UNKNOWN: 1}
    done = applied(target, plan)
    assert (done.written, done.unknown, done.state) == (1, 0, "done")
    assert "a,Working" in (house.copy / "leads.csv").read_text(encoding="utf-8")


def test_nothing_is_retired_and_no_automation_told(tmp_path: Path) -> None:
    house = House(tmp_path, "version: 1\n")
    (house.export / "leads.csv").write_text("record_id,status\na,zz_Old\nb,Working\n", encoding="utf-8")
    target = house.target()
    plan = house.plan(target)
    assert applied(target, plan).clean
    assert repair_retire.offer(target, house.space.analyse("acme"), plan.id) == []
    ((told),) = repair_automations.of(target, plan)
    assert [one.reason for one in told.told.unread] == ["repair_values.unread.not_told"]


WORDS = st.text(st.sampled_from('ab ;,"\n\r\tñ='), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6), at=st.integers(0, 5), new=WORDS,
       ending=st.sampled_from(["\n", "\r\n"]), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
def test_any_cell_of_any_file_changes_alone(
    tmp_path: Path, rows: list[tuple[str, str]], at: int, new: str, ending: str, quoting: Any
) -> None:
    """The file read by the standard library: the same but for one cell; and with its old text back, byte for byte."""
    source, target, back = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    with source.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator=ending, quoting=quoting)
        out.writerow(["id", "status"])
        lines = []
        for row in rows:
            file.flush()
            lines.append(source.read_bytes().count(b"\n") + 1)
            out.writerow(row)
    at %= len(rows)
    form = text_form(source)
    if form.delimiter != ",":
        return
    with source.open(encoding="utf-8", newline="") as file:
        was = [tuple(row) for row in csv.reader(file)][1:]
    if was != rows:  # a carriage return the writer does not quote: another table
        return
    cell = Cell(1, rows[at][1].strip(), new)
    assert edit(source, target, form, {lines[at]: cell}) == {}
    with target.open(encoding="utf-8", newline="") as file:
        told = [tuple(row) for row in csv.reader(file)][1:]
    assert [row for place, row in enumerate(told) if place != at] == [
        row for place, row in enumerate(rows) if place != at
    ]
    assert told[at][0] == rows[at][0]
    assert told[at][1].strip() == new.strip()
    if rows[at][1] == rows[at][1].strip() and new == new.strip() and quoting == csv.QUOTE_ALL:
        assert edit(target, back, form, {lines[at]: Cell(1, new, rows[at][1])}) == {}
        assert back.read_bytes() == source.read_bytes()
