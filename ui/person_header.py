"""Who a person is, where they stand now, and what is not known of them.

Not here: their journeys and records (person_view.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.metrics.person_facts import Story
from ui import crm_links, figures, moments, people, person_chart, person_view, tables, whom
from ui.errors import plain
from ui.page import Page


def show(page: Page, story: Story) -> bool:
    """Who this is. Returns whether e-mail, phone and subjects may be shown in full."""
    lang, face = page.lang, story.face
    gone = all(record.condition == "deleted" for record in story.records)
    st.subheader(plain(face.name or page.text("nameless", id=face.record_id)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        stage = person_chart.stage_label(lang, page.used.pact, story.spells[-1].stage) if story.spells else None
        for text, icon, colour in (
            (stage, "flag", "blue"),
            (face.status and page.text("status", status=face.status), "label", "gray"),
            (page.text("deleted") if gone else None, "delete", "red"),
        ):
            if text:
                st.badge(plain(text), icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]
        clear = whom.reveal(page, "reveal")
        for record in story.records:
            link = crm_links.link(page, record.url)
            if link and record.condition != "deleted" and record.why != "merged":
                label = page.text("open", object=lang(f"setup.object.{record.object}"))
                st.link_button(plain(label), link, icon=":material/open_in_new:")
    if clear:
        whom.note(page, "reveal", len(story.records))
    _facts(page, story, clear=clear)
    _figures(page, story)
    return clear


def missing(page: Page, story: Story) -> None:
    """What is not known of this person, said before anything is shown."""
    lost = story.unknown_starts
    if lost:
        st.info(plain(page.text("missing", count=lost)), icon=":material/help:")
    if not story.spells:
        st.info(page.text("no_history"), icon=":material/help:")
    if story.absent is not None:
        object, _, record_id = story.absent.partition(":")
        text = page.text("absent", object=page.lang(f"setup.object.{object}"), id=record_id)
        st.info(plain(text), icon=":material/link_off:")


def _facts(page: Page, story: Story, *, clear: bool) -> None:
    face = story.face
    first = min((record.created_at for record in story.records if record.created_at), default=None)
    facts = {
        "email": face.email if clear or not face.email else people.masked_email(face.email),
        "phone": face.phone if clear or not face.phone else people.masked_phone(face.phone),
        "company": face.company,
        "owner": f"{face.owner} ({face.team})" if face.owner and face.team else face.owner,
        "source": face.source,
        "campaign": face.campaign,
        "country": face.country,
        "created_at": first and moments.shown(page.lang, first, page.used.pact.zone),
    }
    text = " · ".join(f"{page.lang(f'setup.col.{name}')}: **{plain(value)}**" for name, value in facts.items() if value)
    if text:
        st.markdown(text)


def _figures(page: Page, story: Story) -> None:
    lang = page.lang
    now = story.spells[-1] if story.spells else None
    since = None if now is None or not now.lasts else person_view.hours(page, now)
    untold = lang("ui.unknown")
    figures.row(
        [
            (page.text("now"), person_chart.stage_label(lang, page.used.pact, now.stage) if now else untold, None),
            (page.text("for"), tables.span(lang, since) if since is not None else untold, page.text("for.help")),
            (page.text("count.journeys"), lang.number(len(story.journeys)), page.text("count.journeys.help")),
            (page.text("count.touches"), lang.number(len(story.touches)) if story.touches_known else untold, None),
        ]
    )
