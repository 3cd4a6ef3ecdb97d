"""Shared filters: widgets over values that live in the URL. A view is a link.

Not here: where the values are kept (state.py), what they may be (options.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from config.schema import Pact
from leadpact.metrics.funnel import MODES, Scope
from leadpact.workspace import Analysis
from ui import guide_terms, options, state, warm
from ui.asked import Asked
from ui.errors import plain
from ui.links import refuse, valid
from ui.moments import FIRST, LAST, day, moment
from ui.page import Page

WINDOWS = (30, 60, 90, 180, 365)


def show(page: Page, *, split: bool = True) -> Scope:
    """The filters of a page that shows cohorts, and the scope they ask for; `split`: it can be by a dimension."""
    lang, scope = page.lang, scope_in_url(page)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _day(page, state.START, scope.start, 0)
        _day(page, state.END, scope.end, 1)
        windows = sorted({*WINDOWS, *([scope.window_days] if scope.window_days else [])})
        pick(page, state.WINDOW, windows, scope.window_days, lambda days: lang("ui.days", count=days), _plain_number)
        if split:
            by(page, scope.by)
        with st.popover(lang("ui.filter.more"), icon=":material/tune:"):
            mode = scope.mode if scope.mode != MODES[0] else None
            names = {mode: lang(f"ui.mode.{mode}") for mode in MODES}
            pick(page, state.MODE, MODES[1:], mode, names.__getitem__, str, none=names[MODES[0]], width="stretch")
            stages = [stage.key for stage in page.used.pact.funnel]
            pick(page, state.ANCHOR, stages, scope.anchor, _label_of(page.used.pact), str, width="stretch")
            conditions(page)
            as_of(page)
        _reset(page, (*state.FUNNEL_FILTERS, *state.CONDITIONS, state.AS_OF))
    said(page)
    return scope


def show_range(page: Page) -> Scope:
    """The filters of a page that counts entries without a cohort: range, split, conditions, moment."""
    start, end = range_in_url(page)
    split: str | None = valid(page.lang, state.BY, lambda text: _one_of(splits(page), text))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _day(page, state.START, start, 0)
        _day(page, state.END, end, 1)
        by(page, split)
        with st.popover(page.lang("ui.filter.more"), icon=":material/tune:"):
            conditions(page)
            as_of(page)
        _reset(page, (state.START, state.END, state.BY, *state.CONDITIONS, state.AS_OF))
    said(page)
    return Scope(start=start, end=end, by=split)


def range_in_url(page: Page) -> tuple[date | None, date | None]:
    """Days `[start, end)` the shared values ask for. An end before the start is left out, and said to be."""
    start = valid(page.lang, state.START, lambda text: day(text, state.START))
    end = valid(page.lang, state.END, lambda text: day(text, state.END))
    if start is not None and end is not None and start >= end:
        refuse(page.lang, state.END)
        end = None
    return start, end


def scope_in_url(page: Page) -> Scope:
    """The scope the shared values ask for. A value that cannot be is left out, and said to be."""
    pact = page.used.pact
    start, end = range_in_url(page)
    return Scope(
        start=start,
        end=end,
        window_days=valid(page.lang, state.WINDOW, _window),
        mode=valid(page.lang, state.MODE, lambda text: MODES[MODES.index(text)]) or MODES[0],
        anchor=valid(page.lang, state.ANCHOR, lambda text: _anchor(pact, text)),
        by=valid(page.lang, state.BY, lambda text: _one_of(splits(page), text)),
    )


def splits(page: Page) -> list[str]:
    """The dimensions this connection's data can be split by."""
    found: list[str] = _kept(page, options.splits)
    return found


def by(page: Page, current: str | None) -> None:
    """What to split by."""
    pick(page, state.BY, splits(page), current, lambda name: options.dimension(page.lang, name), str)


def conditions(page: Page) -> None:
    """Owner, team, source and country: only people with such a record."""
    held: dict[str, list[str]] = _kept(page, options.values)
    for name in state.CONDITIONS:
        current = state.read(name)
        choices = [*held[name], ""]
        if current is not None and current not in choices:
            choices.insert(0, current)
        if held[name] or current is not None:
            pick(page, name, choices, current, lambda value: options.shown(page.lang, value), str, width="stretch")


def moment_in_url(page: Page) -> datetime | None:
    """The moment the shared value asks for; null for the last sync, and for what lies after it."""
    found: datetime | None = valid(page.lang, state.AS_OF,
                                   lambda given: moment(given, state.AS_OF, page.used.pact.zone))  # fmt: skip
    return found if found is not None and found <= page.analysis.synced_at else None


def as_of(page: Page) -> None:
    """A past day whose end everything is computed at; empty means the last sync."""
    zone, lang = page.used.pact.zone, page.lang
    text = state.read(state.AS_OF)
    current = valid(page.lang, state.AS_OF, lambda given: moment(given, state.AS_OF, zone))
    shown = None if current is None else date.fromisoformat(str(text)[:10])
    latest = page.analysis.synced_at.date() + timedelta(days=1)
    st.date_input(
        lang("ui.filter.as_of"),
        min_value=FIRST,
        max_value=max(latest, shown or latest),
        format="YYYY-MM-DD",
        help=lang("ui.filter.as_of.help"),
        **state.bound(page.key(state.AS_OF), state.AS_OF, shown, _iso),
    )


def pick(
    page: Page,
    name: str,
    choices: Sequence[Any],
    current: Any,
    shown: Callable[[Any], str],
    text: Callable[[Any], str],
    none: str | None = None,
    width: Any = 190,
) -> None:
    """A choice among values with a default, which the URL leaves out."""
    default = none or page.lang(f"ui.filter.{name}.none")
    state.pick(
        page.lang(f"ui.filter.{name}"),
        page.key(name),
        name,
        choices,
        current,
        shown=lambda value: default if value is None else shown(value),
        text=text,
        width=width,
        help=guide_terms.of_filter(page.lang, name),
    )


def said(page: Page) -> None:
    """The conditions in force, in words, so that nobody takes a part for the whole."""
    found = page.analysis.conditions if page.ready else {}
    if found:
        lang = page.lang
        parts = [f"{lang(f'ui.filter.{name}')} = {options.shown(lang, value)}" for name, value in found.items()]
        st.caption(plain(lang("ui.filter.said", conditions=", ".join(parts))))


def _day(page: Page, name: str, current: date | None, after: int) -> None:
    """The first day, or the last: the scope's end is the day after it."""
    shown = None if current is None else current - timedelta(days=after)
    st.date_input(
        page.lang(f"ui.filter.{name}"),
        min_value=FIRST,
        max_value=LAST,
        format="YYYY-MM-DD",
        width=150,
        **state.bound(page.key(name), name, shown, lambda value: _iso(value and value + timedelta(days=after))),
    )


def _reset(page: Page, names: Sequence[str]) -> None:
    if any(state.read(name) is not None for name in names):
        label, key = page.lang("ui.filter.reset"), page.key("reset")
        st.button(label, key=key, icon=":material/restart_alt:", type="tertiary", on_click=state.forget, args=(names,))


def _window(text: str) -> float:
    found = float(text)
    if not 0 < found < 36_500:
        raise ValueError(text)
    return int(found) if found.is_integer() else found


def _label_of(pact: Pact) -> Callable[[str], str]:
    return lambda key: pact.stage(key).label


def _anchor(pact: Pact, text: str) -> str:
    return _one_of([stage.key for stage in pact.funnel], text)


def _one_of(known: Sequence[str], text: str) -> str:
    if text not in known:
        raise ValueError(text)
    return text


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _plain_number(value: float) -> str:
    return f"{value:g}"


def _kept(page: Page, function: Callable[..., Any]) -> Any:
    """What `function` of options.py says of everything there is: asked once a generation."""
    space, used, home = page.workspace, page.used, str(page.workspace.home.resolve())

    def keep(one: Analysis) -> Any:
        everything = functools.partial(space.analyse, one.connection, pact=used, generation=one.generation)
        return function(everything, repr((home, one.connection, one.generation)))

    warm.asked(space, page.analysis, Asked(function), keep)
    return keep(page.analysis)
