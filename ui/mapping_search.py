"""Which columns of a table the mapping editor shows: all of a few; of hundreds, those in use and those searched for.

Not here: a column (mapping_columns.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.mapping import Entry, SourceColumn, SourceTable
from leadpact.mapping.recognise import plain
from ui import errors
from ui import mapping_draft as edit
from ui.page import Page

MANY = 30  # from here on the columns not in use are searched for
MOST = 20  # that a search shows
_SEEN = "_mapping_seen"  # what was in use stays in sight when it is taken out of use

Numbered = tuple[int, SourceColumn]


def shown(page: Page, place: int, entry: Entry, table: SourceTable) -> Sequence[Numbered]:
    """The columns to draw, each with its number in the table."""
    columns = list(enumerate(table.columns))
    if len(columns) <= MANY:
        return columns
    text = st.text_input(
        page.text("search", count=len(columns)),
        key=page.key(f"map_{place}_search"),
        icon=":material/search:",
        placeholder=page.text("search.hint"),
    )
    used = _in_use(page, place, entry, table)
    found = [one for one in columns if one[1].name not in used and _called(one[1], text)] if text.strip() else []
    kept = [one for one in columns if one[1].name in used]
    left = len(columns) - len(kept)
    if not text.strip():
        st.caption(errors.plain(page.text("search.used", shown=len(kept), count=left)))
        return kept
    if len(found) > MOST:
        st.caption(errors.plain(page.text("search.more", shown=MOST, count=len(found))))
    elif not found:
        st.caption(errors.plain(page.text("search.none", text=text.strip())))
    return [*found[:MOST], *kept]


def _called(column: SourceColumn, text: str) -> bool:
    wanted = plain(text)
    return wanted in plain(column.shown) or wanted in plain(column.name)


def _in_use(page: Page, place: int, entry: Entry, table: SourceTable) -> set[str]:
    seen: dict[tuple[str, int, str, str], set[str]] = st.session_state.setdefault(_SEEN, {})
    known = seen.setdefault((page.connection.name, place, entry.source, entry.to), set())
    known |= {column.name for column in table.columns if edit.uses_of(entry, column.name)}
    return known
