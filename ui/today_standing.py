"""Today: what its numbers stand on, and the report to take into the meeting.

Not here: the report itself (leadpact/report).
"""

from __future__ import annotations

import streamlit as st

from leadpact.report import page as paper
from leadpact.report.gather import gather
from leadpact.report.standing import next_review
from ui import access, definition_review, explain
from ui.errors import plain
from ui.figures import row
from ui.page import Page


def standing(page: Page, coverage: float | None) -> None:
    """The version in use, its next review, and how much of the history is known."""
    lang, one = page.lang, page.analysis
    st.subheader(lang("page.today.standing"), anchor=False)
    known = lang.percent(coverage) if coverage is not None else lang("ui.unknown")
    due = next_review(page.used)
    review = lang.day(due) if due is not None else lang("page.today.review.none")
    row(
        [
            (lang("ui.explain.pact"), explain.version(page), explain.standing(page)),
            (lang("page.today.review"), review, lang("page.today.review.help")),
            (lang("page.today.coverage"), known, lang("page.funnel.coverage")),
        ]
    )
    definition_review.remind(page)
    st.caption(plain(lang("page.today.history", history=lang(f"ui.history.{one.tables.history}"))))


def report(page: Page) -> None:
    """The one-page report as a file; computed when somebody clicks, in another thread."""
    day = page.lang.day(page.analysis.as_of.date())
    st.download_button(
        page.text("report"),
        data=access.held(lambda: written(page)),
        file_name=f"leadpact-{page.analysis.as_of.date().isoformat()}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/description:",
        help=page.text("report.help", day=day),
        key=page.key("report"),
    )


def written(page: Page) -> str:
    """The report's HTML, in the reader's language."""
    review = next_review(page.used)
    return paper.html(gather(page.reopened(), next_review=review), page.lang)
