"""What the Scoring and Meeting pages begin with: no word of the workshop, no two criteria on the same thing.

Not here: the pages themselves (test_pages_scoring*.py, test_pages_meeting.py).
"""

from __future__ import annotations

import pytest

from leadpact.language import Language
from leadpact.meeting import items
from leadpact.meeting.facts import NewItem


def test_a_meeting_begins_without_two_criteria_on_the_same_thing() -> None:
    rule = NewItem("criterion", "responses", "rule:form", "form",
                   {"when": {"activity": "form", "within_days": 180}, "rule": "form", "points": 10})  # fmt: skip
    near, other = items.behaviour("form"), items.behaviour("event")
    industry = items.test("f_industry", "filled")
    answer = NewItem("criterion", "responses", "response:Sent", "Sent", {"when": None, "response": "Sent"})
    assert items.usual([near, rule, other, industry, answer], 8) == ["rule:form", other.key, industry.key, answer.key]
    assert items.usual([near, other], 1) == [near.key]  # the pact asks for none: the data's stay


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_choice_is_named_by_a_word_of_the_workshop(lang: str) -> None:
    said = Language(lang)
    shown = [said(f"page.scoring.quality.known.{name}") for name in ("then", "now")]
    shown += [said(f"page.scoring.hits.{name}") for name in ("start", "goal", "days")]
    assert not [one for one in shown if "leak" in one or "delatan" in one or "Foretells" in one or "Pronostica" in one]
