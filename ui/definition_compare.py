"""Two versions beside each other on the Definition page: what differs, and what each gives on the same data.

Not here: differences in words (leadpact/pact_diff.py), the totals (leadpact/versus.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from config import drafts
from config.document import BadPact, parse
from config.versions import Version
from leadpact import versus
from leadpact.metrics.funnel import Scope
from leadpact.pact_diff import by_section, differences, headline
from leadpact.pact_in_use import PactInUse
from leadpact.scoring.score import LIGHTS
from leadpact.workspace import Analysis, Workspace
from ui import filters, moments, options, state, tables
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind

A, B, DRAFT = "version", "against", "draft"
FILTERS = (*state.FUNNEL_FILTERS, *state.CONDITIONS, state.AS_OF)
NAMED = {"steps": "setup.col.stage", "days": "setup.col.stage", "sla": "setup.col.policy", "lights": "versus.light"}
DIGITS = {"count": 0, "number": 1, "share": 3}
KINDS: Mapping[str, Kind] = {"steps": "count", "days": "number", "sla": "share", "lights": "count"}


def show(page: Page, found: Sequence[Version]) -> None:
    """Two of the versions and the draft; both choices are in the URL. Nothing where there is only one."""
    documents = {str(one.number): one.document for one in found}
    draft = drafts.newest(page.workspace.database, page.used.line)
    if draft is not None:
        documents = {DRAFT: json.dumps(draft.document), **documents}
    if len(documents) < 2:
        return
    st.subheader(page.text("compare"), anchor=False)
    names = list(documents)
    with st.container(horizontal=True):
        first = _pick(page, A, names, names[1])
        second = _pick(page, B, names, names[0])
    before, after = (json.loads(documents[name]) for name in (first, second))
    changed = differences(before, after)
    st.markdown(f"**{plain(headline(changed, page.lang))}**")
    if len(changed) > 1:
        for title, lines in by_section(changed, page.lang):
            st.markdown("\n".join([f"**{plain(title)}**", "", *(f"- {plain(line)}" for line in lines)]))
    if page.ready and changed:
        _totals(page, [(first, documents[first]), (second, documents[second])])


def _pick(page: Page, name: str, names: list[str], default: str) -> str:
    wanted = state.read(name)
    current = wanted if wanted in names else default
    st.selectbox(page.text(f"compare.{name}"), names, format_func=lambda one: _said(page, one), width=260,
                 **state.bound(page.key(name), name, current, str))  # fmt: skip
    return current


def _said(page: Page, name: str) -> str:
    return page.text("compare.draft") if name == DRAFT else page.text("compare.number", number=name)


def _totals(page: Page, sides: Sequence[tuple[str, str]]) -> None:
    """Funnel, days, SLA and lights under both, with the filters of the dashboards; not where one is no valid pact."""
    try:
        pacts = [parse(json.loads(document), name) for name, document in sides]
    except BadPact:
        st.caption(plain(page.text("compare.invalid")))
        return
    state.settle(FILTERS)  # a link from a dashboard brings its filters along
    scope = versus.together(filters.show(page, split=False), pacts)
    where = tuple((name, value) for name in state.CONDITIONS if (value := state.read(name)) is not None)
    as_of = filters.moment_in_url(page)
    home = str(page.workspace.home)
    under = [page.cached_whole(_under, home, document, scope, where, as_of) for _, document in sides]
    names = [_said(page, name) for name, _ in sides]
    for column, parts in zip(st.columns(2), (("steps", "lights"), ("days", "sla")), strict=True):
        with column:
            for part in parts:
                _table(page, part, names, [side[part] for side in under])
    said = [f"{page.lang(f'ui.filter.{name}')} = {options.shown(page.lang, value)}" for name, value in where]
    at = moments.shown(page.lang, as_of or page.analysis.as_of, page.used.pact.zone)
    st.caption(plain(" ".join([page.text("compare.note", at=at), *(f"{one}." for one in said)])))


def _table(page: Page, part: str, names: Sequence[str], sides: Sequence[Mapping[str, tuple[str, Any]]]) -> None:
    """One figure of both sides a row: what it is, under the first, under the second, and the difference."""
    known = list(dict.fromkeys(key for side in sides for key in side))
    if not known:
        return
    kind: Kind = KINDS[part]
    st.markdown(f"**{plain(page.text(f'compare.{part}'))}**")
    what, gap = page.lang(NAMED[part]), page.text("compare.difference")
    rows = []
    for key in known:
        label = next(side[key][0] for side in sides if key in side)
        first, second = (side[key][1] if key in side else None for side in sides)
        if first is None and second is None:
            continue
        between = None if first is None or second is None else round(second - first, DIGITS[kind]) + 0  # never -0
        rows.append([page.lang(label) if part == "lights" else label, first, second, between])
    if not rows:
        return
    left, right = names if names[0] != names[1] else (names[0], f"{names[1]} ")
    frame = pd.DataFrame(rows, columns=[what, left, right, gap])
    tables.show(frame, {what: "text", left: kind, right: kind, gap: kind}, page.lang,
                key=page.key(f"compare_{part}"))  # fmt: skip


def _under(
    found: Analysis, home: str, document: str, scope: Scope, where: tuple[tuple[str, str], ...], as_of: datetime | None
) -> dict[str, dict[str, tuple[str, Any]]]:
    """Each figure under a document as key → label and value, on the data of an analysis."""
    pact = parse(json.loads(document), "compared")
    side = versus.under(
        Workspace(Path(home)), found.connection, PactInUse(pact, None, False),
        as_of=as_of or found.as_of, where=dict(where), scope=scope,
    )  # fmt: skip
    labels = {stage.key: stage.label for stage in pact.stages}
    return {
        "steps": {one.stage: (labels[one.stage], one.converted) for one in side.funnel.steps},
        "days": {one.stage: (labels[one.stage], one.median_days) for one in side.stages if one.stage in labels},
        "sla": {one.policy: (one.policy, one.compliance) for one in side.policies},
        "lights": {str(light): (f"versus.light.{light or 'none'}", side.lights[light])
                   for light in (*LIGHTS, None) if light in side.lights},
    }  # fmt: skip
