"""Whatever goes wrong between LeadPact and Airtable, over real HTTP: no record lost or doubled, the last generation
serves, the next sync catches up, and the message names what to do.

Not here: writes that go wrong (test_airtable_writing.py), holes in what a webhook told (test_airtable_gaps.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from leadpact.language import Language
from tests.airtable import Token
from tests.airtable.server import Fault
from tests.airtable.trial import Trial

EVERY = {"times": 10**6}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, leads=230, contacts=3) as made:  # three pages of leads
        yield made


def listing(trial: Trial, **more: object) -> Callable[[str], Fault]:
    """A fault of the leads' listing, from its second page on."""
    return lambda kind: trial.server.fault(kind, **{"method": "GET", "path": trial.leads.id, "skip": 1, **more})


def delivered(trial: Trial) -> dict[str, str | None]:
    """The statuses one reading delivers; fails where a record comes twice."""
    rows = [row for page in trial.connect().extract().pages if page.table == "record" for row in page.rows.to_pylist()]
    assert len({row["record_id"] for row in rows}) == len(rows), "a record is doubled"
    return {row["record_id"]: row["status"] for row in rows}


def says(error: LeadPactError, *words: str) -> None:
    """The message has what it names filled in, in both languages, and says what to do."""
    for language in ("en", "es"):
        said = Language.of(language).error(error)
        assert said and "{" not in said
        assert not any(secret in said for secret in ("patLoopback", "Canaria"))
    assert all(word in Language.of("en").error(error) for word in words)


def fails(trial: Trial, kind: type[LeadPactError]) -> LeadPactError:
    """A sync that ends in an error and publishes nothing, though the base changed."""
    serving, statuses = trial.mirror.current(), trial.mirrored()
    with pytest.raises(kind) as raised:
        trial.sync()
    assert (trial.mirror.current(), trial.mirrored()) == (serving, statuses)
    return raised.value


def catches_up(trial: Trial) -> None:
    trial.server.faults.clear()
    trial.sync()
    assert trial.mirrored() == trial.held()


def changed(trial: Trial) -> None:
    trial.leads.set(trial.lead(0).id, {"Status": "MQL"}, trial.later(hours=1))
    trial.leads.set(trial.lead(225).id, {"Status": "Working"})
    trial.leads.remove(trial.lead(100).id)
    trial.leads.add({"Name": "Otra", "Status": "New"})


# what passes


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "truncate", "garbage"])
def test_a_read_whose_answer_is_lost_or_broken_is_asked_again(trial: Trial, kind: str) -> None:
    listing(trial, times=2)(kind)
    trial.server.fault(kind, method="GET", path="/tables")
    assert delivered(trial) == trial.held()


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(trial: Trial, code: int) -> None:
    listing(trial, code=code, times=3)("status")
    assert delivered(trial) == trial.held()
    assert trial.clock.slept and max(trial.clock.slept) <= 8


def test_a_slow_answer_is_given_up_and_asked_for_again(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.airtable.client.TIMEOUT", (2, 0.15))
    listing(trial, seconds=0.3)("slow")
    assert delivered(trial) == trial.held()


def test_too_fast_is_waited_out_for_everybody(trial: Trial) -> None:
    listing(trial, code=429, type="RATE_LIMIT_REACHED")("status")
    assert delivered(trial) == trial.held()
    assert sum(trial.clock.slept) > 30 and trial.server.limits.met == 0


def test_somebody_else_who_is_too_fast_costs_time_and_no_record(trial: Trial) -> None:
    token = f"Bearer {trial.server.token}"
    for _ in range(6):  # past our limiter: another program with the same base
        trial.server.answer("GET", f"/v0/meta/bases/{trial.company.base.id}/tables", token, b"")
    assert trial.server.limits.met == 1
    assert delivered(trial) == trial.held()
    assert trial.server.limits.met == 1


def test_an_offset_that_expired_begins_anew_and_doubles_nothing(trial: Trial) -> None:
    listing(trial, code=422, type="LIST_RECORDS_ITERATOR_NOT_AVAILABLE")("status")
    assert delivered(trial) == trial.held()


def test_an_offset_that_waited_too_long_is_refused_by_the_server_itself(trial: Trial) -> None:
    struck, asked = trial.server.struck, []

    def late(method: str, path: str) -> Fault | None:
        asked.extend([path] if path.endswith(trial.leads.id) else [])
        if len(asked) == 2:
            trial.clock.sleep(300)
        return struck(method, path)

    trial.server.struck = late  # type: ignore[method-assign]
    assert delivered(trial) == trial.held()
    assert len(asked) > 4


def test_an_option_nobody_mapped_is_read_as_it_comes(trial: Trial) -> None:
    options = trial.leads.field("Status").options or {}
    options["choices"].append({"id": "selNobodys", "name": "Congelado", "color": "redBright"})
    trial.leads.set(trial.lead(7).id, {"Status": "Congelado"})
    assert delivered(trial)[trial.lead(7).id] == "Congelado"


# what does not pass by itself


@pytest.mark.parametrize(
    ("fault", "error", "key"),
    [
        ({"kind": "cut_before"}, SourceUnreachable, "airtable.unreachable"),
        ({"kind": "garbage"}, SourceUnreachable, "airtable.unreachable"),
        ({"kind": "status", "code": 503}, SourceUnreachable, "airtable.down"),
        ({"kind": "status", "code": 429}, SourceRefused, "airtable.too_fast"),
        ({"kind": "status", "code": 403, "type": "INVALID_PERMISSIONS"}, SourceRefused, "airtable.not_permitted"),
        ({"kind": "status", "code": 401, "type": "AUTHENTICATION_REQUIRED"}, SourceRefused, "airtable.bad_token"),
        (
            {"kind": "status", "code": 422, "type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"},
            SourceRefused,
            "airtable.listing_expired",
        ),
        ({"kind": "status", "code": 422, "type": "UNKNOWN_FIELD_NAME"}, SourceRefused, "airtable.field_gone_meanwhile"),
        ({"kind": "status", "code": 429, "type": "PUBLIC_API_BILLING_LIMIT_EXCEEDED"}, SourceRefused, "airtable.quota"),
    ],
)  # fmt: skip
def test_a_sync_that_cannot_go_on_publishes_nothing_and_says_why(
    trial: Trial, fault: dict[str, object], error: type[LeadPactError], key: str
) -> None:
    extract = trial.connect().extract()
    listing(trial, **EVERY, **{name: value for name, value in fault.items() if name != "kind"})(str(fault["kind"]))
    with pytest.raises(error) as raised:
        list(extract.pages)
    assert raised.value.key == key
    says(raised.value)


def test_the_last_generation_serves_until_the_next_sync_catches_up(trial: Trial) -> None:
    trial.sync()
    changed(trial)
    listing(trial, **EVERY)("cut_after")
    assert fails(trial, SourceUnreachable).key == "airtable.unreachable"
    trial.server.faults.clear()
    trial.server.tokens["patRenewed.0000000000"] = trial.server.tokens.pop(trial.server.token)
    says(fails(trial, SourceRefused), "airtable.com/create/tokens")
    trial.server.token = "patRenewed.0000000000"
    catches_up(trial)


def test_a_delta_that_broke_off_is_read_again_from_its_mark(trial: Trial) -> None:
    trial.settings["full_every_hours"] = 24
    trial.sync()
    changed(trial)
    trial.server.fault("garbage", method="GET", path=trial.company.contacts.id, **EVERY)
    fails(trial, SourceUnreachable)
    trial.server.faults.clear()
    assert trial.sync().mode == "delta"
    gone = set(trial.mirrored()) - set(trial.held())
    assert len(gone) == 1 and trial.mirrored() == {**dict.fromkeys(gone, "New"), **trial.held()}
    trial.later(hours=24)
    trial.sync()
    assert trial.mirrored() == trial.held(), "the deletion shows when everything is read"


@pytest.mark.parametrize("away", [timedelta(days=-400), timedelta(hours=3)])
def test_a_clock_that_differs_loses_nothing(trial: Trial, away: timedelta) -> None:
    trial.settings["full_every_hours"] = 24
    trial.sync(trial.clock.now() + away)
    changed(trial)
    trial.leads.remove(trial.lead(5).id)
    assert trial.sync(trial.later(minutes=1) + away).mode == "delta"
    assert trial.held().items() <= trial.mirrored().items()


# a base that changes under the connector's feet


def test_renaming_changes_nothing(trial: Trial) -> None:
    before = delivered(trial)
    trial.leads.rename("Prospectos")
    for field in list(trial.leads.fields.values()):
        field.name = f"{field.name} (antes)"
    assert delivered(trial) == before


def test_a_field_or_table_that_went_stops_the_sync_by_name_until_it_is_back_or_unmapped(trial: Trial) -> None:
    trial.sync()
    changed(trial)
    fields, status = dict(trial.leads.fields), trial.leads.field("Email")
    trial.leads.drop("Email")
    error = fails(trial, SourceRefused)
    says(error, "Connection page")
    assert error.key == "airtable.base_changed" and [one.key for one in error.details] == ["airtable.field_gone"]
    trial.leads.fields = fields
    del trial.company.base.tables[trial.company.contacts.id]
    assert [one.key for one in fails(trial, SourceRefused).details] == ["airtable.table_gone"]
    trial.company.base.tables[trial.company.contacts.id] = trial.company.contacts
    trial.leads.retype(status.id, "singleLineText")  # an e-mail as text is text
    catches_up(trial)


def test_a_date_that_became_text_is_not_called_empty(trial: Trial) -> None:
    trial.sync()
    trial.leads.retype("Alta", "singleLineText")
    assert [one.key for one in fails(trial, SourceRefused).details] == ["airtable.not_a_date"]


def test_a_status_that_became_a_formula_is_read_and_not_written(trial: Trial) -> None:
    trial.leads.retype("Status", "formula", compute=lambda table, record: "Working")
    assert set(delivered(trial).values()) >= {"Working"}
    assert trial.kinds(trial.setting(0, "MQL")) == [("refused", "FIELD_NOT_WRITABLE")]


def test_a_permission_withdrawn_between_two_tables_is_named(trial: Trial) -> None:
    trial.sync()
    trial.server.tokens[trial.server.token] = Token(scopes=("schema.bases:read",))
    error = fails(trial, SourceRefused)
    assert error.key == "airtable.not_permitted"
    says(error, "Leads", "data.records:read")
