"""What the whole Scoring page means by "leads convert": from where, to what, within how many days; all in the link.

Not here: what the choices mean (leadpact/scoring/basis.py), the parts that ask (scoring_rules_hits.py,
scoring_quality_scope.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from config.schema import Pact
from leadpact.errors import LeadPactError
from leadpact.scoring.basis import ENTRY, USUAL_DAYS, Basis, anchors, goals
from ui import state
from ui.errors import plain
from ui.page import Page

START, GOAL, DAYS = "judged_at", "goal", "days"
CHOICES = (START, GOAL, DAYS)
WINDOWS = (30, 60, 90, 180, 365)
LATER = (7, 14, 30)  # days after the start of a journey


def pick(page: Page, pact: Pact, usual: str | None = None) -> Basis | None:
    """Three choices, and what they ask for; `usual` is where leads are judged when nobody chose (`entry:14`).

    What is in the link and makes no sense for the pact is the default. Null where the pact has nothing
    to convert to; then it has been said.
    """
    try:
        first = _named(Basis().of(pact)) if usual is None else usual
    except LeadPactError as error:
        st.info(plain(page.lang.error(error)), icon=":material/info:")
        return None
    starts = [ENTRY, *(f"{ENTRY}:{days}" for days in LATER), *(key for key in anchors(pact) if goals(pact, key))]
    start = choose(page, START, starts, first, lambda text: _start(page, pact, text), page.text("hits.start"), 240)
    anchor, _, after = start.partition(":")
    asked = Basis(anchor, after_days=float(after or 0)).of(pact)
    goal = choose(page, GOAL, goals(pact, anchor), str(asked.goal), lambda key: pact.stage(key).label,
                  page.text("hits.goal"), 220)  # fmt: skip
    days = choose(page, DAYS, [str(one) for one in WINDOWS], f"{USUAL_DAYS:g}",
                  lambda text: page.lang("scoring.days", count=int(text)), page.text("hits.days"), 140)  # fmt: skip
    return Basis(anchor, goal, float(days), float(after or 0)).of(pact)


def choose(
    page: Page, name: str, choices: Sequence[str], usual: str, shown: Callable[[str], str], label: str, width: int,
    help: str | None = None,
) -> str:  # fmt: skip
    """One choice of the link; `usual` where nobody chose, or what was chosen is not there."""
    asked = state.read(name)
    current = asked if asked is not None and asked in choices else usual
    bound = state.bound(page.key(name), name, current, lambda text: None if text == usual else text)
    st.selectbox(label, list(choices), format_func=shown, width=width, help=help, **bound)
    return current


def _named(asked: Basis) -> str:
    return f"{asked.anchor}:{asked.after_days:g}" if asked.after_days else str(asked.anchor)


def _start(page: Page, pact: Pact, text: str) -> str:
    anchor, _, after = text.partition(":")
    if after:
        return page.text("quality.moment.entry_after", count=int(after))
    return page.lang("scoring.entry") if anchor == ENTRY else pact.stage(anchor).label


def said(page: Page, pact: Pact, asked: Basis) -> str:
    """Where leads are judged, as the choice has it."""
    return _start(page, pact, _named(asked.of(pact)))
