"""What the pact says, as a document: stages with the values that lead to them, flow, words, promises.

Not here: its standing and versions (definition_standing.py), single sentences (definition_words.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from config.schema import Pact, Stage
from leadpact.audit.facts import Facts
from leadpact.model import OBJECTS
from leadpact.workspace import Analysis
from ui import definition_words as words
from ui import errors, listing, sla_view
from ui.page import Page

KIND_COLOURS: Mapping[str, str] = {
    "untouched": "gray", "nurture": "green", "qualified": "blue", "sales": "violet", "won": "green",
    "retained": "green", "recycled": "orange", "disqualified": "red", "invalid": "gray",
}  # fmt: skip
MOST_DRAWN = 16  # moves in a drawing that can still be read


@dataclass(frozen=True)
class Value:
    """A status value in use: records that hold it now, and when it was last entered (null: not known)."""

    object: str
    value: str
    records: int
    offered: bool
    last_at: datetime | None


def held(one: Analysis) -> tuple[Value, ...]:
    """Every status value of a picklist or held by a record that counts; `` for a blank one."""
    facts = Facts.of(one)
    found = [Value(v.object, v.value, v.records, v.offered, v.last_at) for v in facts.values]
    found += [Value(each.object, "", each.records, False, None) for each in facts.held if each.value is None]
    return tuple(found)


def stages(page: Page, values: tuple[Value, ...] | None) -> None:
    """Every stage in order: meaning, buyer's step, what it requires and offers, and its values."""
    st.subheader(page.text("stages"), anchor=False)
    for number, stage in enumerate(page.used.pact.stages, start=1):
        with st.container(border=True):
            _stage(page, number, stage, values)


def unclaimed(page: Page, values: tuple[Value, ...] | None) -> None:
    """Values in use that lead to no stage."""
    if values is None:
        return
    pact = page.used.pact
    st.subheader(page.text("unclaimed"), anchor=False)
    lost = [one for one in values if one.value not in pact.status_map.of(one.object) and (one.records or one.offered)]
    if not lost:
        st.write(page.text("unclaimed.none"))
        return
    st.write(page.text("unclaimed.text"))
    rows = [
        {
            "object": page.lang(f"setup.objects.{one.object}"),
            "value": one.value or page.text("blank"),
            "records": one.records,
            "last_entered": one.last_at,
        }
        for one in sorted(lost, key=lambda one: (-one.records, one.object, one.value))
    ]
    listing.show(page, rows, {"object": "text", "value": "text", "records": "count", "last_entered": "moment"},
                 key="unclaimed")  # fmt: skip


def agreed(page: Page) -> None:
    """Moves, the green light, the SLA, promises and words: what is not agreed yet is said to be so."""
    lang, pact = page.lang, page.used.pact
    _list(page, "flow", words.moves(pact))
    if 0 < len(pact.flow) <= MOST_DRAWN:
        st.mermaid_chart(_drawing(pact), alt="; ".join(words.moves(pact)))
    _list(page, "ready", words.ready(lang, pact.sales_ready))
    sla = [f"{one.id}: {sla_view.words(page, one)}" for one in pact.sla]
    _list(page, "sla", sla + [words.calendar(lang, name, one) for name, one in pact.calendars.items()])
    _list(page, "commitments", words.commitments(lang, pact.commitments))
    _list(page, "glossary", [f"{term.term}: {term.meaning}" for term in pact.glossary])


def _stage(page: Page, number: int, stage: Stage, values: tuple[Value, ...] | None) -> None:
    lang, pact = page.lang, page.used.pact
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{number}. {errors.plain(stage.label)}**", width="content")
            st.badge(lang(f"stage_kind.{stage.kind}"), color=KIND_COLOURS[stage.kind])  # type: ignore[arg-type]
            if stage.buyer_step:
                key = f"setup.step.{stage.buyer_step}"
                step = lang(key) if lang.has(key) else stage.buyer_step
                st.badge(errors.plain(page.text("step", step=step)), icon=":material/shopping_cart:", color="gray")
        st.markdown(errors.plain(stage.meaning or page.text("no_meaning")))
        if stage.requires:
            needs = "; ".join(words.condition(lang, one) for one in stage.requires)
            st.caption(errors.plain(page.text("requires", conditions=needs)))
        if stage.content:
            st.caption(errors.plain(page.text("content", content=", ".join(stage.content))))
    with right:
        lines = [*_values(page, stage, values), *_events(page, pact, stage)]
        if not lines and values is not None:
            st.caption(page.text("no_values"))
        for title, shown in lines:
            st.markdown(f"{errors.plain(title)}: {shown}")


def _values(page: Page, stage: Stage, values: tuple[Value, ...] | None) -> list[tuple[str, str]]:
    """The raw values that lead to the stage, by object, each with the records that hold it now."""
    counts = None if values is None else {(one.object, one.value): one.records for one in values}
    lines = []
    for object in OBJECTS:
        mine = [value for value, key in page.used.pact.status_map.of(object).items() if key == stage.key]
        shown = [_value(page, value, None if counts is None else counts.get((object, value), 0)) for value in mine]
        if shown:
            lines.append((page.lang(f"setup.objects.{object}"), " · ".join(shown)))
    return lines


def _value(page: Page, value: str, count: int | None) -> str:
    name = errors.plain(value) if value else errors.plain(page.text("blank"))
    return f"**{name}**" + ("" if count is None else f" ({page.lang.number(count)})")


def _events(page: Page, pact: Pact, stage: Stage) -> list[tuple[str, str]]:
    events = pact.status_map.opportunity.model_dump(exclude_none=True)
    shown = [page.lang(f"setup.deal.{event}") for event, key in events.items() if key == stage.key]
    return [(page.text("opportunities"), f"**{', '.join(shown)}**")] if shown else []


def _list(page: Page, part: str, lines: list[str]) -> None:
    st.subheader(page.text(part), anchor=False)
    if lines:
        st.markdown("\n".join(f"- {errors.plain(line)}" for line in lines))
    else:
        st.write(page.text(f"{part}.none"))


def _drawing(pact: Pact) -> str:
    """The agreed moves as a drawing, top to bottom: it fits a phone."""
    used = {key for move in pact.flow for key in move}
    nodes = [f'  {stage.key}["{_quoted(stage.label)}"]' for stage in pact.stages if stage.key in used]
    return "\n".join(["flowchart TB", *nodes, *(f"  {start} --> {end}" for start, end in pact.flow)])


def _quoted(label: str) -> str:
    """Mermaid writes special characters by their names."""
    return label.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
