"""Delimited text: encodings, delimiters, quotes, and line numbers that are exact."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import encoding
from connectors.files.blocks import Unreadable
from connectors.files.careful import careful_rows
from connectors.files.quick import quick_block, shape_of
from connectors.files.text import TextReader

Row = tuple[int, tuple[str, ...]]
ROWS = 'id{d}año{d}nota\n1{d}ñandú{d}"á{d}\nb"\n2{d}€uro{d}x\n'


def read(path: Path, **options: str) -> tuple[list[str], list[Row], list[tuple[int, str]]]:
    reader = TextReader("t", path, **options)
    rows: list[Row] = []
    bad: list[tuple[int, str]] = []
    for block in reader.blocks(range(len(reader.headers))):
        cells = zip(*(column.to_pylist() for column in block.columns.values()), strict=True)
        rows.extend(zip(block.lines.tolist(), cells, strict=True))
        bad.extend((one.line, one.problem) for one in block.bad)
    return list(reader.headers), rows, bad


def write(path: Path, data: bytes, name: str = "t.csv") -> Path:
    (path / name).write_bytes(data)
    return path / name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_every_encoding_and_delimiter_reads_the_same(code: str, newline: str, delimiter: str, tmp_path: Path) -> None:
    text = ROWS.format(d=delimiter).replace("\n", newline)
    headers, rows, bad = read(write(tmp_path, text.encode(code)))
    assert headers == ["id", "año", "nota"]
    assert rows == [(2, ("1", "ñandú", f"á{delimiter}{newline}b")), (4, ("2", "€uro", "x"))]
    assert bad == []


def test_latin_1_is_read_where_windows_1252_has_no_letter(tmp_path: Path) -> None:
    _, rows, _ = read(write(tmp_path, b"id,n\n1,\xe1\x81\n2,\xf1\n"))
    assert [cells[1] for _, cells in rows] == ["á\x81", "ñ"]


def test_an_accent_far_into_the_file_counts(tmp_path: Path) -> None:
    _, rows, _ = read(write(tmp_path, b"id,n\n" + b"1,a\n" * 50_000 + "2,\xf1\n".encode("latin-1")))
    assert rows[-1] == (50_002, ("2", "ñ"))


def test_damaged_utf_8_stays_utf_8_and_is_listed(tmp_path: Path) -> None:
    data = "id,n\n" + "1,áéíóúñ\n" * 10
    _, rows, bad = read(write(tmp_path, data.encode() + b"2,a\xff\n"))
    assert rows[0][1] == ("1", "áéíóúñ")
    assert rows[-1] == (12, ("2", "a\ufffd"))
    assert bad == [(12, "files.reject.bad_characters")]


def test_a_chunk_may_end_inside_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 7)
    text = "id,n\n" + "".join(f"{n},ñ€á{'x' * (n % 5)}\n" for n in range(200))
    _, rows, bad = read(write(tmp_path, text.encode()))
    assert rows == [(n + 2, (str(n), "ñ€á" + "x" * (n % 5))) for n in range(200)]
    assert bad == []


def test_old_line_ends_and_zero_bytes_and_a_named_delimiter(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"id,n\r1,a\r2,b\r"))[1] == [(2, ("1", "a")), (3, ("2", "b"))]
    assert read(write(tmp_path, b"i\0d,n\n1,\0a\n"))[:2] == (["id", "n"], [(2, ("1", "a"))])
    assert read(write(tmp_path, b"sep=;\r\nid;n\r\n1;a,b\r\n"))[:2] == (["id", "n"], [(3, ("1", "a,b"))])


def test_decimal_commas_do_not_make_the_comma_the_delimiter(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"id;x;y\n1;1,5;2,5\n2;3,5;4,5\n"))[0] == ["id", "x", "y"]
    assert read(write(tmp_path, b"only\n1,5\n"))[0] == ["only"]


def test_packed_text_reads_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"id;n\n1;a\n"), "t.csv.gz")
    assert read(path)[1] == [(2, ("1", "a"))]


def test_an_encoding_that_is_not_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, b"id\n1\n")
    with pytest.raises(Unreadable) as caught:
        TextReader("t", path, "klingon")
    assert caught.value.key == "files.problem.encoding"


@pytest.mark.parametrize(
    "text, rows, bad",
    [
        ('1,"a\n2,b\n', [(1, ("2", "b"))], [(0, "files.reject.open_quote")]),
        ('1,"a\n2,"b\n3,c\n', [(2, ("3", "c"))], [(0, "files.reject.open_quote"), (1, "files.reject.open_quote")]),
        ('1, "a,b"\n', [(0, ("1", "a,b"))], []),
        ("1,a\rb\n2,c\n", [(1, ("2", "c"))], [(0, "files.reject.broken_row")]),
        ('1,a"b\n2,"c"d\n', [(0, ("1", 'a"b')), (1, ("2", "cd"))], []),
        ('1,"' + "x" * 140_000 + "\n2,b\n", [(1, ("2", "b"))], [(0, "files.reject.broken_row")]),
    ],
)
def test_stray_quotes_cost_their_own_line(text: str, rows: list[Row], bad: list[tuple[int, str]]) -> None:
    found = careful_rows(text, ",", 2, last=True)
    assert list(zip(found.lines, map(tuple, found.cells), strict=True)) == rows
    assert [(one.line, one.problem) for one in found.bad] == bad


def test_an_unfinished_row_waits_for_the_next_chunk() -> None:
    found = careful_rows('1,a\n2,"b\nc', ",", 2, last=False)
    assert (found.lines, found.used, found.rest) == ([0], 1, '2,"b\nc')


CELL = st.text(st.sampled_from('ab1 é,;"\n\t'), max_size=6)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=12)
)


@settings(max_examples=150, deadline=None)
@given(TABLE, st.sampled_from([",", ";", "\t"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_a_csv_writer_wrote_is_read_back(table: list[list[str]], delimiter: str, quoting: int) -> None:
    width = len(table[0])
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    lines = []
    for row in table:
        lines.append(out.getvalue().count("\n"))
        writer.writerow(row)
    data = out.getvalue()
    shape = shape_of(data.encode(), delimiter)
    assert shape.sound
    assert shape.used == len(data.encode())
    assert shape.lines.tolist() == lines
    block = quick_block(data.encode(), shape, delimiter, width, range(width))
    assert block is not None
    wanted = [(line, tuple(row)) for line, row in zip(lines, table, strict=True) if any(cell.strip() for cell in row)]
    cells = zip(*(column.to_pylist() for column in block.columns.values()), strict=True)
    assert list(zip(block.lines.tolist(), cells, strict=True)) == wanted
    careful = careful_rows(data, delimiter, width, last=True)
    if not any(cell.startswith(" ") for row in table for cell in row):  # it takes the space after a delimiter away
        assert list(zip(careful.lines, map(tuple, careful.cells), strict=True)) == wanted


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('a1,"\n'), max_size=40))
def test_sound_text_reads_the_same_both_ways(text: str) -> None:
    data = text if text.endswith("\n") else text + "\n"
    shape = shape_of(data.encode(), ",")
    if not shape.sound or shape.used < len(data):
        return
    block = quick_block(data.encode(), shape, ",", 2, range(2))
    careful = careful_rows(data, ",", 2, last=True)
    if block is None:  # a ragged row over lines is left to the careful one, which parts it
        assert careful.bad
        return
    cells = list(zip(*(column.to_pylist() for column in block.columns.values()), strict=True))
    whole = [(line, row) for line, row in zip(block.lines.tolist(), cells, strict=True)]
    assert whole == list(zip(careful.lines, map(tuple, careful.cells), strict=True))
    assert [one.line for one in block.bad] == [one.line for one in careful.bad]


def test_two_stray_quotes_are_no_line_break_wherever_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, b'p,q\naaaa,"\na",aaaaa\n"')
    monkeypatch.setattr(encoding, "CHUNK", 5)
    assert read(path)[1:] == ([(3, ('a"', "aaaaa"))], [(2, "files.reject.open_quote"), (4, "files.reject.open_quote")])


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), min_size=1, max_size=120), st.integers(5, 30))
def test_rows_and_lines_do_not_depend_on_the_chunks(text: str, chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), b"p,q\n" + text.encode())
        _, whole, _ = read(path)
        patch = pytest.MonkeyPatch()
        patch.setattr(encoding, "CHUNK", chunk)
        try:
            _, pieces, _ = read(path)
        finally:
            patch.undo()
    assert [line for line, _ in whole] == sorted({line for line, _ in whole})
    assert pieces == whole
