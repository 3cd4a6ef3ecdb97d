"""The tests a suggested scorecard may choose from about what people did up to the moment.

As in behaviour.py: the activities of all records of a person, dated, not those planned and never done.

Not here: fields (suggest_features.py), the choice (suggest_fit.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from config.parts import ActivityCondition
from leadpact.audit.protected import of_values
from leadpact.scoring.moments import KEYS
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.suggest_features import Bools, Test, frequent
from leadpact.tables import SAYS, Tables

DAY = 86_400_000_000  # microseconds
WINDOWS: tuple[float | None, ...] = (7.0, 30.0, 90.0, None)
COUNTED: tuple[float | None, ...] = (30.0, None)  # also by how often, up to MOST_TIMES
MOST_TIMES = 3
MOST_SUBJECTS = 12  # of a kind
MIN_SHARE = 0.01  # of the cases, for a subject


def activity_tests(tables: Tables, found: Cases, among: Bools) -> list[Test]:
    """Tests by kind, window and frequent subject; none where the source gives no activities or no dates.

    `among` are the cases that decide which tests there are. Runs one query.
    """
    if "activity" not in tables.provided or not found.dated or not len(found):
        return []
    rows = _rows(tables, found)
    place, age = rows["place"].to_numpy(), rows["age"].to_numpy()
    kinds = np.array(rows["kind"].to_pylist(), dtype=object)
    subjects = np.array(
        [value.strip().lower() if value and SAYS.search(value) else None for value in rows["subject"].to_pylist()],
        dtype=object,
    )
    tests: list[Test] = []
    for kind in sorted(set(kinds.tolist())):
        own = kinds == kind
        for days in WINDOWS:
            counts = _counts(place, own & _within(age, days), len(found))
            tests.append(Test(_when(kind, days), (counts > 0).astype(np.float64)))
            if days in COUNTED:
                tests.append(Test(_when(kind, days), np.minimum(counts, MOST_TIMES), cap=MOST_TIMES))
        for subject in _frequent(place, subjects, own, among):
            for days in COUNTED:
                counts = _counts(place, own & (subjects == subject) & _within(age, days), len(found))
                tests.append(Test(_when(kind, days, subject), (counts > 0).astype(np.float64)))
    return [test for test in tests if frequent(test.gives[among])]


def _rows(tables: Tables, found: Cases) -> pa.Table:
    """The activities of each case's person up to its moment: place, kind, subject, age (microseconds)."""
    numbered = found.table.select(["person_id", "moment"]).append_column("place", pa.array(np.arange(len(found))))
    cases = ibis.memtable(numbered).rename(of_person="person_id")
    activity = tables.activity.filter(tables.activity["at"].notnull(), tables.activity.completed.fill_null(True))
    people = tables.record.select(*KEYS, "person_id")
    own = activity.inner_join(people, KEYS).select("person_id", "subject", "at", kind=activity.kind.lower())
    joined = cases.inner_join(own, (own.person_id == cases.of_person) & (own["at"] <= cases.moment))
    aged = joined.mutate(age=joined.moment.delta(joined["at"], unit="microsecond"))
    found_rows: pa.Table = aged.select("place", "kind", "subject", "age").to_pyarrow()
    return found_rows


def _within(age: Any, days: float | None) -> Any:
    return np.ones(len(age), dtype=bool) if days is None else age <= round(days * DAY)


def _counts(place: Any, rows: Any, size: int) -> npt.NDArray[np.float64]:
    return np.bincount(place[rows], minlength=size).astype(np.float64)


def _frequent(place: Any, subjects: Any, own: Any, among: Bools) -> list[str]:
    """The subjects of a kind that many cases have, protected ones left out."""
    mine = own & among[place]
    pairs = {(at, said) for at, said in zip(place[mine].tolist(), subjects[mine].tolist(), strict=True) if said}
    counts = Counter(said for _, said in pairs)
    least = MIN_SHARE * int(among.sum())
    kept = [said for said, n in counts.most_common() if n >= least and of_values([], [said]) is None]
    return kept[:MOST_SUBJECTS]


def _when(kind: str, days: float | None, subject: str | None = None) -> ActivityCondition:
    test = None if subject is None else {"op": "eq", "value": subject}
    return ActivityCondition.model_validate({"activity": kind, "within_days": days, "subject": test})
