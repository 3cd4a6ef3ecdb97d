"""The buying stages: what each means, what a lead needs to enter it, what helps there.

Not here: the values of the CRM that lead to them (definition_statuses.py), what helps on the way
from one to the next (definition_content.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from config.document import default
from config.parts import STAGE_KINDS
from leadpact.model import OBJECTS
from ui import definition_conditions as conditions
from ui import definition_draft, definition_items, definition_known
from ui import definition_widgets as widgets
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page

KIND_COLOURS: Mapping[str, str] = {
    "untouched": "gray", "nurture": "green", "qualified": "blue", "sales": "violet", "won": "green",
    "retained": "green", "recycled": "orange", "disqualified": "red", "invalid": "gray",
}  # fmt: skip


def show(page: Page) -> None:
    """Every stage in the order of the buying process."""
    definition_items.show(page, STAGES)


def _read(page: Page, place: int, item: Any) -> None:
    if not isinstance(item, Mapping):
        st.code(str(item))
        return
    lang, kind, step = page.lang, str(item.get("kind")), item.get("buyer_step")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{place + 1}. {plain(str(item.get('label') or item.get('key')))}**", width="content")
        if kind in STAGE_KINDS:
            st.badge(lang(f"stage_kind.{kind}"), color=KIND_COLOURS[kind])  # type: ignore[arg-type]
        if step:
            st.badge(plain(page.text("step", step=_step(page, str(step)))), icon=":material/shopping_cart:",
                     color="gray")  # fmt: skip
    st.markdown(plain(str(item.get("meaning") or page.text("no_meaning"))))
    if item.get("requires"):
        needs = "; ".join(conditions.shown(page, one) for one in item["requires"])
        st.caption(plain(page.text("requires", conditions=needs)))
    if item.get("content"):
        st.caption(plain(page.text("content", content=", ".join(map(str, item["content"])))))
    _values(page, str(item.get("key")))


def _values(page: Page, key: str) -> None:
    """The values of the CRM that lead to the stage, the records that hold each now, and the events of its deals."""
    held = definition_known.values(page)
    counts = {(one.object, one.value): one.records for one in held}
    mapped = edits.mapping(definition_draft.standing(page).document, ("status_map",))
    lines = []
    for object in OBJECTS:
        own = [value for value, stage in edits.mapping(mapped, (object,)).items() if stage == key]
        if own:
            said = ", ".join(
                (value or page.text("blank"))
                + (f" ({page.lang.number(counts.get((object, value), 0))})" if held else "")
                for value in own
            )
            lines.append(f"{page.lang(f'setup.objects.{object}')}: {said}")
    deals = [event for event, stage in edits.mapping(mapped, ("opportunity",)).items() if stage == key]
    if deals:
        said = ", ".join(page.lang(f"setup.deal.{event}") for event in deals)
        lines.append(f"{page.text('opportunities')}: {said}")
    st.caption(plain(" · ".join(lines) or page.text("no_values")))


def _step(page: Page, step: str) -> str:
    key = f"setup.step.{step}"
    return page.lang(key) if page.lang.has(key) else step


def _form(page: Page, item: Any, key: str) -> dict[str, Any]:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    left, right = st.columns(2)
    with left:
        label = widgets.text(page.text("stages.label"), f"{key}_label", given.get("label"))
        kind = widgets.one_of(
            page.text("stages.kind"), f"{key}_kind", STAGE_KINDS, given.get("kind") or "nurture",
            lambda one: page.lang(f"stage_kind.{one}"), help=page.text("stages.kind.help"),
        )  # fmt: skip
    with right:
        step = widgets.maybe(
            page.text("stages.step"), f"{key}_step", _steps(page), given.get("buyer_step"),
            lambda one: _step(page, one), own=True, help=page.text("stages.step.help"),
        )  # fmt: skip
        content = widgets.lines(page.text("stages.content"), f"{key}_content", given.get("content") or [],
                                help=page.text("edit.lines.help"))  # fmt: skip
    meaning = widgets.area(page.text("stages.meaning"), f"{key}_meaning", given.get("meaning"))
    needs = conditions.several(page, f"{key}_requires", given.get("requires") or [], label=page.text("stages.requires"),
                               help=page.text("stages.requires.help"))  # fmt: skip
    own = given.get("key") or edits.new_key(label, definition_known.labels(page), "stage")
    made = {**given, "key": own, "label": label, "kind": kind, "meaning": meaning, "buyer_step": step,
            "requires": needs, "content": content}  # fmt: skip
    return edits.compact(made)


def _steps(page: Page) -> list[str]:
    """The steps of the buyer the default pact of the document's language knows."""
    language = str(definition_draft.standing(page).document.get("language", "en"))
    return list(dict.fromkeys(stage.buyer_step for stage in default(language).stages if stage.buyer_step))


def _complete(page: Page, item: Any) -> str | None:
    if not item.get("label"):
        return page.text("stages.lacks")
    return next((lack for one in item.get("requires", []) if (lack := conditions.complete(page, one))), None)


def _removing(document: Mapping[str, Any], at: int) -> Mapping[str, Any]:
    stages = edits.items(document, ("stages",))
    found: Mapping[str, Any] = edits.without_stage(document, str(stages[at].get("key")))
    return found


STAGES = Items(
    name="stages", path=("stages",), read=_read, form=_form, blank=lambda page: {}, complete=_complete, placed=True,
    said=lambda page, item: str(item.get("label") or item.get("key")), removing=_removing,
)  # fmt: skip
