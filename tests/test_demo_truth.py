"""The engine finds the truth: two implementations of the same definitions meet on the demo company."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.document import parse
from connectors.demo import Demo
from connectors.demo.company import Company
from leadpact.metrics import funnel, sla
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis, Workspace

UNTIL = datetime(2026, 3, 4, 16, 20)
LEADS, SEED = 3_000, 19


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return dict(Company.generate(LEADS, SEED, until=UNTIL).truth)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory, truth: dict[str, Any]) -> Analysis:
    home: Path = tmp_path_factory.mktemp("home")
    workspace = Workspace(home)
    demo = Demo({"leads": LEADS, "seed": SEED, "until": UNTIL.isoformat()}, home / "state")
    workspace.sync(demo, "demo", now=UNTIL)
    return workspace.analyse("demo", pact=PactInUse(parse(truth["pact"]), None, False), as_of=UNTIL)


def test_the_funnel_of_mature_journeys(analysis: Analysis, truth: dict[str, Any]) -> None:
    scope = funnel.Scope(window_days=truth["mature_days"], by="source")
    found = funnel.conversion(analysis.tables, analysis.pact, UNTIL, scope)
    assert found.invalid == sum(told["realised"]["invalid"] for told in truth["sources"].values())
    groups = {step.group for step in found.steps}
    for source, told in truth["sources"].items():
        mature = told["realised"]["mature"]
        if source not in groups:
            assert told["realised"]["journeys"] == 0
            continue
        steps = {step.stage: step for step in found.steps if step.group == source}
        assert steps["subscriber"].entered == told["realised"]["journeys"]
        assert {stage: step.mature_converted for stage, step in steps.items()} == {
            "subscriber": mature["entered"],
            **{stage: mature[stage] for stage in mature if stage != "entered"},
        }


def test_the_clocks(analysis: Analysis, truth: dict[str, Any]) -> None:
    found = {result.group: result for result in sla.compliance(analysis.tables, analysis.pact, UNTIL, by="source")}
    for source, told in truth["sla"]["by_source"].items():
        states = {name: n for name, n in told.items() if name != "compliance"}
        if source not in found:
            assert not any(states.values())
            continue
        assert {name: getattr(found[source], name) for name in states} == states
        assert found[source].unknown == 0
