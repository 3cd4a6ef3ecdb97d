"""Small tables of the Fixes page, their columns called `page.fixes.col.<name>`.

Not here: how single values are written (tables.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ui import tables
from ui.fixes_desk import Desk
from ui.tables import Kind

COLUMNS = (
    "object", "record_id", "name", "field", "before", "after", "records", "share", "owner", "team", "url", "why",
    "plan", "kind", "made_at", "author", "planned", "written", "conflicts", "failed", "unknown", "state", "outcome",
    "actor", "at", "act", "connection", "detail", "today", "then", "change", "what", "started_at", "door",
)  # fmt: skip


def show(
    desk: Desk,
    rows: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, Kind],
    *,
    key: str,
    download: bool = True,
    select: Callable[[int | None], None] | None = None,
) -> None:
    """The rows with these columns, in that order; nothing where there are none. Columns nothing fills are left out."""
    filled = {name: kind for name, kind in kinds.items() if any(row.get(name) is not None for row in rows)}
    if not filled:
        return
    named = {name: desk.page.text(f"col.{name}") for name in filled}
    frame = pd.DataFrame({title: [row.get(name) for row in rows] for name, title in named.items()}, dtype="object")
    for name, kind in filled.items():
        if kind == "moment":
            frame[named[name]] = pd.to_datetime(frame[named[name]])
    shown = {named[name]: kind for name, kind in filled.items()}
    tables.show(frame, shown, desk.lang, key=desk.key(key), zone=desk.page.used.pact.zone, download=download,
                select=select)  # fmt: skip
