"""What a base's webhook tells: every change once, with its moment; what was lost is said, over real HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadpact.errors import SourceUnreachable
from leadpact.mapping import parse
from tests.airtable import Field
from tests.airtable.trial import Trial
from tests.contract import clauses  # noqa: F401 - they register themselves
from tests.contract.door_airtable_webhook import WebhookAirtableDoor
from tests.contract.suite import CLAUSES

DAY = timedelta(days=1)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, leads=4, contacts=2) as made:
        made.settings["webhooks"] = True
        yield made


def test_every_change_between_two_syncs_is_told_with_its_moment_and_who(trial: Trial) -> None:
    trial.sync()
    (hook,) = trial.hooks
    assert hook.url is None and hook.options["filters"]["dataTypes"] == ["tableData"]
    first, second = trial.later(hours=3), trial.later(hours=9)
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, first, by="usrVentas00000001")
    trial.leads.set(trial.lead(0).id, {"Status": "Working"}, second)
    trial.leads.set(trial.lead(0).id, {"Name": "Otra Canaria"}, second)
    born = trial.leads.add({"Name": "Nueva", "Status": "New"}, trial.later(hours=1))
    result = trial.sync(trial.later(hours=1))
    assert trial.moves(trial.lead(0)) == [("New", "MQL", first, "history"), ("MQL", "Working", second, "history")]
    assert trial.moves(born) == [(None, "New", born.created, "created")]
    assert trial.rows("SELECT actor_id FROM field_change WHERE to_value = 'MQL'") == [("usrVentas00000001",)]
    assert result.noticed == 0 and trial.gaps() == []


def test_what_was_told_is_told_once_however_often_it_is_read(trial: Trial) -> None:
    trial.sync()
    trial.leads.set(trial.lead(1).id, {"Status": "MQL"}, trial.later(hours=1))
    for _ in range(2):
        trial.sync(trial.later(hours=1))
        assert trial.told(1) == [("New", "MQL", "history")]
    trial.leads.set(trial.lead(1).id, {"Status": "New"}, trial.later(days=3))
    trial.sync(trial.later(days=3))
    shutil.rmtree(trial.mirror.folder)  # the mirror is disposable, and Airtable forgets within days
    trial.sync(trial.later(days=6))
    assert trial.told(1) == [("New", "MQL", "history"), ("MQL", "New", "history")]
    assert trial.gaps() == [] and len(trial.hooks) == 1


def test_payloads_come_fifty_to_a_call_and_in_order(trial: Trial) -> None:
    trial.read_once()
    for number in range(120):
        trial.leads.set(trial.lead(2).id, {"Status": ("MQL", "Working")[number % 2]}, trial.later(seconds=1))
    before = trial.server.calls("GET", "/payloads")
    told, _, _ = trial.read_once()
    assert trial.server.calls("GET", "/payloads") - before == 3
    assert [after for _, after, _ in told] == ["MQL", "Working"] * 60
    assert trial.server.limits.met == 0


def test_a_sync_that_was_not_published_reads_the_payloads_again(trial: Trial) -> None:
    for hours in (0, 24):  # read anew each time, or from the mark
        trial.settings["full_every_hours"] = hours
        trial.sync(trial.later(hours=1))
        trial.leads.set(trial.lead(3).id, {"Status": f"{('MQL', 'Working')[hours > 0]}"}, trial.later(hours=1))
        trial.server.fault("cut_before", times=9, method="GET", path=trial.leads.id)
        with pytest.raises(SourceUnreachable):
            trial.sync(trial.later(hours=1))
        trial.server.faults.clear()
        trial.sync(trial.later(hours=1))
    assert trial.told(3) == [("New", "MQL", "history"), ("MQL", "Working", "history")]


def test_a_delta_carries_on_where_the_mark_ended(trial: Trial) -> None:
    trial.settings["full_every_hours"] = 24
    _, mark, _ = trial.read_once()
    for status in ("MQL", "Working"):
        before = trial.status(trial.lead(0))
        trial.leads.set(trial.lead(0).id, {"Status": status}, trial.later(hours=1))
        told, mark, extract = trial.read_once(mark)
        assert (told, extract.complete) == ([(before, status, "history")], False)
    asked = [where for _, where, _ in trial.server.seen if "/payloads" in where]
    assert [where.rpartition("=")[2] for where in asked] == ["1", "2"]


def test_a_change_while_the_records_are_read_is_told_once_in_the_end(trial: Trial) -> None:
    trial.sync()
    happened = trial.later(hours=1)

    def meanwhile(method: str, path: str) -> None:
        if method == "GET" and path.endswith(trial.leads.id) and trial.status(trial.lead(0)) == "New":
            trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, happened)

    struck = trial.server.struck
    trial.server.struck = lambda method, path: meanwhile(method, path) or struck(method, path)  # type: ignore[method-assign]
    now = trial.later(hours=1)
    trial.sync(now)  # the payloads were read before, the record after
    assert trial.told(0) == [("New", "MQL", "observed")]
    trial.sync(trial.later(hours=1))
    assert trial.moves(trial.lead(0)) == [("New", "MQL", happened, "history")]


def test_a_clock_that_differs_tells_nothing_twice(trial: Trial) -> None:
    ours = trial.clock.now() + timedelta(hours=5)  # this machine is ahead of Airtable
    trial.sync(ours)
    at = trial.later(hours=1)
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, at)
    trial.sync(ours + timedelta(hours=2))
    assert trial.moves(trial.lead(0)) == [("New", "MQL", at, "history")]


def test_another_status_field_gets_another_webhook_and_the_former_goes(trial: Trial) -> None:
    trial.read_once()
    old = trial.hooks[0].id
    stage = trial.leads.add_field(Field("Etapa", "singleSelect", choices=("Uno", "Dos")))
    trial.mapping = trial.mapped(fields={"status": stage.id})
    trial.read_once()
    (hook,) = trial.hooks
    assert hook.id != old and stage.id in hook.options["filters"]["watchDataInFieldIds"]


def test_a_webhook_of_another_installation_is_shared_and_nobody_elses_is_touched(trial: Trial) -> None:
    trial.read_once()
    shutil.rmtree(trial.folder / "state")
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, at := trial.later(hours=1))
    told, _, extract = trial.read_once()
    assert len(trial.hooks) == 1 and told == [("New", "MQL", "history")]
    assert extract.history_since == at and trial.server.calls("DELETE") == 0


def test_the_check_makes_no_webhook(trial: Trial) -> None:
    def answer() -> str:
        return next(check for check in trial.connect().check() if check.name == "webhook").message

    assert answer() == "airtable_write.webhook_will_be_made" and trial.hooks == []
    trial.read_once()
    assert answer() == "airtable_write.webhook_on" and trial.server.calls("POST", "/webhooks") == 1


def test_without_the_setting_the_base_gets_no_webhook(trial: Trial) -> None:
    trial.settings["webhooks"] = "true"
    trial.read_once()
    assert trial.server.calls(path="/webhooks") == 0 and not trial.connect().can.history


def test_nothing_of_a_record_is_kept_beside_the_place(trial: Trial) -> None:
    trial.read_once()
    trial.leads.set(trial.lead(0).id, {"Status": "MQL", "Name": "Canaria Secreta"}, trial.later(hours=1))
    _, mark, _ = trial.read_once()
    kept = " ".join(path.read_text() for path in (trial.folder / "state").rglob("*") if path.is_file())
    for text in (kept, mark):
        assert trial.hooks[0].id in text and trial.server.token not in text
        assert not any(word in text for word in ("Canaria", "MQL", trial.lead(0).id, "bm9ib2R5"))


def test_a_date_that_says_when_the_status_changed_gives_way_to_the_webhook(tmp_path: Path) -> None:
    with Trial(tmp_path, leads=2, contacts=0, watched=True) as trial:
        trial.settings["webhooks"] = True
        trial.mapping = trial.mapped(status_since=trial.leads.field("Status changed").id)
        assert trial.read_once()[0] == [(None, "New", "created")] * 2  # as the date has it: no webhook was there
        trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, trial.later(hours=1))
        assert trial.read_once()[0] == [(None, "New", "created"), ("New", "MQL", "history")]


def test_the_last_change_of_a_record_that_was_deleted_since_is_told(trial: Trial) -> None:
    trial.sync()
    gone, at = trial.lead(0), trial.later(hours=1)
    trial.leads.set(gone.id, {"Status": "MQL"}, at)
    trial.leads.remove(gone.id, trial.later(hours=1))
    trial.sync(trial.later(hours=1))
    assert gone.id not in trial.mirrored() and trial.moves(gone) == [("New", "MQL", at, "history")]


def test_changes_in_a_table_of_both_objects_go_to_the_right_one(trial: Trial) -> None:
    leads, _ = trial.mapped().tables
    name, fields = trial.leads.field("Name").id, leads.fields
    where = {"leads": ["Persona Canaria 000"], "contacts": ["Persona Canaria 001"]}
    tables = [
        {"source": trial.leads.id, "to": to, "fields": fields, "where": {name: names}} for to, names in where.items()
    ]
    trial.mapping = parse({"tables": tables})
    trial.read_once()
    for place in range(3):
        trial.leads.set(trial.lead(place).id, {"Status": "MQL"}, trial.later(hours=1))
    rows = [row for page in trial.connect().extract().pages if page.once for row in page.rows.to_pylist()]
    assert [(row["object"], row["record_id"]) for row in rows] == [
        ("lead", trial.lead(0).id), ("contact", trial.lead(1).id)
    ]  # fmt: skip


def test_the_contract_holds_with_a_webhook(tmp_path: Path) -> None:
    groups = ("history.", "delta.", "mark.", "reading.t", "reading.c", "secrets.", "content.", "write.history")
    asked = [clause for name, clause in CLAUSES.items() if name.startswith(groups)]
    found, idle = {}, 0
    for place, clause in enumerate(asked):
        door = WebhookAirtableDoor(tmp_path / str(place))
        idle += clause.idle(door) is not None
        found[clause.name] = [] if clause.idle(door) else clause.complaints(door)
    assert {name: said for name, said in found.items() if said} == {}
    assert (len(asked), idle) == (23, 1), "it cannot: delta.deleted"
