"""Writing to Airtable: the planned field and nothing else, one true outcome a change, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadpact.connector import Change
from leadpact.errors import SourceRefused, SourceUnreachable
from tests.airtable import Field, Token
from tests.airtable.trial import Trial

WRITTEN = ("written", None)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, leads=14) as made:
        yield made


def bodies(trial: Trial) -> list[dict[str, Any]]:
    """What was sent with PATCH and PUT, as it went over the wire."""
    return trial.server.state["bodies"]


@pytest.fixture
def watched(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Trial:
    answer, kept = trial.server.answer, trial.server.state.setdefault("bodies", [])

    def watching(method: str, target: str, authorization: str | None, raw: bytes) -> tuple[int, Any]:
        if method in ("PATCH", "PUT"):
            kept.append({"method": method, "target": target, **json.loads(raw)})
        return answer(method, target, authorization, raw)

    monkeypatch.setattr(trial.server, "answer", watching)
    return trial


# what is sent


def test_ten_to_a_call_by_patch_without_typecast_and_one_field_each(watched: Trial) -> None:
    found = watched.kinds(*(watched.setting(place, "MQL") for place in range(12)))
    assert found == [WRITTEN] * 12
    assert [(body["method"], len(body["records"]), body["typecast"]) for body in bodies(watched)] == [
        ("PATCH", 10, False), ("PATCH", 2, False)
    ]  # fmt: skip
    status = watched.leads.field("Status").id
    assert all(list(record["fields"]) == [status] for body in bodies(watched) for record in body["records"])


def test_nothing_else_of_the_record_changes(trial: Trial) -> None:
    record = trial.lead(0)
    before = dict(record.cells)
    assert trial.kinds(trial.setting(0, "Working")) == [WRITTEN]
    assert {**before, trial.leads.field("Status").id: "Working"} == record.cells


def test_an_empty_text_clears_the_cell(trial: Trial) -> None:
    assert trial.kinds(trial.setting(0, None), trial.setting(1, "")) == [WRITTEN, WRITTEN]
    assert [trial.status(trial.lead(place)) for place in (0, 1)] == [None, None]


def test_a_field_is_written_by_its_column_or_its_id_in_its_own_type(trial: Trial) -> None:
    score, budget = trial.leads.field("Employees").id, trial.leads.field("Budget").id
    found = trial.kinds(
        trial.setting(0, "250", "f_employees"), trial.setting(1, "7", score), trial.setting(2, "true", "f_budget"),
        trial.setting(3, "usrVentas00000002", "owner_id"), trial.setting(4, "Employees by name", "Employees"),
    )  # fmt: skip
    assert found == [WRITTEN] * 4 + [("refused", "UNKNOWN_FIELD_NAME")]
    assert (trial.lead(0).cells[score], trial.lead(1).cells[score], trial.lead(2).cells[budget]) == (250, 7, True)
    assert trial.lead(3).cells[trial.leads.field("Owner").id] == {"id": "usrVentas00000002"}
    ids = [trial.lead(place).id for place in range(3)]
    values = trial.connect().read("lead", ids, ["f_employees", "f_budget"])
    assert [tuple(values[one].values()) for one in ids] == [("250", "false"), ("7", "false"), (None, "true")]


def test_what_is_read_can_be_written_back(trial: Trial) -> None:
    trial.leads.set(trial.lead(0).id, {"Interests": ["Price", "Demo"], "Employees": 2.5, "Budget": True})
    fields = [trial.leads.field(name).id for name in ("Status", "Alta", "Interests", "Employees", "Budget", "Contact")]
    (held,) = trial.connect().read("lead", [trial.lead(0).id], fields).values()
    before = dict(trial.lead(0).cells)
    assert trial.kinds(*(trial.setting(0, text, name) for name, text in held.items())) == [WRITTEN] * len(fields)
    assert trial.lead(0).cells == before


def test_a_value_the_mapping_calls_otherwise_is_written_in_the_bases_words(trial: Trial) -> None:
    trial.mapping = trial.mapped(values={"status": {"mql": "Qualified", "re-market": "Lost", "new": "Lost"}})
    found = trial.kinds(trial.setting(0, "Qualified"), trial.setting(1, "Working"), trial.setting(2, "Lost"))
    assert found == [WRITTEN, WRITTEN, ("refused", "AMBIGUOUS_VALUE")]
    assert [trial.status(trial.lead(place)) for place in range(3)] == ["MQL", "Working", "New"]


# refusals


def test_one_bad_record_costs_itself_alone(trial: Trial) -> None:
    gone = trial.lead(3)
    changes = [trial.setting(place, "MQL") for place in range(10)]
    trial.leads.remove(gone.id)
    found = [(outcome.kind, outcome.code) for outcome in trial.connect().write(changes)]
    assert found == [WRITTEN] * 3 + [("refused", "ROW_DOES_NOT_EXIST")] + [WRITTEN] * 6
    assert trial.server.calls("PATCH") == 11  # the ten, then each by itself


@pytest.mark.parametrize("code", [403, 404, 422])
def test_a_refusal_of_ten_whatever_its_status_may_be_of_one(trial: Trial, code: int) -> None:
    trial.server.fault("status", code=code, type="MODEL_ID_NOT_FOUND", method="PATCH")
    assert trial.kinds(*(trial.setting(place, "MQL") for place in range(10))) == [WRITTEN] * 10


def test_an_option_deleted_meanwhile_is_refused_for_its_record_alone(trial: Trial) -> None:
    writing = trial.connect().write([trial.setting(place, "MQL" if place != 11 else "Working") for place in range(13)])
    assert next(writing).kind == "written"  # the schema is read, ten are sent
    choices = trial.leads.field("Status").options or {}
    choices["choices"] = [one for one in choices["choices"] if one["name"] != "Working"]
    found = [(outcome.kind, outcome.code) for outcome in writing]
    assert found == [WRITTEN] * 10 + [("refused", "INVALID_MULTIPLE_CHOICE_OPTIONS"), WRITTEN]
    assert "Working" not in trial.leads.field("Status").offered


def test_refusals_known_beforehand_cost_no_call(trial: Trial) -> None:
    one = trial.lead(0).id
    trial.leads.add_field(Field("Days", "formula", result="number", compute=lambda table, record: 3))
    found = trial.kinds(
        Change("lead", "no-such-record", "status", None, "MQL"), Change("account", one, "status", None, "MQL"),
        Change("lead", one, "f_unheard_of", None, "x"), Change("lead", one, "created_at", None, "not a date"),
        Change("lead", one, trial.leads.field("Days").id, None, "4"), Change("lead", one, "status", None, "Nobody's"),
    )  # fmt: skip
    assert [code for kind, code in found] == [
        "ROW_DOES_NOT_EXIST", "NO_SUCH_OBJECT", "UNKNOWN_FIELD_NAME", "INVALID_VALUE_FOR_COLUMN", "FIELD_NOT_WRITABLE",
        "INVALID_MULTIPLE_CHOICE_OPTIONS",
    ]  # fmt: skip
    assert {kind for kind, _ in found} == {"refused"} and trial.server.calls("PATCH") == 0


def test_a_field_locked_to_the_user_refuses_its_changes_and_no_others(trial: Trial) -> None:
    trial.server.state["locked"] = {trial.leads.field("Status").id}
    found = trial.kinds(trial.setting(0, "MQL"), trial.setting(1, "3", "f_employees"))
    assert found == [("refused", "INVALID_PERMISSIONS"), WRITTEN]
    changes = [trial.setting(place, status) for status in ("MQL", "New", "Working") for place in range(10)]
    assert trial.kinds(*changes) == [("refused", "INVALID_PERMISSIONS")] * 30
    assert trial.server.calls("PATCH") == 3 + 11 + 2  # when ten were refused by themselves, tens are


def test_a_token_that_may_only_read_refuses_and_says_so_in_the_check(trial: Trial) -> None:
    trial.server.tokens[trial.server.token] = Token(scopes=("data.records:read", "schema.bases:read"))
    kind, code = trial.kinds(trial.setting(0, "MQL"))[0]
    assert (kind, code) == ("refused", "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")
    assert not next(check for check in trial.connect().check() if check.name == "write").ok


def test_read_only_asks_nothing(trial: Trial) -> None:
    for writable in (None, False, "true", 1):
        assert trial.write(trial.setting(0, "MQL"), writable=writable)[0].code == "READ_ONLY"
    assert trial.server.seen == []


def test_an_id_of_one_object_is_not_the_others(trial: Trial) -> None:
    contact = next(iter(trial.company.contacts.records.values()))
    assert trial.kinds(Change("lead", contact.id, "status", None, "MQL")) == [("refused", "ROW_DOES_NOT_EXIST")]
    where = {"where": {trial.leads.field("Status").id: ["New"]}}
    trial.mapping = trial.mapped(**where)
    trial.leads.set(trial.lead(0).id, {"Status": "Working"})  # no lead any more, as the mapping has it
    assert trial.kinds(trial.setting(0, "MQL"), trial.setting(1, "MQL"))[0] == ("refused", "ROW_DOES_NOT_EXIST")
    assert [trial.status(trial.lead(place)) for place in (0, 1)] == ["Working", "MQL"]


def test_changes_of_two_tables_go_together_and_come_back_in_order(trial: Trial) -> None:
    contacts = list(trial.company.contacts.records)
    changes = []
    for place in range(3):
        changes += [trial.setting(place, "MQL"), Change("contact", contacts[place], "status", None, "Working")]
    outcomes = list(trial.connect().write([*changes, trial.setting(0, "Working")]))
    assert [outcome.change for outcome in outcomes] == [*changes, trial.setting(0, "Working")]
    assert {outcome.kind for outcome in outcomes} == {"written"}
    assert trial.server.calls("PATCH") == 3 and trial.status(trial.lead(0)) == "Working"


# the link


@pytest.mark.parametrize(
    ("fault", "held"),
    [("cut_before", "New"), ("cut_after", "MQL"), ("truncate", "MQL"), ("garbage", "MQL")],
)
def test_an_answer_that_did_not_arrive_is_unknown_and_never_sent_again(trial: Trial, fault: str, held: str) -> None:
    trial.server.fault(fault, method="PATCH", skip=1)
    outcomes = list(trial.connect().write([trial.setting(place, "MQL") for place in range(12)]))
    assert [outcome.kind for outcome in outcomes] == ["written"] * 10 + ["unknown"] * 2
    assert {outcome.code for outcome in outcomes[10:]} == {"NO_ANSWER"}
    assert [trial.status(trial.lead(place)) for place in (10, 11)] == [held, held]
    assert trial.server.calls("PATCH") == (1 if fault == "cut_before" else 2)


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_server_that_failed_may_have_written(trial: Trial, code: int) -> None:
    trial.server.fault("status", code=code, type="SERVICE_UNAVAILABLE", method="PATCH")
    assert trial.kinds(trial.setting(0, "MQL")) == [("unknown", "SERVICE_UNAVAILABLE")]
    assert trial.server.calls("PATCH") == 1


def test_after_an_unknown_nothing_more_is_sent(trial: Trial) -> None:
    writing = trial.connect().write([trial.setting(place, "Working") for place in range(14)])
    trial.server.fault("cut_before", method="PATCH")
    assert [next(writing).kind for _ in range(10)] == ["unknown"] * 10
    with pytest.raises(SourceUnreachable):
        next(writing)
    assert trial.status(trial.lead(12)) == "New" and trial.server.calls("PATCH") == 0


def test_a_link_that_dies_among_the_singles_leaves_the_rest_unsent(trial: Trial) -> None:
    changes = [trial.setting(place, "MQL") for place in range(10)]
    trial.leads.remove(trial.lead(0).id)
    trial.server.fault("cut_before", method="PATCH", skip=3)
    found = [(outcome.kind, outcome.code) for outcome in trial.connect().write(changes)]
    assert found[:3] == [("refused", "ROW_DOES_NOT_EXIST"), WRITTEN, ("unknown", "NO_ANSWER")]
    assert found[3:] == [("unknown", "NOT_SENT")] * 7 and trial.server.calls("PATCH") == 3


def test_too_fast_is_a_certain_refusal_and_is_waited_out(trial: Trial) -> None:
    trial.server.fault("status", code=429, type="RATE_LIMIT_REACHED", method="PATCH")
    assert trial.kinds(trial.setting(0, "MQL")) == [WRITTEN]
    assert sum(trial.clock.slept) > 30 and trial.server.calls("PATCH") == 2


def test_too_fast_for_ever_ends_as_a_refusal_of_the_connection(trial: Trial) -> None:
    trial.server.fault("status", times=99, code=429, type="RATE_LIMIT_REACHED", method="PATCH")
    with pytest.raises(SourceRefused) as raised:
        trial.kinds(trial.setting(0, "MQL"))
    assert raised.value.key == "airtable.too_fast" and trial.status(trial.lead(0)) == "New"


def test_a_server_that_is_not_there_raises_before_anything_is_told(trial: Trial) -> None:
    connector = trial.connect()
    trial.server.close()
    with pytest.raises(SourceUnreachable):
        list(connector.write([trial.setting(0, "MQL")]))
