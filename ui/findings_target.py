"""The proposed target state: the map of statuses to edit and save, and what it would change.

Not here: the table (findings_target_editor.py), saving and files (findings_target_save.py), the
simulated effect (findings_target_effect.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from leadpact.audit import Audit, Finding, valuemap_store
from leadpact.audit import proposal as proposing
from leadpact.audit.facts import Facts
from leadpact.audit.proposal import Proposal
from leadpact.audit.shown import shown
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_check import offered, problems
from leadpact.audit.valuemap_store import Saved
from leadpact.language import Text
from leadpact.model import OBJECTS
from leadpact.workspace import Analysis
from ui import (
    figures,
    findings_target_draft,
    findings_target_editor,
    findings_target_effect,
    findings_target_save,
    moments,
)
from ui.errors import plain
from ui.findings_target_editor import Known
from ui.page import Page

MOST_PROBLEMS = 10
CLEARED = ("action", "mixed", "obsolete")


@dataclass(frozen=True)
class Named:
    """A map as an argument of what is cached: told by its hash."""

    map: ValueMap

    def __repr__(self) -> str:
        return f"map {self.map.hash}"


@dataclass(frozen=True)
class Found:
    """Findings as an argument of what is cached: told by what they are about."""

    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return repr(sorted(one.identity for one in self.findings))


def show(page: Page, result: Audit) -> None:
    """The map and its effect; an empty state where nothing is to be mapped."""
    made: Proposal = page.cached_whole(proposed, Found(result.findings))
    saved = valuemap_store.working(page.workspace.database, page.connection.name)
    begin = made.map if saved is None else page.cached_whole(present, Named(saved.map.refreshed(made.map)))
    if not begin.rows:
        page.empty("page.findings.target.none", action="definition")
        return
    st.markdown(plain(page.text("target.intro")))
    findings_target_draft.current(
        page.connection.name, begin, saved.number if saved else None, (begin.hash, saved and saved.number)
    )
    top = st.container()
    titles = {row_code: page.lang(f"rule.{row_code}.title") for row in begin.rows for row_code in row.codes}
    known = Known(page.cached_whole(on_offer), titles)
    draft = findings_target_editor.show(page, known)
    now: ValueMap = begin if draft.now.hash == begin.hash else page.cached_whole(present, Named(draft.now))
    wrong: list[Text] = page.cached_whole(faults, Named(draft.now))
    with top:
        _figures(page, now)
        _standing(page, saved, draft.touched)
    _problems(page, wrong)
    findings_target_save.show(page, draft, made, now, known, fits=not wrong)
    _additions(page, now)
    if not wrong:
        findings_target_effect.show(page, Named(now))


def proposed(analysis: Analysis, found: Found) -> Proposal:
    """As `leadpact.audit.proposal.propose`."""
    return proposing.propose(analysis, found.findings)


def present(analysis: Analysis, named: Named) -> ValueMap:
    """The map with today's counts, stages and new values."""
    tables = Facts.of(analysis)
    return proposing.present(tables, analysis.pact, named.map)


def faults(analysis: Analysis, named: Named) -> list[Text]:
    """As `leadpact.audit.valuemap_check.problems`."""
    return [Text(one.key, one.params) for one in problems(named.map, Facts.of(analysis), analysis.pact)]


def on_offer(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """By object, the values that can be set, in the order of the picklist.

    One that by its wording is what the map is there to clear away is no place to lead records to:
    it stays where the map names it already, and a map from a file may name it.
    """
    tables = Facts.of(analysis)
    order = sorted(tables.values, key=lambda one: (one.position is None, one.position or 0, one.value))
    return {
        object: tuple(
            one.value
            for one in order
            if one.object == object
            and not one.is_converted
            and offered(tables, object, one.value)
            and tables.kind(one) not in CLEARED
        )
        for object in OBJECTS
    }


def _figures(page: Page, now: ValueMap) -> None:
    """How much the map does, and what is left to do on it."""
    lang = page.lang
    waiting = sum(row.records for row in now.rows if row.open)
    frozen = sum(row.frozen for row in now.rows)
    new = len({(row.object, row.to) for row in now.rows if row.create})
    numbers = {"moves": now.records, "open": waiting, "new": new, "frozen": frozen}
    figures.row(
        (page.text(f"target.{name}"), lang.number(number), page.text(f"target.{name}.help"))
        for name, number in numbers.items()
    )


def _standing(page: Page, saved: Saved | None, touched: bool) -> None:
    """Whose map this is, and whether it has edits nobody has saved."""
    lang = page.lang
    if saved is None:
        text = page.text("target.unsaved_proposal")
    else:
        at = moments.shown(lang, saved.created_at, page.used.pact.zone)
        text = page.text("target.saved", number=saved.number, author=saved.author, at=at)
    # on one line: a line more would push the table from under the hand that edits it
    edits = f" :orange[:material/edit: {plain(page.text('target.touched'))}]" if touched else ""
    st.caption(f"{plain(text)}{edits}")


def _problems(page: Page, wrong: list[Text]) -> None:
    if wrong:
        lines = [plain(page.lang.text(one)) for one in wrong[:MOST_PROBLEMS]]
        more = [plain(page.lang("proposal.fault.more", count=len(wrong) - MOST_PROBLEMS))]
        told = [*lines, *(more if len(wrong) > MOST_PROBLEMS else [])]
        st.warning("\n".join([page.text("target.problems"), "", *(f"- {line}" for line in told)]),
                   icon=":material/rule:")  # fmt: skip


def _additions(page: Page, now: ValueMap) -> None:
    """The pact edit that goes with the map, and the values somebody has to make in the CRM."""
    added = now.additions(page.used.pact)
    stages = {stage.key: stage.label for stage in page.used.pact.stages}
    lang = page.lang
    if added:
        lines = [
            f"- {plain(lang(f'ui.object.{one.object}'))}: **{plain(shown(one.value))}** → "
            f"{plain(stages.get(one.stage, one.stage))}"
            for one in added
        ]
        with st.container(border=True):
            st.markdown("\n".join([f"**{plain(page.text('target.pact', count=len(added)))}**", "", *lines]))
            page.link("definition")
    new = sorted({(row.object, row.to or "") for row in now.rows if row.create})
    if new:
        named = ", ".join(f"{shown(value)} ({lang(f'ui.object.{object}')})" for object, value in new)
        st.info(plain(page.text("target.create", values=named)), icon=":material/add_circle:")
