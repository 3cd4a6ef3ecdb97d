"""A relabelling that is taken back is as if it had never been; one beside a deal changes nothing that counts.

Not here: remaps in any history (test_properties_histories.py), real plans and their undo (test_review_effect.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import derived, loaded
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact


def ours(record_id: str, *steps: tuple[str, str | None, str | None], object: str = "lead") -> list[dict[str, Any]]:
    """What LeadPact wrote: (when, from, to)."""
    return [
        {"object": object, "record_id": record_id, "field": "status", "at": at, "from_value": before, "to_value": after,
         "seq": 1_000 + number, "evidence": "remap"}
        for number, (at, before, after) in enumerate(steps)
    ]  # fmt: skip


def spells(record: list[dict[str, Any]], changes: list[dict[str, Any]], deals: list[dict[str, Any]]) -> list[Any]:
    rows = Rows(record=record, field_change=changes, opportunity=deals, creation_logged=True)
    tables = derived(*loaded(rows), pact())
    columns = ("person_id", "n", "stage", "entered_at", "left_at", "lasts")
    found = tables.spell.select(*columns).order_by("person_id", "n").to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in found]


def won(record_id: str) -> dict[str, Any]:
    return {"opportunity_id": f"deal-{record_id}", "object": "contact", "record_id": record_id, "is_won": True,
            "is_closed": True, "created_at": "2025-02-01", "closed_at": "2025-03-01"}  # fmt: skip


MOVES = moved("ana", ("2025-01-01", "Subscriber"), ("2025-01-10", "MQL"))
GAPPED = moved("ana", ("2025-01-01", "Subscriber"), ("2025-01-10", "MQL"))  # held Working at last: a change is missing
BLANK = contact("cy", status=None, created_at="2025-01-05")


@pytest.mark.parametrize(
    ("record", "changes", "deals", "wrote"),
    [
        (lead("ana", status="MQL"), MOVES, [],
         ours("ana", ("2025-02-01", "MQL", "Re-Market"), ("2025-02-02", "Re-Market", "MQL"))),
        (lead("ana", status="Working"), GAPPED, [],
         ours("ana", ("2025-02-01", "Working", "Re-Market"), ("2025-02-02", "Re-Market", "Working"))),
        (lead("ana", status="MQL"), MOVES, [],
         ours("ana", ("2025-02-01", "MQL", "Working"), ("2025-02-02", "Working", "Re-Market"),
              ("2025-02-03", "Re-Market", "Working"), ("2025-02-04", "Working", "MQL"))),
        (BLANK, [], [won("cy")],
         ours("cy", ("2025-04-01", None, "Re-Market"), ("2025-04-02", "Re-Market", None), object="contact")),
        # the deal is won between the change and its undo
        (BLANK, [], [won("cy")],
         ours("cy", ("2025-02-10", None, "Re-Market"), ("2025-04-02", "Re-Market", ""), object="contact")),
    ],
    ids=["moved", "a-change-missing", "a-chain", "blank-beside-a-deal", "a-deal-between"],
)  # fmt: skip
def test_what_is_taken_back_leaves_no_trace(record: Any, changes: Any, deals: Any, wrote: Any) -> None:
    before = spells([record], changes, deals)
    assert len(before) >= 2
    assert spells([record], [*changes, *wrote], deals) == before


def test_a_part_taken_back_leaves_the_rest() -> None:
    wrote = ours("ana", ("2025-02-01", "MQL", "Working"), ("2025-02-02", "Working", "Re-Market"),
                 ("2025-02-03", "Re-Market", "Working"))  # fmt: skip
    found = spells([lead("ana", status="Working")], [*MOVES, *wrote], [])
    assert [row[2] for row in found] == ["subscriber", "sal"]


def test_a_spell_a_deal_began_is_not_relabelled_by_a_status() -> None:
    """A blank contact of a won person is filled with another value: the deal still says what the person is."""
    before = spells([BLANK], [], [won("cy")])
    filled = contact("cy", status="Re-Market", created_at="2025-01-05")
    wrote = ours("cy", ("2025-04-01", None, "Re-Market"), object="contact")
    assert [row[2] for row in before] == ["sal", "customer"]
    assert spells([filled], wrote, [won("cy")]) == before


def test_a_status_confirmed_by_a_deal_is_still_relabelled() -> None:
    changes = moved("cy", ("2025-01-20", "SQL"), object="contact")
    wrote = ours("cy", ("2025-02-10", "SQL", "MQL"), object="contact")
    open_deal = {**won("cy"), "is_won": False, "is_closed": False, "closed_at": None}
    found = spells([contact("cy", status="MQL", created_at="2025-01-05")], [*changes, *wrote], [open_deal])
    assert [row[2] for row in found] == ["mql"]
