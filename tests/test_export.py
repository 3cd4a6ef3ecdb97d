"""Files people open: nothing in them runs, numbers stay numbers, and the second sheet says what they stand on."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from leadpact import export
from leadpact.export import MARK, to_csv, to_xlsx
from leadpact.language import Language
from ui import exports, tables
from ui.exports import Told

EN, ES = Language("en"), Language("es")
RUNS = ["=1+1", "+CMD|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1", "＝1+1", "＠SUM(A1)", "＋1",
        "－1", "  =1+1", "\u3000=1+1", "\xa0@SUM(A1)", "\ufeff=1", "\u200b-2+3", "-1_000", "-inf"]  # fmt: skip


def sheets(data: bytes) -> list[Worksheet]:
    return list(load_workbook(io.BytesIO(data)).worksheets)


def cells(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.rows]


@pytest.mark.parametrize("text", RUNS)
def test_text_that_a_spreadsheet_would_run_is_neutralised_in_both_files(text: str) -> None:
    found = to_csv([text], [[text]]).removeprefix(MARK)
    assert [row[0][0] for row in csv.reader(io.StringIO(found, newline=""))] == ["'", "'"]
    data, about = sheets(to_xlsx([text], [[text]], sheet=text, about=[(text, text)], about_sheet="About"))
    for sheet in (data, about):
        for row in sheet.rows:
            assert all(cell.data_type == "s" and str(cell.value).startswith("'") for cell in row)


def _split(text: str, at: str) -> list[str]:
    """The cells of a file as a spreadsheet set to another country splits it: quotes count at a cell's start only."""
    return [cell.lstrip('" ') for line in re.split(r"[\r\n]+", text.removeprefix(MARK)) for cell in line.split(at)]


INSIDE = ["x;=1+1", "a; @SUM(A1)", "b\n=1+1", "c\r+cmd|' /C calc'!A0", 'd;=HYPERLINK("e")', "f\t-2+3", "g;＝1"]


@pytest.mark.parametrize("text", INSIDE)
def test_a_file_split_at_other_signs_runs_nothing_either(text: str) -> None:
    for at in (";", "\t"):
        found = _split(to_csv(["name", "note"], [["Ana", text], [text, "x"]]), at)
        assert not [cell for cell in found if cell.startswith(export.FORMULA)]
    assert cells(sheets(to_xlsx(["a"], [[text]], sheet="S"))[0])[1] == [text]  # a cell is a cell there


def test_what_is_no_formula_is_left_alone() -> None:
    for text in ("a-b", "2+2=4", "ana@acme.example", "- ", "a; b", "x;y", "-5", "+1.5e3", "", " ", "(=1)"):
        assert export.in_csv(text) == (f"'{text}" if text == "- " else text)


@given(st.text(max_size=20))
def test_no_text_ever_becomes_a_formula(text: str) -> None:
    sheet = sheets(to_xlsx(["a"], [[text]], sheet="Data"))[0]
    cell = sheet["A2"]
    assert cell.data_type != "f"
    assert not str(cell.value or "").startswith(("=", "@"))


def test_numbers_stay_numbers_and_dates_dates() -> None:
    row = [1, 0.25, np.int64(7), np.float64(1.5), datetime(2026, 1, 2, 3, 4, 5, 678), pd.Timestamp("2026-01-02 03:04"),
           date(2026, 1, 2), True, "-5"]  # fmt: skip
    sheet = sheets(to_xlsx([str(at) for at in range(len(row))], [row], sheet="Data", formats=[None, "0.0%"]))[0]
    found = [cell.value for cell in sheet[2]]
    assert found == [1, 0.25, 7, 1.5, datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2, 3, 4), datetime(2026, 1, 2),
                     True, "-5"]  # fmt: skip
    assert sheet["B2"].number_format == "0.0%"
    assert [sheet.cell(2, place).is_date for place in (5, 6, 7)] == [True, True, True]


def test_what_is_not_known_is_an_empty_cell() -> None:
    row = [None, float("nan"), pd.NaT, pd.NA, float("inf")]
    assert cells(sheets(to_xlsx(list("abcdef"), [[*row, 1]], sheet="Data"))[0])[1] == [*[None] * 5, 1]
    assert to_csv(list("abcd"), [row[:4]]).splitlines()[1] == ",,,"


def test_a_table_without_rows_still_has_its_header() -> None:
    sheet = sheets(to_xlsx(["Etapa", "n"], [], sheet="Datos"))[0]
    assert cells(sheet) == [["Etapa", "n"]]
    assert sheet.freeze_panes == "A2"


def test_control_characters_and_endless_text_do_not_break_the_file() -> None:
    sheet = sheets(to_xlsx(["a"], [["x\x00\x0by"], ["z" * 40_000]], sheet="a/b:[c]*?" + "d" * 40))[0]
    assert sheet["A2"].value == "xy"
    assert len(sheet["A3"].value) == export.LONGEST_CELL
    assert len(sheet.title) <= 31


def test_rows_past_the_limit_go_on_in_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 3)
    found = sheets(to_xlsx(["n"], [[at] for at in range(5)], sheet="Data", about=[("pact", "x")], about_sheet="About"))
    assert [sheet.title for sheet in found] == ["Data", "Data 2", "Data 3", "About"]
    assert [row[0] for sheet in found[:3] for row in cells(sheet)[1:]] == [0, 1, 2, 3, 4]


FRAME = pd.DataFrame(
    {
        "stage": ["MQL", "=1+1"],
        "entered": [1200.0, None],
        "rate_of_first": [0.25, None],
        "median_hours": [100.5, None],
        "started_at": pd.to_datetime(["2026-01-01 01:00", None]),
        "state": ["met", "overdue"],
        "url": ["https://crm.example/1", "javascript:alert(1)"],
        "journey": ["person?record=1", "person?record=2"],
    }
)
KINDS: dict[str, tables.Kind] = {
    "stage": "text", "entered": "count", "rate_of_first": "share", "median_hours": "span", "started_at": "moment",
    "state": "state", "url": "link", "journey": "page",
}  # fmt: skip


def test_a_table_goes_out_with_numbers_underneath_and_words_in_the_readers_language() -> None:
    made = tables.sheet(FRAME, KINDS, ES, ZoneInfo("America/Mexico_City"))
    assert list(made.header) == [
        "Etapa", ES("ui.col.entered"), ES("ui.col.rate_of_first"), f"{ES('ui.col.median_hours')} (horas)",
        ES("ui.col.started_at"), ES("ui.col.state"), ES("ui.col.url"),
    ]  # fmt: skip
    first, second = made.rows
    assert first == ("MQL", 1200, 0.25, 100.5, datetime(2025, 12, 31, 19), ES("ui.state.met"), "https://crm.example/1")
    assert isinstance(first[1], int)
    assert second == ("=1+1", None, None, None, None, ES("ui.state.overdue"), None)
    assert exports.csv_of(made).decode().splitlines()[2].startswith("'=1+1,,")


def test_the_second_sheet_says_what_the_numbers_stand_on() -> None:
    told = Told("LeadPact · Funnel", {"Pact": "Acme · v3"}, lambda: ("Coverage", "98.0%"))
    told.tell({"Window": "90 days"})
    data, about = sheets(exports.xlsx_of(EN, tables.sheet(FRAME, KINDS, EN), told))
    assert (data.title, about.title) == ("Data", "About")
    found = {row[0]: row[1] for row in cells(about)}
    assert found == {"LeadPact · Funnel": None, "Window": "90 days", "Pact": "Acme · v3", "Coverage": "98.0%"}


def test_coverage_the_page_told_itself_is_kept() -> None:
    told = Told("", {"Coverage": "50.0%"}, lambda: ("Coverage", "98.0%"))
    assert told.rows() == [("Coverage", "50.0%")]


def test_a_file_is_called_after_its_table() -> None:
    assert exports.file_name("_funnel_table") == "funnel-table"
    assert exports.file_name("_sla_table_MQL/ñ..") == "sla-table-mql"
    assert exports.file_name("__") == "leadpact"
