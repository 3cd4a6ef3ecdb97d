"""What the parts on quality and suggestions are asked: how leads convert, and by which fields they are judged.

Not here: the parts (scoring_quality.py, scoring_suggest.py), what
the choices mean (leadpact/scoring/basis.py), those all parts have (scoring_scope.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from leadpact.scoring import quality_people
from leadpact.scoring.basis import KNOWN, Asked, Known
from leadpact.scoring.quality import Quality
from leadpact.scoring.suggest import Suggestion
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import scoring_scope
from ui.page import Page
from ui.tables import Kind

KNOWN_AT, BEHIND = "known", "behind"
CHOICES = (KNOWN_AT, BEHIND)
COLUMNS: dict[str, Kind] = {"score": "number", "quality_reached": "flag", "scored_at": "moment"}


def ready(page: Page) -> bool:
    """Whether there is anything to be judged; else the page has said what to do."""
    if not page.ready:
        page.empty("page.scoring.quality.no_data", action="connection", connection=page.connection.name)
    elif not page.used.pact.funnel:
        page.empty("page.scoring.quality.no_funnel", action="definition")
    return page.ready and bool(page.used.pact.funnel)


def show(page: Page, usual: Known, start: str | None = None) -> Asked | None:
    """The choices, each in the link, and what they ask for; `usual` and `start` where nobody chose.

    Null where the pact has nothing that leads could convert to; then it has been said.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        basis = scoring_scope.pick(page, page.used.pact, start)
        if basis is None:
            return None
        known = scoring_scope.choose(page, KNOWN_AT, KNOWN, usual, lambda text: page.text(f"quality.known.{text}"),
                                     page.text("quality.known"), 230, page.text("quality.known.help"))  # fmt: skip
    return Asked(basis.anchor, basis.goal, basis.days, basis.after_days, known="now" if known == "now" else "then")


def facts(page: Page, asked: Asked, told: Quality | Suggestion) -> dict[str, Any]:
    """What every figure of the part was computed under."""
    lang = page.lang
    found = {
        "page.scoring.quality.fact.target": (
            f"{page.used.pact.stage(told.stages[0]).label}, {lang('ui.days', count=int(asked.days))}"
        ),
        "page.scoring.quality.fact.moment": scoring_scope.said(page, page.used.pact, asked),
        "page.scoring.quality.fact.fields": page.text(f"quality.known.{asked.known}"),
    }
    if isinstance(told, Quality):
        for name in ("young", "settled", "unknown", "invalid", "unscored"):
            found[f"page.scoring.quality.fact.{name}"] = lang.number(getattr(told, name))
    return found


def behind(analysis: Analysis, asked: Asked, part: str) -> Table:
    """The people of one part of the figures (quality_people.behind), in this page's columns."""
    rows = quality_people.behind(analysis.tables, analysis.pact, analysis.as_of, asked, part)
    return rows.rename(scored_at="moment", quality_reached="reached")
