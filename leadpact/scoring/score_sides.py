"""Records under several pacts at once: what two versions have in common is computed once.

Drafts mostly change a few points or the threshold: a rule that is the same on both sides is one
column, and the records and activities are read once for all.

Not here: the score under one pact (score.py), what the two are compared for (versus.py, handover.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from config.parts import ScoringRule
from config.schema import Pact
from leadpact.metrics.timeline import governed
from leadpact.scoring import moments, score
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables


def alike(pacts: Sequence[Pact]) -> bool:
    """Whether these govern the same records, and read days in the same zone: then they can be computed together."""
    return len({(repr(one.scope), str(one.zone)) for one in pacts}) == 1


def together(tables: Tables, pacts: Sequence[Pact], as_of: datetime, at: Table | None = None) -> Table:
    """As score.measured, for pacts that are `alike`: object, record_id, person_id, moment, and per pact k
    `score_<k>`, `ready_<k>`.
    """
    names, own = _columns(pacts)
    fields = [field for pact in pacts for field in score.fields_of(pact, pact.scoring.rules)]
    first = pacts[0]
    base = moments.records(
        replace(tables, record=governed(tables.record, first)), list(dict.fromkeys(fields)), as_of, at
    )
    judged = base.select(
        *KEYS,
        "person_id",
        "moment",
        **score.fit_points(base, names, first),
        **{f"ready_{side}": score.ready(base, pact) for side, pact in enumerate(pacts)},
    )
    done = score.with_behaviour(judged, tables, first, names, as_of, at)
    sums: dict[str, Any] = {
        f"score_{side}": score.total(done, mine, pact) for side, (mine, pact) in enumerate(zip(own, pacts, strict=True))
    }
    return done.select(*KEYS, "person_id", "moment", *(f"ready_{side}" for side in range(len(pacts))), **sums)


def _columns(pacts: Sequence[Pact]) -> tuple[dict[str, ScoringRule], list[Mapping[str, ScoringRule]]]:
    """A column for every different rule, and each pact's own rules in its order; only ids and groups may differ."""
    known: dict[str, str] = {}
    names: dict[str, ScoringRule] = {}
    own: list[Mapping[str, ScoringRule]] = []
    for pact in pacts:
        mine: dict[str, ScoringRule] = {}
        for rule in pact.scoring.rules:
            what = repr(rule.model_dump(mode="json", exclude={"id", "category", "group"}))
            while (column := known.setdefault(what, f"points_{len(known)}")) in mine:
                what += " again"  # the same twice in one pact counts twice
            names.setdefault(column, rule)
            mine[column] = rule
        own.append(mine)
    return names, own
