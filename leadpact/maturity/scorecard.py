"""Levels added up: what an area has reached, what it could have reached, and what is missing next.

Not here: the criteria (criteria.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadpact.audit.runner import Audit
from leadpact.language import Language
from leadpact.maturity.completeness import Filled
from leadpact.maturity.criteria import AREAS, LEVELS, Criterion
from leadpact.maturity.evidence import Evidence
from leadpact.maturity.judge import Seen
from leadpact.workspace import Analysis


@dataclass(frozen=True)
class Judged:
    """A criterion (criteria.py) and what was seen of it: data only, so that it can be kept."""

    key: str
    level: int
    page: str
    link: Mapping[str, str]
    seen: Seen

    @staticmethod
    def of(one: Criterion, evidence: Evidence) -> Judged:
        return Judged(one.key, one.level, one.page, dict(one.link), one.test(evidence))


@dataclass(frozen=True)
class Area:
    """One component or step. `least` is the level that is certain, `most` the one it could have if all
    that is unknown were met; `level` is `least`, or null where not even level 1 can be judged."""

    kind: str
    name: str
    least: int
    most: int
    judged: tuple[Judged, ...]

    @property
    def level(self) -> int | None:
        return None if self.least == 0 and self.most > 0 else self.least

    @property
    def missing(self) -> tuple[Judged, ...]:
        """What the next level asks for and is not met, the unknown among it."""
        return tuple(one for one in self.judged if one.level == self.least + 1 and not one.seen.met)


@dataclass(frozen=True)
class Scorecard:
    """All areas, components before steps, and how complete identification data is."""

    areas: tuple[Area, ...]
    completeness: tuple[Filled, ...]

    def area(self, kind: str, name: str) -> Area:
        """Raises KeyError for one there is not."""
        for one in self.areas:
            if (one.kind, one.name) == (kind, name):
                return one
        raise KeyError(name)

    def as_json(self, language: Language) -> dict[str, Any]:
        return {
            "areas": [
                {
                    "kind": one.kind,
                    "area": one.name,
                    "level": one.level,
                    "at_least": one.least,
                    "at_most": one.most,
                    "missing": [judged.key for judged in one.missing],
                    "criteria": [
                        {
                            "criterion": judged.key,
                            "level": judged.level,
                            "met": judged.seen.met,
                            "asks": language(f"maturity.must.{judged.key}"),
                            "seen": language.text(judged.seen.text),
                        }
                        for judged in one.judged
                    ],
                }
                for one in self.areas
            ],
            "completeness": [
                {"object": one.object, "field": one.field, "filled": one.filled, "records": one.records,
                 "share": one.share}
                for one in self.completeness
            ],
        }  # fmt: skip


def scorecard(analysis: Analysis, audit: Audit) -> Scorecard:
    """Every area judged on the findings of `audit` that count, the pact, coverage and metrics. Executes."""
    return judge(Evidence(analysis, audit))


def judge(evidence: Evidence) -> Scorecard:
    """Every area judged on this evidence."""
    return Scorecard(
        areas=tuple(_area(evidence, kind, name, own) for kind, some in AREAS.items() for name, own in some.items()),
        completeness=evidence.filled,
    )


def _area(evidence: Evidence, kind: str, name: str, criteria: tuple[Criterion, ...]) -> Area:
    judged = tuple(Judged.of(one, evidence) for one in criteria)
    return Area(kind, name, _reached(judged, (True,)), _reached(judged, (True, None)), judged)


def _reached(judged: tuple[Judged, ...], enough: tuple[bool | None, ...]) -> int:
    """The highest level up to which every criterion was seen to be one of `enough`."""
    level = 0
    for asked in LEVELS[1:]:
        if not all(one.seen.met in enough for one in judged if one.level == asked):
            break
        level = asked
    return level
