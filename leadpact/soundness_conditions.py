"""Conditions that cannot all hold, or that say nothing: found without looking at any record.

Compares as scoring/conditions.py does: text without regard to case, numbers as numbers. What is
called contradictory is so for every record; what is too intricate to decide is left alone.

Not here: what else may be wrong with a pact (soundness.py), what records satisfy (scoring/conditions.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from config.parts import Condition, Scalar
from leadpact.scoring.conditions import GREENWICH, moments_of, number_of

Groups = Mapping[str, Sequence[Condition]]


def by_field(conditions: Iterable[Condition]) -> Groups:
    """The conditions of each field, by its name without regard to case and to `f_`."""
    found: dict[str, list[Condition]] = {}
    for one in conditions:
        found.setdefault(field_key(one.field), []).append(one)
    return found


def field_key(name: str) -> str:
    """What two names of one field have in common."""
    return name.strip().casefold().removeprefix("f_")


def contradictory(conditions: Sequence[Condition]) -> list[Condition]:
    """Conditions on one field that no value meets together: those of the first such field; else nothing."""
    return next((list(own) for own in by_field(conditions).values() if not possible(own)), [])


def repeated(conditions: Sequence[Condition]) -> Condition | None:
    """The first condition given twice; null where none is."""
    seen = set()
    for one in conditions:
        key = (field_key(one.field), one.op, tuple(sorted(map(_text, _values(one)))))
        if key in seen:
            return one
        seen.add(key)
    return None


def possible(conditions: Sequence[Condition]) -> bool:
    """Whether some value of one field may meet all of these."""
    if any(one.op == "empty" for one in conditions):
        return all(one.op == "empty" for one in conditions)
    if any(_day(value) for one in conditions for value in _values(one)):
        return _days_meet(conditions)
    named = [one for one in conditions if one.op in ("eq", "in")]
    if named:
        return any(all(meets(value, one) for one in conditions) for value in _values(named[0]))
    starts = sorted((_text(one.value) for one in conditions if one.op == "starts"), key=len)
    if any(not longer.startswith(shorter) for shorter, longer in pairwise(starts)):
        return False
    return _bounds_meet(conditions)


def meets(value: Scalar, one: Condition) -> bool:
    """Whether a value that is not blank satisfies the condition; dates are compared as their ISO text."""
    text, number = _text(value), number_of(value)
    if one.op in ("filled", "empty"):
        return one.op == "filled"
    if one.op in ("eq", "in", "ne", "not_in"):
        same = any(text == _text(each) or (number is not None and number == number_of(each)) for each in _values(one))
        return same == (one.op in ("eq", "in"))
    wanted = _values(one)
    if one.op in ("contains", "starts"):
        own = _text(wanted[0])
        return own in text if one.op == "contains" else text.startswith(own)
    if one.op == "between":
        return _after(value, wanted[0], same=True) and _after(wanted[1], value, same=True)
    if one.op in ("gt", "gte"):
        return _after(value, wanted[0], same=one.op == "gte")
    return _after(wanted[0], value, same=one.op == "lte")


def _bounds_meet(conditions: Sequence[Condition]) -> bool:
    """Whether something lies within all bounds; bounds of different kinds, a number and a text, are left alone."""
    lows = [(_values(one)[0], one.op != "gt") for one in conditions if one.op in ("gt", "gte", "between")]
    highs = [(_values(one)[-1], one.op != "lt") for one in conditions if one.op in ("lt", "lte", "between")]
    if len({number_of(value) is None for value, _ in (*lows, *highs)}) > 1:
        return True
    return all(_after(high, low, same=closed and shut) for low, closed in lows for high, shut in highs)


def _days_meet(conditions: Sequence[Condition]) -> bool:
    """The same of dates, to the day: whatever the hour, the last day allowed is not before the first."""
    lows = [_day(_values(one)[0]) for one in conditions if one.op in ("gt", "gte", "between", "eq")]
    highs = [_day(_values(one)[-1]) for one in conditions if one.op in ("lt", "lte", "between", "eq")]
    return all(high >= low for low in lows if low for high in highs if high)


def _day(value: Scalar) -> str | None:
    return str(value).strip()[:10] if moments_of(value, GREENWICH) else None


def _after(value: Scalar, bound: Scalar, *, same: bool) -> bool:
    number, limit = number_of(value), number_of(bound)
    if limit is not None:
        return number is not None and (number > limit or (same and number == limit))
    text, end = _text(value), _text(bound)
    return text > end or (same and text == end)


def _values(one: Condition) -> Sequence[Scalar]:
    return one.value if isinstance(one.value, list) else [] if one.value is None else [one.value]


def _text(value: object) -> str:
    return str(value).strip().casefold()
