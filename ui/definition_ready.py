"""The green light: the threshold, what a lead must have, and what is asked before a deal is opened.

Not here: the rules that give the points (the Scoring page).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from ui import definition_conditions as conditions
from ui import definition_draft, definition_items, definition_single
from ui import definition_widgets as widgets
from ui import definition_words as words
from ui.definition_items import Items
from ui.definition_single import Single
from ui.errors import plain
from ui.page import Page

# what an opportunity most often has to have before Sales opens it
CRITERIA = ("decision_maker", "budget", "next_step", "event")


def show(page: Page) -> None:
    """Everything that turns the light green, and the criteria of an opportunity."""
    definition_single.show(page, THRESHOLD)
    st.markdown(f"**{plain(page.text('ready_all'))}**", help=page.text("ready_all.help"))
    definition_items.show(page, ALL, title=False)
    st.markdown(f"**{plain(page.text('ready_any'))}**", help=page.text("ready_any.help"))
    definition_items.show(page, ANY, title=False)
    definition_items.show(page, QUESTIONS)
    _offered(page)


def _offered(page: Page) -> None:
    """The criteria that are usual and not asked yet."""
    if not definition_draft.may_edit(page) or definition_draft.opened() is not None:
        return
    asked = edits.items(definition_draft.standing(page).document, QUESTIONS.path)
    missing = [name for name in CRITERIA if name not in {one.get("id") for one in asked if isinstance(one, Mapping)}]
    if missing:
        st.caption(page.text("questions.offered"))
        with st.container(horizontal=True, gap="small"):
            for name in missing:
                st.button(
                    page.text(f"questions.criterion.{name}"), key=page.key(f"questions_offer_{name}"),
                    icon=":material/add:", on_click=definition_draft.open_part,
                    args=(page, "questions", None, {"id": name, "question": page.text(f"questions.ask.{name}")}),
                )  # fmt: skip


def _read_threshold(page: Page, document: Mapping[str, Any]) -> None:
    points = edits.part(document, ("sales_ready", "threshold"))
    known = isinstance(points, (int, float)) and not isinstance(points, bool)
    text = page.lang("setup.ready.threshold", points=points) if known else page.text("threshold.none")
    st.markdown(plain(text))


def _threshold(page: Page, now: Any, key: str) -> Any:
    points = now.get("points")
    return {"points": widgets.number(page.text("threshold.points"), f"{key}_points", points, least=-100000, width=200,
                                     help=page.text("threshold.help"))}  # fmt: skip


THRESHOLD = Single(
    name="threshold", places=("sales_ready.threshold",), read=_read_threshold, form=_threshold,
    begin=lambda document: {"points": edits.part(document, ("sales_ready", "threshold"))},
    sections=lambda document, now: edits.with_part(document, ("sales_ready", "threshold"), now["points"]),
)  # fmt: skip


def _read_condition(page: Page, place: int, item: Any) -> None:
    st.markdown(plain(conditions.shown(page, item)))


def _condition(page: Page, item: Any, key: str) -> Any:
    where = item.get("where") if isinstance(item, Mapping) else None
    if where:  # agreed in a meeting, for one source say: it stays as it is
        st.caption(plain(page.text("ready.only", where=conditions.shown(page, where))))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        return conditions.one(page, key, item)


ALL, ANY = (
    Items(
        name=f"ready_{which}", path=("sales_ready", which), read=_read_condition, form=_condition, bordered=False,
        blank=lambda page: {}, complete=conditions.complete, said=conditions.shown,
    )
    for which in ("all", "any")
)  # fmt: skip


def _read_question(page: Page, place: int, item: Any) -> None:
    if not isinstance(item, Mapping):
        st.code(str(item))
        return
    st.markdown(f"**{plain(str(item.get('question') or item.get('id')))}**")
    field = item.get("field")
    st.caption(plain(page.text("questions.field", field=words.field(page.lang, str(field))) if field
                     else page.text("questions.no_field")))  # fmt: skip


def _question(page: Page, item: Any, key: str) -> Any:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    question = widgets.text(page.text("questions.question"), f"{key}_question", given.get("question"))
    field = widgets.maybe(
        page.text("questions.answer"), f"{key}_field", conditions.fields(page), given.get("field"),
        lambda name: words.field(page.lang, name), own=True, help=page.text("questions.answer.help"),
        holder=page.text("edit.field.choose"), width=320,
    )  # fmt: skip
    taken = {str(one.get("id")) for one in edits.items(definition_draft.standing(page).document, QUESTIONS.path)
             if isinstance(one, Mapping)}  # fmt: skip
    made = {**given, "id": given.get("id") or edits.new_key(question[:40], taken, "question"), "question": question,
            "field": field}  # fmt: skip
    return edits.compact(made)


QUESTIONS = Items(
    name="questions", path=("sales_ready", "opportunity"), read=_read_question, form=_question, placed=True,
    blank=lambda page: {},
    complete=lambda page, item: None if item.get("question") else page.text("questions.lacks"),
    said=lambda page, item: str(item.get("question") or item.get("id")),
)  # fmt: skip
