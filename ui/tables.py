"""Tables as people read them: columns named and numbers written in the reader's language.

Values stay numbers and times underneath, so that a click on a heading sorts them.

Not here: lists of people (people.py), what is in a table (leadpact).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from leadpact.export import missing
from leadpact.language import Language
from leadpact.model import is_custom
from ui import exports, guide_terms, moments
from ui.exports import Sheet

Kind = Literal["text", "count", "share", "number", "moment", "flag", "state", "span", "link", "page",
               "change"]  # a difference, written already: `+3`  # fmt: skip
NUMBERS = ("count", "share", "number", "span")
DAYS_FROM = 72
UTC = ZoneInfo("UTC")
WEB = "https://"
FORMATS: Mapping[Kind, str] = {"count": "#,##0", "share": "0.0%", "number": "#,##0.0", "span": "#,##0.0"}


def label(lang: Language, column: str) -> str:
    """A column's name for people; mapped CRM fields keep their own."""
    if is_custom(column):
        return column[2:].replace("_", " ").capitalize()
    key = f"ui.col.{column}"
    return lang(key) if lang.has(key) else column


def show(
    frame: pd.DataFrame,
    kinds: Mapping[str, Kind],
    lang: Language,
    *,
    key: str,
    zone: ZoneInfo | None = None,
    select: Callable[[int | None], None] | None = None,
    download: bool = True,
) -> None:
    """The columns in `kinds`, in that order. With `select`, a click on a row calls it with its position.

    Beneath it stands the table as CSV and XLSX, unless `download` is false.
    """
    shown = frame[list(kinds)].reset_index(drop=True)
    whole = shown.copy()
    for name, kind in kinds.items():
        if kind == "link":
            shown[name] = shown[name].map(safe_link)
        elif kind in NUMBERS:
            shown[name] = pd.to_numeric(shown[name]).astype("float64")
    config = {name: _config(lang, name, kind) for name, kind in kinds.items()}
    options: dict[str, Any] = {}
    if select is not None:
        options = {"on_select": lambda: select(_row(key)), "selection_mode": "single-row"}
    styled = written(shown, kinds, lang, zone)
    st.dataframe(styled, hide_index=True, column_config=config, key=key, width="stretch", placeholder="–", **options)
    if download and len(whole):
        exports.row(lang, lambda: sheet(whole, kinds, lang, zone), key=key)


def sheet(frame: pd.DataFrame, kinds: Mapping[str, Kind], lang: Language, zone: ZoneInfo | None = None) -> Sheet:
    """The table as a file holds it: numbers as numbers, moments as the wall clock in `zone`, words in words."""
    kept = {name: kind for name, kind in kinds.items() if kind != "page" and name in frame}
    columns = [[_plain(value, kind, lang, zone or UTC) for value in frame[name]] for name, kind in kept.items()]
    header = [_heading(lang, name, kind) for name, kind in kept.items()]
    return Sheet(header, list(zip(*columns, strict=True)), [FORMATS.get(kind) for kind in kept.values()])


def _heading(lang: Language, name: str, kind: Kind) -> str:
    text = label(lang, name)
    return lang("ui.export.hours", column=text) if kind == "span" else text


def _plain(value: Any, kind: Kind, lang: Language, zone: ZoneInfo) -> Any:
    if missing(value):
        return None
    if kind == "moment":
        return value.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    if kind in ("state", "flag"):
        return cell(value, kind, lang)
    if kind == "link":
        return safe_link(value)
    if kind in NUMBERS:
        number = float(value)
        return int(number) if kind == "count" and number.is_integer() else number
    return value


def written(frame: pd.DataFrame, kinds: Mapping[str, Kind], lang: Language, zone: ZoneInfo | None = None) -> Styler:
    """The frame with every value written in the reader's language; unknown is a dash."""
    return frame.style.format({name: _writer(kind, lang, zone) for name, kind in kinds.items()})


def cell(value: Any, kind: Kind, lang: Language, zone: ZoneInfo | None = None) -> str:
    """One value, written."""
    return _writer(kind, lang, zone)(value)


def _writer(kind: Kind, lang: Language, zone: ZoneInfo | None) -> Callable[[Any], str]:
    """What writes the values of a column."""
    writers: Mapping[str, Callable[[Any], str]] = {
        "count": lang.number,
        "share": lang.percent,
        "number": lambda number: lang.number(number, 1),
        "moment": lambda at: moments.shown(lang, at, zone or UTC),
        "span": partial(span, lang),
        "state": lambda word: lang(f"ui.state.{word}"),
        "flag": lambda on: lang("ui.yes" if on else "ui.no"),
    }
    write = writers.get(kind, str)
    return lambda value: "–" if missing(value) else write(value)


def span(lang: Language, hours: float | None) -> str:
    """Hours as people say them: from three days on, in days."""
    if hours is None or hours != hours:  # noqa: PLR0124 - true for NaN only
        return "–"
    if abs(hours) < DAYS_FROM:
        return lang("ui.hours", hours=lang.number(hours, 1))
    return lang("ui.days_short", days=lang.number(hours / 24, 1))


def safe_link(value: Any) -> str | None:
    """The address, where it is https; which host it may lead to decides who fills the table (crm_links.py)."""
    return value if isinstance(value, str) and value.lower().startswith(WEB) else None


def _config(lang: Language, name: str, kind: Kind) -> Any:
    text, help = label(lang, name), guide_terms.of_column(lang, name)
    if kind in ("link", "page"):
        return st.column_config.LinkColumn(text, display_text=lang(f"ui.open_{kind}"), width="small", help=help)
    if kind in NUMBERS:
        return st.column_config.NumberColumn(text, help=help)
    if kind == "moment":
        return st.column_config.DatetimeColumn(text, help=help)
    return st.column_config.TextColumn(text, help=help, alignment="right" if kind == "change" else None)


def _row(key: str) -> int | None:
    rows = st.session_state[key]["selection"]["rows"]
    return rows[0] if rows else None
