"""How records behave in a status value: the evidence beside its wording.

Everything is computed once for all values, and for the object as a
whole, however many record types it has. What the CRM does not give is null, and changes no verdict.

Not here: what the wording says (classifier), what follows from both (wording.py).
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from config.schema import UNMAPPED, Pact
from leadpact.audit import behaviour_onward, behaviour_stays, behaviour_touches
from leadpact.audit.behaviour_onward import Onward, Prospects
from leadpact.audit.behaviour_stays import Entries, Stay
from leadpact.audit.behaviour_touches import Beside
from leadpact.audit.behaviour_trail import Key, Rows, rows, trail
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.target import stage_of

NAMED = 3  # destinations that are named


@dataclass(frozen=True)
class Behaviour:
    """What is known of one value; null parts are not known. `onto` counts moves to each other value."""

    entries: Entries | None
    beside: Beside | None
    prospects: Prospects | None
    onto: Mapping[str, int]
    stages: Mapping[str, int]

    @property
    def stay(self) -> Stay | None:
        return self.entries.stay if self.entries else None

    @property
    def evidence(self) -> dict[str, Any]:
        """The same keys for every value, JSON can hold them: shares from 0 to 1, days as numbers."""
        return {
            "entries_90_days": self.entries.lately if self.entries else None,
            "by": _hands(self.entries),
            "stay": _stay(self.stay),
            "left": sum(self.onto.values()),
            "next": _shares(self.onto, "value"),
            "next_stages": _shares(self.stages, "stage"),
            "beside": _beside(self.beside),
            "later": _onward(self.prospects.later if self.prospects else None),
            "won": _onward(self.prospects.won if self.prospects else None),
        }


@dataclass(frozen=True)
class Worked:
    """What was found of all values; empty where the CRM gives nothing to find it by."""

    entries: Mapping[Key, Entries]
    beside: Mapping[Key, Beside]
    prospects: Mapping[Key, Prospects]


@dataclass(frozen=True)
class Behaviours:
    """The behaviour of every value of a company. Belongs to one thread; queries when first asked or begun.

    The engine gives rows, and what follows from them is worked out in a thread of its own: it is
    as much work as all the rules that do not ask for it, which go on meanwhile.
    """

    tables: Facts
    pact: Pact | None

    @cached_property
    def _working(self) -> Future[Worked]:
        tables, pact = self.tables, self.pact
        known: Future[Worked] = Future()
        if tables.history == "none":
            known.set_result(Worked({}, {}, {}))
            return known
        values = sorted({(row["object"], row["to_value"]) for row in tables.counts.moves})
        read = rows(tables, tables.record, values, tables.as_of)
        dated = "activity" in tables.provided and tables.history == "source"
        touches = behaviour_touches.touches(read, tables.activity) if dated else None
        built = pact is not None and tables.journey is not None
        journeys = behaviour_onward.journeys(read, tables.journey, pact, tables.as_of) if built and pact else None
        pool = ThreadPoolExecutor(1, "behaviour")
        known = pool.submit(_work, read, touches, journeys, pact)
        pool.shutdown(wait=False)  # nothing more is to come; what was begun is finished
        return known

    def begin(self) -> None:
        """Reads what is needed; the rest is done while others ask the engine."""
        _ = self._working

    @property
    def worked(self) -> Worked:
        """All of it; waits until it is done."""
        return self._working.result()

    def of(self, object: str, value: str) -> Behaviour:
        """All of one value."""
        key, worked = (object, value), self.worked
        onto = dict(self.tables.moves.get(key, {}))
        stages: Counter[str] = Counter()
        for after, times in onto.items():
            stages[(self.pact and stage_of(self.pact, object, after)) or UNMAPPED] += times
        return Behaviour(worked.entries.get(key), worked.beside.get(key), worked.prospects.get(key), onto, stages)


def _work(read: Rows, touches: pa.Table | None, journeys: pa.Table | None, pact: Pact | None) -> Worked:
    known = trail(read)
    return Worked(
        behaviour_stays.entries(known),
        {} if touches is None else behaviour_touches.beside_touches(known, touches),
        {} if journeys is None or pact is None else behaviour_onward.prospects(known, journeys, pact),
    )


def behaviours(tables: Facts) -> Behaviours:
    """The behaviours of the company these facts are of, or are a part of; the same for every rule."""
    whole = tables.whole or tables
    # the facts keep this: kept in turn, they would hold each other in memory after the last rule
    mine = weakref.proxy(whole)
    found: Behaviours = whole.once("behaviours", lambda: Behaviours(mine, whole.used.pact if whole.used else None))
    return found


def told(tables: Facts, rule: Rule, found: Found) -> Found:
    """A rule's finding on a status value, with how the value behaves as evidence `behaviour`."""
    if "statuses" not in rule.groups or found.object is None or found.value is None:
        return found
    known = behaviours(tables).of(found.object, found.value)
    return replace(found, evidence={**found.evidence, "behaviour": known.evidence})


def _shares(numbers: Mapping[str, int], name: str) -> list[dict[str, Any]]:
    """The most frequent, with their share of all."""
    total = sum(numbers.values())
    first = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    return [{name: one, "n": n, "share": round(n / total, 4)} for one, n in first]


def _hands(entries: Entries | None) -> dict[str, int] | None:
    if entries is None:
        return None
    hands = entries.hands
    return {"person": hands.person, "integration": hands.integration, "unknown": hands.unknown}


def _stay(stay: Stay | None) -> dict[str, Any] | None:
    if stay is None:
        return None
    median = None if stay.median_days is None else round(stay.median_days, 4)
    return {"n": stay.n, "open": stay.open, "median_days": median}


def _beside(beside: Beside | None) -> dict[str, Any] | None:
    if beside is None or beside.share is None:
        return None
    share, minutes = round(beside.share, 4), behaviour_touches.MINUTES
    return {"moves": beside.moves, "near": beside.beside, "share": share, "minutes": minutes}


def _onward(onward: Onward | None) -> dict[str, Any] | None:
    """Null with fewer than 30 journeys on either side."""
    told = onward.difference if onward else None
    if onward is None or told is None:
        return None
    return {
        "stage": onward.stage,
        "n": onward.n,
        "reached": onward.reached,
        "others": onward.others,
        "others_reached": onward.others_reached,
        "difference": round(told.difference, 4),
        "low": round(told.low, 4),
        "high": round(told.high, 4),
    }
