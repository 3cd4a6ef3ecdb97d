"""What a page lets people take with them: a table as CSV and XLSX, and what its numbers stand on.

The second sheet of a workbook says pact, moment, filters and coverage. A page tells those as it
runs; they are put together when somebody clicks, so that what is told last is in it too.

Not here: the files themselves (leadpact/export.py), charts as pictures (charts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from leadpact.export import to_csv, to_xlsx
from leadpact.language import Language
from ui import access

TOLD = "_told"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """What a file holds: header, rows as they are underneath, and an Excel format by column."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    formats: Sequence[str | None] = ()


@dataclass
class Told:
    """What a page has said of its numbers: label → value; `coverage` is asked only where it did not."""

    title: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    coverage: Callable[[], tuple[str, str]] | None = None

    def tell(self, facts: Mapping[str, str]) -> None:
        """More facts; they come first."""
        self.facts = {**facts, **{label: value for label, value in self.facts.items() if label not in facts}}

    def rows(self) -> list[tuple[str, str]]:
        """Everything told, and the coverage."""
        found = dict(self.facts)
        if self.coverage is not None:
            label, value = self.coverage()
            found.setdefault(label, value)
        return [*([(self.title, "")] if self.title else []), *found.items()]


def begin(told: Told) -> None:
    """A page has been opened: tables drawn from here on are told of as it says."""
    st.session_state[TOLD] = told


def row(lang: Language, sheet: Callable[[], Sheet], *, key: str) -> None:
    """The small row of downloads beneath a table. `sheet` is asked when somebody clicks."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key=f"{key}_downloads"):
        buttons(lang, sheet, key=key, quiet=True)


def buttons(
    lang: Language, sheet: Callable[[], Sheet], *, key: str, told: Told | None = None, quiet: bool = False
) -> None:
    """CSV and XLSX. `key` is the widget key the two are named after; so is the file."""
    said = told or st.session_state.get(TOLD) or Told()
    name = file_name(key)
    options: dict[str, Any] = {"on_click": "ignore", "icon": ":material/download:"}
    if quiet:
        options["type"] = "tertiary"
    st.download_button(
        lang("ui.export.csv" if quiet else "ui.people.download"), data=access.held(lambda: csv_of(sheet())),
        mime="text/csv", file_name=f"{name}.csv", key=f"{key}_csv", help=lang("ui.export.csv.help"), **options,
    )  # fmt: skip
    st.download_button(
        lang("ui.export.xlsx" if quiet else "ui.people.download_xlsx"),
        data=access.held(lambda: xlsx_of(lang, sheet(), said)), mime=XLSX,
        file_name=f"{name}.xlsx", key=f"{key}_xlsx", help=lang("ui.export.xlsx.help"), **options,
    )  # fmt: skip


def csv_of(sheet: Sheet) -> bytes:
    """The sheet as CSV."""
    return to_csv(sheet.header, sheet.rows).encode("utf-8")


def xlsx_of(lang: Language, sheet: Sheet, told: Told) -> bytes:
    """The sheet as XLSX, with what was told of it as the second sheet."""
    return to_xlsx(sheet.header, sheet.rows, sheet=lang("ui.export.sheet"), formats=sheet.formats,
                   about=told.rows(), about_sheet=lang("ui.export.about"))  # fmt: skip


def file_name(key: str) -> str:
    """`_funnel_table` → `funnel-table`."""
    return re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-").lower() or "leadpact"
