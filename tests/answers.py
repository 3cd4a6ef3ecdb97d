"""Answers of a metric as plain values, whatever engine and order they come from, and their comparison.

Not here: which metrics there are (every_metric.py), how an engine is got (engine.py, spark_engine.py).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest


def rows(expression: Any) -> list[tuple[Any, ...]]:
    """The rows of an Ibis expression in an order of their own, columns by name."""
    table = expression.to_pyarrow()
    names = sorted(table.column_names)
    columns = [[_plain(value) for value in table[name].to_pylist()] for name in names]
    return sorted(zip(*columns, strict=True), key=_order) if columns else []


def answer(found: Any) -> Any:
    """What a metric gave, as a value to compare: tables as rows."""
    return rows(found) if hasattr(found, "to_pyarrow") else found


def same(found: Any, expected: Any, path: str = "") -> None:
    """Asserts equality, floats to nine digits: a sum of floats depends on the order of the rows."""
    if isinstance(expected, float) and isinstance(found, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), path
    elif isinstance(expected, np.ndarray):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=path)
    elif dataclasses.is_dataclass(expected):
        assert type(found) is type(expected), path
        for field in dataclasses.fields(expected):
            same(getattr(found, field.name), getattr(expected, field.name), f"{path}.{field.name}")
    elif isinstance(expected, Mapping):
        assert set(found) == set(expected), path
        for key in expected:
            same(found[key], expected[key], f"{path}[{key!r}]")
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        assert len(found) == len(expected), f"{path}: {_first_difference(found, expected)}"
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            same(one, other, f"{path}[{place}]")
    else:
        assert found == expected, path


def says_something(found: Any) -> bool:
    """Whether an answer holds anything: rows, or a number above 0 somewhere in it."""
    if isinstance(found, list) and found and isinstance(found[0], tuple):
        return True
    if dataclasses.is_dataclass(found):
        return any(says_something(getattr(found, field.name)) for field in dataclasses.fields(found))
    if isinstance(found, Mapping):
        return any(says_something(value) for value in found.values())
    if isinstance(found, list | tuple):
        return any(says_something(value) for value in found)
    return isinstance(found, int | float) and not isinstance(found, bool) and found > 0


def _first_difference(found: Sequence[Any], expected: Sequence[Any]) -> str:
    ours, theirs = {repr(one) for one in found}, {repr(one) for one in expected}
    only, missing = sorted(ours - theirs)[:2], sorted(theirs - ours)[:2]
    return f"{len(found)} for {len(expected)}; only here {only}, only there {missing}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return None if isinstance(value, float) and math.isnan(value) else value


def _order(row: tuple[Any, ...]) -> str:
    return repr([f"{value:.5f}" if isinstance(value, float) else value for value in row])
