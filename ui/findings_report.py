"""The audit to hand over, from the page: one HTML file to read and print, one workbook to work with.

Made when somebody clicks, in another thread and so through a door of its own.

Not here: what is in them (leadpact/report).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from leadpact.audit import Audit, suppression
from leadpact.report import audit as gathered
from leadpact.report import audit_book, audit_page
from leadpact.report.audit import AuditReport
from ui import access, audits, findings_suppress
from ui.exports import XLSX
from ui.page import Page


def buttons(page: Page, result: Audit) -> None:
    """Both files, of the findings that count; the filters of the page do not narrow them."""
    whole = audits.whole(page)
    day = suppression.today(page.now(), page.used.pact.zone)
    aside = suppression.sort_out(whole.findings, findings_suppress.known(page), day).aside

    def made() -> AuditReport:
        return gathered.gather(page.reopened(), result, aside)

    name = audit_page.file_name(page.analysis, "")
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _button(page, "html", lambda: audit_page.html(made(), page.lang), f"{name}html", "text/html")
        _button(page, "xlsx", lambda: audit_book.xlsx(made(), page.lang), f"{name}xlsx", XLSX)


def _button(page: Page, kind: str, data: Callable[[], str | bytes], file: str, mime: str) -> None:
    icon = ":material/description:" if kind == "html" else ":material/table_view:"
    st.download_button(
        page.text(f"report.{kind}"), data=access.held(data), file_name=file, mime=mime, on_click="ignore", icon=icon,
        type="tertiary", help=page.text("report.help"), key=page.key(f"report_{kind}"),
    )  # fmt: skip
