"""Conditions of the pact: every test against a plain reading of it, value by value."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.parts import Condition, Op
from leadpact.scoring.conditions import column_of, holds

MEXICO = ZoneInfo("America/Mexico_City")
TEXTS = (
    None, "", " ", "\u00a0", "\t", "Banking", "BANKING ", " banking", "Bank", "Niño", "NIÑO", "10", "10.0", "9", "-3",
    "+3", ".5", "007", "1e3", "NaN", "inf", "true", "Yes", "2026-01-31", "2026-01-31T10:00", "2026-01-31 10:00:00Z",
    "2026-01-31T10:00:00.000+0000", "2026-02-30", "2026-02-01", "12345678901234567", "12345678901234568", "a_b%", "İ",
    "<b>", "' OR 1=1 --", "{x}", "ΣΑΣ", "بنك", "x" * 255,
)  # fmt: skip
text = st.sampled_from([one for one in TEXTS if one is not None]) | st.text("aAbB19.- ñÑ", max_size=4)
scalar = text | st.integers(-20, 20) | st.floats(-20, 20).map(lambda x: round(x, 2)) | st.booleans()


def condition(op: str, value: Any = None, field: str = "f_x") -> Condition:
    return Condition.model_validate({"field": field, "op": op, "value": value})


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    op = draw(st.sampled_from(get_args(Op)))
    if op in ("filled", "empty"):
        return condition(op)
    if op in ("in", "not_in"):
        return condition(op, draw(st.lists(scalar, min_size=1, max_size=3)))
    return condition(op, [draw(scalar), draw(scalar)] if op == "between" else draw(scalar))


def said(values: list[Any], one: Condition, zone: ZoneInfo = MEXICO, type: str = "string") -> list[bool | None]:
    rows = [{"n": n, "f_x": value} for n, value in enumerate(values)]
    table = ibis.memtable(rows, schema={"n": "int64", "f_x": type})
    found = table.mutate(holds=holds(table, one, zone)).order_by("n").to_pyarrow().to_pylist()
    return [row["holds"] for row in found]


# ------------------------------------------------------------------ the plain reading


def lowered(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip().lower()


def number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, str):
        return float(value)
    digits = re.fullmatch(r"[+-]?(\d*)\.?\d*", value.strip(), re.ASCII)
    if digits is None or len(digits[1]) > 15 or not any(char.isdigit() for char in value):
        return None
    return float(value)


def span(value: Any) -> tuple[datetime, datetime] | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}", value.strip()):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if len(value.strip()) == 10:
        return found, found + timedelta(days=1, microseconds=-1)
    plain = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    return plain, plain


def equal(field: str, value: Any) -> bool:
    own, asked = span(field), span(value)
    return (
        field.strip().lower() == lowered(value)
        or (number(field) is not None and number(field) == number(value))
        or (own is not None and asked is not None and asked[0] <= own[0] <= asked[1])
    )


def order(field: str, value: Any) -> int | None:
    """-1, 0 or 1 as the field stands to the value; null where they cannot be compared."""

    def against(own: Any, first: Any, last: Any) -> int:
        return -1 if own < first else 1 if own > last else 0

    if number(value) is not None:
        return None if number(field) is None else against(number(field), number(value), number(value))
    asked, own = span(value), span(field)
    if asked is not None:
        return None if own is None else against(own[0], *asked)
    key = lowered(value).encode()
    return against(field.strip().lower().encode(), key, key)


def plainly(field: str | None, one: Condition) -> bool:  # noqa: PLR0911, one return an operator
    if field is None or not field.strip():
        return one.op == "empty"
    values = one.value if isinstance(one.value, list) else [one.value]
    match one.op:
        case "filled" | "empty":
            return one.op == "filled"
        case "eq" | "in":
            return any(equal(field, value) for value in values)
        case "ne" | "not_in":
            return not any(equal(field, value) for value in values)
        case "contains":
            wanted = values[0] if isinstance(values[0], str) else lowered(values[0])
            return wanted.lower() in field.lower()
        case "starts":
            return field.strip().lower().startswith(lowered(values[0]))
        case "between":
            return order(field, values[0]) in (0, 1) and order(field, values[1]) in (0, -1)
    wanted_order = {"gt": (1,), "gte": (0, 1), "lt": (-1,), "lte": (-1, 0)}[one.op]
    return order(field, values[0]) in wanted_order


# engines lower these otherwise than Python does; that they equal themselves is tested below
COMPARED = [value for value in TEXTS if value is None or not set(value) & set("İΣΑ")]


@settings(max_examples=120, deadline=None)
@given(conditions(), st.lists(text, max_size=3))
def test_every_condition_is_read_as_it_is_written(one: Condition, more: list[str]) -> None:
    if any(set(str(value)) & set("İΣΑ") for value in (one.value if isinstance(one.value, list) else [one.value])):
        return
    values = [*COMPARED, *(value for value in more if not set(value) & set("İΣΑ"))]
    expected = [plainly(value, one) for value in values]
    found = said(values, one)
    assert [(value, is_so) for value, is_so in zip(values, found, strict=True)] == list(
        zip(values, expected, strict=True)
    )


@pytest.mark.parametrize("value", [value for value in TEXTS if value and value.strip()])
def test_a_value_equals_itself_in_every_way_it_can(value: str) -> None:
    for one in (condition("eq", value), condition("in", ["other", value]), condition("contains", value)):
        assert said([value], one) == [True]
    assert said([value], condition("starts", value)) == [True]
    assert said([value], condition("ne", value)) == said([value], condition("not_in", [value])) == [False]


def test_numbers_are_numbers_and_text_is_text() -> None:
    assert said(["9", "10", "ten", None], condition("gt", 9)) == [False, True, False, False]
    assert said(["9", "10", "100"], condition("between", ["9", "10"])) == [True, True, False]
    assert said([9.5, None, math.pi], condition("lt", 9), type="float64") == [False, False, True]
    assert said(["b", "a"], condition("gt", "a")) == [True, False]
    assert said([True, False, None], condition("eq", True), type="boolean") == [True, False, False]
    assert said(["1"], condition("eq", 10**400)) == [False]


def test_a_day_is_the_pact_s_day() -> None:
    moments = [datetime(2026, 2, 1, 5, 59), datetime(2026, 2, 1, 6), None]  # Mexico City is six hours behind
    assert said(moments, condition("lte", "2026-01-31"), type="timestamp") == [True, False, False]
    assert said(moments, condition("eq", "2026-02-01"), type="timestamp") == [False, True, False]
    assert said(moments, condition("gt", "2026-01-31"), type="timestamp") == [False, True, False]
    assert said(moments, condition("eq", "2026-02-01T06:00Z"), type="timestamp") == [False, True, False]
    assert said(moments, condition("eq", "2026-02-01"), ZoneInfo("UTC"), type="timestamp") == [True, True, False]


def test_a_day_at_the_end_of_time_is_no_error() -> None:
    assert said(["9999-12-31", "0001-01-01"], condition("lte", "9999-12-31")) == [True, True]
    assert said([datetime(2026, 1, 1)], condition("gt", "0001-01-01"), type="timestamp") in ([True], [False])


def test_a_field_that_is_not_there_is_unknown() -> None:
    assert said(["x"], condition("empty", field="f_y")) == [None]
    assert said(["x"], condition("filled", field="F_X")) == said(["x"], condition("filled", field="x")) == [True]
    assert column_of(["country", "f_country"], "country") == "country"
    assert column_of([], "country") is None


def test_no_rows_are_no_error() -> None:
    assert said([], condition("eq", "x")) == []
