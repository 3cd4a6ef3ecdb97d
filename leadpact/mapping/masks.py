"""Cells shown by their shape, and when few values are a list: what a description of a source may say.

Not here: the description (described.py).
"""

from __future__ import annotations

import re
from collections import Counter

PICKLIST = 60  # at most so many values, each on average at least twice, is a picklist
SHOWN = 3


def masked(text: str) -> str:
    """Letters as x, digits as 9, cut to a readable length: `Ana López 12` → `Xxx Xxxxx 99`."""
    shape = re.sub(r"[^\W\d_]", lambda found: "X" if found[0].isupper() else "x", text[:30])
    return re.sub(r"\d", "9", shape)


def few(counted: Counter[str]) -> bool:
    """Whether the texts of a column repeat as those of a picklist do."""
    return bool(counted) and len(counted) <= PICKLIST and len(counted) * 2 <= counted.total()
