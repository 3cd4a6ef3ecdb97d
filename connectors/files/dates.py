"""Which form a column's dates have: decided per column, never per cell.

The form most cells fit is the column's; cells that do not fit it are listed. Day-first and
month-first are told apart by cells that fit only one of them, else by the file's other
date columns, else not at all: then the user is asked, and the column is read as unknown.

Not here: reading cells under a form (moments.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.moments import read

SETTLED_ROWS, SETTLED_SHARE = 100_000, 0.999
SLASHED = ("dmy", "mdy")
_COUNTED: Mapping[str, str] = {
    "epoch": r"^\d{9,10}(?:\.\d+)?$",
    "epoch_ms": r"^\d{12,13}$",
    "excel": r"^[2-7]\d{4}(?:\.\d+)?$",  # 1954 to 2119: fewer digits are a number, not a date
}


@dataclass(frozen=True)
class Decision:
    """`form` is null when undecided: among `candidates`, or none where no cell is a date."""

    form: str | None
    candidates: tuple[str, ...] = ()


@dataclass
class DateTally:
    """Counts cells by the forms they fit, over any number of blocks."""

    filled: int = 0
    fits: dict[str, int] = field(default_factory=dict)
    day_first: int = 0  # cells that are dates only when read day first
    month_first: int = 0
    either: int = 0  # cells that are two different dates

    def add(self, cells: pa.Array) -> None:
        """Counts trimmed text cells; null ones are blank."""
        rest = cells.drop_null()
        self.filled += len(rest)
        for form in ("ymd", "slashed", "month_name"):
            if not len(rest):
                return
            known = self._slashed(rest) if form == "slashed" else read(rest, form).read
            self._count(form, int(known.sum()))
            rest = rest.filter(pa.array(~known))
        for form, pattern in _COUNTED.items():
            if len(rest):
                self._count(form, pc.sum(pc.match_substring_regex(rest, pattern)).as_py() or 0)

    def _slashed(self, cells: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        day, month = read(cells, "dmy"), read(cells, "mdy")
        self.day_first += int((day.read & ~month.read).sum())
        self.month_first += int((month.read & ~day.read).sum())
        self.either += int((day.read & month.read & (day.at != month.at)).sum())
        return np.asarray(day.read | month.read, np.bool_)

    def _count(self, form: str, cells: int) -> None:
        self.fits[form] = self.fits.get(form, 0) + cells

    @property
    def family(self) -> str | None:
        """The form most cells fit, `slashed` for both orders; null when no cell is a date."""
        best = max(self.fits, key=lambda form: self.fits[form], default=None)
        return best if best is not None and self.fits[best] else None

    @property
    def share(self) -> float:
        """The share of filled cells that are dates of the column's family."""
        return self.fits[self.family] / self.filled if self.family else 0.0

    @property
    def settled(self) -> bool:
        """More rows would hardly change the decision: reading may stop."""
        told = self.family != "slashed" or self.day_first != self.month_first
        return self.filled >= SETTLED_ROWS and self.share >= SETTLED_SHARE and told

    def decide(self) -> Decision:
        """The decision by this column alone."""
        if self.family is None:
            return Decision(None)
        if self.family != "slashed":
            return Decision(self.family, (self.family,))
        if self.day_first == self.month_first:
            told = not self.day_first and not self.either  # the same day either way, as 05/05/2018
            return Decision("dmy", ("dmy",)) if told else Decision(None, SLASHED)
        form = "dmy" if self.day_first > self.month_first else "mdy"
        return Decision(form, (form,))


def settle(tallies: Mapping[int, DateTally], given: Mapping[int, str]) -> dict[int, Decision]:
    """The decision for each column of one file, by position. `given` are forms the mapping names.

    A column that could be day-first or month-first follows the file's other columns where
    they agree.
    """
    decided = {column: tally.decide() for column, tally in tallies.items()}
    decided |= {column: Decision(form, (form,)) for column, form in given.items()}
    order = _common(decision.form for decision in decided.values())
    return {
        column: Decision(order, decision.candidates) if order and decision.candidates == SLASHED else decision
        for column, decision in decided.items()
    }


def _common(forms: Iterable[str | None]) -> str | None:
    orders = {form for form in forms if form in SLASHED}
    return orders.pop() if len(orders) == 1 else None
