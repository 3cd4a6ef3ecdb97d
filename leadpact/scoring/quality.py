"""Is the scoring any good? Judged on past journeys, with only what was known at the moment.

Conversion by band, separation, calibration on later cases than it was fitted on, drift from
quarter to quarter, and a verdict on every rule. Unknown stays unknown: a rule that cannot be
judged is left out and named, a case without a score counted.

Not here: which journeys (quality_cases.py), single figures (quality_measures.py, bands.py),
fields that know the outcome (leaks.py), rules one by one (quality_rules.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from config.schema import Pact
from leadpact.metrics.rate import SMALL
from leadpact.metrics.separation import Separation
from leadpact.metrics.significance import wilson
from leadpact.scoring import bands as banded
from leadpact.scoring import quality_measures as measures
from leadpact.scoring.bands import Band
from leadpact.scoring.basis import Asked
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.quality_measures import Decomposed, Shift
from leadpact.scoring.quality_rules import RuleQuality, Scored, scored, verdicts
from leadpact.scoring.suggest_fit import logistic_line
from leadpact.tables import Tables

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MIN_EACH = 50  # of either outcome: below, nothing is said
MANY = 1000  # cases from which isotonic regression is safe (Niculescu-Mizil & Caruana 2005)
MIN_QUARTER = 10  # of either outcome, for the area of a quarter
MODERATE, LARGE = 0.1, 0.25  # of the stability index, as the trade reads it
HALF_WIDTH = 0.05  # of the interval of an area that people can act on


@dataclass(frozen=True)
class Reliable:
    """A group of forecasts: what was said in the mean, and what happened, with its Wilson interval."""

    n: int
    reached: int
    said: float
    rate: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Calibration:
    """Points → probability, fitted on the earlier two thirds and judged on the later third.

    Undated cases are parted by turns. `curve`: (points, probability). `brier_base` is the error of
    saying the fitted base rate to everybody: a score above it says less than nothing.
    """

    fit: Literal["isotonic", "logistic"]
    fitted: int
    judged: int
    brier: float
    brier_base: float
    parts: Decomposed
    error: float
    groups: tuple[Reliable, ...]
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Quarter:
    """The cases whose moment lies in one quarter of the pact's zone; `label` is `2026-Q1`.

    `separation` is null with too few of either outcome. `shift`: of the scores against all earlier
    quarters; `moved` says `moderate` or `large` where that is more than chance gives.
    """

    label: str
    n: int
    reached: int
    rate: float
    ci_low: float
    ci_high: float
    separation: Separation | None
    shift: Shift | None
    moved: Literal["moderate", "large"] | None

    @property
    def small(self) -> bool:
        return self.separation is None or self.n < SMALL


@dataclass(frozen=True)
class Quality:
    """The answer. `cases` are those with a score; `unscored` have none, `gone` no record at the moment.

    `judged_share`: of all points the rules may give or take, those of the rules judged. `needed`:
    winners needed for an interval of ±0.05. Bands and what follows are empty where not `enough`.
    """

    asked: Asked
    stages: tuple[str, ...]
    dated: bool
    cases: int
    reached: int
    young: int
    unknown: int
    invalid: int
    settled: int
    cut: int
    gone: int
    unscored: int
    rules: tuple[RuleQuality, ...]
    judged_share: float
    leaks: tuple[Leak, ...]
    untracked: tuple[str, ...]
    enough: bool
    needed: int
    bands: tuple[Band, ...] = ()
    falls: tuple[tuple[int, bool], ...] = ()
    separation: Separation | None = None
    calibration: Calibration | None = None
    quarters: tuple[Quarter, ...] = field(default=())


def quality(tables: Tables, pact: Pact, as_of: datetime, asked: Asked = Asked()) -> Quality:  # noqa: B008 - frozen
    """How good the pact's scoring was. Raises Misconfigured for a stage that is not in the funnel."""
    found = scored(tables, pact, as_of, asked)
    known = ~np.isnan(found.scores)
    scores, reached = found.scores[known], found.cases.reached[known]
    winners, losers = int(reached.sum()), int((~reached).sum())
    own: Cases = found.cases
    rules = verdicts(found, pact)
    base: dict[str, Any] = {
        "asked": asked.of(pact), "stages": own.stages, "dated": own.dated, "cases": len(scores), "reached": winners,
        "young": own.young, "unknown": own.unknown, "invalid": own.invalid, "settled": own.settled, "cut": own.cut,
        "gone": found.gone,
        "unscored": int((~known).sum()), "rules": rules, "judged_share": found.judged_share,
        "leaks": tuple(found.leaks), "untracked": found.untracked,
        "needed": measures.needed(winners, losers, HALF_WIDTH),
    }  # fmt: skip
    if min(winners, losers) < MIN_EACH or len(np.unique(scores)) < 2:
        return Quality(**base, enough=False)
    cuts = banded.edges(scores, pact.sales_ready.threshold)
    rows = banded.bands(scores, reached, cuts)
    return Quality(
        **base,
        enough=True,
        bands=tuple(rows),
        falls=tuple(banded.falls(rows)),
        separation=measures.separates(scores, reached),
        calibration=calibration(scores, reached, own.dated),
        quarters=tuple(drift(found, known, cuts, pact.zone)) if own.dated else (),
    )


def calibration(scores: Floats, reached: Bools, dated: bool) -> Calibration | None:
    """Of cases in the order of their moments. Null with fewer than ten of either outcome on one side."""
    n = len(scores)
    later = np.arange(n) >= 2 * n // 3 if dated else np.arange(n) % 3 == 2
    if min(int(side.sum()) for part in (later, ~later) for side in (reached[part], ~reached[part])) < MIN_QUARTER:
        return None
    values, place = np.unique(scores[~later], return_inverse=True)
    cases = np.bincount(place).astype(np.float64)
    won = np.bincount(place, weights=reached[~later]).astype(np.float64)
    many = int((~later).sum()) >= MANY
    if many:
        share = measures.isotonic(values, cases, won)
        said = np.interp(scores[later], values, share)
    else:
        _, (intercept, slope) = logistic_line(values, cases, won)
        share = 1 / (1 + np.exp(-(intercept + slope * values)))
        said = 1 / (1 + np.exp(-(intercept + slope * scores[later])))
    groups = _reliable(scores[later], said, reached[later])
    told = [(one.n, one.reached, one.said) for one in groups]
    shown = np.unique(np.linspace(0, len(values) - 1, min(40, len(values))).round().astype(int))
    return Calibration(
        "isotonic" if many else "logistic",
        int((~later).sum()),
        int(later.sum()),
        measures.brier(said, reached[later]),
        measures.brier(np.full(int(later.sum()), reached[~later].mean()), reached[later]),
        measures.decomposed(told),
        measures.calibration_error(told),
        tuple(groups),
        tuple((float(values[at]), float(share[at])) for at in shown),
    )


def _reliable(scores: Floats, said: Floats, reached: Bools) -> list[Reliable]:
    place = banded.placed(scores, banded.edges(scores))
    found = []
    for one in np.unique(place):
        own = place == one
        n, won = int(own.sum()), int(reached[own].sum())
        low, high = wilson(won, n) or (0.0, 1.0)
        found.append(Reliable(n, won, float(said[own].mean()), won / n, low, high))
    return found


def drift(found: Scored, known: Bools, cuts: Floats, zone: ZoneInfo) -> list[Quarter]:
    """The quarters in order, each against all cases before it."""
    moments = [at for at, kept in zip(found.cases.table["moment"].to_pylist(), known, strict=True) if kept]
    labels = np.array([quarter(at, zone) for at in moments])
    scores, reached = found.scores[known], found.cases.reached[known]
    place = banded.placed(scores, cuts)
    size = len(cuts) + 1
    before = np.zeros(size, dtype=np.int64)
    rows = []
    for label in sorted(set(labels.tolist())):
        own = labels == label
        here = np.bincount(place[own], minlength=size)
        won, n = int(reached[own].sum()), int(own.sum())
        low, high = wilson(won, n) or (0.0, 1.0)
        told = measures.separates(scores[own], reached[own]) if min(won, n - won) >= MIN_QUARTER else None
        enough = min(n, int(before.sum())) >= SMALL
        moved = measures.shift(before.tolist(), here.tolist()) if enough else None
        rows.append(Quarter(label, n, won, won / n, low, high, told, moved, _moved(moved)))
        before = before + here
    return rows


def quarter(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-Q1`, of a naive UTC moment in the pact's zone."""
    local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def _moved(one: Shift | None) -> Literal["moderate", "large"] | None:
    if one is None or one.psi < max(MODERATE, one.usual):
        return None
    return "large" if one.psi >= max(LARGE, one.usual) else "moderate"
