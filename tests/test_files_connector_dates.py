"""Dates: the form is decided per column, never per cell; zones; numbers as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.files.cells import flags, wholes
from connectors.files.dates import SLASHED, DateTally, Decision, settle
from connectors.files.moments import read
from connectors.files.numbers import NumberTally, read_numbers
from connectors.files.zone import native, timestamps

UTC_ZONE = ZoneInfo("UTC")


def at(form: str, *cells: str | None, zone: ZoneInfo = UTC_ZONE) -> list[datetime | None]:
    found: list[datetime | None] = timestamps(read(pa.array(list(cells), pa.string()), form), zone).to_pylist()
    return found


def tally(*cells: str | None) -> DateTally:
    found = DateTally()
    found.add(pa.array(list(cells), pa.string()))
    return found


@pytest.mark.parametrize(
    "form, cell, wanted",
    [
        ("iso", "2018-02-26", datetime(2018, 2, 26)),
        ("iso", "2018-02-26T19:58", datetime(2018, 2, 26, 19, 58)),
        ("iso", "2018-02-26 19:58:54.123456789", datetime(2018, 2, 26, 19, 58, 54, 123456)),
        ("iso", "2018-02-26T19:58:54Z", datetime(2018, 2, 26, 19, 58, 54)),
        ("iso", "2018-02-26T19:58:54.000+0100", datetime(2018, 2, 26, 18, 58, 54)),
        ("iso", "2018-02-26T19:58:54-05:30", datetime(2018, 2, 27, 1, 28, 54)),
        ("ymd", "2018/2/6", datetime(2018, 2, 6)),
        ("ymd", "2018.02.26 9:05", datetime(2018, 2, 26, 9, 5)),
        ("ymd", "20180226", datetime(2018, 2, 26)),
        ("ymd", "20180226T195854", datetime(2018, 2, 26, 19, 58, 54)),
        ("dmy", "26-02-2018 19:58", datetime(2018, 2, 26, 19, 58)),
        ("dmy", "6/2/18", datetime(2018, 2, 6)),
        ("dmy", "31.12.99", datetime(1999, 12, 31)),
        ("dmy", "26/02/2018 07:58:01 p. m.", datetime(2018, 2, 26, 19, 58, 1)),
        ("dmy", "26/02/2018 12:05 a.\u00a0m.", datetime(2018, 2, 26, 0, 5)),
        ("mdy", "2/26/2018, 7:58 PM", datetime(2018, 2, 26, 19, 58)),
        ("month_name", "26 Feb 2018", datetime(2018, 2, 26)),
        ("month_name", "26-feb-18", datetime(2018, 2, 26)),
        ("month_name", "February 26, 2018 7:58 PM", datetime(2018, 2, 26, 19, 58)),
        ("month_name", "26 de febrero de 2018", datetime(2018, 2, 26)),
        ("month_name", "1º de março de 2018", datetime(2018, 3, 1)),
        ("month_name", "Mon, 26 Feb 2018 19:58:54 GMT", datetime(2018, 2, 26, 19, 58, 54)),
        ("month_name", "sept. 5 2018", datetime(2018, 9, 5)),
        ("epoch", "1519675134", datetime(2018, 2, 26, 19, 58, 54)),
        ("epoch_ms", "1519675134123", datetime(2018, 2, 26, 19, 58, 54, 123000)),
        ("excel", "43157", datetime(2018, 2, 26)),
        ("excel", "43157.5", datetime(2018, 2, 26, 12)),
    ],
)
def test_forms(form: str, cell: str, wanted: datetime) -> None:
    assert at(form, cell) == [wanted]
    assert at(form, cell, None, "nonsense", cell) == [wanted, None, None, wanted]


@pytest.mark.parametrize(
    "form, cell",
    [
        ("iso", "2018-02-30"),
        ("iso", "2018-13-01"),
        ("iso", "2018-02-26T25:00"),
        ("iso", "2018-02-26T19"),
        ("iso", "2018"),
        ("iso", "26-02-2018"),
        ("iso", "0202-02-26"),
        ("iso", "9999-12-31"),
        ("dmy", "02/26/2018"),
        ("dmy", "31/04/2018"),
        ("dmy", "26/02/2018 13:00 PM"),
        ("dmy", "26/02"),
        ("mdy", "26/02/2018"),
        ("month_name", "May-20"),
        ("month_name", "26 Foo 2018"),
        ("epoch", "soon"),
        ("excel", "x"),
        ("dmy", "10.30"),
        ("ymd", "20181301"),
    ],
)
def test_what_is_no_date_is_not_read(form: str, cell: str) -> None:
    assert at(form, cell) == [None]


def test_leap_days() -> None:
    assert at("dmy", "29/02/2024", "29/02/2023", "29/02/2000", "29/02/1900") == [
        datetime(2024, 2, 29),
        None,
        datetime(2000, 2, 29),
        None,
    ]


WRITERS = {
    "ymd": "%Y-%m-%d",
    "dmy": "%d/%m/%Y",
    "mdy": "%m/%d/%Y",
    "month_name": "%d %b %Y",
}
MOMENT = st.datetimes(datetime(1970, 1, 2), datetime(2069, 12, 31)).map(lambda one: one.replace(microsecond=0))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(MOMENT, min_size=1, max_size=20),
    st.sampled_from(sorted(WRITERS)),
    st.sampled_from(["", " %H:%M:%S", "T%H:%M:%SZ", " %I:%M:%S %p"]),
    st.booleans(),
)
def test_a_column_written_in_one_form_is_read_back(moments: list[datetime], form: str, clock: str, rare: bool) -> None:
    cells = [one.strftime(WRITERS[form] + clock) for one in moments]
    wanted = [one if clock else one.replace(hour=0, minute=0, second=0) for one in moments]
    assert at(form, *cells) == wanted
    decision = tally(*cells, *(["?"] if rare and len(cells) > 1 else [])).decide()
    if form in SLASHED:
        days = {(one.day, one.month) for one in moments}
        if any(max(pair) > 12 for pair in days):
            assert decision == Decision(form, (form,))
        elif any(day != month for day, month in days):
            assert decision == Decision(None, SLASHED)
        else:
            assert decision.form == "dmy"  # the same days either way
    else:
        assert decision == Decision(form, (form,))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "2018-02-26",
                "2018-02-26 10:11",
                "2018-02-26T10:11:12.5",
                "2018-02-26T10:11:12Z",
                "2018-02-26T10:11:12+02:00",
                "2018-02-30",
                "2018-02-26T10",
                "x",
                None,
            ]
        ),
        max_size=12,
    )
)
def test_the_quick_way_and_the_pattern_agree_cell_by_cell(cells: list[str | None]) -> None:
    alone = [at("iso", cell)[0] for cell in cells]
    assert at("iso", *cells) == alone


@settings(max_examples=100, deadline=None)
@given(MOMENT, st.sampled_from(["Europe/Madrid", "America/Mexico_City", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]))
def test_local_times_become_utc(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    aware = moment.replace(tzinfo=zone)
    there_and_back = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    assume(there_and_back == moment)  # the hour that never was has a test of its own
    assert at("iso", moment.isoformat(), zone=zone) == [aware.astimezone(UTC).replace(tzinfo=None)]
    local = pa.array([moment], pa.timestamp("s"))
    assert native(local, zone).to_pylist() == [aware.astimezone(UTC).replace(tzinfo=None)]
    assert native(pa.array([moment], pa.timestamp("ms", "UTC")), zone).to_pylist() == [moment]


def test_native_dates_are_local_midnights() -> None:
    zone = ZoneInfo("America/Mexico_City")
    assert native(pa.array([datetime(2024, 1, 5).date(), None], pa.date32()), zone).to_pylist() == [
        datetime(2024, 1, 5) + timedelta(hours=6),
        None,
    ]


def test_order_is_told_by_one_cell_and_the_majority_holds() -> None:
    assert tally("01/02/2018", "05/04/2018").decide() == Decision(None, SLASHED)
    assert tally("01/02/2018", "25/04/2018").decide().form == "dmy"
    assert tally("01/02/2018", "04/25/2018").decide().form == "mdy"
    assert tally("25/04/2018", "04/25/2018").decide() == Decision(None, SLASHED)
    assert tally("25/04/2018", "26/04/2018", "04/25/2018").decide().form == "dmy"
    assert tally("25/04/2018", "2018-04-25", "2018-04-26").decide().form == "ymd"
    assert tally("05/05/2018").decide().form == "dmy"
    assert tally("a", "b").decide() == Decision(None)
    assert tally("1519675134", "1519675135").decide().form == "epoch"
    assert tally("43157", "43158.5").decide().form == "excel"


def test_other_columns_of_the_file_decide_unless_they_differ() -> None:
    open_one, day, month = tally("01/02/2018"), tally("25/02/2018"), tally("02/25/2018")
    assert settle({0: open_one, 1: day}, {})[0] == Decision("dmy", SLASHED)
    assert settle({0: open_one, 1: month}, {})[0] == Decision("mdy", SLASHED)
    assert settle({0: open_one, 1: day, 2: month}, {})[0] == Decision(None, SLASHED)
    assert settle({0: open_one}, {1: "mdy"})[0].form == "mdy"
    assert settle({0: open_one}, {0: "dmy"})[0] == Decision("dmy", ("dmy",))


@pytest.mark.parametrize(
    "cells, comma, wanted",
    [
        (["1.234,50", "2"], True, [1234.5, 2.0]),
        (["1,234.50", "2"], False, [1234.5, 2.0]),
        (["1.5", "1,234"], False, [1.5, 1234.0]),
        (["1,5", "1.234"], True, [1.5, 1234.0]),
        (["R$ 1.000,00", "€ 2,5", "3 €"], True, [1000.0, 2.5, 3.0]),
        (["1\u00a0234,5", "(12,5)", "-3"], True, [1234.5, -12.5, -3.0]),
        (["1'234.5", "5 %", "USD 7.25", "1e3"], False, [1234.5, 5.0, 7.25, 1000.0]),
    ],
)
def test_numbers(cells: list[str], comma: bool, wanted: list[float]) -> None:
    column = pa.array(cells)
    counted = NumberTally()
    counted.add(column)
    assert counted.decimal_comma(not comma) is comma
    assert read_numbers(column, comma).to_pylist() == wanted


def test_a_number_that_could_be_either_follows_the_file() -> None:
    column = pa.array(["1.234", "5.678"])
    counted = NumberTally()
    counted.add(column)
    assert counted.decimal_comma(True) is True
    assert counted.decimal_comma(False) is False
    assert read_numbers(column, True).to_pylist() == [1234.0, 5678.0]
    assert read_numbers(column, False).to_pylist() == [1.234, 5.678]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8), st.booleans())
def test_written_amounts_are_read_back(cents: list[int], comma: bool) -> None:
    cells = [f"{value / 100:,.2f}" for value in cents]
    swapped = [cell.translate(str.maketrans(",.", ".,")) for cell in cells] if comma else cells
    found = read_numbers(pa.array(swapped), comma).to_pylist()
    assert found == pytest.approx([value / 100 for value in cents])


def test_what_is_no_number_is_not_read() -> None:
    assert read_numbers(pa.array(["1,23,4", "much", "1.2.3", "inf", "nan", None]), False).to_pylist() == [None] * 6
    assert wholes(pa.array(["12", "1.5", "1,000", "3.0", "x"]), False).to_pylist() == [12, None, 1000, 3, None]
    assert wholes(pa.array([1.0, 2.5, None]), False).to_pylist() == [1, None, None]


def test_flags() -> None:
    assert flags(pa.array(["Sí", "NO", "x", "0", "maybe", None])).to_pylist() == [True, False, True, False, None, None]
    assert flags(pa.array([1, 0, 2])).to_pylist() == [True, False, None]
    assert flags(pa.array([True, None])).to_pylist() == [True, None]
