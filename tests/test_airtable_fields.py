"""Airtable's fields: text to their cells, telling them, and making what its field API makes; the rest with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.airtable import write, write_values
from connectors.airtable.write_values import NotACell, cell
from leadpact.crm_fields import Equippable, Making
from tests.airtable import Field, Token
from tests.airtable.trial import Trial

WRITTEN = ("written", None)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, leads=3, contacts=1) as made:
        yield made


# values


@pytest.mark.parametrize(
    ("type", "text", "expected"),
    [
        ("singleLineText", "007", "007"), ("number", "12.50", 12.5), ("number", "7", 7), ("percent", "0.5", 0.5),
        ("currency", "-3", -3), ("checkbox", "true", True), ("checkbox", None, False), ("number", "", None),
        ("date", "2026-03-04", "2026-03-04"), ("date", "2026-03-04T23:30:00-06:00", "2026-03-05"),
        ("dateTime", "2026-03-04T17:00:00", "2026-03-04T17:00:00.000Z"),
        ("dateTime", "2026-03-04T11:00:00-06:00", "2026-03-04T17:00:00.000Z"),
        ("singleSelect", "MQL", "MQL"), ("singleSelect", None, None),
        ("multipleSelects", "MQL, No, thanks", ["MQL", "No, thanks"]),
        ("singleCollaborator", "usrVentas00000001", {"id": "usrVentas00000001"}),
        ("singleCollaborator", "ana@x.example", {"email": "ana@x.example"}),
        ("multipleRecordLinks", "rec00000000000001, rec00000000000002", ["rec00000000000001", "rec00000000000002"]),
    ],
)  # fmt: skip
def test_text_becomes_the_cell_the_field_takes(type: str, text: str | None, expected: Any) -> None:
    found = cell(type, text, ("New", "MQL", "No, thanks"))
    assert (found, found.__class__) == (expected, expected.__class__)


@pytest.mark.parametrize(
    ("type", "text", "code"),
    [
        ("number", "many", "INVALID_VALUE_FOR_COLUMN"), ("number", "nan", "INVALID_VALUE_FOR_COLUMN"),
        ("rating", "2.5", "INVALID_VALUE_FOR_COLUMN"), ("date", "04/03/2026", "INVALID_VALUE_FOR_COLUMN"),
        ("checkbox", "perhaps", "INVALID_VALUE_FOR_COLUMN"), ("singleSelect", "mql", "INVALID_MULTIPLE_CHOICE_OPTIONS"),
        ("singleCollaborator", "Ventas Norte", "INVALID_VALUE_FOR_COLUMN"), ("formula", "1", "FIELD_NOT_WRITABLE"),
        ("multipleRecordLinks", "Acme", "INVALID_VALUE_FOR_COLUMN"), ("lastModifiedTime", None, "FIELD_NOT_WRITABLE"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_the_cell_is_refused_without_a_call(type: str, text: str | None, code: str) -> None:
    with pytest.raises(NotACell) as raised:
        cell(type, text, ("New", "MQL"))
    assert raised.value.code == code
    assert text is None or text not in str(raised.value)


# fields


def test_the_connector_can_tell_and_make_fields(trial: Trial) -> None:
    assert isinstance(trial.connect(), Equippable)
    found = {one.label: one for one in trial.connect().fields("lead")}
    status, name = found["Status"], found["Name"]
    assert (status.kind, status.restricted, [one.value for one in status.choices][:2]) == (
        "choice",
        True,
        ["New", "MQL"],
    )
    assert (name.name, name.kind, name.writable) == (trial.leads.field("Name").id, "text", True)
    assert (found["Alta"].kind, found["Budget"].kind, found["Employees"].kind) == ("time", "flag", "number")
    assert not {one.label for one in trial.connect().fields("contact")} & {"Budget"}


WANTED = (
    Making("field", "lead", "leadpact_score", "LeadPact score", "number", help="Sum of the pact's points"),
    Making("field", "lead", "leadpact_light", "LeadPact light", "choice", ("green", "amber", "red")),
    Making("field", "lead", "leadpact_since", "In stage since", "time"),
    Making("field", "lead", "leadpact_stage", "LeadPact stage"),
    Making("field", "lead", "leadpact_hot", "Hot", "flag"),
)


def test_fields_are_made_as_shown_and_found_again(trial: Trial) -> None:
    prepared = trial.connect().prepare(WANTED)
    assert all(one.possible and "Leads (tbl" in one.preview for one in prepared)
    assert trial.server.calls("POST") == 0 and trial.server.token not in repr(prepared)
    made = list(trial.connect().make(prepared))
    assert [one.kind for one in made] == ["made"] * 5
    score = trial.leads.field("LeadPact score")
    assert (made[0].name, score.type) == (score.id, "number")
    assert trial.leads.field("LeadPact light").offered == ["green", "amber", "red"]
    assert trial.kinds(trial.setting(0, "87", score.id), trial.setting(0, "green", made[1].name or "")) == [WRITTEN] * 2
    again = list(trial.connect().make(trial.connect().prepare(WANTED)))
    assert [(one.kind, one.name) for one in again] == [("exists", one.name) for one in made]


def test_what_the_api_does_not_make_comes_with_what_to_do_by_hand(trial: Trial) -> None:
    since = Making("field", "lead", "leadpact_since", "In stage since", "time")
    days = Making("field", "lead", "leadpact_days", "Days in stage", "formula", days_since="leadpact_since")
    options = Making("choices", "lead", trial.leads.field("Status").id, choices=("MQL", "Nurture"))
    retire = Making("retire", "lead", trial.leads.field("Status").id, choices=("MQL",))
    there = Making("choices", "lead", "Status", choices=("MQL", "New"))
    taken = Making("field", "lead", "x", "Email", "number")
    found = trial.connect().prepare([since, days, options, retire, there, taken])
    assert [one.possible for one in found] == [True, False, False, False, True, False]
    formula = "IF({In stage since}, DATETIME_DIFF(NOW(), {In stage since}, 'days'))"
    assert found[1].preview == formula == found[1].params["formula"]
    assert found[2].params["options"] == "Nurture"
    assert all(one.remedy for one in found if not one.possible)
    made = list(trial.connect().make(found))
    assert [one.kind for one in made] == ["made", "refused", "refused", "refused", "exists", "refused"]
    assert trial.leads.field("Status").offered == ["New", "MQL", "Working", "Re-Market"]


def test_what_changed_since_it_was_prepared_is_not_made(trial: Trial) -> None:
    prepared = trial.connect().prepare(WANTED[:2])
    trial.leads.add_field(Field("leadpact score", "email"))
    trial.leads.rename("Prospects")
    assert [one.kind for one in trial.connect().make(prepared)] == ["moved", "moved"]
    assert next(trial.connect(writable=False).make(prepared)).code == "READ_ONLY"


def test_a_field_whose_making_was_not_answered_is_looked_for_and_not_made_twice(trial: Trial) -> None:
    trial.server.fault("cut_after", method="POST", path="/fields")
    (made,) = trial.connect().make(trial.connect().prepare(WANTED[:1]))
    assert (made.kind, made.name) == ("made", trial.leads.field("LeadPact score").id)
    trial.server.fault("cut_before", method="POST", path="/fields")
    (lost,) = trial.connect().make(trial.connect().prepare(WANTED[1:2]))
    assert lost.kind == "unknown" and trial.server.calls("POST", "/fields") == 1


def test_a_user_who_may_not_make_fields_is_told(trial: Trial) -> None:
    prepared = trial.connect().prepare(WANTED[:1])
    for less in (Token(permission="edit"), Token(scopes=("data.records:read", "schema.bases:read"))):
        trial.server.tokens[trial.server.token] = less
        (one,) = trial.connect().prepare(WANTED[:1])
        assert (one.possible, one.message) == (False, "airtable_write.not_allowed") and one.preview
        (made,) = trial.connect().make(prepared)  # withdrawn after it was prepared
        assert made.kind == "refused" and (made.code or "").startswith("INVALID_PERMISSIONS")


def test_every_code_of_ours_is_explained() -> None:
    codes = {value for module in (write, write_values) for name, value in vars(module).items()
             if name.isupper() and isinstance(value, str) and value.isupper()}  # fmt: skip
    page = Path("docs/airtable-writing.md").read_text(encoding="utf-8")
    assert len(codes) == 10 and {code for code in codes if f"`{code}`" not in page} == set()
