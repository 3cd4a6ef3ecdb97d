"""Today: the one next action and the six classic errors as lights.

Not here: which light is on (lights.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.metrics.quarrel import Quarrel
from leadpact.workspace import Analysis
from ui import audits, findings_suppress, findings_view, lights, registry
from ui.errors import plain
from ui.lights import Light
from ui.page import Page

LOOKS = {
    "good": ("green", ":material/check_circle:"),
    "attention": ("orange", ":material/warning:"),
    "bad": ("red", ":material/cancel:"),
    "unknown": ("gray", ":material/help:"),
}


def next_action(page: Page, six: Sequence[Light], waiting: int) -> None:
    """One thing to do next: the first error that is there, then whoever waits past the target."""
    lang = page.lang
    st.subheader(lang("page.today.next"), anchor=False)
    worst = next((one for state in ("bad", "attention") for one in six if one.state == state), None)
    if worst is None and waiting:
        st.warning(plain(lang("page.today.next.call", count=waiting)), icon=":material/call:")
    elif worst is None:
        st.success(lang("page.today.next.none"), icon=":material/task_alt:")
    else:
        with st.container(border=True):
            st.markdown(f":material/arrow_forward: **{plain(lang(f'ui.light.{worst.name}.do'))}**")
            st.caption(plain(lang.text(worst.text)))
            _look(page, worst)


def six_lights(page: Page, six: Sequence[Light]) -> None:
    """The six classic errors, each with its number and the way to it."""
    lang = page.lang
    st.subheader(lang("page.today.six"), anchor=False)
    for pair in zip(six[::2], six[1::2], strict=True):
        for column, one in zip(st.columns(2), pair, strict=True):  # pairs, so that a phone keeps the order
            colour, icon = LOOKS[one.state]
            with column.container(border=True, height="stretch"):
                st.badge(lang(f"ui.light.state.{one.state}"), icon=icon, color=colour)  # type: ignore[arg-type]
                st.markdown(f"**{plain(lang(f'ui.light.{one.name}'))}**  \n{plain(lang.text(one.text))}")
                _look(page, one)


def _look(page: Page, one: Light) -> None:
    if registry.entry(one.page).exists:
        page.link(one.page, **({"view": "todo", findings_view.RULE: one.rule} if one.rule else {}))


def lit(page: Page, found: Quarrel) -> list[Light]:
    """The six lights, from the part of the audit Findings shows too: what is set aside does not count."""
    counted = findings_suppress.counted(page, audits.lit(page))
    names = tuple(one.identity for one in counted.findings)
    six: list[Light] = page.cached_whole(_lit, found, findings_view.Given(counted), names)
    return six


def _lit(analysis: Analysis, found: Quarrel, given: findings_view.Given, counted: tuple[str, ...]) -> list[Light]:
    return lights.all_six(analysis, given.audit, found)
