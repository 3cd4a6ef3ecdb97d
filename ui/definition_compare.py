"""Two versions beside each other on the Definition page: what differs, and what each gives on the same data.

Not here: differences in words (leadpact/pact_diff.py), the totals (leadpact/versus.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from config import drafts
from config.document import BadPact, parse
from config.versions import Version
from leadpact import versus
from leadpact.pact_diff import by_section, differences, headline
from leadpact.workspace import Analysis, PactInUse, Workspace
from ui import state, tables
from ui.errors import plain
from ui.page import Page

A, B, DRAFT = "version", "against", "draft"


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
    """Funnel and SLA under both, side by side; not where one of them is no valid pact yet."""
    try:
        for name, document in sides:
            parse(json.loads(document), name)
    except BadPact:
        st.caption(plain(page.text("compare.invalid")))
        return
    home = str(page.workspace.home)
    first, second = (page.cached_whole(_under, home, document) for _, document in sides)
    left, right = (_said(page, name) for name, _ in sides)
    stage, policy = page.lang("setup.col.stage"), page.lang("setup.col.policy")
    gap = page.text("compare.difference")
    labels = {**first["labels"], **second["labels"]}
    rows = [[label, first["steps"].get(key), second["steps"].get(key)] for key, label in labels.items()]
    frame = pd.DataFrame([[*row, _gap(row[1], row[2])] for row in rows], columns=[stage, left, right, gap])
    tables.show(frame, {stage: "text", left: "count", right: "count", gap: "count"}, page.lang,
                key=page.key("compare_steps"))  # fmt: skip
    kept = {**first["policies"], **second["policies"]}
    if kept:
        rows = [[name, first["policies"].get(name), second["policies"].get(name)] for name in kept]
        frame = pd.DataFrame(rows, columns=[policy, left, right])
        tables.show(frame, {policy: "text", left: "share", right: "share"}, page.lang, key=page.key("compare_sla"))
    st.caption(plain(page.text("compare.note")))


def _under(found: Analysis, home: str, document: str) -> dict[str, Any]:
    """Journeys by stage and compliance by policy under a document, on the data and moment of an analysis."""
    pact = parse(json.loads(document), "compared")
    side = versus.under(Workspace(Path(home)), found.connection, PactInUse(pact, None, False), as_of=found.as_of)
    return {
        "labels": {stage.key: stage.label for stage in pact.funnel},
        "steps": {step.stage: step.converted for step in side.funnel.steps},
        "policies": {one.policy: one.compliance for one in side.policies},
    }


def _gap(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before
