"""Values a repair needs and the CRM's list lacks: offered, shown as they would be sent, added as a step of its own.

The CRM is asked when a plan is to be made, and not before.

Not here: what lacks and how it is added (leadpact/writeback/repair_values.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from leadpact.audit.shown import shown
from leadpact.crm_fields import Made, Prepared
from leadpact.errors import LeadPactError
from leadpact.writeback import repair_values
from leadpact.writeback.repair_values import Missing
from ui import access, errors, fixes_desk
from ui.fixes_desk import Desk
from ui.fixes_sources import Asked

_SEEN = "_seen_fixes_missing"
Shown = Sequence[tuple[Missing, Prepared]]


def look(desk: Desk, asked: Asked) -> Shown:
    """What the CRM's lists lack for this, and how it would be added; remembered until something else is asked."""
    aims = repair_values.aims_of(asked.values) if asked.values is not None else {
        (one.object, one.after) for one in asked.wanted
    }  # fmt: skip
    found = repair_values.missing(desk.target, desk.page.analysis, aims)
    try:
        prepared: Shown = repair_values.preview(desk.target, found) if found else []
    except LeadPactError:  # this source cannot change its lists: making the plan says which values lack
        prepared = []
    st.session_state[_SEEN] = (_about(desk, asked), prepared)
    return prepared


def show(desk: Desk, asked: Asked) -> bool:
    """The values that lack, as seen when the plan was asked for, and the button that adds them. Out: whether any."""
    about, prepared = st.session_state.get(_SEEN, (None, []))
    if about != _about(desk, asked) or not prepared:
        return False
    _offered(desk, prepared)
    return True


def _offered(desk: Desk, prepared: Shown) -> None:
    with st.container(border=True):
        st.markdown(f"**{desk.text('missing', count=sum(len(one.values) for one, _ in prepared))}**")
        for one, step in prepared:
            _one(desk, one, step)
        if not any(step.possible for _, step in prepared):
            return
        st.caption(desk.text("missing.help"))
        if not desk.able:
            st.info(desk.text("read_only.short"), icon=":material/lock:")
            return
        label = desk.text("missing.add", name=desk.page.connection.name)
        if st.button(label, key=desk.key("add_values"), icon=":material/add_box:", type="primary",
                     disabled=not desk.may(access.MAKE_FIELDS)):  # fmt: skip
            _add(desk, prepared)


def _about(desk: Desk, asked: Asked) -> tuple[str, str]:
    return (desk.page.connection.name, asked.source.hash)


def _one(desk: Desk, one: Missing, step: Prepared) -> None:
    """One list: the values, what they were taken for, and what would be sent."""
    lang = desk.lang
    title = f"{lang(f'ui.object.{one.object}')} · {one.label}"
    st.markdown(f"{errors.plain(title)}: **{errors.plain(', '.join(shown(value) for value in one.values))}**")
    for value, other in one.near.items():
        st.caption(desk.text("missing.near", value=shown(value), near=other))
    if one.unclaimed:
        st.caption(desk.text("missing.unclaimed", values=", ".join(shown(value) for value in one.unclaimed)))
    st.markdown(errors.plain(lang(step.message, **step.params)))
    if step.remedy:
        st.markdown(errors.plain(lang(step.remedy, **step.params)))
    if step.preview:
        with st.expander(desk.page.text("missing.preview"), icon=":material/preview:"):
            st.code(step.preview, language=None)


def _came(desk: Desk, made: Made) -> str:
    return desk.page.text("missing.made") if made.kind == "made" else desk.lang(f"writeback.made.{made.kind}")


def _add(desk: Desk, prepared: Shown) -> None:
    def made(author: str) -> list[tuple[Missing, Made]]:
        return list(repair_values.make(desk.target, prepared, author=author, now=desk.page.now()))

    done: Any = desk.act(made, access.MAKE_FIELDS, waiting="adding")
    if done is None:
        return
    st.session_state.pop(_SEEN, None)
    lines = [
        f"{', '.join(shown(value) for value in one.values)}: {_came(desk, made)}"
        + (f" ({made.code})" if made.code else "")
        for one, made in done
    ]
    good = all(made.kind in ("made", "exists") for _, made in done)
    fixes_desk.tell("\n".join([*lines, *([desk.page.text("missing.added")] if good else [])]), good=good)
    st.rerun()
