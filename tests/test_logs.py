"""Logs tell what happened and how much, and never a record's content, a person or a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadpact import logs, workspace
from leadpact.writeback.applying import apply
from leadpact.writeback.plan import Limits, Row
from tests.command import called, exported
from tests.writeback_crm import NOW, Crm, Hours, made, target_of

CANARY = "canary-5d1b"
LEADS = f"""record_id,status,email,company,created_at
l1,Working {CANARY},ana.{CANARY}@x.com,{CANARY} Ltd,2026-01-05
l2,New,bob@x.com,not a date {CANARY},2026-01-06
l3,New,eve@x.com,Z,yesterday {CANARY}
"""
PACT = f"""name: P {CANARY}
timezone: UTC
stages: [{{key: a, label: A, kind: nurture}}, {{key: b, label: B, kind: won}}]
status_map: {{lead: {{New: a, "Working {CANARY}": b}}}}
"""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What a test set up for logs is gone after it."""
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = before


@pytest.fixture
def lines() -> Iterator[Any]:
    stream = io.StringIO()
    logs.begin("json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def events(told: str) -> dict[str, dict[str, Any]]:
    """The JSON lines of stderr by event; what a person reads stands between them."""
    found = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return {one["event"]: one for one in found}


def logged(told: str) -> str:
    return "\n".join(line for line in told.splitlines() if line.startswith("{"))


def test_a_sync_an_audit_and_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported(tmp_path, {"leads": LEADS}, PACT)
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(secrets.read_text() + f'token = "{CANARY}"\n', encoding="utf-8")
    monkeypatch.delenv("LEADPACT_RAISE", raising=False)
    told = []

    def run(*words: str) -> dict[str, dict[str, Any]]:
        told.append(called(capsys, *before, "--log", "json", *words)[2])
        return events(told[-1])

    sync = run("sync", "acme")
    assert sync["sync"]["connection"] == "acme" and sync["sync"]["counts"]["record"] == 3
    assert sync["sync"]["generation"] == 1 and sync["audit"]["findings"] > 0
    assert sync["command"].items() >= {"command": "sync", "exit_code": 0, "level": "info"}.items()
    assert run("audit", "--pact", str(tmp_path / "pact.yaml"))["command"]["exit_code"] == 0
    assert run("audit", "--where", f"email={CANARY}")["command"]["command"] == "audit"
    assert run("sync", f"no-{CANARY}")["command"]["error"] == "settings.no_connection"

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError(f"ana.{CANARY}@x.com")

    monkeypatch.setattr(workspace.Workspace, "analyse", fail)
    broken = run("audit")
    assert broken["incident"]["error"] == "ValueError" and " fail" in broken["incident"]["places"]
    assert broken["command"].items() >= {"exit_code": 1, "incident": broken["incident"]["incident"]}.items()
    assert broken["incident"]["incident"] in told[-1].splitlines()[1] and "Traceback" not in told[-1]
    assert CANARY not in told[-1]
    assert CANARY not in "".join(logged(one) for one in told)


def test_an_apply(tmp_path: Path, lines: Any) -> None:
    crm = Crm(tmp_path / "crm.sqlite")
    crm.put("lead", CANARY, status=f"Old {CANARY}")
    target = target_of(tmp_path, crm)
    plan = made(target, [Row("lead", CANARY, "status", f"Old {CANARY}", f"New {CANARY}", CANARY)])
    apply(target, plan.id, expected_hash=plan.hash, actor=f"{CANARY}@x.com", door="cli", now=NOW,
          limits=Limits(1.0, 10), watch=Hours().watch())  # fmt: skip
    found = [one for one in lines() if one["event"] == "apply"]
    assert [(one["plan"], one["state"], one["counts"]["written"]) for one in found] == [(plan.id, "done", 1)]
    assert CANARY not in json.dumps(lines())


def test_libraries_say_where_and_not_what(lines: Any) -> None:
    logging.getLogger("urllib3.connectionpool").warning("retrying https://x/?q=%s", CANARY)
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("simple_salesforce").exception("failed on %s", CANARY)
    found = lines()
    assert [one["logger"] for one in found] == ["urllib3.connectionpool", "simple_salesforce"]
    assert found[0]["message"].startswith("at tests/test_logs.py:") and CANARY not in json.dumps(found)


def test_a_field_nobody_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="email"):
        logs.event("sync", email="ana@x.com")


def test_as_text_only_what_needs_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    logs.begin(None, stream)
    logs.event("sync", connection="acme")
    number = logs.incident(ValueError(CANARY), connection="acme")
    assert stream.getvalue().splitlines() == [f"ERROR leadpact: incident incident={number} error=ValueError places= "
                                              "connection=acme"]  # fmt: skip
    monkeypatch.setenv(logs.VARIABLE, "json")
    logs.begin(None, stream)
    logs.event("sync", connection="ac\nme")
    assert json.loads(stream.getvalue().splitlines()[-1])["connection"] == "ac\nme"
