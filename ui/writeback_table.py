"""Small tables of write-back, their columns called `writeback.col.<name>`.

Not here: how single values are written (tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ui import tables
from ui.page import Page
from ui.tables import Kind


def show(
    page: Page,
    rows: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, Kind],
    *,
    key: str,
    called: Mapping[str, str] | None = None,
    download: bool = True,
) -> None:
    """The rows with these columns, in that order; `called` names those that are no words of write-back."""
    own = called or {}
    named = {name: own[name] if name in own else page.lang(f"writeback.col.{name}") for name in kinds}
    frame = pd.DataFrame({title: [row.get(name) for row in rows] for name, title in named.items()}, dtype="object")
    for name, kind in kinds.items():
        if kind == "moment":
            frame[named[name]] = pd.to_datetime(frame[named[name]])
    shown = {named[name]: kind for name, kind in kinds.items()}
    tables.show(frame, shown, page.lang, key=page.key(key), zone=page.used.pact.zone, download=download)
