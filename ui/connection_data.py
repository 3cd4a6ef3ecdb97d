"""What arrived: tables and rows, how much history is known, and the rows that could not be read.

Not here: counting it (leadpact/coverage.py, leadpact/rejected.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from leadpact import coverage, rejected
from leadpact.coverage import Coverage
from leadpact.export import to_csv
from leadpact.language import Language, Text
from leadpact.workspace import Analysis
from ui import access, errors, listing, moments, whom
from ui.page import Page

MOST_SHOWN = 500


def tables(page: Page) -> None:
    """Rows by table; what the source does not deliver is said, not shown as none."""
    one = page.analysis
    found = {run.generation: run for run in coverage.runs(page.workspace.mirror(one.connection))}
    st.subheader(page.text("tables"), anchor=False)
    rows = [
        {
            "table": page.lang(f"ui.table.{name}"),
            "rows": count,
            "note": page.text("not_delivered") if count is None else page.text("none") if count == 0 else None,
        }
        for name, count in coverage.delivered(found[one.generation], one.info)
    ]
    listing.show(page, rows, {"table": "text", "rows": "count", "note": "text"}, key="tables")


def added(page: Page) -> None:
    """What other connections added to this one's people."""
    found = page.analysis.info.get("adds") or {}
    if found:
        st.subheader(page.text("adds"), anchor=False)
    for source, one in found.items():
        key = "joined.kept" if one["kept"] else "joined.added"
        text = page.lang(key, source=source, count=one["joined"], rows=one["rows"])
        st.markdown(f"- {errors.plain(text)}")


def history(page: Page) -> None:
    """How much of the status history is known, by object and by kind of evidence."""
    lang, zone = page.lang, page.used.pact.zone
    found: Coverage = page.cached_whole(_coverage)
    st.subheader(page.text("history"), anchor=False)
    st.write(page.text(f"history.{found.history}"))
    if found.since is not None:
        st.write(page.text("history.since", at=moments.shown(lang, found.since, zone)))
    for known, column in zip(found.known, st.columns(max(len(found.known), 2)), strict=False):
        column.metric(
            lang("setup.known", object=lang(f"setup.objects.{known.object}")),
            lang.percent(known.share),
            border=True,
            help=lang("setup.known.help", part=known.known, whole=known.records - known.without),
        )
    rows = [
        {
            "object": lang(f"setup.objects.{known.object}"),
            "records": known.records,
            "known": known.known,
            "unknown_start": known.unknown_start,
            "gaps": known.gaps,
            "without": known.without,
        }
        for known in found.known
    ]
    counts = ("records", "known", "unknown_start", "gaps", "without")
    listing.show(page, rows, {"object": "text", **dict.fromkeys(counts, "count")}, key="known")  # type: ignore[dict-item]
    rows = [
        {
            "object": lang(f"setup.objects.{one.object}"),
            "evidence": lang(f"setup.evidence.{one.kind}"),
            "meaning": lang(f"setup.evidence.{one.kind}.help"),
            "changes": one.changes,
            "records": one.records,
            "first_at": one.first_at,
            "last_at": one.last_at,
        }
        for one in found.evidence
    ]
    st.caption(errors.plain(page.text("evidence")))
    kinds: Any = {"object": "text", "evidence": "text", "changes": "count", "records": "count", "first_at": "moment",
                  "last_at": "moment", "meaning": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="evidence")


def unread(page: Page) -> None:
    """The rows that could not be read: by problem, then one by one, and all of them to download."""
    lang, one = page.lang, page.analysis
    mirror = page.workspace.mirror(one.connection)
    found = rejected.summary(mirror, one.generation)
    st.subheader(page.text("unread"), anchor=False)
    if not found:
        st.write(page.text("unread.none"))
        return
    lost, repaired = (sum(each.rows for each in found if each.kept is kept) for kept in (False, True))
    st.write(page.text("unread.count", lost=lost, repaired=repaired))
    rows = [
        {
            "source": each.source,
            "column": each.column,
            "problem": _said(lang, each),
            "outcome": lang("setup.repaired" if each.kept else "setup.left_out"),
            "rows": each.rows,
            "lines": _lines(each),
        }
        for each in found
    ]
    kinds: Any = {"problem": "text", "rows": "count", "outcome": "text", "source": "text", "column": "text",
                  "lines": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="problems")
    total = lost + repaired
    with st.expander(page.text("unread.each", count=total), icon=":material/list:"):
        rows = [_row(lang, each) for each in rejected.listed(mirror, one.generation, MOST_SHOWN)]
        listing.show(page, rows, {"source": "text", "line": "count", "column": "text", "problem": "text",
                                  "outcome": "text"}, key="rejected")  # fmt: skip
        if total > MOST_SHOWN:
            st.caption(errors.plain(lang("ui.people.first", shown=MOST_SHOWN, total=total)))
    if not whom.whole_files(page, contact=True):  # rows as they came, of everybody
        return
    st.download_button(
        page.text("unread.download"),
        data=access.held(lambda: _csv(page, one.generation)),
        file_name=f"{one.connection}-rows-not-read.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=page.key("rejected_download"),
        help=page.text("unread.download.help"),
    )


def _coverage(one: Analysis) -> Coverage:
    return coverage.coverage(one.tables, one.info)


def _csv(page: Page, generation: int) -> bytes:
    """Every row with its content as it came; read when somebody clicks, in another thread."""
    lang = page.lang
    names = ("source", "line", "column", "problem", "outcome", "content")
    rows = rejected.every(page.workspace.mirror(page.connection.name), generation)
    return to_csv([lang(f"setup.col.{name}") for name in names], _cells(lang, rows)).encode("utf-8")


def _cells(lang: Language, rows: Iterator[rejected.Rejected]) -> Iterator[list[Any]]:
    for each in rows:
        row = _row(lang, each)
        yield [*(row[name] for name in ("source", "line", "column", "problem", "outcome")), each.raw]


def _row(lang: Language, each: rejected.Rejected) -> dict[str, Any]:
    return {
        "source": each.source,
        "line": each.line,
        "column": each.column,
        "problem": _said(lang, each),
        "outcome": lang("setup.repaired" if each.kept else "setup.left_out"),
    }


def _said(lang: Language, each: rejected.Rejected | rejected.Summary) -> str:
    return lang.text(Text(each.problem, each.params))


def _lines(each: rejected.Summary) -> str | None:
    if each.first_line is None:
        return None
    return str(each.first_line) if each.first_line == each.last_line else f"{each.first_line} – {each.last_line}"
