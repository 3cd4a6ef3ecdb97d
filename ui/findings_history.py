"""Findings from audit to audit: how many were new, still there and resolved, and since when each.

Not here: what makes a finding new or resolved (leadpact/audit/changes.py), where audits are kept
(leadpact/audit/findings_log.py), the chart (findings_history_chart.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from leadpact.audit import Audit, Finding, findings_log
from leadpact.audit.changes import Change, Standing, resolved
from leadpact.audit.findings_log import Series, line_of
from leadpact.audit.identity import Identity
from leadpact.audit.shown import shown
from leadpact.model import OBJECTS
from leadpact.workspace import Analysis, Workspace
from ui import audits, charts, figures, findings_history_chart, moments, tables
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind

RUNS = 30
NEW_FOR = timedelta(days=7)
MOST_LISTED = 200
SAID = (*OBJECTS, "record")
log = logging.getLogger("leadpact.ui")


def keep(page: Page, result: Audit) -> None:
    """Keeps the audit this page shows, where it is of a saved pact and the last sync: signing changes it."""
    one = page.analysis
    if one.used.version is None or not findings_log.for_the_record(one):
        return
    try:
        findings_log.keep(page.workspace.database, one, result, now=page.now())
    except SQLAlchemyError as error:  # the findings are worth more than their history
        log.error("the audit of %s could not be kept: %s", one.connection, type(error).__name__)


def history(page: Page) -> list[Change]:
    """The last audits kept of this connection, the oldest first; read again when one is added."""
    found: list[Change] = _cached(page, _history) or []
    return found


def _cached(page: Page, read: Callable[..., Any]) -> Any:
    """`read(analysis, home, series, number of the last run)`, kept until there is another; null before the first."""
    series = Series(page.connection.name, line_of(page.used))
    number = findings_log.newest(page.workspace.database, series)
    return None if number is None else page.cached_whole(read, _Home(page.workspace), series, number)


class _Home:
    """Where to read; the same home has the same key already."""

    def __init__(self, space: Workspace) -> None:
        self.space = space

    def __repr__(self) -> str:
        return "home"


def _history(_: Analysis, home: _Home, series: Series, number: int) -> list[Change]:
    return findings_log.history(home.space.database, series, last=RUNS)


@dataclass(frozen=True)
class Past:
    """What the card of a finding says of its past. `since` is null for one that is no news."""

    since: datetime | None
    again: bool
    worse: bool


def news(page: Page) -> Mapping[str, Past]:
    """By fingerprint, what is younger than a week or got more severe; nothing on a look back."""
    if not findings_log.for_the_record(page.analysis):
        return {}
    found: Mapping[str, Past] = page.once("findings.news", lambda: _cached(page, _news) or {})
    return found


def _news(_: Analysis, home: _Home, series: Series, number: int) -> dict[str, Past]:
    found = findings_log.history(home.space.database, series, last=RUNS)
    if len(found) < 2:
        return {}
    last, began = found[-1], found[0].run.as_of if found[0].first else None
    some = {one.identity.fingerprint: _past(one, last, began) for one in (*last.new, *last.still)}
    return {key: past for key, past in some.items() if past.since is not None or past.worse}


def _past(one: Standing, last: Change, began: datetime | None) -> Past:
    fresh = one.since != began and last.run.as_of - one.since < NEW_FOR
    return Past(one.since if fresh else None, one.seen.first_seen < one.since, one.worse)


def badge(page: Page, finding: Finding) -> None:
    """`new since 3 March` for a week, `back since` where it had been resolved, and that it got more severe."""
    past = news(page).get(Identity.of(finding).fingerprint)
    if past is None:
        return
    if past.since is not None:
        since = moments.shown(page.lang, past.since, page.used.pact.zone)
        text = page.text("history.again" if past.again else "history.new_since", at=since)
        st.badge(plain(text), icon=":material/fiber_new:", color="violet")
    if past.worse:
        st.badge(page.text("history.worse"), icon=":material/trending_up:", color="orange")


def show(page: Page, result: Audit) -> None:
    """The part of the page: the last audit against the one before, all of them, what is new and what is resolved."""
    whole = audits.whole(page)
    keep(page, whole)
    found = history(page)
    if not found:
        page.empty("page.findings.history.none", action="connection")
        return
    last, lang = found[-1], page.lang
    if len(found) == 1 and last.first:
        st.info(plain(page.text("history.first")), icon=":material/flag:")
    figures.row(
        [
            (page.text("history.new"), lang.number(len(last.new)), page.text("history.new.help")),
            (page.text("history.still"), lang.number(len(last.still)), page.text("history.still.help")),
            (page.text("history.resolved"), lang.number(len(last.resolved)), page.text("history.resolved.help")),
            (page.text("history.carried"), lang.number(len(last.carried)), page.text("history.carried.help")),
        ]
    )
    st.subheader(page.text("history.runs"), anchor=False)
    st.caption(plain(page.text("history.about", runs=RUNS, kept=findings_log.KEPT)))
    if len(found) > 1:
        names = [page.text(f"history.{name}") for name in ("still", "new", "resolved")]
        labels = [moments.shown(lang, one.run.as_of, page.used.pact.zone) for one in found]
        figure = findings_history_chart.runs(found, labels, names, lang, page.used.pact.zone)
        charts.show(figure, key=page.key("history_chart"), alt=page.text("history.alt", runs=len(found)))
    _runs(page, found)
    now = {Identity.of(one).fingerprint: one for one in whole.findings}
    if not last.first:
        _list(page, "history.new_list", "history.new_none", last.new, now, {"since": "moment"})
    gone = resolved(found)
    _list(page, "history.gone_list", "history.gone_none", gone, now, {"since": "moment", "resolved_at": "moment"})


def _runs(page: Page, found: Sequence[Change]) -> None:
    rows = [
        {
            "run_at": one.run.as_of,
            "run_sync": one.run.generation,
            "run_pact": one.run.pact_version,
            "run_new": len(one.new),
            "run_still": len(one.still),
            "run_resolved": len(one.resolved),
            "run_unchecked": ", ".join(one.run.not_checked) or None,
        }
        for one in reversed(found)
    ]
    kinds: dict[str, Kind] = {"run_at": "moment", "run_new": "count", "run_still": "count", "run_resolved": "count",
                              "run_unchecked": "text", "run_pact": "count", "run_sync": "count"}  # fmt: skip
    tables.show(pd.DataFrame(rows), kinds, page.lang, key=page.key("history_runs"), zone=page.used.pact.zone)


def _list(
    page: Page, title: str, nothing: str, some: Sequence[Standing], now: Mapping[str, Finding], times: dict[str, Kind]
) -> None:
    lang = page.lang
    st.subheader(page.text(title), anchor=False)
    if not some:
        st.write(page.text(nothing))
        return
    rows = [
        {
            "finding_said": _title(page, one.identity, now.get(one.identity.fingerprint)),
            "finding_value": shown(one.identity.value) or None,
            "finding_about": _about(page, one.identity),
            "finding_severity": lang(f"audit.severity.{one.seen.severity}"),
            "finding_records": one.seen.records,
            "since": one.since,
            "resolved_at": one.resolved_at,
            "finding_rule": one.identity.code,
        }
        for one in some[:MOST_LISTED]
    ]
    words: list[str] = ["finding_said", "finding_value", "finding_about", "finding_severity"]
    kinds: dict[str, Kind] = {
        **dict.fromkeys(words, "text"),
        "finding_records": "count",
        **times,
        "finding_rule": "text",
    }
    key = page.key(title.replace(".", "_"))
    tables.show(pd.DataFrame(rows), kinds, lang, key=key, zone=page.used.pact.zone)
    if len(some) > MOST_LISTED:
        st.caption(plain(page.text("history.more", shown=MOST_LISTED, total=len(some))))


def _title(page: Page, identity: Identity, finding: Finding | None) -> str:
    """What is wrong, in the words of the rule; a rule that is gone has only its code."""
    if finding is not None:
        return page.lang.text(finding.message)
    key = f"rule.{identity.code}.title"
    return page.lang(key) if page.lang.has(key) else identity.code


def _about(page: Page, identity: Identity) -> str | None:
    parts = [page.lang(f"ui.object.{identity.object}") if identity.object in SAID else identity.object or ""]
    return " · ".join([part for part in (*parts, shown(identity.record_type)) if part]) or None
