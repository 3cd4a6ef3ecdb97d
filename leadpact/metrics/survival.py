"""How long it takes when many are not finished yet: Kaplan–Meier and Aalen–Johansen in the engine.

Both are Ibis expressions, table in and table out: rows are counted by group and time, those
at risk are a running sum, and the product over times is exp of a sum of logarithms whose
argument is never 0, so that DuckDB and Spark compute the same and no row leaves the engine.
survival_local.py answers the same questions on fetched columns, several times faster where
they fit in memory.

Common to all functions here:
- `by` names the group columns, none for everybody; a null in them is a group of its own.
- Times are in the unit of the duration column (days on dashboards). Zero counts.
- Rows whose duration or outcome is null tell nothing and are left out; count them yourself.
- What is censored at a time is still at risk at that time.
- Intervals are pointwise, 95 % unless `level` says otherwise.

Not here: tests between groups (logrank.py), intervals of proportions (significance.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from leadpact.metrics.significance import z_of

TIE = 1e-9  # a product or sum of floats: 0.5, or everybody, may come out a hair off


def kaplan_meier(table: ir.Table, *, by: Sequence[str], duration: str, event: str, level: float = 0.95) -> ir.Table:
    """The survival curve of each group: the share still waiting after each observed time.

    `event` is a flag (or 0 and 1): finished, or still open at `duration` and censored.
    Out: the `by` columns, t, at_risk, events, censored, survival, ci_low, ci_high; one row
    for every time at which something happened, censoring included. The interval is the
    log-minus-log one on Greenwood's variance (Kalbfleisch & Prentice 2002, section 1.4);
    null where that is undefined, at survival 1 and 0.
    """
    curve = _at_risk(table, by, duration, {"events": table[event].cast("boolean").cast("int64")})
    done, risk = curve.events, curve.at_risk
    curve = curve.mutate(
        censored=curve.rows - done,
        # All who are left leave: survival is 0 and log(0) is not taken.
        _log=ibis.ifelse(done < risk, 1.0 - done / risk, 1.0).ln(),
        _greenwood=done / (risk * (risk - done).nullif(0)),  # null, hence left out, where all leave
    )
    sofar = _running(by)
    curve = curve.mutate(
        survival=ibis.ifelse(curve.events == curve.at_risk, 0.0, curve["_log"].sum().over(sofar).exp()),
        _greenwood=curve["_greenwood"].sum().over(sofar),
    )
    low, high = _log_log(curve.survival, curve["_greenwood"].sqrt() * curve.survival, z_of(level))
    counts = {name: curve[name].cast("int64") for name in ("at_risk", "events", "censored")}
    return curve.select(*by, "t", **counts, survival=curve.survival, ci_low=low, ci_high=high)


def quantiles(curve: ir.Table, by: Sequence[str], probs: Mapping[str, float]) -> ir.Table:
    """Quantiles of each group's Kaplan–Meier curve, and its numbers of cases.

    `probs` maps the name of a column to its probability: `{"median_days": 0.5}`. A quantile p
    is the first t with survival ≤ 1 − p; null when the curve never falls so far.
    Out: the `by` columns, n, n_open (censored), and one column for each of `probs`.
    """
    times = {name: curve.t.min(where=curve.survival <= 1.0 - prob + TIE) for name, prob in probs.items()}
    return _by(curve, by).aggregate(
        n=(curve.events + curve.censored).sum().fill_null(0), n_open=curve.censored.sum().fill_null(0), **times
    )


def left_by(curve: ir.Table, by: Sequence[str], times: Mapping[str, float]) -> ir.Table:
    """The share of each group that left within given times: 1 − survival, `{"within_7": 7.0}`.

    Out: the `by` columns and one column for each of `times`; null past the last time seen
    in the group, unless nobody was left by then.
    """
    last, over = curve.t.max(), curve.survival.min() <= 0.0
    shares = {
        name: ibis.ifelse(
            (last >= at) | over, 1.0 - curve.survival.min(where=curve.t <= at).fill_null(1.0), ibis.null("float64")
        )
        for name, at in times.items()
    }
    return _by(curve, by).aggregate(**shares)


def cumulative_incidence(
    table: ir.Table, *, by: Sequence[str], duration: str, event_code: str, days: Sequence[float], level: float = 0.95
) -> ir.Table:
    """The probability of the event within given times, where other ends compete with it.

    `event_code` is 0 for open (censored), 1 for the event, and anything above for the ends
    that compete. Aalen–Johansen: F(t) = Σ S(t_j−) d_j / n_j, with S the Kaplan–Meier curve of
    leaving for whatever reason. The variance is the delta-method one of Marubini & Valsecchi
    (1995, appendix 10), as in Stata's `stcompet` and statsmodels; the interval is
    F^exp(±z·se / (F·log F)) (Choudhury 2002), null at F = 0 and F = 1.

    Out: the `by` columns, n (cases in the group), days, probability, ci_low, ci_high; one row
    for each group and element of `days`. A time past the last one seen in the group is null,
    not a flat line: nobody was watched that long (unless everybody had left by then).
    """
    wanted = sorted({float(day) for day in days})
    if not wanted:
        raise ValueError("cumulative_incidence needs at least one time")
    code = table[event_code].cast("int64")
    counts = {"ends": (code > 0).cast("int64"), "hits": (code == 1).cast("int64")}
    steps = _incidence(_at_risk(table, by, duration, counts), by)

    # What happened until each wanted time: summed in the stretch that ends there, then run up.
    stretch = ibis.cases(*((steps.t <= day, day) for day in wanted), else_=ibis.null("float64"))
    within = steps.mutate(days=stretch)
    within = (
        within.filter(within.days.notnull())
        .group_by([*by, "days"])
        .aggregate(
            n=ibis.literal(0, "int64"),
            last=ibis.null("float64"),
            over=ibis.literal(0, "int64"),
            **{name: steps[name].sum() for name in _TERMS},
        )
    )
    groups = _by(steps, by).aggregate(
        n=steps.rows.sum().cast("int64").fill_null(0), last=steps.t.max().cast("float64"), over=steps.over.max()
    )
    frame = groups.cross_join(ibis.memtable({"days": wanted}, schema={"days": "float64"}))
    frame = frame.mutate(**dict.fromkeys(_TERMS, ibis.literal(0.0)))
    # A union, not a join: groups may be null, and equality does not join nulls.
    columns = [*by, "days", "n", "last", "over", *_TERMS]
    both = frame.select(columns).union(within.select(columns))
    tiny = both.group_by([*by, "days"]).aggregate(
        n=both.n.sum(), last=both["last"].max(), over=both.over.max(), **{name: both[name].sum() for name in _TERMS}
    )
    sofar = ibis.window(group_by=list(by), order_by="days", preceding=None, following=0)
    tiny = tiny.mutate(**{name: tiny[name].sum().over(sofar) for name in _TERMS})
    return _answers(tiny, by, z_of(level))


_TERMS = ("_f", "_a", "_af", "_aff", "_b", "_bf", "_c")


def _incidence(steps: ir.Table, by: Sequence[str]) -> ir.Table:
    """The steps with the terms whose sums give the incidence F(t) and its variance at any t.

    Var F(t) = Σ (F(t) − F_j)² a_j + Σ c_j − 2 Σ (F(t) − F_j) b_j over t_j ≤ t; multiplied out,
    each sum needs no t of its own.
    """
    risk, ends = steps.at_risk, steps.ends
    sofar = _running(by)
    steps = steps.mutate(
        _log=ibis.ifelse(ends < risk, 1.0 - ends / risk, 1.0).ln(),
        over=(ends == risk).cast("int64"),
        _a=(ends / (risk * (risk - ends).nullif(0))).fill_null(0.0),  # factor 0 where all leave
    )
    risk = steps.at_risk
    before = (steps["_log"].sum().over(sofar) - steps["_log"]).exp()  # survival just before t
    steps = steps.mutate(
        _f=before * steps.hits / risk,
        _b=before * steps.hits / risk / risk,
        _c=before * before * steps.hits * (risk - steps.hits) / risk / risk / risk,
    )
    reached = steps["_f"].sum().over(sofar)
    return steps.mutate(_af=steps["_a"] * reached, _aff=steps["_a"] * reached * reached, _bf=steps["_b"] * reached)


def _answers(sums: ir.Table, by: Sequence[str], z: float) -> ir.Table:
    """Probability and interval from the sums up to each wanted time."""
    share, a, af, aff, b, bf, c = (sums[name] for name in _TERMS)
    share = ibis.ifelse(share > 1.0 - TIE, 1.0, share)
    variance = share * share * a - 2 * share * af + aff + c - 2 * (share * b - bf)
    low, high = _log_log(share, ibis.greatest(variance, 0.0).sqrt(), z)
    watched = (sums["last"] >= sums.days) | (sums.over == 1)
    nothing = ibis.null("float64")
    return sums.select(
        *by,
        "n",
        "days",
        probability=ibis.ifelse(watched, share, nothing),
        ci_low=ibis.ifelse(watched, low, nothing),
        ci_high=ibis.ifelse(watched, high, nothing),
    )


def _at_risk(table: ir.Table, by: Sequence[str], duration: str, counts: Mapping[str, ir.IntegerValue]) -> ir.Table:
    """Rows by group and time t, with the sums of `counts`, and at_risk: all who stay at least t.

    Out: the `by` columns, t, rows, one column for each of `counts`, at_risk. Numbers are
    floats: exact below 2^53, and several times faster to sum in a window than integers, which
    DuckDB widens to 128 bits.
    """
    known = table.select(*by, t=table[duration], **counts).drop_null(["t", *counts])
    grouped = known.group_by([*by, "t"]).aggregate(
        rows=known.count().cast("float64"), **{name: known[name].sum().cast("float64") for name in counts}
    )
    everybody = grouped.rows.sum().over(ibis.window(group_by=list(by)))
    return grouped.mutate(at_risk=everybody - grouped.rows.sum().over(_running(by)) + grouped.rows)


def _running(by: Sequence[str]) -> ibis.expr.builders.WindowBuilder:
    """Everything in the group up to and with this time."""
    return ibis.window(group_by=list(by), order_by="t", preceding=None, following=0)


def _by(table: ir.Table, by: Sequence[str]) -> ir.Table | ir.GroupedTable:
    return table.group_by(list(by)) if by else table


def _log_log(share: ir.Value, error: ir.Value, z: float) -> tuple[ir.Value, ir.Value]:
    """The interval share^exp(±z·error / (share·log share)), null where the share is 0 or 1."""
    inside = (share > 0.0) & (share < 1.0)
    log = ibis.ifelse(inside, share, 0.5).ln()
    width = z * error / (ibis.ifelse(inside, share, 0.5) * log)
    nothing = ibis.null("float64")
    low, high = (ibis.ifelse(inside, ((sign * width).exp() * log).exp(), nothing) for sign in (-1, 1))
    return low, high
