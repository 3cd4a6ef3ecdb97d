"""How fast time until an event is estimated, and against what.

    python -m bench.bench_survival [--rows N] [--rounds R]

Quartiles of Kaplan–Meier curves in ten groups: on fetched columns (survival_local), as an Ibis
expression in the engine (survival), by hand in DuckDB SQL, and in plain pandas. Then cumulative
incidence, and the log-rank tests. The answers are checked against each other; what is compared
takes turns, and the fastest round counts.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from leadpact.metrics import survival
from leadpact.metrics import survival_local as local
from leadpact.metrics.logrank import against_rest, log_rank
from leadpact.metrics.survival_rows import Rows

QUARTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}
BY_HAND = """
    with steps as (select stage, days, count(*)::double n, sum(left_it::int)::double d from spells group by all),
    risk as (select *, sum(n) over (partition by stage) - sum(n) over sofar + n r from steps
             window sofar as (partition by stage order by days rows unbounded preceding)),
    curve as (select stage, days, case when d = r then 0 else exp(sum(case when d < r then ln(1 - d / r) else 0 end)
              over (partition by stage order by days rows unbounded preceding)) end s from risk)
    select min(days) filter (where s <= 0.75 + 1e-9), min(days) filter (where s <= 0.5 + 1e-9),
           min(days) filter (where s <= 0.25 + 1e-9)
    from curve group by stage order by stage
"""


def spells(count: int) -> pa.Table:
    """Spells of an exponential stay, to the second, censored by a uniform watch."""
    rng = np.random.default_rng(1)
    stay, watch = rng.exponential(20, count), rng.uniform(0, 90, count)
    left = stay <= watch
    return pa.table(
        {
            "stage": np.array([f"stage {place}" for place in range(10)])[rng.integers(0, 10, count)],
            "owner": rng.integers(0, 300, count).astype(str),
            "days": np.round(np.minimum(stay, watch) * 86_400) / 86_400,
            "left_it": left,
            "code": np.where(left, rng.integers(1, 3, count), 0),
        }
    )


def in_pandas(frame: pd.DataFrame) -> Any:
    steps = frame.groupby(["stage", "days"]).agg(n=("left_it", "size"), d=("left_it", "sum")).reset_index()
    steps["risk"] = steps[::-1].groupby("stage")["n"].cumsum()
    steps["s"] = (1 - steps["d"] / steps["risk"]).groupby(steps["stage"]).cumprod()
    return np.array([steps[steps["s"] <= share + 1e-9].groupby("stage")["days"].min() for share in (0.75, 0.5, 0.25)]).T


def best(rounds: int, runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The fastest time of each run in seconds; all must give the same answer."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        answers = []
        for name, run in runs.items():
            began = time.perf_counter()
            answers.append(np.array(run(), dtype=float))
            seconds[name].append(time.perf_counter() - began)
        for answer in answers:
            np.testing.assert_allclose(answer, answers[0], rtol=1e-9)
    return {name: min(taken) for name, taken in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    con = ibis.duckdb.connect(threads=2)
    table = con.create_table("spells", ibis.memtable(spells(options.rows)))
    asked = {"by": ["stage"], "duration": "days", "event": "left_it"}
    frame = table.to_pandas()

    def on_columns() -> Any:
        return local.waiting(table, **asked, quantiles=QUARTILES).select(list(QUARTILES)).to_pandas()

    expression = survival.quantiles(survival.kaplan_meier(table, **asked), ["stage"], QUARTILES).order_by("stage")
    times = best(
        options.rounds,
        {
            "on fetched columns": on_columns,
            "Ibis in the engine": lambda: con.to_pandas(expression)[list(QUARTILES)],
            "SQL by hand": lambda: con.con.execute(BY_HAND).fetchall(),
            "plain pandas": lambda: in_pandas(frame),
        },
    )
    print(f"Kaplan-Meier quartiles of 10 groups, {options.rows:,} rows")
    for name, seconds in times.items():
        print(f"  {name}: {seconds:.2f} s, {seconds / times['on fetched columns']:.1f} times the first")

    ours = {"by": ["stage"], "duration": "days", "event_code": "code", "days": [7, 30, 60]}

    def incidence_on_columns() -> Any:
        return local.cumulative_incidence(table, **ours)["probability"].to_pylist()

    incidence = survival.cumulative_incidence(table, **ours).order_by("stage", "days")
    times = best(
        options.rounds,
        {
            "on fetched columns": incidence_on_columns,
            "Ibis in the engine": lambda: con.to_pandas(incidence)["probability"],
        },
    )
    print("Aalen-Johansen at 3 times: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))

    for by, test in (("stage", log_rank), ("owner", against_rest)):
        began = time.perf_counter()
        rows = Rows.fetch(table, [by], "days", "left_it")
        test(rows)  # type: ignore[operator]
        print(f"{test.__name__} over {len(rows.keys)} groups: {time.perf_counter() - began:.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, all runs together")


if __name__ == "__main__":
    main()
