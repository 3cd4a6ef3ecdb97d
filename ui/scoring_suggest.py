"""Suggested points beside the team's own: what they are worth on later journeys, and each rule to be taken over.

Not here: the fit (leadpact/scoring/suggest.py), saving into the draft (scoring/suggest_take.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from config import drafts
from config.parts import Condition, ScoringRule
from leadpact.errors import LeadPactError
from leadpact.metrics.separation import Separation
from leadpact.scoring import quality_words as said
from leadpact.scoring import suggest_take
from leadpact.scoring.basis import Asked
from leadpact.scoring.suggest import Suggested, Suggestion, suggest
from ui import access, authors, scoring_quality_rules, scoring_quality_scope, scoring_words
from ui.access import EDIT_PACT
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.scoring_quality_scope import COLUMNS, behind, facts

_NOTE = "_scoring_suggest_note"


def show(page: Page) -> None:
    """The whole part."""
    if not scoring_quality_scope.ready(page):
        return
    asked = scoring_quality_scope.show(page, "now")
    if asked is None:
        return
    told: Suggestion = page.cached(suggest, asked, labels=dict(page.analysis.labels()))
    for line in said.basis(page.lang, page.used.pact, asked, told):
        st.caption(plain(line))
    lines = said.beside(page.lang, told)
    if told.outcome != "fitted":
        with st.container(border=True):
            st.markdown("\n\n".join(plain(line) for line in lines))
            st.markdown(plain(page.text("suggest.strict_empty" if asked.known == "then" else "quality.wait")))
    else:
        st.caption(plain(page.text("suggest.order")))
        _figures(page, asked, told)
        st.markdown("\n\n".join(plain(line) for line in lines))
        _card(page, told)
    _left_out(page, told)


def _figures(page: Page, asked: Asked, told: Suggestion) -> None:
    known = facts(page, asked, told)
    judged = Part(behind, (asked, "all"), COLUMNS, "score")
    figures = [_area(page, "theirs", told.theirs, page.text("suggest.rule.theirs"), known, None)]
    if told.own is not None:
        rules = ", ".join(told.own_left_out) or page.text("suggest.none_left_out")
        figures.append(_area(page, "own", told.own, page.text("suggest.rule.own", rules=rules), known, judged))
    if told.better is not None:
        one = told.better
        sign = "+" if one.difference >= 0 else "−"
        figures.append(Figure(page.text("suggest.better"), f"{sign}{_points(page, abs(one.difference))}",
                              page.text("suggest.rule.better"), facts=known,
                              help=f"{_points(page, one.low)} – {_points(page, one.high)}"))  # fmt: skip
    opening(page, "suggest", figures)


def _area(page: Page, name: str, one: Separation | None, rule: str, known: Any, part: Part | None) -> Figure:
    lang = page.lang
    if one is None:
        return Figure(page.text(f"suggest.{name}"), "–", rule, facts=known)
    between = f"{lang.percent(one.low)} – {lang.percent(one.high)}"
    return Figure(page.text(f"suggest.{name}"), lang.percent(one.auc), rule, facts=known, help=between,
                  numerator=part)  # fmt: skip


def _points(page: Page, difference: float) -> str:
    """A difference of two shares, in percentage points."""
    return page.text("suggest.points", count=page.lang.number(100 * difference, 1))


def _card(page: Page, told: Suggestion) -> None:
    """The rules, most points first, each with the team's own points on the same thing and a way into the draft."""
    st.subheader(page.text("suggest.card"), anchor=False)
    scaled = page.text("suggest.card.reading", scale=told.scale)
    st.caption(plain(scaled if told.scale > 1 else page.text("suggest.card.plain")))
    may = access.may(page.visitor, EDIT_PACT)
    if may:
        authors.ask(page)
    note: tuple[bool, str] | None = st.session_state.pop(_NOTE, None)
    if note is not None:
        (st.success if note[0] else st.error)(plain(note[1]))
    draft = drafts.newest(page.workspace.database, page.used.line)
    held = [one.get("when") for one in (draft.get("scoring") or {}).get("rules", [])] if draft else []
    for one in told.rules:
        _rule(page, told, one, held, may)
    subjects = {_subject(one.rule) for one in told.rules}
    unused = [rule for rule in page.used.pact.scoring.rules if _subject(rule) not in subjects]
    if unused:
        st.markdown(f"**{plain(page.text('suggest.unused'))}**")
        st.markdown("\n".join(f"- {_own(page, rule)}" for rule in unused))


def _rule(page: Page, told: Suggestion, one: Suggested, held: list[Any], may: bool) -> None:
    lang = page.lang
    points = scoring_words.points(lang, one.own.points)
    card = f" ({scoring_words.points(lang, one.rule.points)})" if told.scale > 1 else ""
    mine = [_own(page, rule) for rule in page.used.pact.scoring.rules if _subject(rule) == _subject(one.rule)]
    yours = page.text("suggest.yours", rules="; ".join(mine)) if mine else page.text("suggest.yours_none")
    rates = {"rate": lang.percent(one.rate), "rest": lang.percent(one.rest), "hits": one.hits}
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{points}**{card} · {plain(scoring_words.rule(lang, one.rule))}")
            more = "" if one.then else f" · {page.text('suggest.today')}"
            st.caption(plain(f"{page.text('suggest.row', **rates)}{more}") + f"  \n{plain(yours)}")
        if one.rule.model_dump(mode="json", exclude_defaults=True)["when"] in held:
            st.badge(page.text("suggest.in_draft"), icon=":material/check:", color="green", width="content")
        elif may:
            st.button(page.text("suggest.take"), key=page.key(f"take_{one.rule.id}"), icon=":material/playlist_add:",
                      on_click=_take, args=(page, one.own), width="content")  # fmt: skip


def _own(page: Page, rule: ScoringRule) -> str:
    return f"{plain(scoring_words.rule(page.lang, rule))} {scoring_words.points(page.lang, rule.points)}"


def _subject(rule: ScoringRule) -> str:
    """What a rule is about: its field without `f_`, or the kind of activity."""
    if isinstance(rule.when, Condition):
        return rule.when.field.casefold().removeprefix("f_")
    return f"{scoring_words.ACTIVITY}{rule.when.activity.casefold()}"


def _take(page: Page, rule: ScoringRule) -> None:
    """One rule into the draft. The role is asked for here, whatever the page has drawn. Raises NotAllowed."""
    access.acting(page.visitor, EDIT_PACT)
    try:
        by = authors.named(page, EDIT_PACT)
        engine, used = page.workspace.database, page.used
        suggest_take.take(engine, [rule], used.pact, author=by, now=page.now(), pact=used.line)
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state[_NOTE] = (True, page.text("suggest.taken", rule=rule.id))


def _left_out(page: Page, told: Suggestion) -> None:
    for name, found in (("signs", told.left_out), ("doubts", told.doubts)):
        if found:
            st.subheader(page.text(f"suggest.{name}"), anchor=False)
            scoring_quality_rules.leaks(page, found, f"suggest_{name}")
    if told.protected:
        fields = ", ".join(scoring_words.field(page.lang, name) for name in told.protected)
        st.caption(plain(page.text("suggest.protected", fields=fields)))
