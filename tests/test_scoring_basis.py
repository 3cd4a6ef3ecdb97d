"""How leads convert means one thing: the rules, the quality of the scoring and the funnel count the same journeys.

Not here: the count by hand (test_scoring_rules.py), verdicts (test_scoring_quality.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import Scope, conversion
from leadpact.scoring.basis import ENTRY, Asked, Basis
from leadpact.scoring.quality import Quality, quality
from leadpact.scoring.quality_cases import cases
from leadpact.scoring.rule_table import RuleTable, rule_table
from leadpact.tables import Tables
from tests.engine import company
from tests.rows import Rows, lead, moved
from tests.test_scoring_rules import NOW, rows, scoring
from tests.worlds import pact

DAY = timedelta(days=1)
START = NOW - 100 * DAY
EDGES: dict[str, list[tuple[datetime, str]]] = {
    "same-instant": [(START, "MQL"), (START, "Customer")],
    "on-the-day": [(START, "MQL"), (START + 30 * DAY, "Customer")],
    "a-moment-late": [(START, "MQL"), (START + 30 * DAY + timedelta(microseconds=1), "Customer")],
    "young": [(NOW - 30 * DAY + timedelta(microseconds=1), "MQL")],
    "just-old-enough": [(NOW - 30 * DAY, "MQL")],
    "spam": [(START, "MQL"), (START + DAY, "Spam")],
    "ended": [(START, "MQL"), (START + 5 * DAY, "Disqualified")],
    "back-and-forth": [(START - 9 * DAY, "MQL"), (START - 8 * DAY, "Subscriber"), (START, "MQL")],
}


@cache
def world() -> Tables:
    """The leads of test_scoring_rules.py, and one for each edge of the definition."""
    told = rows()
    for name, steps in EDGES.items():
        told["record"].append(lead(name, status=steps[-1][1], created_at=steps[0][0], f_size="80", country="MX"))
        told["field_change"] += moved(name, *steps)
    told["record"].append(lead("undated", status="MQL", f_size="80", country="MX"))
    return company(Rows(creation_logged=True, **told), scoring())


ASKED = [Basis(days=30), Basis(ENTRY, days=45), Basis(ENTRY, "mql", 5), Basis("mql", "customer", 20, after_days=7),
         Basis(days=30, most=25)]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_rules_and_quality_agree_on_every_rule(asked: Basis) -> None:
    table: RuleTable = rule_table(world(), scoring(), NOW, asked)
    told: Quality = quality(world(), scoring(), NOW, Asked(**vars(asked), known="now"))
    assert table.basis == Basis(**{name: getattr(told.asked, name) for name in vars(asked)})
    assert (table.all.n, table.young, table.undated, table.invalid, table.settled, table.gone, table.cut) == (
        told.cases + told.unscored, told.young, told.unknown, told.invalid, told.settled, told.gone, told.cut
    )  # fmt: skip
    assert table.all.n > 0 and table.all.converted > 0
    for row, one in zip(table.rows, told.rules, strict=True):
        assert (row.rule.id, row.hit.n, row.hit.converted, row.hit.rate, row.miss.rate, row.hit.n + row.miss.n) == (
            one.rule, one.hits, one.reached, one.rate, one.rest, one.decided
        )  # fmt: skip
        if row.gap is not None:
            assert (row.gap.difference, row.gap.low, row.gap.high) == (one.difference, one.low, one.high)


@pytest.mark.parametrize(("anchor", "goal"), [("mql", "customer"), (ENTRY, "mql")])
def test_both_are_the_mature_cohort_of_the_funnel(anchor: str, goal: str) -> None:
    found = cases(world(), scoring(), NOW, Basis(anchor, goal, 30))
    shown = conversion(world(), scoring(), NOW, Scope(window_days=30, anchor=None if anchor == ENTRY else anchor))
    step = next(one for one in shown.steps if one.stage == goal)
    assert len(found) == shown.steps[0].mature_entered
    assert int(found.reached.sum()) == step.mature_converted
    assert (found.unknown, found.invalid) == (shown.unknown, shown.invalid)


def test_the_edges_of_the_definition() -> None:
    """At the same instant and exactly on the last day is in; what is a moment too late, or too young, is not."""
    found = cases(world(), scoring(), NOW, Basis(days=30))
    came = {row["record_id"]: row["reached"] for row in found.table.to_pylist() if row["record_id"] in EDGES}
    assert came == {
        "same-instant": True, "on-the-day": True, "a-moment-late": False, "just-old-enough": False, "ended": False,
        "back-and-forth": False,
    }  # fmt: skip
    again = next(row for row in found.table.to_pylist() if row["record_id"] == "back-and-forth")
    assert again["moment"] == START - 9 * DAY
    later = cases(world(), scoring(), NOW, Basis("mql", days=30, after_days=7))
    left = {row["record_id"] for row in later.table.to_pylist()} & set(EDGES)
    assert left == {"on-the-day", "a-moment-late", "back-and-forth"}  # who had arrived, or ended, is not foretold


def test_the_same_default_for_everybody_and_what_cannot_be_asked() -> None:
    assert Basis().of(scoring()) == Basis("mql", "customer", 90)
    assert Asked().of(scoring()) == Asked("mql", "customer", 90)
    stages = [{"key": "new", "label": "New", "kind": "nurture"}, {"key": "won", "label": "Won", "kind": "won"}]
    plain = pact(stages=stages, status_map={"lead": {"New": "new", "Won": "won"}}, sla=[])
    assert Basis().of(plain) == Basis(ENTRY, "won", 90)
    for wrong in (Basis("customer"), Basis("nowhere"), Basis("mql", "subscriber"), Basis(days=0), Basis(after_days=-1),
                  Basis(days=float("nan"))):  # fmt: skip
        with pytest.raises(Misconfigured):
            wrong.of(scoring())


def test_without_any_date_both_take_it_as_it_stands_and_say_so() -> None:
    people = [lead(f"u{at}", status="Customer" if at % 4 == 0 else "MQL", f_size="80" if at % 2 else "5")
              for at in range(40)]  # fmt: skip
    tables = company(Rows(record=people, field_change=[], activity=[]), scoring())
    table = rule_table(tables, scoring(), NOW, Basis())
    told = quality(tables, scoring(), NOW, Asked(known="now"))
    assert not table.dated and not told.dated
    assert (table.all.n, table.all.converted) == (told.cases, told.reached) == (40, 10)
    size, one = table.rows[0], told.rules[0]
    assert (size.hit.n, size.hit.converted) == (one.hits, one.reached) == (20, 0)
