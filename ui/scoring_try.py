"""A lead tried under the rules being edited, beside those in use: rule by rule, and what is missing.

What is searched for stays out of the address: it may be an e-mail.

Not here: the explanation itself (leadpact/scoring/explain.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from config.parts import ScoringRule
from config.schema import Pact
from leadpact.metrics import person
from leadpact.scoring import words
from leadpact.scoring.explain import Explained, Reason
from leadpact.scoring.explain import explain as explain_one
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import figures, listing, people, scoring_words, whom
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_check import Named
from ui.whom import Sight

MOST = 20
COLOURS = {"green": "green", "amber": "orange", "red": "red"}


def show(page: Page, pact: Pact) -> None:
    """The search, and the score of whom was chosen, twice."""
    st.subheader(page.text("try"), anchor=False)
    if whom.closed(page):
        return
    text = st.text_input(page.text("try.search"), key=page.key("try"), icon=":material/search:",
                         placeholder=page.text("try.hint"))  # fmt: skip
    if not text.strip():
        return
    found: pd.DataFrame = page.cached_whole(_found, text.strip(), whom.of(page))
    if found.empty:
        st.write(page.text("try.nobody"))
        return
    rows = found.to_dict("records")
    labels = [_label(page, row) for row in rows]
    at = st.selectbox(page.text("try.who"), range(len(rows)), key=page.key("try_who"), format_func=labels.__getitem__)
    object, record_id = str(rows[at or 0]["object"]), str(rows[at or 0]["record_id"])
    now: Explained | None = page.cached_whole(_explained, Named(pact), object, record_id)
    if now is None:
        st.info(plain(page.text("try.out")), icon=":material/block:")
        return
    used = page.used.pact
    before: Explained | None = None
    if used.scoring.rules and used.hash != pact.hash:
        before = page.cached_whole(_explained, Named(used), object, record_id)
    _lights(page, now, before)
    _rules(page, pact, now, before)
    _missing(page, pact, now, before)
    page.link("person", page.text("try.person"), object=object, record=record_id)


def _found(one: Analysis, text: str, sight: Sight) -> Table:
    return person.find(sight.tables(one), text, MOST)


def _explained(one: Analysis, named: Named, object: str, record_id: str) -> Explained | None:
    return explain_one(one.tables, named.pact, one.as_of, object, record_id)


def _label(page: Page, row: dict[Any, Any]) -> str:
    name = row["name"] if isinstance(row["name"], str) else row["record_id"]
    email = people.masked_email(row["email"]) if isinstance(row["email"], str) else None
    parts = [name, row["company"], row["status"], email, page.lang(f"setup.object.{row['object']}")]
    return " · ".join(part for part in parts if isinstance(part, str) and part)


def _lights(page: Page, now: Explained, before: Explained | None) -> None:
    rows = [(page.text("try.now"), now), *([(page.text("try.before"), before)] if before else [])]
    figures.row((label, f"{page.lang.number(one.score, 1)} · {_light(page, one)}", _over(page, one))
                for label, one in rows)  # fmt: skip


def _light(page: Page, one: Explained) -> str:
    return page.lang(f"score.light.{one.light or 'unknown'}")


def _over(page: Page, one: Explained) -> str | None:
    return None if one.threshold is None else page.text("try.threshold", threshold=one.threshold)


def _rules(page: Page, pact: Pact, now: Explained, before: Explained | None) -> None:
    """Every rule of either, with what it gives under each."""
    own = {rule.id: rule for rule in pact.scoring.rules}
    other = {rule.id: rule for rule in page.used.pact.scoring.rules} if before else {}
    given = {one.rule: one for one in now.reasons}
    was = {one.rule: one for one in before.reasons} if before else {}
    rows = [
        {
            "rule": name,
            "asks": scoring_words.rule(page.lang, own.get(name) or other[name]),
            "points_now": _points(page, own.get(name), given.get(name)),
            "points_before": _points(page, other.get(name), was.get(name)) if before else None,
        }
        for name in dict.fromkeys([*own, *other])
    ]
    listing.show(page, rows, {"rule": "text", "points_now": "text", "points_before": "text", "asks": "text"},
                 key="try_rules")  # fmt: skip
    for one, label in ((now, "try.now"), (before, "try.before")):
        for cut in one.cuts if one else ():
            said = page.lang("score.cut", group=cut.group, given=cut.given, counted=cut.counted)
            st.caption(plain(f"{page.text(label)}: {said}"))


def _points(page: Page, rule: ScoringRule | None, reason: Reason | None) -> str:
    if rule is None or reason is None:
        return page.text("try.no_rule")
    if reason.points is None:
        return page.lang(f"score.why.{reason.why}")
    return scoring_words.points(page.lang, reason.points)


def _missing(page: Page, pact: Pact, now: Explained, before: Explained | None) -> None:
    """What is missing to the green light, under each."""
    for one, agreed, label in ((now, pact, "try.now"), (before, page.used.pact, "try.before")):
        if one is not None and one.missing:
            said = "; ".join(page.lang.text(words.missing(agreed, code, one.score)) for code in one.missing)
            st.markdown(plain(f"{page.text(label)}: {page.lang('score.missing', what=said)}"))
