"""Where a base's webhook has a hole, or may not be had: it is said, and what differs is seen, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.airtable import Token
from tests.airtable.hooks import Hook
from tests.airtable.trial import Trial

DAY = timedelta(days=1)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, leads=4, contacts=2) as made:
        made.settings["webhooks"] = True
        yield made


def test_payloads_that_died_leave_a_hole_that_is_said(trial: Trial) -> None:
    trial.sync()
    began = trial.since
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, trial.later(hours=1))
    trial.hooks[0].expires += 30 * DAY  # somebody else kept it alive, and LeadPact was away
    trial.leads.set(trial.lead(0).id, {"Status": "Working"}, trial.later(days=6))
    trial.sync(now := trial.later(days=2))
    assert trial.told(0) == [("MQL", "Working", "history")]
    (gap,) = trial.gaps()
    assert gap["since"] == began.isoformat(" ", "minutes"), "when it was last read"
    assert gap["until"] == trial.since.isoformat(" ", "minutes") and trial.since > began
    assert trial.since <= now


def test_a_webhook_that_was_switched_off_is_read_to_its_end_and_replaced(trial: Trial) -> None:
    trial.sync()
    old, off = trial.hooks[0].id, trial.hooks[0].expires
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, at := trial.later(days=6))
    trial.leads.set(trial.lead(0).id, {"Status": "Working"}, trial.later(days=3))
    now = trial.later(hours=12)
    assert trial.sync(now).noticed == 1
    assert trial.moves(trial.lead(0)) == [("New", "MQL", at, "history"), ("MQL", "Working", now, "observed")]
    assert [hook.id for hook in trial.hooks] != [old] and len(trial.hooks) == 1
    (gap,) = trial.gaps()
    assert gap["since"] == off.isoformat(" ", "minutes") and trial.since > now - DAY


def test_a_webhook_airtable_has_forgotten_is_replaced_and_the_gap_said(trial: Trial) -> None:
    trial.sync()
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, trial.later(days=2))
    trial.sync(trial.later(days=20))
    assert trial.told(0) == [("New", "MQL", "observed")]
    assert len(trial.gaps()) == 1 and len(trial.hooks) == 1
    trial.sync(trial.later(hours=1))
    assert trial.gaps() == [], "a gap is said by the sync that found it"


def test_a_payload_with_an_error_ends_the_webhook(trial: Trial) -> None:
    trial.sync()
    (hook,) = trial.hooks
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, trial.later(hours=1))
    broken = {"timestamp": "2026-03-04T18:00:00.000Z", "baseTransactionNumber": 9, "payloadFormat": "v0",
              "actionMetadata": {"source": "client"}, "error": True, "code": "INVALID_HOOK"}  # fmt: skip
    hook.payloads.append((hook.next, trial.clock.now(), broken))
    hook.next += 1
    trial.sync(trial.later(hours=1))
    assert trial.told(0) == [("New", "MQL", "history")]
    assert trial.hooks[0].id != hook.id and len(trial.gaps()) == 1


@pytest.mark.parametrize("why", ["scope", "limit", "role"])
def test_where_no_webhook_may_be_had_snapshots_go_on_and_the_check_says_why(trial: Trial, why: str) -> None:
    key = "airtable_write.webhook_limit" if why == "limit" else "airtable_write.webhook_refused"
    if why == "limit":
        kept = trial.server.state.setdefault("hooks", {}).setdefault(trial.company.base.id, [])
        kept += [Hook(trial.company.base, {"filters": {"dataTypes": ["tableFields"]}}, "https://x.example",
                      trial.clock.now() + 90 * DAY) for _ in range(10)]  # fmt: skip
    elif why == "scope":
        trial.server.tokens[trial.server.token] = Token(scopes=("data.records:read", "schema.bases:read"))
    else:
        trial.server.tokens[trial.server.token] = Token(permission="edit")
    told, mark, extract = trial.read_once()
    assert told == [] and "field_change" not in extract.provided and "ach" not in mark
    found = next((check for check in trial.connect(writable=False).check() if check.name == "webhook"), None)
    if why == "role":  # only making it would show that the user may not
        return
    assert found is not None and not found.ok and (found.message, found.remedy) == (key, f"{key}_remedy")
