"""What each rule does: the leads it hits, how those convert against the others, and who they are.

Not here: the numbers (leadpact/scoring/rule_table.py), the rules themselves (scoring_rules_table.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from config.schema import Pact
from leadpact.scoring import quality_words, rule_people
from leadpact.scoring.basis import Basis
from leadpact.scoring.rule_people import GROUPS
from leadpact.scoring.rule_table import RuleRow, RuleTable, rule_table
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import people, scoring_rules_chart, scoring_scope, scoring_words, state, tables
from ui.choice import with_click
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_check import Named

RULE, GROUP = "rule", "of_rule"
CHOICES = (RULE, GROUP)


def show(page: Page, pact: Pact) -> RuleTable | None:
    """The choice of what converting means, a row for every rule, and the people of the one chosen."""
    st.subheader(page.text("hits"), anchor=False)
    if not pact.scoring.rules:
        st.write(page.text("hits.no_rules"))
        return None
    with st.container(horizontal=True, gap="small"):
        asked = scoring_scope.pick(page, pact)
    if asked is None:
        return None
    found: RuleTable = page.cached_whole(_table, Named(pact), asked)
    st.markdown(plain(_basis(page, pact, found)))
    if found.all.n == 0:
        st.info(plain(page.text("hits.none", young=found.young)), icon=":material/hourglass_empty:")
    _rows(page, found)
    _notes(page, found)
    if found.all.n:
        scoring_rules_chart.show(page, found)
    _people(page, pact, found, asked)
    page.told.tell({page.text("hits.basis"): _basis(page, pact, found)})
    return found


def _table(one: Analysis, named: Named, asked: Basis) -> RuleTable:
    return rule_table(one.tables, named.pact, one.as_of, asked)


def _basis(page: Page, pact: Pact, found: RuleTable) -> str:
    return quality_words.rules(page.lang, pact, found)


def _rows(page: Page, found: RuleTable) -> None:
    """A row for every rule; a click lists its people."""
    lang = page.lang
    kinds: dict[str, Any] = {"rule": "text", "points": "text", "hits": "count", "hit": "share", "miss": "share",
                             "difference": "text", "evidence": "text", "mark": "text", "asks": "text",
                             "share": "share", "hit_share": "share", "of_hit": "count", "of_miss": "count"}  # fmt: skip
    rows = [_row(page, row) for row in found.rows]
    named = {name: page.text(f"hits.col.{name}") for name in kinds}
    frame = pd.DataFrame({called: [row[name] for row in rows] for name, called in named.items()}, dtype="object")

    def chosen(at: int | None) -> None:
        state.write(RULE, None if at is None else found.rows[at].rule.id)

    tables.show(frame, {named[name]: kind for name, kind in kinds.items()}, lang, key=page.key("hits"), select=chosen)
    st.caption(plain(with_click(page, page.text("hits.reading"), "row")))


def _row(page: Page, row: RuleRow) -> dict[str, Any]:
    lang, gap = page.lang, row.gap
    return {
        "rule": row.rule.id,
        "asks": scoring_words.rule(lang, row.rule),
        "points": scoring_words.points(lang, row.rule.points),
        "hits": row.hits,
        "hit_share": row.hits / row.decided if row.decided else None,
        "share": row.share,
        "hit": row.hit.rate,
        "of_hit": row.hit.n,
        "miss": row.miss.rate,
        "of_miss": row.miss.n,
        "difference": None if gap is None else interval(page, gap.difference, gap.low, gap.high),
        "evidence": _evidence(page, row),
        "mark": "; ".join(_marks(page, row)) or None,
    }


def interval(page: Page, value: float, low: float, high: float) -> str:
    """A difference of rates in points, with its interval."""

    def points(one: float) -> str:
        return ("+" if one > 0 else "") + page.lang.number(100 * one, 1)

    return page.text("hits.difference", value=points(value), low=points(low), high=points(high))


def _evidence(page: Page, row: RuleRow) -> str:
    if row.gap is None:
        return page.text("hits.evidence.none")
    if row.small:
        return page.text("hits.evidence.few")
    if not row.gap.clear:
        return page.text("hits.evidence.chance")
    helps = (row.gap.difference > 0) == (row.rule.points > 0)
    return page.text("hits.evidence.fits" if helps else "hits.evidence.against")


def _marks(page: Page, row: RuleRow) -> list[str]:
    """What to know before believing the row."""
    found = [page.text("hits.mark.now")] if row.as_known_now else []
    found += [page.text("hits.mark.nobody")] if row.decided and not row.hits else []
    found += [page.text("hits.mark.undecided", count=row.undecided)] if row.undecided else []
    if row.twin is not None:
        found.append(page.text("hits.mark.twin", rule=row.twin, share=page.lang.percent(row.alike, 0)))
    return found


def _notes(page: Page, found: RuleTable) -> None:
    counts = {name: getattr(found, name) for name in ("young", "undated", "invalid", "settled", "gone", "cut")}
    st.caption(plain(page.lang("scoring.left_out", **counts)))
    if found.untracked:
        named = ", ".join(scoring_words.field(page.lang, name) for name in found.untracked)
        st.caption(plain(page.text("hits.untracked", fields=named)))


def _people(page: Page, pact: Pact, found: RuleTable, asked: Basis) -> None:
    """Who a rule hits, or the journeys it was judged on."""
    names = [row.rule.id for row in found.rows]
    current = state.read(RULE)
    current = current if current in names else None
    with st.container(horizontal=True, gap="small"):
        state.pick(page.text("hits.rule"), page.key(RULE), RULE, names, current, width=260,
                   shown=lambda name: name or page.text("hits.pick"))  # fmt: skip
        if current is None:
            return
        group = state.read(GROUP)
        group = group if group in GROUPS[1:] else None
        state.pick(page.text("hits.group"), page.key(GROUP), GROUP, GROUPS[1:], group, width=330,
                   shown=lambda name: page.text(f"hits.group.{name or GROUPS[0]}"))  # fmt: skip
    chosen = group or GROUPS[0]
    title = f"{current}: {page.text(f'hits.group.{chosen}')}"
    first: dict[str, Any] = {"points": "number", "score": "number"}
    if chosen not in ("now", "undecided"):
        first |= {"moment": "moment", "converted": "flag"}
    people.show(page, title, _behind, Named(pact), current, chosen, asked, key="rule", first=first)


def _behind(one: Analysis, named: Named, rule: str, group: Any, asked: Basis) -> Table:
    return rule_people.people(one.tables, named.pact, one.as_of, rule, group, asked)
