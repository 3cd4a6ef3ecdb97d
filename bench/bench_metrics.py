"""Every dashboard's data on a large company: seconds, peak memory, and ratios to SQL by hand and pandas.

    .venv/bin/python -m bench.bench_house --leads 1000000 --keep DIR     # writes and syncs the company
    .venv/bin/python -m bench.bench_metrics DIR [NAME…]

Each metric runs twice in one process: `first` builds, compiles and computes it, `again` does all
of that once more with the data in memory (pages keep results and do neither). CPU seconds stand
beside the wall's, which depend on what else the machine does. The comparisons compute the same
numbers three ways from the same derived tables: pandas once with them in memory already, and once
with the reading a dashboard needs too.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from leadpact import audit
from leadpact.metrics import (
    ageing,
    balance,
    campaigns,
    cohorts,
    compare,
    contribution,
    curves,
    cycles,
    engines,
    flow,
    funnel,
    leaks,
    paths,
    pipeline,
    promises,
    quarrel,
    reach,
    response,
    response_bands,
    response_waiting,
    response_when,
    sla,
    trends,
    velocity,
)
from leadpact.workspace import Analysis, Workspace

Work = dict[str, Callable[[], Any]]
SLOW, BIG_MB = 3.0, 1500


def clocked(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the wall, and of CPU over all threads."""
    wall, cpu = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - wall, time.process_time() - cpu


def dashboards(found: Analysis) -> Work:
    """Every metric a page or a command shows, by name."""
    t, p, at = found.tables, found.pact, found.as_of
    window = funnel.Scope(window_days=90)
    day = at.date()
    year = {"start": day - timedelta(days=365), "end": day}
    months = balance.periods(p, at, every="month", **year)
    policy = p.sla[0]
    last = p.funnel[-1].key
    work: Work = {
        "funnel": lambda: funnel.conversion(t, p, at, window),
        "funnel by source": lambda: funnel.conversion(t, p, at, funnel.Scope(window_days=90, by="source")),
        "funnel by month": lambda: funnel.conversion(t, p, at, funnel.Scope(window_days=90, by="month")),
        "funnel strict": lambda: funnel.conversion(t, p, at, funnel.Scope(window_days=90, mode="strict")),
        "funnel from mql": lambda: funnel.conversion(t, p, at, funnel.Scope(window_days=90, anchor="mql")),
        "funnel compared": lambda: compare.compare(t, p, at, window),
        "cohorts": lambda: cohorts.cohorts(t, p, at, window),
        "leaks": lambda: leaks.leaks(t, p, at),
        "flow": lambda: flow.flow(t, p, at, **year),
        "balance": lambda: balance.balance(t, p, at, months),
        "paths": lambda: paths.paths(t, p, at, **year),
        "trends": lambda: trends.trends(t, p, at, window, months),
        "velocity": lambda: velocity.velocity(t, p, at),
        "velocity by source": lambda: velocity.velocity(t, p, at, by="source"),
        "curve of mql": lambda: curves.staying(t, p, at, "mql"),
        "reach": lambda: reach.reach(t, p, at, stage=last, days=[30, 90]),
        "reach curve": lambda: curves.reaching(t, p, at, last),
        "ageing": lambda: ageing.ageing(t, p, at),
        "engines": lambda: engines.engines(t, p, at),
        "sla": lambda: sla.compliance(t, p, at),
        "sla by owner": lambda: sla.compliance(t, p, at, by="owner"),
        "waiting": lambda: response_waiting.queue(t, p, at).limit(50).execute(),
        "response times": lambda: response.measure(t, p, at, policy),
        "response bands": lambda: response_bands.conversion(t, p, at, policy),
        "sla over time": lambda: response_when.when(t, p, at, policy),
        "pipeline": lambda: pipeline.pipeline(t, p, at, **year),
        "cycles": lambda: cycles.cycles(t, p, at),
        "contribution": lambda: contribution.contribution(t, p, at),
        "campaigns": lambda: campaigns.campaigns(t, p, at, campaigns.Asked()),
        "both complaints": lambda: quarrel.quarrel(t, p, at),
        "promises": lambda: promises.promises(t, p, at),
        "audit": lambda: audit.run(found),
    }
    return work


def measured(work: Work, wanted: list[str]) -> None:
    for name, ask in work.items():
        if wanted and name not in wanted:
            continue
        (wall, cpu), (again, cpu_again) = clocked(ask), clocked(ask)
        mark = "  slow" if min(wall, again) > SLOW else ""
        print(f"{name:20} {wall:6.2f} s first {again:6.2f} s again   cpu {cpu:6.2f} {cpu_again:6.2f}{mark}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak:,} MB{'  too much' if peak > BIG_MB else ''}")


def compared(found: Analysis, home: Path) -> None:
    """Ours, SQL by hand and pandas, for the 90-day funnel by source and in order, and for the SLA."""
    t, p, at = found.tables, found.pact, found.as_of
    mirror = Workspace(home).mirror(found.connection)
    derived = mirror.derived_path(found.generation, p.journey_hash)
    keys = [stage.key for stage in p.funnel]
    with mirror.open(found.generation, derived) as connection:
        reading, journey = _read(connection, "journey")
        for mode in ("beyond", "strict"):
            scope = funnel.Scope(window_days=90, by="source", mode=mode)
            query = _funnel_sql(keys, mode, at)
            _three(
                f"funnel {mode}",
                lambda scope=scope: funnel.conversion(t, p, at, scope),
                lambda query=query: connection.execute(query).fetchall(),
                lambda mode=mode, journey=journey: _funnel_pandas(journey, keys, mode, at),
                reading,
            )
        del journey
        policy = p.sla[0]
        (reading, spell), (more, touch) = _read(connection, "spell"), _read(connection, "touch")
        query = _sla_sql(sla.stop_stages(p, policy), policy, at)
        _three(
            "sla states",
            lambda: _states(t, p, at, policy),
            lambda: connection.execute(query).fetchall(),
            lambda: _sla_pandas(spell, touch, sla.stop_stages(p, policy), policy, at),
            reading + more,
        )


def _read(connection: Any, table: str) -> tuple[float, pd.DataFrame]:
    """Seconds to read a derived table into pandas, and the table."""
    began = time.monotonic()
    frame = connection.execute(f"SELECT * FROM derived.{table}").df()
    return time.monotonic() - began, frame


def _three(
    name: str, ours: Callable[[], Any], by_hand: Callable[[], Any], by_pandas: Callable[[], Any], reading: float
) -> None:
    own, own_cpu = min(clocked(ours) for _ in range(3))
    sql, sql_cpu = min(clocked(by_hand) for _ in range(3))
    plain, plain_cpu = clocked(by_pandas)
    print(f"{name:16} ours {own:.2f} s (cpu {own_cpu:.2f}), SQL by hand {sql:.2f} s ({sql_cpu:.2f}), "
          f"pandas in memory {plain:.2f} s ({plain_cpu:.2f}), reading {reading:.1f} s: {own / sql:.2f} times the SQL, "
          f"{plain / own:.1f} times faster than pandas, {(plain + reading) / own:.0f} with its reading")  # fmt: skip


def _funnel_sql(keys: list[str], mode: str, at: Any) -> str:
    limit = "entered_at + INTERVAL 90 DAY"
    reach = [
        f"coalesce({when} <= {limit}, false)"
        for when in (
            f"strict_{key}" if mode == "strict" else f"least({', '.join('visited_' + later for later in keys[n:])})"
            for n, key in enumerate(keys)
        )
    ]
    mature, parts = f"{limit} <= TIMESTAMP '{at}'", []
    for n, reached in enumerate(reach):
        entered = "true" if n == 0 else reach[n - 1]
        parts += [f"sum(({entered})::INT)", f"sum(({entered} AND {reached})::INT)",
                  f"sum(({entered} AND NOT {reached} AND (end_kind IS NOT NULL OR {mature}))::INT)",
                  f"sum(({entered} AND {mature})::INT)",
                  f"sum(({entered} AND {reached} AND {mature})::INT)"]  # fmt: skip
    return (f"SELECT source, imputed, end_kind IS NOT DISTINCT FROM 'invalid', count(*), {', '.join(parts)} "
            "FROM derived.journey GROUP BY ALL")  # fmt: skip


def _funnel_pandas(journey: pd.DataFrame, keys: list[str], mode: str, at: Any) -> Any:
    own = journey[~journey["imputed"] & (journey["end_kind"] != "invalid")]
    limit = own["entered_at"] + pd.Timedelta(days=90)
    flags: dict[str, Any] = {}
    entered = pd.Series(True, index=own.index)
    mature, ended = limit <= at, own["end_kind"].notna()
    for n, key in enumerate(keys):
        when = own[f"strict_{key}"] if mode == "strict" else own[[f"visited_{k}" for k in keys[n:]]].min(axis=1)
        reached = when <= limit
        flags |= {f"entered_{n}": entered, f"converted_{n}": entered & reached,
                  f"lost_{n}": entered & ~reached & (ended | mature), f"mature_{n}": entered & mature,
                  f"mature_converted_{n}": entered & mature & reached}  # fmt: skip
        entered = reached
    return own.assign(**flags).groupby("source", dropna=False)[list(flags)].sum()


def _states(t: Any, p: Any, at: Any, policy: Any) -> Any:
    clock = sla.clocks(t, p, at, policy)
    return clock.group_by("state").aggregate(n=clock.count()).to_pyarrow()


def _sla_sql(stops: list[str], policy: Any, at: Any) -> str:
    listed = ", ".join(f"'{stage}'" for stage in stops)
    kinds = ", ".join(f"'{kind}'" for kind in policy.stops.activities)
    ends = f"(kind IN ('won', 'recycled', 'disqualified', 'invalid') AND stage NOT IN ({listed}))"
    return f"""
        WITH begun AS (SELECT person_id, n, entered_at AS at0 FROM derived.spell
                       WHERE stage = '{policy.starts}' AND entered_at IS NOT NULL),
        stop AS (SELECT b.person_id, b.n, min(s.n) FILTER (s.stage IN ({listed})) AS stop_n,
                        min(s.entered_at) FILTER (s.stage IN ({listed})) AS stage_at,
                        min(s.n) FILTER ({ends}) AS end_n, min(s.entered_at) FILTER ({ends}) AS end_at
                 FROM begun b LEFT JOIN derived.spell s ON s.person_id = b.person_id AND s.n > b.n GROUP BY ALL),
        touch AS (SELECT b.person_id, b.n, min(t."at") AS touch_at FROM begun b JOIN derived.touch t
                  ON t.person_id = b.person_id AND t."at" >= b.at0 WHERE t.kind IN ({kinds}) GROUP BY ALL),
        clock AS (SELECT at0, touch_at,
                         CASE WHEN end_n < stop_n OR stop_n IS NULL THEN NULL ELSE stage_at END AS stage_at,
                         CASE WHEN end_n < stop_n OR stop_n IS NULL THEN end_at END AS end_at
                  FROM begun JOIN stop USING (person_id, n) LEFT JOIN touch USING (person_id, n)),
        done AS (SELECT *, least(stage_at, touch_at) AS stopped, coalesce(end_at < least(stage_at, touch_at),
                        end_at IS NOT NULL AND stage_at IS NULL AND touch_at IS NULL) AS gone FROM clock)
        SELECT CASE WHEN gone THEN CASE WHEN end_at - at0 > INTERVAL {policy.target.hours} HOUR THEN 'breached'
                                        ELSE 'withdrawn' END
                    WHEN stopped IS NOT NULL THEN CASE WHEN stopped - at0 <= INTERVAL {policy.target.hours} HOUR
                                                       THEN 'met' ELSE 'breached' END
                    WHEN TIMESTAMP '{at}' - at0 > INTERVAL {policy.target.hours} HOUR THEN 'overdue'
                    ELSE 'running' END AS state, count(*) FROM done GROUP BY state"""


def _sla_pandas(spell: pd.DataFrame, touch: pd.DataFrame, stops: list[str], policy: Any, at: Any) -> Any:
    begun = spell[(spell["stage"] == policy.starts) & spell["entered_at"].notna()][["person_id", "n", "entered_at"]]
    after = spell[["person_id", "n", "entered_at", "stage", "kind"]]
    pairs = begun.merge(after, on="person_id", suffixes=("", "_after"))
    pairs = pairs[pairs["n_after"] > pairs["n"]]
    stop = pairs[pairs["stage"].isin(stops)].groupby(["person_id", "n"]).agg(
        stop_n=("n_after", "min"), stage_at=("entered_at_after", "min"))  # fmt: skip
    ended = pairs["kind"].isin(["won", "recycled", "disqualified", "invalid"]) & ~pairs["stage"].isin(stops)
    end = pairs[ended].groupby(["person_id", "n"]).agg(end_n=("n_after", "min"), end_at=("entered_at_after", "min"))
    met = begun.merge(touch[touch["kind"].isin(policy.stops.activities)], on="person_id")
    first = met[met["at"] >= met["entered_at"]].groupby(["person_id", "n"]).agg(touch_at=("at", "min"))
    clock = begun.set_index(["person_id", "n"]).join([stop, end, first])
    early = clock["end_n"].notna() & ~(clock["stop_n"] < clock["end_n"])
    stopped = clock[["touch_at"]].assign(stage=clock["stage_at"].mask(early)).min(axis=1)
    gone = early & ~(stopped <= clock["end_at"])
    until = stopped.mask(gone, clock["end_at"]).fillna(at)
    late = until - clock["entered_at"] > pd.Timedelta(hours=policy.target.hours)
    state = pd.Series("running", index=clock.index).mask(late, "overdue")
    state = state.mask(stopped.notna(), "met").mask(stopped.notna() & late, "breached")
    return state.mask(gone, "withdrawn").mask(gone & late, "breached").value_counts()


def main() -> None:
    home = Path(sys.argv[1]) / "home"
    wall, _ = clocked(lambda: Workspace(home).analyse(Workspace(home).synced()[0]))
    print(f"open {wall:.2f} s")
    found = Workspace(home).analyse(Workspace(home).synced()[0])
    measured(dashboards(found), sys.argv[2:])
    if not sys.argv[2:]:
        compared(found, home)


if __name__ == "__main__":
    main()
