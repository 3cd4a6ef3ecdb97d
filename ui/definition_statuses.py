"""The status map: every value of the CRM, who holds it now, and the stage it leads to; unclaimed ones first.

Not here: the stages (definition_stages.py), renaming values in the CRM (the Fixes page).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from config import edits
from config.propose import propose_stage
from leadpact.audit.shown import shown
from leadpact.model import OBJECTS
from ui import definition_draft, definition_known, definition_single, listing
from ui import definition_widgets as widgets
from ui.definition_known import Value
from ui.definition_single import Single
from ui.errors import plain
from ui.page import Page

DEALS = ("created", "won", "lost")
ROW, HEADER, MOST_HEIGHT = 35, 41, 636


def show(page: Page) -> None:
    """The map as a table, to read or to edit."""
    definition_single.show(page, STATUSES)


def rows(document: Mapping[str, Any], values: tuple[Value, ...]) -> list[tuple[Value, str | None]]:
    """Every value in use or mapped, with its stage: what no stage claims first, then by records."""
    mapped = {
        (object, value): str(stage)
        for object in OBJECTS
        for value, stage in edits.mapping(document, ("status_map", object)).items()
    }
    known = {(one.object, one.value): one for one in values if one.records or one.offered}
    for object, value in mapped:
        known.setdefault((object, value), Value(object, value, 0, False, None))
    found = [(one, mapped.get(key)) for key, one in known.items()]
    return sorted(found, key=lambda row: (row[1] is not None, row[0].object != "lead", -row[0].records, row[0].value))


def _read(page: Page, document: Mapping[str, Any]) -> None:
    known = rows(document, definition_known.values(page))
    lost = [one for one, stage in known if stage is None]
    if lost:
        people = sum(one.records for one in lost)
        st.warning(plain(page.text("status_map.lost", count=len(lost), records=people)), icon=":material/help:")
    elif known:
        st.caption(page.text("unclaimed.none"))
    names = definition_known.labels(page)
    listing.show(
        page,
        [
            {
                "object": page.lang(f"setup.objects.{one.object}"),
                "value": shown(one.value) or page.text("blank"),
                "records": one.records if page.ready else None,
                "last_entered": one.last_at,
                "stage": page.text("status_map.nowhere") if stage is None else names.get(stage, stage),
            }
            for one, stage in known
        ],
        {"value": "text", "stage": "text", "object": "text", "records": "count", "last_entered": "moment"},
        key="status_map",
    )
    deals = edits.mapping(document, ("status_map", "opportunity"))
    said = [f"{page.lang(f'setup.deal.{event}')} → {names.get(deals[event], deals[event])}" for event in DEALS
            if deals.get(event)]  # fmt: skip
    if said:
        st.caption(plain(f"{page.text('opportunities')}: {'; '.join(said)}"))
    if not known:
        st.write(page.text("status_map.none"))


def _begin(document: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is changed yet. `led` is by object and value; `deals` by event."""
    return {"led": {}, "deals": dict(edits.mapping(document, ("status_map", "opportunity")))}


def _form(page: Page, now: Any, key: str) -> dict[str, Any]:
    own = definition_draft.opened()
    document = own.document if own is not None else {}
    names = definition_known.labels(page)
    led = _table(page, document, dict(now["led"]), names, key)
    led = _one_more(page, document, led, names, key)
    st.markdown(f"**{plain(page.text('opportunities'))}**", help=page.text("status_map.deals.help"))
    deals = {}
    for column, event in zip(st.columns(len(DEALS)), DEALS, strict=True):
        with column:
            stage = widgets.maybe(page.lang(f"setup.deal.{event}"), f"{key}_deal_{event}", list(names),
                                  now["deals"].get(event), lambda one: names.get(one, one))  # fmt: skip
            deals[event] = stage
    return {"led": led, "deals": {event: stage for event, stage in deals.items() if stage}}


def _table(
    page: Page, document: Mapping[str, Any], led: dict[tuple[str, str], str | None], names: Mapping[str, str], key: str
) -> dict[tuple[str, str], str | None]:
    """The table to edit. Out: the values led elsewhere so far.

    Its own edits live as long as it is drawn: drawn anew, it begins with those made before.
    """
    editor, base = f"{key}_values", f"{key}_base"
    if editor not in st.session_state or base not in st.session_state:
        st.session_state[base] = rows(edits.led(document, led), definition_known.values(page))
    known: list[tuple[Value, str | None]] = st.session_state[base]
    frame = pd.DataFrame(
        {
            "object": [page.lang(f"setup.objects.{one.object}") for one, _ in known],
            "value": [shown(one.value) or page.text("blank") for one, _ in known],
            "stage": [stage for _, stage in known],
            "records": [one.records for one, _ in known],
        }
    )
    config = {
        "object": st.column_config.TextColumn(page.lang("setup.col.object"), width="small"),
        "value": st.column_config.TextColumn(page.lang("setup.col.value"), width="medium", pinned=True),
        "stage": st.column_config.SelectboxColumn(
            page.lang("setup.col.stage"), options=list(names), format_func=lambda one: names.get(one, one),
            width="medium", help=page.text("status_map.stage.help"),
        ),
        "records": st.column_config.NumberColumn(page.lang("setup.col.records"), format="localized", width="small"),
    }  # fmt: skip
    edited = st.data_editor(
        frame, key=editor, hide_index=True, num_rows="fixed", width="stretch", row_height=ROW, placeholder="–",
        column_config=config, disabled=["object", "value", "records"],
        column_order=["value", "stage", "object", "records"],  # what is chosen is in sight on a phone as well
        height=min(MOST_HEIGHT, HEADER + ROW * max(1, len(known))),
    )  # fmt: skip
    stages = [None if pd.isna(stage) else str(stage) for stage in edited["stage"]]
    now = dict(led)
    for (one, _), stage in zip(known, stages, strict=True):
        before = edits.mapping(document, ("status_map", one.object)).get(one.value)
        now.pop((one.object, one.value), None)
        if stage != before:
            now[(one.object, one.value)] = stage
    return now


def _one_more(
    page: Page, document: Mapping[str, Any], led: dict[tuple[str, str], str | None], names: Mapping[str, str], key: str
) -> dict[tuple[str, str], str | None]:
    """Values no record holds yet, and the stages the words of unclaimed ones suggest."""

    def redraw(now: Mapping[tuple[str, str], str | None]) -> None:
        definition_draft.keep({**definition_draft.opened().now, "led": dict(now)})  # type: ignore[union-attr]
        st.session_state.pop(f"{key}_values", None)
        st.session_state.pop(f"{key}_base", None)
        st.rerun()

    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        known = rows(edits.led(document, led), definition_known.values(page))
        free = [(one.object, one.value) for one, stage in known if stage is None]
        found = {place: stage for place in free if (stage := propose_stage(place[1])) in names}
        if found and st.button(page.text("status_map.propose", count=len(found)), key=f"{key}_propose",
                               icon=":material/auto_fix:", help=page.text("status_map.propose.help")):  # fmt: skip
            redraw({**led, **found})
        with st.popover(page.text("status_map.new"), icon=":material/add:"):
            object = st.segmented_control(
                page.lang("setup.col.object"), list(OBJECTS), default=OBJECTS[0], required=True,
                format_func=lambda one: page.lang(f"setup.objects.{one}"), key=f"{key}_new_object",
            )  # fmt: skip
            value = widgets.text(page.lang("setup.col.value"), f"{key}_new_value", "")
            stage = widgets.maybe(page.lang("setup.col.stage"), f"{key}_new_stage", list(names), None,
                                  lambda one: names.get(one, one))  # fmt: skip
            there = edits.mapping(edits.led(document, led), ("status_map", str(object))).get(value)
            if there is not None and stage not in (None, there):
                st.error(plain(page.text("status_map.twice", value=value, stage=names.get(there, there))))
            elif st.button(page.text("status_map.new.do"), key=f"{key}_new_do", disabled=not (value and stage)):
                redraw({**led, (str(object), value): stage})
    return led


def _sections(document: Mapping[str, Any], now: Any) -> Mapping[str, Any]:
    found = edits.led(document, now["led"])["status_map"]
    deals = {"opportunity": now["deals"]} if now["deals"] else {}
    return {"status_map": {**{name: own for name, own in found.items() if name != "opportunity"}, **deals}}


STATUSES = Single(
    name="status_map", places=("status_map",), read=_read, begin=_begin, form=_form, sections=_sections
)  # fmt: skip
