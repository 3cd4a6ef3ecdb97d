"""Date columns read as status changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from leadpact.mapping.history import as_table, from_dates
from leadpact.model import FIELD_CHANGE

Days = list[int | None]
START = datetime(2024, 1, 1)
DAY = st.none() | st.integers(0, 6)


def moments(days: Days) -> pa.Array:
    return pa.array([None if day is None else START + timedelta(days=day) for day in days], pa.timestamp("us"))


def rows(columns: list[Days], created: Days | None = None) -> list[tuple[str, str | None, str, int]]:
    """(record, from, to, day) of every change, in order."""
    changes = from_dates([moments(column) for column in columns], None if created is None else moments(created))
    ids = pa.array([f"r{number}" for number in range(len(columns[0]))])
    table = as_table(changes, "lead", ids, [f"S{number}" for number in range(len(columns))], first_seq=10)
    assert table.schema == FIELD_CHANGE.arrow_schema()
    assert table.column("seq").to_pylist() == list(range(10, 10 + table.num_rows))
    return [
        (row["record_id"], row["from_value"], row["to_value"], (row["at"] - START).days) for row in table.to_pylist()
    ]


def test_dates_are_put_in_order_whatever_the_columns() -> None:
    assert rows([[5, None], [2, 3]]) == [("r0", None, "S1", 2), ("r0", "S1", "S0", 5), ("r1", None, "S1", 3)]


def test_equal_dates_keep_the_order_of_the_columns() -> None:
    assert rows([[4], [4], [1]]) == [("r0", None, "S2", 1), ("r0", "S2", "S0", 4), ("r0", "S0", "S1", 4)]


def test_a_date_before_creation_moves_to_it_and_is_told() -> None:
    changes = from_dates([moments([3, 3]), moments([1, 1])], moments([3, None]))
    assert changes.moved.tolist() == [False, True, False, False]
    assert rows([[3, 3], [1, 1]], created=[3, None]) == [
        ("r0", None, "S0", 3),
        ("r0", "S0", "S1", 3),
        ("r1", None, "S1", 1),
        ("r1", "S1", "S0", 3),
    ]


def test_no_rows_and_no_dates_are_no_changes() -> None:
    assert rows([[None], [None]]) == []
    assert from_dates([moments([])]).last(0).tolist() == []


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(DAY, min_size=n, max_size=n), min_size=1, max_size=4)),
    st.data(),
)
def test_every_row_is_a_chain_that_ends_in_its_last_status(columns: list[Days], data: st.DataObject) -> None:
    count = len(columns[0])
    created = data.draw(st.lists(DAY, min_size=count, max_size=count))
    changes = from_dates([moments(column) for column in columns], moments(created))
    last = changes.last(count)
    for row in range(count):
        clamped = [
            (max(day, created[row]) if created[row] is not None else day, place)  # type: ignore[type-var]
            for place, column in enumerate(columns)
            if (day := column[row]) is not None
        ]
        expected = [place for _, place in sorted(clamped)]
        mine = changes.row == row
        assert changes.column[mine].tolist() == expected
        assert changes.before[mine].tolist() == [-1, *expected][: len(expected)]
        assert last[row] == (expected[-1] if expected else -1)
