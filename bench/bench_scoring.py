"""The score of a large company: one pass over records and one over activities, measured once.

    .venv/bin/python -m bench.bench_scoring HOME [--pact FILE]

HOME is a home with a synced connection, such as `bench.bench_house --keep` leaves behind. Its pact
is used where it has scoring rules; else ten rules on the fields and activities of the demo
company. Prints wall and CPU seconds: the lights of all records, every rule's points, records at
moments of their own, two drafts simulated, and each rule of the audit that reads scores.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.document import load, parse
from config.schema import Pact
from leadpact import audit
from leadpact.pact_in_use import with_pact
from leadpact.scoring import score
from leadpact.scoring.basis import Basis
from leadpact.scoring.offers import offers
from leadpact.scoring.rule_table import rule_table
from leadpact.scoring.simulate import Question, simulate
from leadpact.workspace import Workspace


def _fit(id: str, points: float, field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"id": id, "category": "fit", "points": points, "when": {"field": field, "op": op, "value": value}}


def _did(id: str, points: float, kind: str, subject: str | None = None, days: float | None = None, **more: Any) -> Any:
    when: dict[str, Any] = {"activity": kind, "within_days": days}
    if subject is not None:
        when["subject"] = {"op": "contains", "value": subject}
    return {"id": id, "category": "behaviour", "points": points, "when": when, **more}


RULES = [
    _fit("industry", 20, "f_industry", "in", ["Banking", "Manufactura"]),
    _fit("size", 15, "f_employees", "gte", 100),
    _fit("country", 10, "country", "in", ["MX", "ES"]),
    _fit("no-company", -10, "company", "empty"),
    _fit("opt-in", 5, "f_opt_in", "eq", "Yes"),
    _did("pricing", 25, "web_visit", "pric", 90, per="occurrence", max_points=50, half_life_days=30),
    _did("form", 10, "form", days=180, per="occurrence", max_points=30),
    _did("demo", 40, "form", "demo", half_life_days=60),
    _did("event", 10, "event"),
    _did("mail", 2, "email", days=30, per="occurrence", max_points=10),
]
READY = {
    "threshold": 60,
    "all": [{"field": "email", "op": "filled"}, {"field": "company", "op": "filled"}],
    "any": [{"field": "country", "op": "in", "value": ["MX", "ES"]}],
}


def scoring_pact(pact: Pact) -> Pact:
    """The pact itself where it scores; else with the rules of this bench."""
    if pact.scoring.rules:
        return pact
    document = pact.model_dump(mode="json", exclude_defaults=True)
    return parse({**document, "scoring": {"rules": RULES}, "sales_ready": READY})


def measured(name: str, work: Callable[[], Any]) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    said = work()
    print(f"{name:24} {time.monotonic() - wall:7.2f} s wall {time.process_time() - cpu:7.2f} s CPU  {said}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--pact", type=Path)
    asked = parser.parse_args()
    workspace = Workspace(asked.home)
    found = workspace.analyse(workspace.synced()[0])
    pact = load(asked.pact) if asked.pact else scoring_pact(found.pact)
    found = replace(found, used=with_pact(found.used, pact))
    tables, as_of = found.tables, found.as_of
    scores = score.scores(tables, pact, as_of)
    hits = score.hits(tables, pact, as_of)
    journey = tables.journey.filter(tables.journey.visited_mql.notnull())
    at = journey.select("object", "record_id", moment="visited_mql").distinct()
    then = score.scores(tables, pact, as_of, at)

    def lights() -> Any:
        rows = scores.group_by("light").aggregate(n=scores.count()).to_pyarrow().to_pylist()
        return {row["light"]: row["n"] for row in rows}

    for name in ("lights, first", "lights, again", "lights, again"):
        measured(name, lights)
    measured("records as Arrow", lambda: scores.to_pyarrow().num_rows)
    measured("points by rule", lambda: hits.group_by("rule").aggregate(p=hits.points.sum()).to_pyarrow().num_rows)
    measured(
        "as of the hand-over", lambda: then.aggregate(n=then.count(), s=then.score.mean()).to_pyarrow().to_pylist()
    )
    asked = Basis()
    for name in ("rules, first", "rules, again"):
        measured(name, lambda: sum(row.hits for row in rule_table(tables, pact, as_of, asked).rows))
    ready = pact.sales_ready.model_copy(update={"threshold": 40})
    lower = pact.model_copy(update={"sales_ready": ready})  # only the threshold, then a rule less too
    fewer = lower.model_copy(update={"scoring": pact.scoring.model_copy(update={"rules": pact.scoring.rules[1:]})})
    for name, draft in (("draft: threshold", lower), ("draft: a rule less", fewer)):
        measured(name, lambda draft=draft: simulate(tables, pact, draft, as_of, Question()).after.greens)
    measured("what can be offered", lambda: len(offers(tables).fields))
    for codes in (["SCO02"], ["SCO03"], ["SCO04"], ["EVI02"], ["DEF04"], ["SCO02", "SCO03", "SCO04", "EVI02", "DEF04"]):
        measured(" ".join(codes), lambda codes=codes: [one.identity for one in audit.run(found, codes=codes).findings])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB")


if __name__ == "__main__":
    main()
