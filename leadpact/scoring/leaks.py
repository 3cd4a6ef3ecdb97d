"""Which fields know the outcome: found by what they do, then by what they say, and named.

A value that was written because of the outcome forecasts it perfectly and is of no use. The signs:

- `filled_late`: the history says it was first filled after the moment, for too many.
- `too_good`: alone it separates winners from losers better than leads can be told apart.
- `certain`: many winners have a value that surely nearly only winners have.
- `hindsight`: without history: it is filled for one outcome far more often, and what it then says
  separates those too: somebody wrote down what they had already found out.
- `tells_touches`: its values say what was done with the lead (called, mail opened, not reached).
- `overwritten`, `grade`: by its name or values a newer value replaces the older, or it is a score itself.
- `together`: it is filled in exactly the same cases as a field that leaks: one process writes both.

`filled_unevenly` is a doubt, not a leak: filled for one outcome more often, and no more.

Not here: reading the fields (quality_cases.py), what is done about it (quality.py, suggest.py).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from config.document import read_yaml
from leadpact.audit.classifier import classify
from leadpact.audit.protected import plain
from leadpact.metrics.significance import two_proportions, wilson
from leadpact.scoring.quality_measures import separates
from leadpact.scoring.suggest_features import Column

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Sign = Literal[
    "filled_late", "too_good", "certain", "hindsight", "tells_touches", "overwritten", "grade", "together",
    "filled_unevenly",
]  # fmt: skip
SIGNS: tuple[Sign, ...] = get_args(Sign)
DOUBTS = frozenset({"filled_unevenly"})
WORDS = Path(__file__).resolve().parent / "leak_words.yaml"
TOO_GOOD = 0.85  # area alone: the best honest scores of whole companies rarely reach it
SEPARATES = 0.7  # area among the filled ones
UNEVEN = 0.1  # difference of the filled shares
SURE, OF_WINNERS = 0.95, 0.1  # a value nearly only winners have, and the share of winners who have it
LATE = 0.2  # of those filled
HALF = 0.5
LEAST = 30  # winners and losers with the field filled
SAME = 0.999  # of the cases, filled in one as in the other
FOLDS = 5
FEW = 10  # cases of a value that is told apart
MOST_READ = 200  # different values that are read as words


@dataclass(frozen=True)
class Leak:
    """A field that knows the outcome, or may: its signs, with the numbers that show each.

    `area`: of the field alone, every value and blank (null: too few). `area_filled`: of the cases
    where it is filled. `filled_won`, `filled_lost`: shares filled by outcome. `late`: the share of
    the filled ones filled only after the moment; null without history. `with_field`: for `together`.
    """

    field: str
    signs: tuple[Sign, ...]
    area: float | None
    area_filled: float | None
    filled_won: float | None
    filled_lost: float | None
    late: float | None = None
    with_field: str | None = None
    examples: tuple[str, ...] = ()

    @property
    def leaks(self) -> bool:
        return any(sign not in DOUBTS for sign in self.signs)


def examined(
    columns: Sequence[Column],
    reached: Bools,
    *,
    tracked: Collection[str] = (),
    late: Mapping[str, float] | None = None,
    labels: Mapping[str, Collection[str]] | None = None,
) -> list[Leak]:
    """The fields with a sign, in the order given.

    `tracked` are those taken as they were at the moment: what their values look like then is no
    leak, only `too_good` and `certain` are still said, as doubts. `late`: share filled after the
    moment, by field. `labels`: what the source calls each.
    """
    found = {
        column.name: _one(column, reached, column.name in tracked, (late or {}).get(column.name),
                          (column.name, *(labels or {}).get(column.name, ())))
        for column in columns
    }  # fmt: skip
    leaking = {name for name, leak in found.items() if leak.leaks}
    masks = {column.name: column.filled for column in columns}
    for column in columns:
        if column.name in leaking or column.name in tracked or not 0.05 < masks[column.name].mean() < 0.95:
            continue
        twin = next((name for name in sorted(leaking) if (masks[name] == masks[column.name]).mean() >= SAME), None)
        if twin is not None:
            own = found[column.name]
            signs: tuple[Sign, ...] = (*own.signs, "together")
            found[column.name] = Leak(**{**vars(own), "signs": signs, "with_field": twin})
    return [leak for leak in found.values() if leak.signs]


def _one(column: Column, reached: Bools, tracked: bool, late: float | None, names: Sequence[str]) -> Leak:
    filled = column.filled
    area, area_filled = _area(column, reached, filled | True), _area(column, reached, filled)
    signs: list[Sign] = []
    if late is not None and late >= LATE:
        signs.append("filled_late")
    if max(area or 0.0, area_filled or 0.0) >= TOO_GOOD:
        signs.append("too_good")
    if _certain(column, reached):
        signs.append("certain")
    uneven = _uneven(filled, reached)
    if uneven and not tracked:
        signs.append("hindsight" if (area_filled or 0.0) >= SEPARATES else "filled_unevenly")
    examples: tuple[str, ...] = ()
    if not tracked:
        said = _touches(column)
        if said:
            signs.append("tells_touches")
            examples = said
        if _named(names, "overwritten"):
            signs.append("overwritten")
        if _named(names, "grades") or _levels(column):
            signs.append("grade")
    shares = [float(filled[part].mean()) if part.any() else None for part in (reached, ~reached)]
    return Leak(column.name, tuple(signs), area, area_filled, shares[0], shares[1], late, examples=examples)


def _area(column: Column, reached: Bools, among: Bools) -> float | None:
    """The area of a field alone; each value is worth what it converts in the other folds. Null: too few."""
    won = reached[among]
    if min(int(won.sum()), int((~won).sum())) < LEAST:
        return None
    numbers = column.numbers
    codes = column.codes[0] if numbers is None else _binned(numbers)
    codes = codes[among]
    if codes.max(initial=-1) < 0 and not (~column.filled).any():
        return None
    counts = np.bincount(codes + 1)
    codes = np.where((codes >= 0) & (counts[codes + 1] < FEW), counts.size, codes + 1)  # the rare ones are one
    size, fold = counts.size + 1, np.arange(len(codes)) % FOLDS
    worth = np.zeros(len(codes))
    for one in range(FOLDS):
        rest = fold != one
        cases = np.bincount(codes[rest], minlength=size)
        wins = np.bincount(codes[rest], weights=won[rest], minlength=size)
        share = (wins + won.mean() * 2) / (cases + 2)
        worth[~rest] = share[codes[~rest]]
    told = separates(worth, won)
    return None if told is None else told.auc


def _binned(numbers: Floats) -> npt.NDArray[np.int64]:
    known = ~np.isnan(numbers)
    cuts = np.unique(np.quantile(numbers[known], np.linspace(0, 1, 21)[1:-1]))
    return np.where(known, np.searchsorted(cuts, np.nan_to_num(numbers), side="right"), -1)


def _certain(column: Column, reached: Bools) -> bool:
    """Whether many winners have values that surely nearly only winners have; dates and ids count as filled."""
    codes, shown = column.codes
    if len(shown) > len(codes) / FEW:
        codes = np.where(codes >= 0, 0, -1)
    winners = int(reached.sum())
    if winners < LEAST or int((~reached).sum()) < LEAST:
        return False
    known = codes >= 0
    cases, won = np.bincount(codes[known]), np.bincount(codes[known], weights=reached[known])
    held = 0
    for n, k in zip(cases.tolist(), won.astype(int).tolist(), strict=True):
        interval = wilson(k, n)
        if interval is not None and interval[0] >= max(SURE, (1 + reached.mean()) / 2):
            held += k
    return held >= OF_WINNERS * winners


def _uneven(filled: Bools, reached: Bools) -> bool:
    won, lost = filled[reached], filled[~reached]
    if min(len(won), len(lost)) < LEAST or min(int(filled.sum()), int((~filled).sum())) < LEAST:
        return False
    found = two_proportions(int(won.sum()), len(won), int(lost.sum()), len(lost))
    return found is not None and (found.low >= UNEVEN or found.high <= -UNEVEN)


def _touches(column: Column) -> tuple[str, ...]:
    """The most frequent values that say what was done, where most values do; nothing else."""
    codes, shown = column.codes
    counts = np.bincount(codes[codes >= 0], minlength=len(shown))
    if not len(shown) or len(shown) > MOST_READ or column.numbers is not None:
        return ()
    said = [at for at in np.argsort(-counts, kind="stable") if classify(shown[at]).kind in ("action", "mixed")]
    told = [at for at in said if len(shown[at].split()) > 1]  # a bare "email" may be a channel somebody prefers
    if counts[said].sum() < HALF * counts.sum() or counts[told].sum() < HALF * counts[said].sum():
        return ()
    return tuple(shown[at] for at in said[:3])


def _levels(column: Column) -> bool:
    """Whether most of what it says is a grade: high, medium, low, whatever number stands before."""
    codes, shown = column.codes
    if not 2 <= len(shown) <= 10:
        return False
    counts = np.bincount(codes[codes >= 0], minlength=len(shown))
    graded = [" ".join(plain(value)) in _words()["levels"] for value in shown]
    return sum(graded) >= 2 and bool(counts[graded].sum() >= HALF * counts.sum())


def _named(names: Sequence[str], kind: str) -> bool:
    known = _words()[kind]
    for name in names:
        words = list(plain(name))
        said = [words[at : at + size] for size in (1, 2) for at in range(len(words) - size + 1)]
        if any(" ".join(one) in known["words"] for one in said) and not set(words) & known["unless"]:
            return True
    return False


@functools.cache
def _words() -> dict[str, Any]:
    document: Any = read_yaml(WORDS.read_text(encoding="utf-8"), WORDS.name)
    found: dict[str, Any] = {
        kind: {part: {" ".join(plain(word)) for word in document[kind][part]} for part in ("words", "unless")}
        for kind in ("overwritten", "grades")
    }
    found["levels"] = {" ".join(plain(word)) for word in document["levels"]}
    return found
