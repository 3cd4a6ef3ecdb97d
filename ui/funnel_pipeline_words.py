"""What the views of money share: names of shared values, a stage to choose, facts, what is not delivered.

Not here: the views.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from leadpact.metrics.contribution import sales_stage
from leadpact.metrics.funnel import Scope
from ui import state
from ui.errors import plain
from ui.funnel_figures import entries
from ui.page import Page
from ui.tables import Kind

TOPIC, CURRENCY, DEAL, CYCLE, BROUGHT, RESPONDED = "topic", "currency", "deal", "cycle", "brought", "responded"
TO_STAGE, LANDMARK, CREDIT, SPLIT = "to_stage", "landmark", "credit", "split"
MOST = 12  # bars or dots of one chart; the table has all
DEAL_COLUMNS: dict[str, Kind] = {
    "opportunity_id": "text", "deal_state": "state", "amount": "count", "currency": "text", "deal_created": "moment",
    "deal_closed": "moment",
}  # fmt: skip


def missing(page: Page, tables: Sequence[str]) -> bool:
    """Says which tables the CRM does not deliver: what rests on them is unknown, not zero."""
    for name in tables:
        page.empty(f"page.funnel.pipeline.missing.{name}", action="connection")
    return bool(tables)


def stage(page: Page) -> str:
    """The stage a view is about: the one in the URL, else the one the pact calls SQL."""
    pact = page.used.pact
    keys, usual = [one.key for one in pact.funnel], sales_stage(pact)
    return one_of(page, TO_STAGE, keys, usual, lambda key: pact.stage(key).label)


def one_of(page: Page, name: str, choices: Sequence[str], usual: str, shown: Callable[[str], str]) -> str:
    """A choice among words with a default, which the URL leaves out."""
    asked = state.read(name)
    current = asked if asked is not None and asked in choices else usual
    st.selectbox(
        page.text(f"pipeline.{name}"), list(choices), format_func=shown, width=230,
        **state.bound(page.key(name), name, current, lambda value: None if value == usual else value),
    )  # fmt: skip
    return current


def facts(page: Page, scope: Scope, rule: str, range_key: str, coverage: float | None, **counts: int) -> dict[str, Any]:
    """What every view says of its numbers: rule, range, coverage, and what was left out."""
    lang = page.lang
    found = {
        "page.funnel.rule": rule,
        range_key: entries(page, scope),
        "page.funnel.pipeline.coverage": lang.percent(coverage),
    }
    return found | {f"page.funnel.pipeline.left.{name}": lang.number(count) for name, count in counts.items()}


def between(page: Page, low: float | None, high: float | None) -> str | None:
    """An interval of shares; null where there is none."""
    return None if low is None or high is None else f"{page.lang.percent(low)} – {page.lang.percent(high)}"


def note(text: str) -> None:
    """A line of small print."""
    st.caption(plain(text))
