"""The command `score`: how ready every record is for Sales, or one record rule by rule.

Not here: what the score is (leadpact/scoring).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import ibis
import pyarrow as pa

from config.schema import Pact
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.model import LEAD
from leadpact.scoring import score as scoring
from leadpact.scoring import words
from leadpact.scoring.explain import Explained
from leadpact.scoring.explain import explain as explain_one
from leadpact.tables import Table
from leadpact.workspace import Analysis

SHOWN = 50
CHUNK = 20_000


class Records(list[dict[str, Any]]):
    """The records of a large answer, made one by one as they are written: a list only in name."""

    def __init__(self, scored: pa.Table, pact: Pact) -> None:
        super().__init__()
        self.scored, self.pact = scored, pact

    def __len__(self) -> int:
        return int(self.scored.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = {name: rule.id for name, rule in scoring.points_of(self.pact).items()}
        for batch in self.scored.to_batches(max_chunksize=CHUNK):
            for row in batch.to_pylist():
                points = {rule: row[name] for name, rule in names.items()}
                yield as_json(self.pact, row, points, (row["missing"] or "").split())


def as_json(
    pact: Pact, row: Mapping[str, Any], points: Mapping[str, float | None], missing: list[str]
) -> dict[str, Any]:
    """One record: `reasons` are the rules that give or take points, `undecided` those nobody can judge.

    Where the pact caps groups of rules, `groups` are those whose cap takes something.
    """
    capped = {"groups": [asdict(one) for one in scoring.cuts(pact, points)]} if pact.scoring.groups else {}
    return {
        **{name: row[name] for name in ("object", "record_id", "score", "light")},
        "missing": [words.place(code) for code in missing],
        "reasons": [{"rule": rule, "points": one} for rule, one in points.items() if one],
        "undecided": [rule for rule, one in points.items() if one is None],
        **capped,
    }


def score(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    if args.record is not None:
        return _one(context, found, args)
    wide = scoring.measured(found.tables, found.pact, found.as_of)
    if args.object is not None:
        wide = wide.filter(wide.object == args.object)
    scored = wide.order_by("object", "record_id").to_pyarrow()
    kept = ibis.memtable(scored)
    untracked, lights = scoring.untracked(found.tables, found.pact), _lights(kept)
    document = {
        **heading(found),
        "threshold": found.pact.sales_ready.threshold,
        "untracked": list(untracked),
        "lights": lights,
        "records": Records(scored, found.pact),
    }
    say = context.say
    notes = [*_agreed(say, found.pact), _counted(say, lights), *_as_known_now(say, untracked)]
    if args.explain is not None:
        notes += explain(context, found, _behind(kept), args.explain)
    first = kept.order_by(ibis.desc("score", nulls_first=False), "object", "record_id").limit(SHOWN)
    rows = [_row(say, row) for row in first.to_pyarrow().to_pylist()]
    head = [say(f"score.col.{name}") for name in ("object", "record", "score", "light")]
    title = say("score.title", shown=len(rows), count=len(document["records"]))
    return Result(document, [Section(title, head, rows)], [*notes, *standing(context, found)])


def _one(context: Context, found: Analysis, args: argparse.Namespace) -> Result:
    object = args.object or LEAD
    told = explain_one(found.tables, found.pact, found.as_of, object, args.record)
    if told is None:
        raise Misconfigured("score.no_record", object=object, id=args.record)
    say, row = context.say, vars(told)
    points = {one.rule: one.points for one in told.reasons}
    document = {
        **heading(found),
        "threshold": told.threshold,
        "untracked": list(told.untracked),
        "records": [as_json(found.pact, row, points, list(told.missing))],
    }
    notes = [*_agreed(say, found.pact), *_cut(say, told), *_missing(say, found.pact, told)]
    notes += _as_known_now(say, told.untracked)
    if args.explain is not None:
        wide = scoring.measured(found.tables, found.pact, found.as_of)
        mine = wide.filter(wide.object == object, wide.record_id == args.record)
        notes += explain(context, found, _behind(mine), args.explain)
    rules = {one.id: say.text(words.rule(one)) for one in found.pact.scoring.rules}
    head = [say(f"score.col.{name}") for name in ("rule", "asks", "points")]
    rows = [[one.rule, rules[one.rule], _points(say, one.points, one.why)] for one in told.reasons]
    title = say("score.of", record=args.record, score=say.number(told.score, 1), light=_light(say, told.light))
    return Result(document, [Section(title, head, rows)], [*notes, *standing(context, found)])


def _behind(wide: Table) -> Table:
    return wide.select("object", "record_id", "person_id", "score", "light", "missing")


def _lights(kept: Table) -> dict[str, int]:
    """Records by light; `unknown` are those without one."""
    by = kept.group_by("light").aggregate(n=lambda t: t.count()).to_pyarrow().to_pylist()
    counts = {row["light"]: row["n"] for row in by}
    return {**{light: counts.get(light, 0) for light in scoring.LIGHTS}, "unknown": counts.get(None, 0)}


def _row(say: Language, row: Mapping[str, Any]) -> list[str]:
    return [say(f"ui.object.{row['object']}"), row["record_id"], say.number(row["score"], 1), _light(say, row["light"])]


def _light(say: Language, light: str | None) -> str:
    return say(f"score.light.{light or 'unknown'}")


def _points(say: Language, points: float | None, why: str | None) -> str:
    return say.number(points, 1) if points is not None else say(f"score.why.{why}")


def _counted(say: Language, lights: Mapping[str, int]) -> str:
    counts = {name: say.number(number) for name, number in lights.items()}
    return say("score.lights", **counts)


def _agreed(say: Language, pact: Pact) -> list[str]:
    """That something is not agreed: no rules, no threshold."""
    nothing = [] if pact.scoring.rules else [say("score.no_rules")]
    return nothing or ([] if pact.sales_ready.threshold is not None else [say("score.no_threshold")])


def _missing(say: Language, pact: Pact, told: Explained) -> list[str]:
    said = [say.text(words.missing(pact, code, told.score)) for code in told.missing]
    return [say("score.missing", what=one) for one in said]


def _cut(say: Language, told: Explained) -> list[str]:
    return [say("score.cut", group=one.group, given=one.given, counted=one.counted) for one in told.cuts]


def _as_known_now(say: Language, untracked: tuple[str, ...]) -> list[str]:
    return [say("score.untracked", fields=", ".join(untracked))] if untracked else []


COMMANDS = {"score": score}
