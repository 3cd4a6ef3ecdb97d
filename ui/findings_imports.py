"""Imported lists: when they came, from where, by whom, who of them never interacted, and where they stand now.

Not here: what an imported block is (leadpact/audit/imports.py).
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pandas as pd
import streamlit as st

from leadpact.audit import Audit, imports_list
from leadpact.audit.imports_list import Block, Imports, Part
from leadpact.audit.shown import shown
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, figures, people, state, tables
from ui.choice import Choice, pick
from ui.errors import plain
from ui.figures import Figure
from ui.page import Page
from ui.tables import Kind

BLOCK = "block"
MOST = 20  # blocks a chart can hold
STANDS: dict[str, str] = {"past": charts.BAD, "other": charts.QUIET, "untouched": charts.GOOD, "active": charts.WAITING}
COLUMNS: dict[str, Kind] = {
    "block_at": "moment",
    "source": "text",
    "block_by": "text",
    "block_records": "count",
    "block_silent": "count",
    "block_past": "count",
    "block_untouched": "count",
    "block_mailable": "count",
    "block_stands": "text",
}
BEHIND: dict[str, Kind] = {"status": "text", "silent": "flag", "past": "flag"}


def show(page: Page, result: Audit) -> None:
    """The figures over all lists, a bar a list, the table, and the people of one."""
    lang = page.lang
    found: Imports = page.cached_whole(listing)
    st.caption(plain(page.text("imports.rule")))
    if not found.activities:
        st.warning(page.text("imports.no_activities"), icon=":material/visibility_off:")
    if not found.blocks:
        st.success(page.text("imports.none"), icon=":material/task_alt:")
        if found.undated:
            share = lang.percent(found.coverage)
            st.caption(plain(page.text("imports.undated", count=found.undated, coverage=share)))
        return
    _figures(page, found)
    newest = found.blocks[::-1]
    _chart(page, newest[:MOST])
    if len(newest) > MOST:
        st.caption(plain(page.text("imports.more", shown=MOST, total=len(newest))))
    _table(page, newest)
    titles = {_text(one): _title(page, one) for one in newest}
    choice = pick(page, BLOCK, titles)
    if choice is not None:
        number = int(choice.of)
        people.show(page, titles[choice.text], behind, number, "records", key="imports_people", first=BEHIND)


def listing(analysis: Analysis) -> Imports:
    """As `leadpact.audit.imports_list.imports`."""
    return imports_list.imports(analysis)


def behind(analysis: Analysis, block: int | None, part: Part) -> Table:
    """As `leadpact.audit.imports_list.people`."""
    return imports_list.people(analysis, block, part)


def _figures(page: Page, found: Imports) -> None:
    lang = page.lang
    facts = {"page.findings.imports.coverage": lang.percent(found.coverage)}

    def part(name: Part) -> figures.Part:
        return figures.Part(behind, (None, name), BEHIND)

    def share(name: Part, of: Part) -> str:
        whole = found.total(of)
        return page.text("imports.share", share=lang.percent(found.total(name) / whole if whole else None))

    figures.opening(page, "imports", [
        Figure(page.text("imports.records"), lang.number(found.total("records")), page.text("imports.records.rule"),
               facts=facts, numerator=part("records")),
        Figure(page.text("imports.silent"), lang.number(found.total("silent")), page.text("imports.silent.rule"),
               facts=facts, numerator=part("silent"), denominator=part("records"), delta=share("silent", "records"),
               arrow="off"),
        Figure(page.text("imports.past"), lang.number(found.total("past")), page.text("imports.past.rule"),
               facts=facts, numerator=part("past"), denominator=part("silent"), delta=share("past", "silent"),
               arrow="off"),
        Figure(page.text("imports.mailable"), lang.number(found.total("mailable")), page.text("imports.mailable.rule"),
               facts=facts, numerator=part("mailable"), denominator=part("records"),
               delta=share("mailable", "records"), arrow="off"),
    ])  # fmt: skip


def _chart(page: Page, blocks: tuple[Block, ...]) -> None:
    """A bar a list, in four parts: silent and past the untouched stage, silent elsewhere, untouched, and active."""
    lang = page.lang
    counts: dict[str, list[int]] = {
        "past": [one.past for one in blocks],
        "other": [one.silent - one.past - one.untouched for one in blocks],
        "untouched": [one.untouched for one in blocks],
        "active": [one.records - one.silent for one in blocks],
    }
    series = [
        (page.text(f"imports.stands.{name}"), colour, counts[name], [lang.number(n) if n else "" for n in counts[name]],
         [_text(one) for one in blocks])
        for name, colour in STANDS.items()
        if any(counts[name])
    ]  # fmt: skip
    labels = [charts.escaped(_label(page, one)) for one in blocks]
    figure = charts.bars(labels, series, lang, stacked=True)
    figure.update_yaxes(type="category")
    charts.show(figure, key=page.key("imports_chart"), alt=page.text("imports.alt"), select=_choose)


def _table(page: Page, blocks: tuple[Block, ...]) -> None:
    lang = page.lang
    names = {stage.key: stage.label for stage in page.used.pact.stages}
    rows: list[dict[str, Any]] = [
        {
            "block_at": one.first_at,
            "source": shown(one.source) or None,
            "block_by": _maker(page, one),
            **{f"block_{part}": getattr(one, part) for part in imports_list.PARTS},
            "block_stands": ", ".join(f"{names.get(key, key)} {lang.number(n)}" for key, n in one.stages.items()),
        }
        for one in blocks
    ]

    def choose(row: int | None) -> None:
        _choose(None if row is None else _text(blocks[row]))

    tables.show(pd.DataFrame(rows), COLUMNS, lang, key=page.key("imports_table"), zone=page.used.pact.zone,
                select=choose)  # fmt: skip


def _maker(page: Page, one: Block) -> str | None:
    if one.maker:
        return shown(one.maker)
    return page.text("imports.owner", name=shown(one.owner)) if one.owner else None


def _text(one: Block) -> str:
    return Choice(str(one.number), "records").text


def _choose(text: str | None) -> None:
    state.write(BLOCK, text)


def _label(page: Page, one: Block) -> str:
    """`Expo · Mar 6, 2026`; the object where it is not a lead."""
    day = page.lang.day(one.first_at.replace(tzinfo=UTC).astimezone(page.used.pact.zone).date())
    source = shown(one.source) or page.text("imports.no_source")
    return f"{source} · {day}" if one.object == "lead" else f"{source} ({page.lang(f'ui.object.{one.object}')}) · {day}"


def _title(page: Page, one: Block) -> str:
    return page.text("imports.people", block=_label(page, one), count=one.records)
