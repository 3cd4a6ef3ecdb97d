"""The people behind a number: listed, masked until somebody asks, linked to the CRM, downloadable.

Cut to whom the visitor may see (whom.py), on the screen and in every file alike.

A download holds what the screen shows: masked while masked, every row, in the reader's words,
with cells a spreadsheet would run as formulas made harmless.

Not here: which people (the page), what is told of each (leadpact/people.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from leadpact.people import listed
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import crm_links, exports, registry, state, tables, whom
from ui.errors import plain
from ui.exports import Sheet
from ui.page import Page
from ui.tables import Kind
from ui.whom import Sight

MOST_SHOWN = 500
MASK = "•••"
KINDS: dict[str, Kind] = {
    "name": "text",
    "email": "text",
    "phone": "text",
    "company": "text",
    "status": "text",
    "owner": "text",
    "source": "text",
    "country": "text",
    "created_at": "moment",
    "journey": "page",
    "url": "link",
    "url_text": "text",
    "object": "text",
    "record_id": "text",
}
WAYS: dict[str, Kind] = {"name": "text", "journey": "page", "url": "link"}  # seen without turning a wide table
MASKED = ("email", "phone")

Behind = Callable[..., Table]


def show(
    page: Page,
    title: str,
    behind: Behind,
    *args: Any,
    key: str,
    first: dict[str, Kind] | None = None,
    order: str = "record_id",
) -> None:
    """The people of `behind(analysis, *args)`, a table with object and record_id, by `order`.

    `first` names further columns of that table, shown after the name.
    """
    lang, sight = page.lang, whom.of(page)
    st.subheader(plain(title), anchor=False)
    if not sight.people:
        _counted(page, behind, args)
        return
    total, seen, rows = page.cached_whole(_some, behind, args, order, sight)
    hosts = crm_links.allowed(page) if seen else frozenset()
    if total == 0:
        st.write(lang("ui.people.none"))
        return
    if seen == 0:
        st.info(plain(lang("privacy.none_of_yours", whose=whom.whose(page), count=total)), icon=":material/group_off:")
        return
    kinds: dict[str, Kind] = {**WAYS, **(first or {}), **KINDS}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(lang("ui.people.count", count=seen)), width="content")
        clear = whom.reveal(page, f"{key}_reveal")
        exports.buttons(
            lang,
            lambda: _sheet(page, behind, args, order, kinds, hosts, sight, masked=not clear),
            key=page.key(key),
            told=page.told,
        )
    if clear:
        whom.note(page, f"{key}_reveal", len(rows))
    shown = _with_journey(page, crm_links.parted(rows if clear else mask(rows), hosts))
    tables.show(shown, _filled(shown, kinds), lang, key=page.key(f"{key}_people"), zone=page.used.pact.zone,
                download=False)  # fmt: skip
    if seen > len(rows):
        st.caption(plain(lang("ui.people.first", shown=len(rows), total=seen)))
    whom.narrowed(page, seen, total)


def _counted(page: Page, behind: Behind, args: Sequence[Any]) -> None:
    """For who may see no people: how many there are, and who can see them."""
    total = page.cached_whole(_count, behind, args)
    st.markdown(plain(page.lang("ui.people.count", count=total)))
    whom.closed(page)


def _with_journey(page: Page, rows: pd.DataFrame) -> pd.DataFrame:
    """Adds a link to each one's story, where there is a page for it; a deal of no record has none."""
    if not registry.entry("person").exists:
        return rows
    kept = {name: value for name in state.FRAME if (value := state.read(name)) is not None}
    keys = zip(rows["object"], rows["record_id"], strict=True)
    links: list[Any] = [
        f"person?{urlencode({**kept, 'object': object, 'record': record_id})}" if isinstance(record_id, str) else None
        for object, record_id in keys
    ]
    return rows.assign(journey=links)


def mask(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy in which e-mail keeps its first letter and ending, and a phone its last two digits."""
    masked = frame.copy()
    if "email" in masked:
        masked["email"] = masked["email"].map(masked_email, na_action="ignore")
    if "phone" in masked:
        masked["phone"] = masked["phone"].map(masked_phone, na_action="ignore")
    return masked


def masked_email(text: str) -> str:
    """`ana@acme.example` → `a•••@•••.example`."""
    name, at, domain = text.rpartition("@")
    if not at:
        return MASK
    _, dot, ending = domain.rpartition(".")
    return f"{name[:1]}{MASK}@{MASK}{dot}{ending if dot else ''}"


def masked_phone(text: str) -> str:
    """`+52 55 6995 3593` → `••• 93`."""
    digits = [char for char in text if char.isdigit()]
    return f"{MASK} {''.join(digits[-2:])}" if len(digits) > 4 else MASK


def _some(
    analysis: Analysis, behind: Behind, args: Sequence[Any], order: str, sight: Sight
) -> tuple[int, int, pd.DataFrame]:
    """How many rows there are, how many of them may be shown, and the first of those."""
    every = behind(analysis, *args)
    rows = sight.cut(analysis, every)
    first = rows.order_by(_by(order)).limit(MOST_SHOWN + 1)
    frame = listed(first, analysis.tables).order_by(_by(order)).execute()
    # all of them: counting would run the same query again
    seen = len(frame) if len(frame) <= MOST_SHOWN else int(rows.count().execute())
    total = seen if sight.everybody else int(every.count().execute())
    return total, seen, frame.head(MOST_SHOWN)


def _count(analysis: Analysis, behind: Behind, args: Sequence[Any]) -> int:
    return int(behind(analysis, *args).count().execute())


def _by(order: str) -> list[str]:
    return list(dict.fromkeys((order, "object", "record_id")))


def _filled(frame: pd.DataFrame, kinds: dict[str, Kind]) -> dict[str, Kind]:
    """The columns that say something about anybody here."""
    return {name: kind for name, kind in kinds.items() if name in frame and frame[name].notna().any()}


def _sheet(
    page: Page,
    behind: Behind,
    args: Sequence[Any],
    order: str,
    kinds: dict[str, Kind],
    hosts: Collection[str],
    sight: Sight,
    *,
    masked: bool,
) -> Sheet:
    """Every row that may be shown; read when somebody clicks, in another thread and so through a door of its own."""
    fresh = page.reopened()
    rows = sight.cut(fresh, behind(fresh, *args))
    frame = listed(rows, fresh.tables).order_by(_by(order)).execute()
    if not (masked or sight.contact):
        raise ValueError("addresses in full for somebody who may not see them")
    if not masked:
        whom.taken(page, len(frame))
    frame = crm_links.parted(mask(frame) if masked else frame, hosts)
    return tables.sheet(frame, kinds, page.lang, fresh.pact.zone)
