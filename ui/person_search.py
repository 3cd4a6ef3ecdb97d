"""Whose story is wanted: named by the link, remembered, or searched for.

What is searched for stays out of the address: it may be an e-mail.

Not here: the search itself (leadpact/metrics/person.py), the story (person_view.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from leadpact.metrics import person, person_ids
from leadpact.model import OBJECTS
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import errors, people, whom
from ui.page import Page
from ui.whom import Sight

OBJECT, RECORD = "object", "record"
MOST = 20
_KEPT = "_person_at"

Key = tuple[str, str]


def wanted(page: Page) -> Key | None:
    """The record in the link, else the one looked at last in this connection; null for none.

    A link of a CRM may spell the id and the object its own way; a record there is not comes back
    as it was asked for. To be asked before the search is drawn: whom the link names ends the search.
    """
    query = st.query_params
    if query.get(RECORD, "").strip():
        found = _meant(page, query.get(OBJECT), query[RECORD])
        if st.session_state.get(_KEPT) != (page.connection.name, found):
            st.session_state[_KEPT] = (page.connection.name, found)
            st.session_state[page.key("search")] = ""  # whoever was searched for is found
        return found
    connection, kept = st.session_state.get(_KEPT, (None, None))
    if kept is None or connection != page.connection.name:
        return None
    query[OBJECT], query[RECORD] = kept
    return kept


def _meant(page: Page, object: str | None, record_id: str) -> Key:
    rows: pd.DataFrame = page.cached_whole(_named, object, record_id)
    for row in rows.to_dict("records"):
        return str(row["object"]), str(row["record_id"])
    asked = (object or "").casefold()
    return asked if asked in OBJECTS else "", record_id.strip()


def _named(analysis: Analysis, object: str | None, record_id: str) -> Table:
    return person_ids.named(analysis.tables, object, record_id)


def search(page: Page) -> None:
    """The search, and who was found: each a link to their story."""
    lang = page.lang
    text = st.text_input(
        page.text("search"), key=page.key("search"), icon=":material/search:", placeholder=page.text("search.hint")
    )
    if not text.strip():
        return
    found: pd.DataFrame = page.cached_whole(_found, text.strip(), whom.of(page))
    if found.empty:
        st.write(page.text("search.nobody"))
        return
    for row in found.head(MOST).to_dict("records"):
        object, record_id = str(row["object"]), str(row["record_id"])
        words = [_text(row["name"]) or record_id, _text(row["company"]), _text(row["status"]), _masked(row["email"])]
        label = " · ".join([*filter(None, words), lang(f"setup.object.{object}")])
        page.link("person", errors.plain(label), object=object, record=record_id)
    if len(found) > MOST:
        st.caption(errors.plain(page.text("search.more", shown=MOST)))


def called(page: Page, object: str) -> str:
    """Lead or contact in the reader's language; a record where the link did not say."""
    return page.lang(f"ui.object.{object or 'record'}").lower()


def _found(analysis: Analysis, text: str, sight: Sight) -> Table:
    return person.find(sight.tables(analysis), text, MOST + 1)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _masked(value: Any) -> str | None:
    return people.masked_email(value) if isinstance(value, str) else None
