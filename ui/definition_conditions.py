"""Conditions asked for with select boxes: a field, a test, and values offered from the data.

Not here: what a condition means (leadpact/scoring/conditions.py), one in words (definition_words.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import ibis
import streamlit as st

from config.parts import MustHave, Op, Scalar
from leadpact.model import is_custom
from leadpact.scoring.conditions import column_of, number_of
from leadpact.workspace import Analysis
from ui import definition_widgets as widgets
from ui import definition_words as words
from ui.errors import plain
from ui.page import Page

OPS: tuple[str, ...] = get_args(Op)
NO_VALUE, MANY, ORDERED = ("filled", "empty"), ("in", "not_in"), ("gt", "gte", "lt", "lte", "between")
MOST_VALUES = 100  # offered of one field, the commonest
FEW_VALUES = 30  # a list this short is one of values, not of texts
PERSONAL = ("email", "phone", "name")
# columns of a record that no agreement is about
TECHNICAL = {
    "object", "record_id", "person_id", "condition", "converted_to", "merged_into", "url", "status", "converted_at",
    "owner_id", "name",
}  # fmt: skip


def fields(page: Page) -> list[str]:
    """The fields that can be asked for: the house's own, then the CRM's; without data, the house's."""
    if not page.ready:
        return ["email", "phone", "company", "country", "source", "campaign"]
    known = [name for name in page.analysis.tables.record.columns if name not in TECHNICAL]
    return sorted(known, key=lambda name: (is_custom(name), name))


def several(page: Page, key: str, given: Sequence[Any], *, label: str, help: str | None = None) -> list[dict[str, Any]]:
    """Conditions one under another, with a button for one more."""
    st.markdown(f"**{plain(label)}**", help=help)
    found = []
    for place, item in widgets.rows(f"{key}_rows", given):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            found.append(one(page, f"{key}_{place}", item or {"field": "", "op": "filled"}, quiet=True))
            st.button(" ", key=f"{key}_{place}_drop", icon=":material/close:", type="tertiary",
                      help=page.text("edit.condition.remove"), on_click=widgets.drop_row,
                      args=(f"{key}_rows", place))  # fmt: skip
    st.button(page.text("edit.condition.add"), key=f"{key}_add", icon=":material/add:", type="tertiary",
              on_click=widgets.add_row, args=(f"{key}_rows",))  # fmt: skip
    return [item for item in found if item["field"]]


def one(page: Page, key: str, given: Any, *, quiet: bool = False) -> dict[str, Any]:
    """One condition as edited so far; its field is empty while none is chosen."""
    item: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    lang = page.lang
    field = widgets.maybe(
        page.text("edit.field"), f"{key}_field", fields(page), str(item.get("field") or "") or None,
        lambda name: words.field(lang, name), own=True, width=220, holder=page.text("edit.field.choose"),
    )  # fmt: skip
    op = widgets.one_of(page.text("edit.op"), f"{key}_op", OPS, item.get("op"), lambda op: lang(f"edit.op.{op}"),
                        width=180)  # fmt: skip
    value = _value(page, key, field or "", op, item.get("value"))
    where = {"where": item["where"]} if item.get("where") else {}  # whom it binds was agreed elsewhere, and stays
    return {"field": field or "", "op": op} | ({} if op in NO_VALUE else {"value": value}) | where


def complete(page: Page, item: Mapping[str, Any]) -> str | None:
    """What a condition lacks, in words; null where it is whole."""
    if not item.get("field"):
        return page.text("edit.lacks.field")
    value = item.get("value")
    if item.get("op") not in NO_VALUE and (value in (None, "", []) or (item["op"] == "between" and len(value) < 2)):
        return page.text("edit.lacks.value")
    return None


def shown(page: Page, given: Any) -> str:
    """A condition in words; one that is none, as it stands."""
    try:
        return words.must_have(page.lang, MustHave.model_validate(given))
    except ValueError:
        return str(given)


def _value(page: Page, key: str, field: str, op: str, given: Any) -> Any:
    """The widget that fits the test, and the value in it. Another test has a widget of its own."""
    if op in NO_VALUE:
        return None
    known = given if isinstance(given, list) else [] if given is None else [given]
    label, told = page.text("edit.value"), [_said(value) for value in known]
    if op == "between":
        first = widgets.text(page.text("edit.from"), f"{key}_from", told[0] if told else "", width=120)
        last = widgets.text(page.text("edit.to"), f"{key}_to", told[1] if len(told) > 1 else "", width=120)
        return [typed(value, op, known) for value in (first, last) if value]
    if op in MANY:
        chosen = widgets.several(label, f"{key}_values", _offered(page, field), told, own=True,
                                 holder=page.text("edit.value.choose"))  # fmt: skip
        return [typed(value, op, known) for value in chosen]
    if op in ("eq", "ne"):
        value = widgets.maybe(label, f"{key}_value", _offered(page, field), told[0] if told else None, own=True,
                              holder=page.text("edit.value.choose"), width=260)  # fmt: skip
    else:
        value = widgets.text(label, f"{key}_text", told[0] if told else "", width=260)
    return typed(value or "", op, known)


def typed(text: str, op: str, known: Sequence[Scalar]) -> Scalar:
    """What was typed as the pact keeps it: unchanged where it is what was there, a number where one is compared."""
    for value in known:
        if _said(value) == text:
            return value
    number = number_of(text) if op in ORDERED else None
    return text if number is None else int(number) if number.is_integer() else number


def _said(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _offered(page: Page, field: str) -> list[str]:
    """The commonest values of a field; nothing where there are no data or it is not text."""
    name = column_of(page.analysis.tables.record.columns, field) if page.ready and field else None
    return list(page.cached_whole(values, name)) if name else []


def values(analysis: Analysis, column: str) -> list[str]:
    """The values of a text column most records have, at most MOST_VALUES; of a long list those that stand twice.

    Addresses and telephone numbers are nobody's criterion, and personal: none.
    """
    record = analysis.tables.record
    if column in PERSONAL or not record[column].type().is_string():
        return []
    counted = record.filter(record[column].notnull(), record[column].strip() != "").group_by(column).aggregate(
        n=ibis._.count())  # fmt: skip
    rows = counted.order_by(ibis.desc("n"), column).limit(MOST_VALUES).to_pyarrow().to_pylist()
    return [str(row[column]) for row in rows if row["n"] > 1 or len(rows) < FEW_VALUES]
