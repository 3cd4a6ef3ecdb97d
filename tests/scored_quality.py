"""The company of scored_world.py, synced, and how good its scoring is judged: what tests of quality begin with."""

from __future__ import annotations

import pytest

from leadpact.scoring.basis import Asked
from leadpact.scoring.quality import Quality, quality
from leadpact.workspace import Analysis
from tests.scored_world import AS_OF, RULES, rows
from tests.worlds import World, pact

SIXTY = Asked(days=60)
SCORED = pact(scoring={"rules": RULES}, sales_ready={"threshold": 20})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("quality"))
    world.sync(rows(), now=AS_OF)
    return world


@pytest.fixture
def company(small: World) -> Analysis:
    return small.analyse(SCORED)


def judged(found: Analysis, asked: Asked = SIXTY) -> Quality:
    return quality(found.tables, found.pact, found.as_of, asked)


@pytest.fixture(scope="module")
def strict(small: World) -> Quality:
    """With only what has a history."""
    return judged(small.analyse(SCORED))


@pytest.fixture(scope="module")
def now(small: World) -> Quality:
    """With every field that shows no sign of knowing the outcome."""
    return judged(small.analyse(SCORED), Asked(days=60, known="now"))
