"""Records counted by which rules hit them: bits of whole numbers, so that one look serves every rule.

Records that the same rules hit are one row; whatever is asked of a rule, or of two, is a sum of rows.

Not here: what is said of a rule (rule_table.py), the points (score.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from config.schema import Pact
from leadpact.scoring import quality_cases, score
from leadpact.scoring.moments import KEYS
from leadpact.scoring.quality_cases import Cases
from leadpact.tables import Table, Tables

BITS = 62  # rules a whole number holds


@dataclass(frozen=True)
class Counted:
    """Rows with the same bits, counted together: `n` of each, and what each rule gave them."""

    n: npt.NDArray[np.int64]
    hit: Sequence[npt.NDArray[np.int64]]
    decided: Sequence[npt.NDArray[np.int64]]
    converted: Any = None
    light: Any = None
    scored: Any = None
    highest: float | None = None
    sums: Any = None
    sizes: Any = None

    def has(self, place: int, what: str) -> npt.NDArray[np.bool_]:
        bits: npt.NDArray[np.int64] = getattr(self, what)[place // BITS]
        found: npt.NDArray[np.bool_] = (bits >> (place % BITS)) & 1 == 1
        return found

    def count(self, place: int, what: str) -> int:
        return int(self.n[self.has(place, what)].sum())


def _bits(wide: Table, names: Sequence[str]) -> dict[str, Any]:
    """Columns `hit_<n>` and `decided_<n>`: the rules as bits of whole numbers."""
    found = {}
    for number, start in enumerate(range(0, max(len(names), 1), BITS)):
        own = names[start : start + BITS]
        found[f"hit_{number}"] = _sum((wide[name] != 0).fill_null(False) for name in own)
        found[f"decided_{number}"] = _sum(wide[name].notnull() for name in own)
    return found


def _sum(tests: Iterable[Any]) -> Any:
    """The number whose bits say which of these hold."""
    terms = (ibis.ifelse(test, _bit(at), _bit(None)) for at, test in enumerate(tests))
    return reduce(lambda a, b: a + b, terms, _bit(None))


def _bit(at: int | None) -> Any:
    return ibis.literal(0 if at is None else 1 << at, "int64")


def _chunks(rows: Any, what: str) -> list[npt.NDArray[np.int64]]:
    return [rows[name].to_numpy() for name in rows.columns if name.startswith(f"{what}_")]


def now(tables: Tables, pact: Pact, as_of: datetime, names: Sequence[str]) -> Counted:
    """The active records at `as_of`."""
    wide = score.measured(tables, pact, as_of, also=["condition"])
    wide = wide.filter(wide.condition.fill_null("active") == "active")
    marked = wide.select("score", "light", *names, **_bits(wide, names))
    by = [name for name in marked.columns if name.startswith(("hit_", "decided_"))]
    rows = (
        marked.group_by(*by, "light")
        .aggregate(
            n=marked.count(),
            scored=marked.score.count(),
            highest=marked.score.max(),
            **{f"sum_{name}": marked[name].sum().fill_null(0.0) for name in names},
            **{f"size_{name}": marked[name].abs().sum().fill_null(0.0) for name in names},
        )
        .execute()
    )
    top = rows["highest"].max() if len(rows) else None
    return Counted(
        n=rows["n"].to_numpy(dtype="int64"),
        hit=_chunks(rows, "hit"),
        decided=_chunks(rows, "decided"),
        light=rows["light"].to_numpy(),
        scored=rows["scored"].to_numpy(),
        highest=None if top is None or top != top else float(top),  # noqa: PLR0124 - true for NaN only
        sums={name: rows[f"sum_{name}"].to_numpy() for name in names},
        sizes={name: rows[f"size_{name}"].to_numpy() for name in names},
    )


def then(tables: Tables, pact: Pact, as_of: datetime, cases: Cases, names: Sequence[str]) -> Counted:
    """The counted journeys, each as of its own moment."""
    # in memory: an engine that has to guess how many there are joins the activities the wrong way round
    at = quality_cases.asked_of(cases)
    wide = score.measured(quality_cases.tables_of(tables, cases), pact, as_of, at)
    on = list(KEYS) if at is None else [*KEYS, "moment"]
    marked = wide.select(*on, **_bits(wide, names))
    joined = ibis.memtable(cases.table.select([*on, "reached"])).inner_join(marked, on)
    by = [name for name in joined.columns if name.startswith(("hit_", "decided_"))]
    rows = joined.group_by(*by, "reached").aggregate(n=joined.count()).execute()
    return Counted(
        n=rows["n"].to_numpy(dtype="int64"),
        hit=_chunks(rows, "hit"),
        decided=_chunks(rows, "decided"),
        converted=rows["reached"].to_numpy(dtype="bool"),
    )
