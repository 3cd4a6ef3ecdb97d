"""A person as the page of a CRM shows them, in a frame of some 400 pixels: where they stand and why.

Not here: the whole story (person_view.py), how a page knows that it is in a frame (embedded.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from leadpact.metrics.person_facts import Story
from leadpact.scoring import words
from leadpact.scoring.explain import Explained
from leadpact.scoring.explain import explain as explained
from ui import charts, embedded, explain, moments, person_chart, person_search, person_view, tables
from ui.errors import plain
from ui.page import Page

MOST_RULES, MOST_TOUCHES = 6, 5
LIGHTS = {"green": "green", "amber": "orange", "red": "red"}


def show(page: Page, key: person_search.Key, story: Story) -> None:
    """Name and standing, the score rule by rule, the journey, what runs and what happened last."""
    scored = _score(page, key, story)
    _standing(page, story, scored)
    if scored is not None:
        _why(page, scored)
    made = person_chart.figure(page, story, narrow=True)
    if made is not None:
        charts.show(made, key=page.key("chart"), alt=page.text("alt", journeys=len(story.journeys),
                                                               stages=len(story.spells)))  # fmt: skip
    _touches(page, story)
    values = {"object": key[0], "record": key[1], "connection": page.connection.name, "lang": page.lang.code}
    address = embedded.outside("person", **values)
    st.link_button(page.text("embed.open"), address, icon=":material/open_in_new:", width="stretch")


def foot(page: Page) -> None:
    """How fresh this is, and by which pact: at the end, for the person comes first in a frame."""
    pact = page.used.pact
    at = moments.shown(page.lang, page.analysis.synced_at, pact.zone)
    synced = page.lang("ui.synced", at=at, zone=pact.timezone)
    st.caption(plain(f"{synced} · {explain.standing(page)}"))


def _score(page: Page, key: person_search.Key, story: Story) -> Explained | None:
    """The score of the record asked for, else of one of theirs that still counts."""
    keys = [key, *((one.object, one.record_id) for one in reversed(story.records))]
    for object, record_id in dict.fromkeys(keys):
        found: Explained | None = page.cached(explained, object, record_id)
        if found is not None:
            return found
    return None


def _standing(page: Page, story: Story, scored: Explained | None) -> None:
    lang, pact, face = page.lang, page.used.pact, story.face
    st.subheader(plain(face.name or page.text("nameless", id=face.record_id)), anchor=False)
    now = story.spells[-1] if story.spells else None
    with st.container(horizontal=True, gap="small"):
        if now is not None:
            st.badge(plain(person_chart.stage_label(lang, pact, now.stage)), icon=":material/flag:", color="blue")
        if scored is not None and scored.light:
            st.badge(lang(f"score.light.{scored.light}"), icon=":material/circle:", color=LIGHTS[scored.light])  # type: ignore[arg-type]
        if all(record.condition == "deleted" for record in story.records):
            st.badge(page.text("deleted"), icon=":material/delete:", color="red")
    since = person_view.hours(page, now) if now is not None and now.lasts else None
    facts = {"for": tables.span(lang, since) if since is not None else None, "owner": face.owner}
    if scored is not None and scored.score is not None:
        of = scored.threshold
        facts["score"] = (
            page.text("embed.score", score=scored.score, of=of) if of is not None else lang.number(scored.score, 1)
        )
    named = {"for": page.text("for"), "owner": lang("setup.col.owner"), "score": lang("score.col.score")}
    st.markdown("  \n".join(f"{named[name]}: **{plain(value)}**" for name, value in facts.items() if value))
    for clock in story.clocks:
        if clock.state in ("running", "overdue"):
            spent, target = tables.span(lang, clock.hours), tables.span(lang, clock.target_hours)
            state = lang(f"ui.state.{clock.state}")
            text = page.text("embed.clock", policy=clock.policy, state=state, time=spent, target=target)
            (st.error if clock.state == "overdue" else st.info)(plain(text), icon=":material/timer:")


def _why(page: Page, scored: Explained) -> None:
    """What is missing to green, and the rules that gave or took points."""
    lang, pact = page.lang, page.used.pact
    for code in scored.missing:
        st.markdown(f":orange[:material/radio_button_unchecked:] {plain(_missing(page, scored, code))}")
    rules = {one.id: one for one in pact.scoring.rules}
    fired = sorted((one for one in scored.reasons if one.fired), key=lambda one: -abs(one.points or 0))
    if not fired:
        return
    lines = [f"- {plain(lang.text(words.rule(rules[one.rule])))}: **{plain(f'{one.points:+.4g}')}**" for one in fired]
    more = len(lines) - MOST_RULES
    with st.expander(page.text("embed.why"), icon=":material/format_list_bulleted:"):
        st.markdown("\n".join(lines[:MOST_RULES]))
        if more > 0:
            st.caption(page.text("embed.more", count=more))


def _missing(page: Page, scored: Explained, code: str) -> str:
    return page.lang("score.missing", what=page.lang.text(words.missing(page.used.pact, code, scored.score)))


def _touches(page: Page, story: Story) -> None:
    """The last things that happened, a line each; subjects stay out: a frame is seen by many."""
    if not story.touches:
        st.caption(page.text("touches.none" if story.touches_known else "touches.unknown"))
        return
    st.markdown(f"**{plain(page.text('embed.touches'))}**")
    st.markdown("\n".join(f"- {line}" for line in _lines(page, story)))


def _lines(page: Page, story: Story) -> Iterator[str]:
    last = sorted((one for one in story.touches if one.at), key=lambda one: one.at, reverse=True)  # type: ignore[arg-type,return-value]
    for one in last[:MOST_TOUCHES]:
        at = moments.shown(page.lang, one.at, page.used.pact.zone)
        parts = [at, person_chart.activity(page.lang, one.kind), one.actor, one.outcome]
        yield " · ".join(plain(part) for part in parts if part)
