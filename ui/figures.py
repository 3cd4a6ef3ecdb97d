"""A row of figures: label, value, and what it says. They wrap at phone width.

A figure that can be opened shows its rule, what it was computed under, and the people in its
numerator and denominator.

Not here: the numbers (leadpact/metrics), lists of people (people.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from ui import explain, people
from ui.errors import plain
from ui.errors import value as shown
from ui.page import Page
from ui.people import Behind
from ui.tables import Kind


def row(figures: Iterable[tuple[str, str, str | None]]) -> None:
    """Each figure is its label, its value as written, and a help text or none."""
    with st.container(horizontal=True, gap="small"):
        for label, value, text in figures:
            st.metric(plain(label), shown(value), help=text and plain(text), border=True, width="stretch")


@dataclass(frozen=True)
class Part:
    """People behind a figure: `behind(analysis, *args)` gives a table with object and record_id."""

    behind: Behind
    args: tuple[Any, ...] = ()
    columns: Mapping[str, Kind] = field(default_factory=dict)
    order: str = "record_id"


@dataclass(frozen=True)
class Figure:
    """A figure that opens. `rule` says in words how it is counted; `facts` are catalogue key → value.

    Without a denominator the figure is a count, and `numerator` are the people counted.
    """

    label: str
    value: str
    rule: str
    help: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    numerator: Part | None = None
    denominator: Part | None = None
    delta: str | None = None
    arrow: Literal["auto", "off"] = "auto"


def opening(page: Page, key: str, figures: Sequence[Figure]) -> None:
    """A row of figures, each with a button that opens it. `key` is unique on the page."""
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(figures):
            with st.container(border=True, width="stretch", height="stretch"):
                # more or fewer is not good or bad by itself: the arrow keeps the colour of the text
                st.metric(plain(one.label), shown(one.value), help=one.help and plain(one.help),
                          delta=one.delta, delta_color="off", delta_arrow=one.arrow)  # fmt: skip
                name = f"{key}_{number}"
                if st.button(
                    page.lang("ui.explain.open"), key=page.key(f"{name}_open"), type="tertiary", icon=":material/info:"
                ):
                    open_one(page, name, one)


def open_one(page: Page, key: str, one: Figure) -> None:
    """The dialog of a figure: value, rule, facts, and the people behind it."""

    @st.dialog(f"{plain(one.label)}: {plain(one.value)}", width="large")
    def shown() -> None:
        st.markdown(plain(one.rule))
        st.markdown(explain.lines(page, one.facts))
        parts = {"numerator": one.numerator, "denominator": one.denominator}
        there = {name: part for name, part in parts.items() if part is not None}
        if not there:
            return
        whole = len(there) > 1
        chosen = st.segmented_control(
            page.lang("ui.explain.people"), list(there), default=next(iter(there)), required=True,
            format_func=lambda name: page.lang(f"ui.explain.{name}"), key=page.key(f"{key}_part"),
        ) if whole else next(iter(there))  # fmt: skip
        part = there[chosen]
        title = page.lang(f"ui.explain.{chosen}") if whole else page.lang("ui.explain.counted")
        people.show(page, title, part.behind, *part.args, key=f"{key}_{chosen}",
                    first=dict(part.columns), order=part.order)  # fmt: skip

    shown()
