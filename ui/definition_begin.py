"""What a pact still lacks, in the order two teams best talk about it: where to begin, and how far they are.

Not here: what is wrong with what is there (definition_faults.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from ui import definition_draft, definition_known, definition_statuses, state
from ui.errors import plain
from ui.page import Page


def steps(document: Mapping[str, Any], unclaimed: int | None) -> dict[str, bool]:
    """Each step and whether it is done. `unclaimed`: values in use no stage claims; null where nobody knows."""
    stages = [one for one in edits.items(document, ("stages",)) if isinstance(one, Mapping)]
    ready = edits.mapping(document, ("sales_ready",))
    given = edits.mapping(document, ("commitments",))
    marketing, sales = edits.mapping(given, ("marketing",)), edits.mapping(given, ("sales",))
    return {
        "stages": bool(stages) and all(one.get("meaning") for one in stages),
        "statuses": unclaimed == 0,
        "ready": bool(ready.get("all") or ready.get("any")) and ready.get("threshold") is not None,
        "promises": bool(sales.get("follow_up") and (marketing.get("mql_per_month") or marketing.get("accepted_rate"))),
        "moves": bool(document.get("flow")),
        "routing": bool(document.get("routing")),
        "care": bool(document.get("owners")),
    }


def show(page: Page) -> None:
    """The steps, those left leading to their part. Nothing for a version in use, or once all are done."""
    one = definition_draft.standing(page)
    if not definition_draft.may_edit(page) or (page.used.in_force and one.draft is None):
        return
    unclaimed = None
    if page.ready:
        known_values = definition_known.values(page)
        unclaimed = sum(stage is None for _, stage in definition_statuses.rows(one.document, known_values))
    known = steps(one.document, unclaimed)
    if all(known.values()):
        return
    done = sum(known.values())
    fresh = one.draft is None and one.version is None
    title = page.text("begin", done=page.lang.number(done), all=page.lang.number(len(known)))
    with st.expander(plain(title), icon=":material/checklist:", expanded=fresh):
        if fresh:
            st.write(page.text("begin.text"))
        for number, (part, is_done) in enumerate(known.items(), start=1):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                icon = ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"
                st.markdown(f"{icon} {number}. {plain(page.text(f'begin.{part}'))}", width="stretch")
                if not is_done:
                    st.button(page.text("begin.go"), key=page.key(f"begin_{part}"), type="tertiary",
                              icon=":material/arrow_forward:", on_click=state.write,
                              args=(state.VIEW, None if part == "stages" else part))  # fmt: skip
