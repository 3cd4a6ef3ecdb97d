"""The value map as a file: nothing is lost, and what is wrong is told by row, with what to do."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadpact.audit import valuemap_file
from leadpact.audit.valuemap import HOW, KEEPS, SURE, Row, ValueMap
from leadpact.audit.valuemap_file import from_csv, from_yaml, harmless, load, plain, to_csv, to_yaml
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.language import Language

HOSTILE = [
    '=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "'=1", "''", "'", "\t=1", "\n", "a\r\nb", "a\rb",
    'say "no"', ",;\t|",
    " MQL ", "007", "1e5", "May-20", "1/2", "TRUE", "null", "~", "No", "yes", "{a: b}", "- x", "# no", "a: b",
    "\ufeffx", "\u2028",
    "\x85", "\x00", "\x07", "شريك محتمل", "\u202eabc", "<script>alert(1)</script>", "😀", "é" * 255, "\u00a0",
]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30))
maybe = st.one_of(st.none(), texts)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Any row that may stand in a map."""
    leave = draw(st.booleans())
    return Row(
        object=draw(st.sampled_from(["lead", "contact"])),
        value=draw(maybe),
        to=None if leave else draw(maybe),
        stage=draw(maybe),
        leave=leave,
        record_type=draw(maybe),
        previous=draw(maybe),
        standing=draw(maybe),
        keep=draw(st.sampled_from([None, *KEEPS])),
        edited=draw(st.booleans()),
        create=draw(st.booleans()),
        sure=draw(st.sampled_from([None, *SURE])),
        how=draw(st.sampled_from([None, *HOW])),
        codes=tuple(draw(st.lists(st.sampled_from(["STA01", "STA09", "CON02"]), max_size=3, unique=True))),
        records=draw(st.integers(0, 10**9)),
        frozen=draw(st.integers(0, 10)),
    )


maps = st.lists(rows(), max_size=6, unique_by=lambda row: row.key).map(ValueMap.of)
EVERY = ValueMap.of(Row("lead", text, to=f"{text}!", previous=text) for text in HOSTILE)


@settings(max_examples=150, deadline=None)
@given(maps)
@example(EVERY)
@example(ValueMap())
def test_yaml_gives_back_every_row(values: ValueMap) -> None:
    assert from_yaml(to_yaml(values), "map.yaml") == values


@settings(max_examples=150, deadline=None)
@given(maps)
@example(EVERY)
@example(ValueMap())
def test_csv_gives_back_every_row(values: ValueMap) -> None:
    assert from_csv(to_csv(values), "map.csv") == values


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_cell_runs_in_a_spreadsheet(text: str) -> None:
    cell = harmless(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain(cell) == text


def test_a_cell_that_a_spreadsheet_would_rewrite_is_written_as_text() -> None:
    assert [harmless(text) for text in ("007", "1/2", "May-20", "TRUE", "1e5", "MQL", "2 - New")] == [
        "'007", "'1/2", "'May-20", "'TRUE", "'1e5", "MQL", "2 - New",
    ]  # fmt: skip


def test_a_spreadsheet_may_separate_by_semicolons_and_drop_the_mark() -> None:
    values = ValueMap.of([Row("lead", "a;b", to="c,d", records=3), Row("contact", None, to="Re-Market", leave=False)])
    lines = list(csv.reader(io.StringIO(to_csv(values).removeprefix("\ufeff"), newline="")))
    for delimiter in (";", "\t"):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(lines)
        assert from_csv(out.getvalue(), "map.csv") == values


def test_a_map_written_by_hand_needs_little() -> None:
    by_hand = "rows:\n  - {object: lead, value: Left Voicemail, to: MQL}\n  - {object: contact, to: Re-Market}\n"
    assert from_yaml(by_hand, "x.yaml") == ValueMap.of(
        [Row("lead", "Left Voicemail", to="MQL"), Row("contact", None, to="Re-Market")]
    )
    assert from_csv("object,value,to,leave\nLEAD,Open,,Sí\n", "x.csv").rows == (Row("lead", "Open", leave=True),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("object,value,to\nperson,x,y\n", ["Row 2", "lead, contact"]),
        ("object,value,to\nlead,x,y\nlead,x,z\n", ["Row 3", "row 2"]),
        ("object,value,too\nlead,x,y\n", ["Row 1", "too", "to"]),
        ("object,value,to,leave\nlead,x,y,yes\n", ["Row 2", "Keep one"]),
        ("object,value,leave\nlead,x,perhaps\n", ["Row 2", "yes or no"]),
        ("object,value,records\nlead,x,many\n", ["Row 2", "whole number"]),
        ("object,value,keep\nlead,x,everything\n", ["Row 2", "last_outcome"]),
        ("object,value\n,x\n", ["Row 2", "missing"]),
    ],
)
def test_a_fault_names_its_row_and_the_remedy(text: str, said: list[str]) -> None:
    told = _error(lambda: from_csv(text, "map.csv"))
    assert all(part in told for part in said), told
    assert "map.csv" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows: [{object: lead, value: 1}]", ["Row 1", "quotes"]),
        ("rows: [{object: lead, value: x, leave: maybe}]", ["Row 1", "yes or no"]),
        ("rows: [x]", ["Row 1", "list of fields"]),
        ("rows: [{object: lead, codes: STA01}]", ["Row 1", "STA01"]),
        ("rows: {}", ["rows"]),
        ("form: 9\nrows: []", ["9", "1"]),
        ("rows: [", ["map.yaml"]),
        ("", ["rows"]),
    ],
)
def test_a_fault_in_yaml_is_told_likewise(text: str, said: list[str]) -> None:
    told = _error(lambda: from_yaml(text, "map.yaml"))
    assert all(part in told for part in said), told


def test_every_fault_is_told_but_not_thousands() -> None:
    many = "object,value\n" + "".join(f"person,{number}\n" for number in range(500))
    with pytest.raises(Misconfigured) as caught:
        from_csv(many, "map.csv")
    assert len(caught.value.details) == valuemap_file.MOST_TOLD + 1
    assert "480" in Language("en").error(caught.value)


def test_a_file_is_read_by_its_ending_and_its_encoding(tmp_path: Path) -> None:
    values = ValueMap.of([Row("lead", "Buzón de voz", to="MQL")])
    (tmp_path / "a.csv").write_text(to_csv(values), encoding="utf-8", newline="")
    (tmp_path / "a.yaml").write_text(to_yaml(values), encoding="utf-8")
    assert load(tmp_path / "a.csv") == load(tmp_path / "a.yaml") == values
    (tmp_path / "b.csv").write_bytes(to_csv(values).encode("utf-16"))
    assert "UTF-8" in _error(lambda: load(tmp_path / "b.csv"))
    assert "missing.csv" in _error(lambda: load(tmp_path / "missing.csv"))


def _error(act: Any) -> str:
    with pytest.raises(LeadPactError) as caught:
        act()
    for code in ("es", "es_419"):
        assert Language(code).error(caught.value)
    return Language("en").error(caught.value)
