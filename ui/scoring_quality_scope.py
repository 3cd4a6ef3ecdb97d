"""What the parts on quality and suggestions are asked: what the score foretells, as of when, from which fields.

Not here: the parts (scoring_quality.py, scoring_suggest.py), what the choices mean (scoring/quality_cases.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from leadpact.scoring import quality_people
from leadpact.scoring.quality import Quality
from leadpact.scoring.quality_cases import KNOWN, Asked, Known, target
from leadpact.scoring.suggest import Suggestion
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import state
from ui.page import Page
from ui.tables import Kind

AIM, WITHIN, MOMENT, KNOWN_AT, BEHIND = "aim", "within", "moment", "known", "behind"
CHOICES = (AIM, WITHIN, MOMENT, KNOWN_AT, BEHIND)
DAYS = (30, 60, 90, 180, 365)
MOMENTS = ("qualified", "entry", "entry:7", "entry:14", "entry:30")
COLUMNS: dict[str, Kind] = {"score": "number", "quality_reached": "flag", "scored_at": "moment"}
USUAL_DAYS = 90


def ready(page: Page) -> bool:
    """Whether there is anything to be judged; else the page has said what to do."""
    if not page.ready:
        page.empty("page.scoring.quality.no_data", action="connection", connection=page.connection.name)
    elif not page.used.pact.funnel:
        page.empty("page.scoring.quality.no_funnel", action="definition")
    return page.ready and bool(page.used.pact.funnel)


def show(page: Page, usual: Known, moment: str = MOMENTS[0]) -> Asked:
    """The four choices, each in the link, and what they ask for; `usual` and `moment` where nobody chose."""
    pact = page.used.pact
    stages = [stage.key for stage in pact.funnel[1:]] or [stage.key for stage in pact.funnel]
    first = target(pact, None)[0]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        aim = _pick(page, AIM, stages, first, lambda key: pact.stage(key).label, 220)
        within = _pick(page, WITHIN, [str(day) for day in DAYS], str(USUAL_DAYS),
                       lambda text: page.lang("ui.days", count=int(text)), 130)  # fmt: skip
        at = _pick(page, MOMENT, list(MOMENTS), moment, lambda text: _moment(page, text), 230)
        known = _pick(page, KNOWN_AT, list(KNOWN), usual, lambda text: page.text(f"quality.known.{text}"), 230)
    kind, _, after = at.partition(":")
    return Asked(
        stage=aim,
        within_days=float(within),
        moment="entry" if kind == "entry" else "qualified",
        after_days=float(after or 0),
        known="now" if known == "now" else "then",
    )


def _pick(page: Page, name: str, choices: list[str], usual: str, shown: Any, width: int) -> str:
    asked = state.read(name)
    current = asked if asked is not None and asked in choices else usual
    help = page.text(f"quality.{name}.help") if name in (AIM, KNOWN_AT) else None
    bound = state.bound(page.key(name), name, current, lambda text: None if text == usual else text)
    st.selectbox(page.text(f"quality.{name}"), choices, format_func=shown, width=width, help=help, **bound)
    return current


def _moment(page: Page, text: str) -> str:
    kind, _, after = text.partition(":")
    if after:
        return page.text("quality.moment.entry_after", count=int(after))
    return page.text(f"quality.moment.{kind}")


def facts(page: Page, asked: Asked, told: Quality | Suggestion) -> dict[str, Any]:
    """What every figure of the part was computed under."""
    lang = page.lang
    after = f":{asked.after_days:g}" if asked.after_days else ""
    found = {
        "page.scoring.quality.fact.target": (
            f"{page.used.pact.stage(told.stages[0]).label}, {lang('ui.days', count=int(asked.within_days))}"
        ),
        "page.scoring.quality.fact.moment": _moment(page, asked.moment + after),
        "page.scoring.quality.fact.fields": page.text(f"quality.known.{asked.known}"),
    }
    if isinstance(told, Quality):
        for name in ("young", "settled", "unknown", "unscored"):
            found[f"page.scoring.quality.fact.{name}"] = lang.number(getattr(told, name))
    return found


def behind(analysis: Analysis, asked: Asked, part: str) -> Table:
    """The people of one part of the figures (quality_people.behind), in this page's columns."""
    rows = quality_people.behind(analysis.tables, analysis.pact, analysis.as_of, asked, part)
    return rows.rename(scored_at="moment", quality_reached="reached")
