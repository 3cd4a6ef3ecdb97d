"""Votes and verdicts as words.

Not here: what they mean (leadpact/meeting/facts.py).
"""

from __future__ import annotations

from ui.page import Page

WORDS = {"criterion": ("none", "some", "high", "must"), "lead": ("not_good", "good")}


def value(page: Page, kind: str, number: int) -> str:
    """`High`, or `Good lead`."""
    return page.text(f"value.{WORDS[kind][number]}")
