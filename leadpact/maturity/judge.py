"""The few kinds of test a criterion is made of: said in the pact, clean of findings, filled, reached.

Each gives what was seen: met, not met, or unknown (null) where the evidence is missing. A test
that finds nothing because there is nothing to look at is unknown, never met.

Not here: which area asks for what at which level (criteria.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leadpact.audit.sentences import listed
from leadpact.language import Text
from leadpact.maturity.evidence import Evidence
from leadpact.model import LEAD, is_custom

MOST = 5


@dataclass(frozen=True)
class Seen:
    """What a test saw, in words with numbers; `met` is null where nobody can say."""

    met: bool | None
    text: Text


Test = Callable[[Evidence], Seen]


def said(holds: Callable[[Evidence], bool]) -> Test:
    """The pact says it. What it does not say is not met, for the pact is always there."""

    def test(one: Evidence) -> Seen:
        met = holds(one)
        return Seen(met, Text.of("maturity.seen.said" if met else "maturity.seen.unsaid"))

    return test


def clean(*codes: str, object: str | None = None) -> Test:
    """None of these rules has an error or a warning, and all of them could look.

    With `object`, there must be records of it; without, records of any kind.
    """

    def test(one: Evidence) -> Seen:
        faults = [fault for fault in one.faults(codes) if object is None or fault.object in (object, None)]
        if faults:
            names = ", ".join(sorted({fault.code for fault in faults}))
            most = max(fault.records for fault in faults)
            records = Text.of("ui.people.count", count=most)
            return Seen(False, Text.of("maturity.seen.faults", count=len(faults), codes=names, records=records))
        some = one.records.get(object, 0) if object is not None else sum(one.records.values())
        if not some:
            return Seen(None, Text.of("maturity.seen.no_records"))
        missing = [code for code in codes if code in one.unchecked or code not in one.known]
        if missing:
            return Seen(None, Text.of("maturity.seen.unchecked", codes=", ".join(missing)))
        return Seen(True, Text.of("maturity.seen.clean", codes=", ".join(codes)))

    return test


def filled(share: float, *fields: str, must_haves: bool = False, object: str = LEAD) -> Test:
    """Each of the fields is filled on at least this share of the records; with `must_haves`, those of the pact too.

    Unknown where a field is on no record at all: it may not be mapped.
    """

    def test(one: Evidence) -> Seen:
        own = [found for found in one.filled if found.object == object]
        wanted = [found for found in own if found.field in fields or (must_haves and is_custom(found.field))]
        if not wanted:
            return Seen(None, Text.of("maturity.seen.no_records"))
        told = [_filled(found.field, found.share) for found in wanted]
        short = [found for found in wanted if found.share is not None and found.share < share]
        unknown = any(found.share is None for found in wanted)
        return Seen(False if short else None if unknown else True, listed(told))

    return test


def _filled(field: str, share: float | None) -> Text:
    name: Text | str = field[2:].replace("_", " ") if is_custom(field) else Text.of(f"maturity.field.{field}")
    if share is None:
        return Text.of("maturity.seen.never_filled", field=name)
    return Text.of("maturity.seen.filled", field=name, share=_percent(share))


def reached(rate: Callable[[Evidence], tuple[float | None, int]], need: Callable[[Evidence], float | None]) -> Test:
    """A rate is at least what is asked for. `rate` gives it with how many it is of; unknown of none of them."""

    def test(one: Evidence) -> Seen:
        value, count = rate(one)
        least = need(one)
        if value is None or not count:
            return Seen(None, Text.of("maturity.seen.nothing_decided"))
        if least is None:
            return Seen(False, Text.of("maturity.seen.unsaid"))
        text = Text.of("maturity.seen.rate", share=_percent(value), count=count, need=_percent(least))
        return Seen(value >= least, text)

    return test


def delivered(holds: Callable[[Evidence], bool], key: str) -> Test:
    """It is there, or not: words `maturity.seen.<key>` and `maturity.seen.no_<key>`."""

    def test(one: Evidence) -> Seen:
        met = holds(one)
        return Seen(met, Text.of(f"maturity.seen.{key}" if met else f"maturity.seen.no_{key}"))

    return test


def _percent(share: float) -> int:
    """Rounded down: what is short of a limit does not read as if it had reached it."""
    return int(100 * share + 1e-9)
