"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import emptied, server
from tests.worlds import World

ROOT = Path(__file__).resolve().parent.parent

# Expressions are large graphs that live for long: looking through all of them for cycles again and
# again is a tenth of the time of the tests.
gc.set_threshold(100_000, 50, 1000)


# Oracles and properties over many random companies, and the longest journeys through the whole house:
# `make test-thorough` runs these, nightly and before a release; `make test` all the others.
THOROUGH = {
    "test_audit_hostile", "test_browser_axe", "test_browser_connection", "test_browser_definition",
    "test_browser_exports", "test_browser_keyboard",
    "test_browser_findings", "test_browser_fixes", "test_browser_meeting", "test_browser_setup",
    "test_browser_sign_in_attacks", "test_browser_sign_in_states", "test_browser_target", "test_digest_months",
    "test_flow", "test_forget_everywhere",
    "test_forget_killed", "test_funnel_properties",
    "test_hardening_browser", "test_hardening_dependencies",
    "test_interval_coverage", "test_journey_leader",
    "test_journey_pact", "test_journey_repair", "test_maturity",
    "test_pages_findings_history", "test_pages_fixes_journey", "test_properties_histories", "test_properties_rows",
    "test_proposal_kept", "test_repair_crms", "test_review_effect", "test_scoring_properties",
    "test_scoring_quality_cli", "test_scoring_quality_edges", "test_simulate", "test_trends", "test_whom_everywhere",
    "test_writeback_crms",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in THOROUGH:
            item.add_marker("thorough")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data folder ../shared/data is not here")
    return folder


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty home of this test's own."""
    return World(tmp_path / "home")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a Postgres of this machine; the test is skipped, and says why, where there is none."""
    with server() as url:
        yield url


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The URL of a Postgres whose schema is empty."""
    emptied(postgres_server)
    return postgres_server


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Ibis on a Spark of this machine; the test is skipped, and says why, where there is none."""
    from tests.spark_engine import connect

    with connect() as backend:
        yield backend
