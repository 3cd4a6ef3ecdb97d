"""What the Fixes and Definition pages say of reasons, values and moves, without a page.

Not here: the pages (test_pages_fixes.py, test_pages_definition.py).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from config import edits
from leadpact.crm_fields import Choice, CrmField
from leadpact.language import Language
from leadpact.writeback import repair_values
from ui import definition_flow, fixes_review


def desk() -> Any:
    say = Language("en")
    return SimpleNamespace(
        page=SimpleNamespace(text=lambda name, **given: say(f"page.fixes.{name}", **given), lang=say)
    )


def test_a_reason_names_every_finding_once() -> None:
    assert fixes_review.reason(desk(), "STA01 STA09 · STA01 · pact draft") == "STA01, STA09 · pact not signed yet"
    assert fixes_review.reason(desk(), "STA01 · map 3 · pact v2") == "STA01 · version 3 of the map · pact version 2"
    assert fixes_review.reason(desk(), "set · pact draft") == "old and new value · pact not signed yet"


def test_only_a_value_that_is_close_is_proposed() -> None:
    choices = tuple(Choice(value, value, True) for value in ("Nurture", "MQL"))
    field = CrmField("lead", "Status", "Status", "choice", True, choices=choices)
    found = repair_values._lacking(field, ["Nurtur", "=cmd()"])
    assert found is not None and found.new == ("Nurtur", "=cmd()") and found.near == {"Nurtur": "Nurture"}


def test_two_stages_of_one_name_are_two_in_the_table_of_moves() -> None:
    moves = edits.moves_of({"flow": [["a", "b"], ["b", "c"]]})
    table = definition_flow.matrix(moves, {"a": "Open", "b": "Open", "c": "Won"})
    assert list(table.columns) == list(table.index) == ["Open (a)", "Open (b)", "Won"]
    assert table.loc["Open (a)", "Open (b)"] == table.loc["Open (b)", "Won"] == definition_flow.MARK
