"""A person's story on the page: their journeys, clocks, touches, deals and records.

Not here: the story itself (leadpact/metrics/person.py), its chart (person_chart.py), who they are
(person_header.py).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from leadpact.metrics.person_facts import Deal, PersonRecord, PersonSpell, Story
from ui import charts, crm_links, listing, person_chart, tables
from ui.page import Page

HOUR = 3600


def journeys(page: Page, story: Story) -> None:
    """The timeline, and the stages one by one beneath."""
    lang, pact = page.lang, page.used.pact
    st.subheader(page.text("journeys"), anchor=False)
    made = person_chart.figure(page, story)
    if made is not None:
        st.caption(page.text("reading"))
        charts.show(made, key=page.key("chart"), alt=page.text("alt", journeys=len(story.journeys),
                                                               stages=len(story.spells)))  # fmt: skip
    rows = [
        {
            "journey": spell.journey,
            "stage": person_chart.stage_label(lang, pact, spell.stage),
            "entered": person_chart.edges(lang, spell, pact.zone)[0],
            "left": person_chart.edges(lang, spell, pact.zone)[1],
            "time": hours(page, spell),
            "value": spell.value,
            "record": f"{lang(f'setup.object.{spell.object}')} {spell.record_id}",
            "evidence": lang(f"setup.evidence.{spell.evidence}"),
        }
        for spell in story.spells
    ]
    kinds: Any = {"journey": "count", "stage": "text", "entered": "text", "left": "text", "time": "span",
                  "value": "text", "evidence": "text", "record": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="spells")


def clocks(page: Page, story: Story) -> None:
    """Every SLA clock of this person."""
    st.subheader(page.text("clocks"), anchor=False)
    if not story.clocks:
        st.write(page.text("clocks.none"))
        return
    rows = [
        {
            "policy": clock.policy,
            "state": clock.state,
            "started_at": clock.started_at,
            "stopped": clock.stopped_at or clock.ended_at,
            "stopped_by": clock.stopped_by and page.text(f"stopped.{clock.stopped_by}"),
            "time": clock.hours,
            "target_hours": clock.target_hours,
        }
        for clock in story.clocks
    ]
    kinds: Any = {"policy": "text", "state": "state", "started_at": "moment", "stopped": "moment",
                  "stopped_by": "text", "time": "span", "target_hours": "span"}  # fmt: skip
    listing.show(page, rows, kinds, key="clocks")


def touches(page: Page, story: Story, *, clear: bool) -> None:
    """Every activity; its subject, which may be personal, only where asked for."""
    lang = page.lang
    st.subheader(page.text("touches"), anchor=False)
    if not story.touches:
        st.write(page.text("touches.none" if story.touches_known else "touches.unknown"))
        return
    rows = [
        {
            "when": touch.at,
            "kind": person_chart.activity(lang, touch.kind),
            "direction": _word(page, "direction", touch.direction),
            "who": touch.actor,
            "team": touch.team,
            "outcome": touch.outcome,
            "completed": touch.completed,
            "automated": touch.automated,
            "subject": touch.subject if clear else None,
        }
        for touch in story.touches
    ]
    kinds: Any = {"when": "moment", "kind": "text", "direction": "text", "who": "text", "team": "text",
                  "outcome": "text", "completed": "flag", "automated": "flag", "subject": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="touches")


def deals(page: Page, story: Story) -> None:
    """Every opportunity of this person, where there is any."""
    if not story.deals:
        return
    st.subheader(page.text("deals"), anchor=False)
    rows = [
        {
            **asdict(deal),
            "outcome": page.lang(f"setup.deal.{_outcome(deal.is_won, deal.is_closed)}"),
            "amount": _money(page, deal),
            "id": deal.opportunity_id,
        }
        for deal in story.deals
    ]
    kinds: Any = {"id": "text", "outcome": "text", "created_at": "moment", "closed_at": "moment", "amount": "text",
                  "type": "text", "pipeline": "text", "owner": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="deals")


def records(page: Page, story: Story) -> None:
    """The records that make this person, and why each belongs; and every change of theirs."""
    lang = page.lang
    st.subheader(page.text("records"), anchor=False)
    rows = [
        {
            **asdict(record),
            **_address(page, record),
            "object": lang(f"setup.object.{record.object}"),
            "id": record.record_id,
            "why": _why(page, record),
            "condition": _word(page, "condition", record.condition),
        }
        for record in story.records
    ]
    kinds: Any = {"object": "text", "id": "text", "why": "text", "status": "text", "condition": "text",
                  "owner": "text", "source": "text", "created_at": "moment", "converted_at": "moment",
                  "end_reason": "text", "url": "link", "url_text": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="records")
    if not story.changes:
        return
    with st.expander(page.text("changes", count=len(story.changes)), icon=":material/history:"):
        rows = [
            {
                "when": change.at,
                "record": f"{lang(f'setup.object.{change.object}')} {change.record_id}",
                "field": _field(page, change.field),
                "before": change.from_value,
                "after": change.to_value,
                "who": change.actor,
                "evidence": lang(f"setup.evidence.{change.evidence}"),
            }
            for change in story.changes
        ]
        kinds = {"when": "moment", "record": "text", "field": "text", "before": "text", "after": "text",
                 "who": "text", "evidence": "text"}  # fmt: skip
        listing.show(page, rows, kinds, key="changes")


def hours(page: Page, spell: PersonSpell) -> float | None:
    """Hours in the stage so far; null where an edge is not known."""
    end = page.analysis.as_of if spell.lasts else spell.left_at
    return None if spell.entered_at is None or end is None else (end - spell.entered_at).total_seconds() / HOUR


def _money(page: Page, deal: Deal) -> str | None:
    if deal.amount is None:
        return None
    digits = 0 if float(deal.amount).is_integer() else 2
    return f"{page.lang.number(deal.amount, digits)} {deal.currency or ''}".strip()


def _address(page: Page, record: PersonRecord) -> dict[str, str | None]:
    """The address in the CRM as a link, or, where it leads elsewhere, as text."""
    link = crm_links.link(page, record.url)
    return {"url": link, "url_text": None if link else record.url}


def _why(page: Page, record: PersonRecord) -> str:
    return page.text(f"why.{record.why}", into=record.into or "")


def _word(page: Page, what: str, word: str | None) -> str | None:
    key = f"setup.{what}.{word}"
    return word and (page.lang(key) if page.lang.has(key) else word)


def _field(page: Page, name: str) -> str:
    key = f"setup.field.{'owner_id' if name == 'owner' else name}"
    return page.lang(key) if page.lang.has(key) else tables.label(page.lang, name)


def _outcome(won: bool | None, closed: bool | None) -> str:
    return "won" if won else "lost" if closed else "open"
