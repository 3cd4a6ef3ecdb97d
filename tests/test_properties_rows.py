"""What holds for every metric: the order of rows is irrelevant, and a past moment is what was known then.

Not here: what holds for any history (test_properties_histories.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from config.document import parse
from config.schema import Pact
from connectors.demo.company import Company
from leadpact.tables import Tables
from tests.answers import answer, same, says_something
from tests.engine import Whole, derived, loaded
from tests.every_metric import EVERY, asking_everything
from tests.past import truncated

UNTIL = datetime(2026, 3, 4, 16, 20)
PAST = UNTIL - timedelta(days=150)
LEADS, SEED = 200, 19

Arrow = dict[str, pa.Table]


@pytest.fixture(scope="module")
def company() -> Company:
    return Company.generate(LEADS, SEED, until=UNTIL)


@pytest.fixture(scope="module")
def pact(company: Company) -> Pact:
    return parse(asking_everything(dict(company.truth["pact"])))


def read(tables: Arrow, pact: Pact) -> Tables:
    return derived(*loaded(Whole(tables)), pact, remaps=False)


@pytest.fixture(scope="module")
def tables(company: Company, pact: Pact) -> Tables:
    return read(dict(company.tables), pact)


@pytest.fixture(scope="module")
def shuffled(company: Company, pact: Pact) -> Tables:
    rng = np.random.default_rng(5)
    return read({name: table.take(rng.permutation(table.num_rows)) for name, table in company.tables.items()}, pact)


@pytest.fixture(scope="module")
def known_then(company: Company, pact: Pact) -> Tables:
    """The company as a sync at PAST would have read it."""
    return read(truncated(dict(company.tables), PAST), pact)


@pytest.mark.parametrize("name", EVERY)
def test_the_order_of_rows_is_irrelevant(name: str, tables: Tables, shuffled: Tables, pact: Pact) -> None:
    expected = answer(EVERY[name](tables, pact, UNTIL))
    assert says_something(expected)
    same(answer(EVERY[name](shuffled, pact, UNTIL)), expected)


@pytest.mark.parametrize("name", EVERY)
def test_a_past_moment_is_what_was_known_then(name: str, tables: Tables, known_then: Tables, pact: Pact) -> None:
    expected = told(EVERY[name](known_then, pact, PAST))
    assert says_something(expected)
    same(told(EVERY[name](tables.at(PAST), pact, PAST)), expected)


def told(found: Any) -> Any:
    """The answer without the names of people: who converts later is known by another record by then."""
    if not hasattr(found, "to_pyarrow"):
        return found
    return answer(found.drop("person_id") if "person_id" in found.columns else found)
