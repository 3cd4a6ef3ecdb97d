"""Every metric on Spark: the expressions unchanged, and on the demo company the answers of DuckDB.

Each engine derives spells, journeys and the rest for itself and keeps them, as derive.py does;
everything else reads those.

Not here: the estimators and the working-time clock on their own (test_survival_spark.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.document import parse
from config.schema import Pact
from connectors.demo.company import Company
from leadpact.derive import DERIVED, derive
from leadpact.metrics.touches import touches
from leadpact.model import TABLES
from leadpact.tables import Tables
from tests import rows as written
from tests.answers import answer, rows, same, says_something
from tests.engine import Whole, derived, loaded
from tests.every_metric import DERIVED as DERIVED_QUESTIONS
from tests.every_metric import EVERY, asking_everything
from tests.spark_engine import QUIET, kept
from tests.worlds import pact as small_pact

pytestmark = [pytest.mark.spark, *QUIET]

UNTIL = datetime(2026, 3, 4, 16, 20)
PAST = UNTIL - timedelta(days=200)
LEADS, SEED = 250, 19


@pytest.fixture(scope="module")
def company(spark: Any) -> Company:  # skipped before anything is drawn
    return Company.generate(LEADS, SEED, until=UNTIL)


@pytest.fixture(scope="module")
def pact(company: Company) -> Pact:
    return parse(asking_everything(dict(company.truth["pact"])))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def duck(company: Company, pact: Pact) -> Tables:
    return derived(*loaded(Whole(dict(company.tables))), pact, remaps=False)


def moved_over(spark: Any, tables: Tables, pact: Pact, folder: Path, *, remaps: bool) -> Tables:
    """The canonical tables in Spark, with what Spark derives from them."""
    nothing = dict.fromkeys(DERIVED)
    canonical = {name: kept(spark, getattr(tables, name), folder) for name in TABLES}
    bare = replace(tables, **nothing, **canonical)
    return derive(bare, pact, keep=lambda _, table: kept(spark, table, folder), remaps=remaps)


@pytest.fixture(scope="module")
def on_spark(spark: Any, duck: Tables, pact: Pact, folder: Path) -> Tables:
    return moved_over(spark, duck, pact, folder, remaps=False)


Question = Callable[[Tables], Any]
Both = Callable[[Question], Any]


@pytest.fixture
def both(duck: Tables, on_spark: Tables) -> Both:
    """Asks the same of both engines; asserts the same answer and gives it."""

    def ask(question: Question) -> Any:
        expected = answer(question(duck))
        same(answer(question(on_spark)), expected)
        return expected

    return ask


@pytest.mark.parametrize("name", DERIVED)
def test_what_is_derived(name: str, both: Both) -> None:
    both(lambda tables: getattr(tables, name))


def test_a_remap_relabels_on_both(spark: Any, folder: Path) -> None:
    """Relabelled values, equal timestamps, two records of one person, a deletion, a deal."""
    start = datetime(2026, 1, 5)
    changes = [
        *written.moved("ana", (start, "Limbo"), (start, "MQL"), (start + timedelta(days=9), "Working")),
        {**written.moved("ana", (start + timedelta(days=3), "Customer"))[0], "seq": 7, "evidence": "remap"},
        *written.moved("bob", (start, "MQL"), (start + timedelta(days=2), "SQL")),
        *written.moved("c1", (start + timedelta(days=2), "SQL"), object="contact"),
        *written.moved("gone", (start, "MQL")),
        {"object": "lead", "record_id": "gone", "field": "condition", "to_value": "deleted", "seq": 1,
         "at": start + timedelta(days=4), "evidence": "history"},
    ]  # fmt: skip
    records = [
        written.lead("ana", status="Working", created_at=start),
        written.lead("bob", status="SQL", created_at=start, converted_to="c1", converted_at=start + timedelta(days=2)),
        written.contact("c1", status="SQL", created_at=start + timedelta(days=2)),
        {**written.lead("gone", status="MQL", created_at=start), "condition": "deleted"},
        written.lead("unlogged", status="MQL", created_at=start),
    ]
    deal = {"opportunity_id": "d", "object": "contact", "record_id": "c1", "created_at": start + timedelta(days=5),
            "closed_at": start + timedelta(days=6), "is_won": True, "is_closed": True}  # fmt: skip
    source = written.Rows(creation_logged=True, record=records, field_change=changes, opportunity=[deal])
    duck = derived(*loaded(source), small_pact())
    spark_tables = moved_over(spark, duck, small_pact(), folder, remaps=True)
    assert "customer" in [
        row["stage"] for row in duck.spell.filter(duck.spell.record_id == "ana").to_pyarrow().to_pylist()
    ]
    for name in DERIVED:
        same(rows(getattr(spark_tables, name)), rows(getattr(duck, name)))


@pytest.mark.parametrize("name", [name for name in EVERY if name not in DERIVED_QUESTIONS])
def test_every_metric(name: str, pact: Pact, both: Both) -> None:
    assert says_something(both(lambda tables: EVERY[name](tables, pact, UNTIL)))


def test_touches_from_activities(both: Both) -> None:
    both(lambda tables: touches(replace(tables, touch=None), ["call", "email"]))


CUT = ("record", "field_change", "opportunity", *DERIVED)


@pytest.mark.parametrize("name", CUT)
def test_at_a_moment_past(name: str, both: Both) -> None:
    assert len(both(lambda tables: getattr(tables.at(PAST), name))) < 3_000


@pytest.mark.parametrize("condition", [{"source": "Partner"}, {"team": "sdr"}, {"campaign": ""}], ids=str)
def test_only_some_people(condition: dict[str, str], both: Both) -> None:
    everybody = both(lambda tables: tables.journey)
    assert 0 < len(both(lambda tables: tables.where(condition).journey)) < len(everybody)
    both(lambda tables: tables.where(condition).field_change)
