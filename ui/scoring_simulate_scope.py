"""What the simulation is asked: which two versions, how far back, what Sales can take, what the greens are to reach.

Not here: the simulation itself (leadpact/scoring/simulate.py), what it shows (scoring_simulate.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from config import versions
from config.schema import Pact
from leadpact.scoring.simulate import Question
from ui import definition_draft, moments, scoring_quality_scope, state
from ui.definition_draft import Standing
from ui.page import Page

AGAINST, MONTHS, CAPACITY, SIDE = "against", "months", "capacity", "disagree"
CHOICES = (AGAINST, MONTHS, CAPACITY, SIDE)
MONTHS_BACK = (1, 3, 6, 12)
USUAL_MONTHS = 6
USUAL_START = "entry:14"  # as simulate.USUAL: of all leads, not of those the version in force let through


@dataclass(frozen=True)
class Versus:
    """The two pacts, as an argument of what is cached: told by their hashes."""

    before: Pact
    after: Pact

    def __repr__(self) -> str:
        return f"versus {self.before.hash} {self.after.hash}"


def pacts(page: Page) -> Versus | None:
    """The draft (else the newest version) and what it is put beside; null where there is only one text.

    Draws the choice of the other version where there are several.
    """
    standing = definition_draft.standing(page)
    after = standing.pact
    known = versions.history(page.workspace.database, page.used.line)
    others = {str(one.number): one.pact for one in known if after is None or one.hash != after.hash}
    if after is None or (after.hash == page.used.pact.hash and not others):
        return None
    asked = state.read(AGAINST)
    usual = page.used.pact if page.used.pact.hash != after.hash else next(iter(others.values()))
    if others:
        state.pick(page.text("simulate.against"), page.key(AGAINST), AGAINST, list(others),
                   asked if asked in others else None, width=230,
                   shown=lambda text: page.text("simulate.against.used") if text is None
                   else page.text("simulate.against.version", number=text))  # fmt: skip
    return Versus(others.get(asked or "", usual), after)


def named(page: Page, both: Versus, standing: Standing) -> str:
    """Which texts “before” and “draft” are in the figures beneath."""
    number = next((str(one.number) for one in versions.history(page.workspace.database, page.used.line)
                   if one.hash == both.before.hash), None)  # fmt: skip
    before = page.text("simulate.named.proposed" if number is None else "simulate.against.version", number=number or "")
    if standing.draft is None:
        return page.text("simulate.named.newest", before=before)
    at = moments.shown(page.lang, standing.draft.updated_at, page.used.pact.zone)
    return page.text("simulate.named", before=before, at=at)


def weeks(page: Page) -> tuple[int, float | None]:
    """How many months back, and how many leads Sales can take in a week (null: nobody said); both in the link."""
    asked = state.read(MONTHS)
    months = int(asked) if asked in {str(one) for one in MONTHS_BACK} else USUAL_MONTHS
    bound = state.bound(page.key(MONTHS), MONTHS, months, lambda one: None if one == USUAL_MONTHS else str(one))
    st.selectbox(page.text("simulate.months"), MONTHS_BACK, width=180,
                 format_func=lambda count: page.text("simulate.months.count", count=count), **bound)  # fmt: skip
    capacity = _number(state.read(CAPACITY))
    bound = state.bound(page.key(CAPACITY), CAPACITY, capacity, lambda value: None if not value else f"{value:g}")
    st.number_input(page.text("simulate.capacity"), min_value=0.0, step=5.0, format="%g", placeholder="–",
                    width=230, help=page.text("simulate.capacity.help"), **bound)  # fmt: skip
    return months, capacity


def question(page: Page, months: int, capacity: float | None) -> Question | None:
    """With what counts as success, which the other parts ask in the same way; null where nothing can."""
    asked = scoring_quality_scope.show(page, "now", USUAL_START)
    return None if asked is None else Question(months, capacity, asked)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if 0 < found < 1e9 else None
