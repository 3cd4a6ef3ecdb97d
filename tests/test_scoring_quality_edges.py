"""Quality of a scoring at its edges: moments, young and undated journeys, too few outcomes, caps, the people behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadpact.commands import scoring_arguments
from leadpact.errors import Misconfigured
from leadpact.scoring import quality_people
from leadpact.scoring.basis import KNOWN, Asked
from leadpact.scoring.quality import MIN_EACH, Quality
from leadpact.scoring.quality_cases import cases
from leadpact.scoring.suggest import suggest
from leadpact.workspace import Analysis
from tests.rows import Rows, lead
from tests.scored_quality import SCORED, SIXTY, company, judged, now, small, strict
from tests.scored_world import AS_OF, RULES, did, rows, tables
from tests.worlds import World, pact

BEFORE_END = timedelta(days=20) - timedelta(seconds=1)  # a second after becoming qualified
__all__ = ["company", "now", "small", "strict"]  # fixtures


def test_who_is_too_young_is_left_out_however_it_went(small: World) -> None:
    moment = datetime(2025, 8, 1)
    early = small.analyse(SCORED, as_of=moment)
    told = judged(early)
    qualified = [datetime.fromisoformat(row["at"]) for row in tables()["field_change"] if row["to_value"] == "MQL"]
    assert told.cases == sum(at + timedelta(days=60) <= moment for at in qualified)
    assert told.young == sum(at <= moment < at + timedelta(days=60) for at in qualified)


def test_entry_and_days_after_it_as_the_moment(company: Analysis) -> None:
    at_entry = judged(company, Asked(days=60, anchor="entry"))
    visit = next(one for one in at_entry.rules if one.rule == "visit")
    assert at_entry.cases == 400 and visit.verdict == "never"  # the visits come eight days later
    decided = cases(company.tables, SCORED, company.as_of, Asked(days=60, anchor="entry", after_days=40))
    assert (len(decided), decided.settled) == (0, 400)


def test_without_dates_everything_is_as_it_stands_now(world: World) -> None:
    people = [lead(f"u{at}", status="Customer" if at % 4 == 0 else "MQL", f_industry="Bank" if at % 2 else "Farm")
              for at in range(240)]  # fmt: skip
    world.sync(Rows(record=people), now=AS_OF)
    told = judged(world.analyse(SCORED), Asked(known="now"))
    assert not told.dated and (told.cases, told.reached) == (240, 60)
    assert told.quarters == () and told.enough


def test_too_few_outcomes_are_said_with_how_many_are_needed(small: World) -> None:
    early = small.analyse(SCORED, as_of=datetime(2025, 4, 20))
    told = judged(early)
    assert not told.enough and told.bands == () and told.separation is None
    assert told.needed > MIN_EACH
    assert all(one.verdict in ("few", "untracked", "leak", "undecided", "never", "always", "nothing", "works")
               for one in told.rules)  # fmt: skip


@pytest.mark.parametrize("asked", [Asked(goal="spam"), Asked("nowhere"), Asked(days=0), Asked(keep=("nowhere",)),
                                   Asked(after_days=float("nan"))])  # fmt: skip
def test_what_cannot_be_asked_is_refused(company: Analysis, asked: Asked) -> None:
    with pytest.raises(Misconfigured):
        judged(company, asked)


def test_the_command_line_offers_what_the_engine_knows() -> None:
    assert KNOWN == scoring_arguments.KNOWN


def test_group_caps_count_as_in_the_score(small: World) -> None:
    capped = pact(scoring={"rules": [{**rule, "group": "g"} for rule in RULES],
                           "groups": [{"name": "g", "max_points": 10}]})  # fmt: skip
    told = judged(small.analyse(capped), Asked(days=60, known="now"))
    assert [(band.low, band.high) for band in told.bands] == [(5, 5), (10, 10)]


@pytest.mark.parametrize("part", ["quarter:2025-Q2", "rule:visit"])
def test_the_people_behind_a_figure(company: Analysis, strict: Quality, part: str) -> None:
    found = quality_people.behind(company.tables, SCORED, company.as_of, SIXTY, part).to_pyarrow()
    visit = next(one for one in strict.rules if one.rule == "visit")
    assert found.num_rows == (visit.hits if part.startswith("rule") else strict.quarters[1].n)
    assert set(found.column_names) == {"object", "record_id", "moment", "score", "reached"}


def test_a_field_may_be_kept_and_then_the_score_looks_too_good(company: Analysis, now: Quality) -> None:
    usual = now
    kept = judged(company, Asked(days=60, known="now", keep=("verdict",)))
    assert usual.separation is not None and kept.separation is not None
    assert kept.separation.auc > usual.separation.auc + 0.05


def test_what_happens_after_the_moment_suggests_nothing(small: World, world: World) -> None:
    """A visit of every winner, a second after the moment: whoever looked there would give it points."""
    every = tables()
    late = [
        did(f"z{row['record_id']}", row["record_id"], "web_visit", datetime.fromisoformat(row["at"]) - BEFORE_END)
        for row in every["field_change"]
        if row["to_value"] == "Customer"
    ]
    world.sync(rows(activity=every["activity"] + late), now=AS_OF)
    asked = Asked(days=60, known="then")
    first, second = (suggest(one.tables, one.pact, one.as_of, asked)
                     for one in (small.analyse(SCORED), world.analyse(SCORED)))  # fmt: skip
    assert first.outcome == "fitted" and second == first
