"""One column of a source table in the mapping editor: what it holds, what it fills, and how.

Not here: the table as a whole (mapping_editor.py), what an edit does (mapping_draft.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leadpact.mapping import Entry, Guess, SourceColumn, SourceTable
from leadpact.mapping.vocabulary import vocabulary
from leadpact.model import ACTIVITY_KINDS, CONDITIONS, OBJECTS
from ui import errors, mapping_dates, mapping_search
from ui import mapping_draft as edit
from ui.mapping_state import bound
from ui.page import Page

CLOSED: Mapping[str, Sequence[str]] = {
    "object": OBJECTS,
    "condition": CONDITIONS,
    "kind": ACTIVITY_KINDS,
    "direction": ("inbound", "outbound"),
}
SURE = 0.9
LISTED = 4  # values of a picklist
SHAPE = 24  # letters of a masked sample: enough to see an address or a number


def show(page: Page, place: int, entry: Entry, table: SourceTable, guesses: Mapping[tuple[str, str], Guess],
         statuses: Sequence[str]) -> None:  # fmt: skip
    """The columns of the table, in its order; of very many, those in use and those searched for."""
    for number, column in mapping_search.shown(page, place, entry, table):
        left, middle, right = st.columns([3, 4, 4], vertical_alignment="top")
        with left:
            _holds(page, column, table)
        with middle:
            _fills(page, place, number, entry, column)
        with right:
            _how(page, place, number, entry, column, guesses, statuses)


def called(page: Page, use: str) -> str:
    """A use of a column in the reader's language."""
    name = use.removeprefix(edit.FIELD)
    return page.lang(f"setup.field.{name}") if use.startswith(edit.FIELD) else page.lang(f"setup.use.{use}")


def _holds(page: Page, column: SourceColumn, table: SourceTable) -> None:
    lang = page.lang
    kind = lang(f"setup.kind.{'email' if column.email else column.kind}")
    lines = [f"**{errors.plain(column.shown)}**"]
    if table.fills:  # a CRM that describes its fields: nobody counted cells, and people know the fields' own names
        own = f" · {errors.plain(column.name)}" if column.label else ""
        lines.append(f"{errors.plain(kind)}{own}")
    else:
        filled = lang.percent(column.filled / table.sampled if table.sampled else None, 0)
        lines.append(errors.plain(lang("setup.holds", kind=kind, filled=filled)))
    samples = column.samples or column.values[:LISTED]
    if samples:
        shown = samples if column.values or column.kind != "text" else [samples[0][:SHAPE]]
        cells = " · ".join(f"`{' '.join(sample.replace('`', ' ').split())}`" for sample in shown)
        lines.append(lang("setup.samples", samples=cells))
    st.markdown(lines[0])
    st.caption("  \n".join(lines[1:]))


def _fills(page: Page, place: int, number: int, entry: Entry, column: SourceColumn) -> None:
    st.multiselect(
        errors.label(page.lang("setup.fills", column=column.shown)),
        [*edit.choices(entry), *([edit.SINCE] if column.watches or entry.status_since == column.name else [])],
        format_func=lambda use: called(page, use),
        placeholder=page.lang("setup.fills.none"),
        label_visibility="collapsed",
        **bound(page, place, f"use_{number}", edit.uses_of(entry, column.name),
                lambda entry, uses: edit.use(entry, column.name, uses, column.label)),
    )  # fmt: skip


def _how(page: Page, place: int, number: int, entry: Entry, column: SourceColumn,
         guesses: Mapping[tuple[str, str], Guess], statuses: Sequence[str]) -> None:  # fmt: skip
    lang, header = page.lang, column.name
    uses = edit.uses_of(entry, header)
    _confidence(page, [guess for use in uses if (guess := guesses.get((header, use))) is not None])
    slug, status = edit.slug_of(entry, header), edit.status_of(entry, header)
    if slug is not None:
        st.text_input(lang("setup.slug"), help=lang("setup.slug.help"), max_chars=52,
                      **bound(page, place, f"slug_{number}", slug,
                              lambda entry, text: edit.name_slug(entry, header, text)))  # fmt: skip
    if status is not None:
        known = list(dict.fromkeys([status, *statuses]))
        st.selectbox(lang("setup.status"), known, accept_new_options=True, help=lang("setup.status.help"),
                     **bound(page, place, f"status_{number}", status,
                             lambda entry, text: edit.name_status(entry, header, text or "")))  # fmt: skip
    if edit.dated(entry, header):
        _date(page, place, number, entry, column)
    for use in uses:
        if use.startswith(edit.FIELD):
            _values(page, place, number, entry, column, use.removeprefix(edit.FIELD))


def _confidence(page: Page, found: Sequence[Guess]) -> None:
    if not found:
        return
    least = min(found, key=lambda guess: guess.confidence)
    text = page.lang(f"mapping.why.{least.why}", confidence=page.lang.percent(least.confidence, 0))
    st.badge(
        errors.plain(text), icon=":material/auto_awesome:", color="green" if least.confidence >= SURE else "orange"
    )


def _date(page: Page, place: int, number: int, entry: Entry, column: SourceColumn) -> None:
    """How the dates are read: asked where two ways are possible, each shown on an example."""
    lang, header = page.lang, column.name
    if column.kind not in ("time", "blank"):
        st.badge(lang("setup.not_dates"), icon=":material/warning:", color="orange")
    wanted = header.strip().casefold()
    given = next((form for of, form in entry.dates.items() if of.strip().casefold() == wanted), None)
    if given is None and not set(column.date_forms) & set(mapping_dates.ORDERS):
        return
    sample = mapping_dates.telling(column.samples)
    means = mapping_dates.readings(sample) if sample else {}

    def shown(form: str) -> str:
        text = lang(f"setup.form.{form}")
        return f"{text}: {sample} = {lang.day(means[form])}" if form in means else text

    forms = [*mapping_dates.ORDERS, *([given] if given not in (None, *mapping_dates.ORDERS) else [])]
    asked = len(column.date_forms) > 1 and given is None
    st.radio(
        lang("setup.order.ask" if asked else "setup.order"),
        forms,
        index=None,
        format_func=shown,
        **bound(page, place, f"form_{number}", given, lambda entry, form: edit.date_form(entry, header, form)),
    )
    if asked:
        st.badge(lang("setup.order.open"), icon=":material/help:", color="red")


def _values(page: Page, place: int, number: int, entry: Entry, column: SourceColumn, name: str) -> None:
    """Words of the source for a column with words of its own: what each is read as."""
    lang, known = page.lang, entry.values.get(name, {})
    closed = CLOSED.get(name)
    words = vocabulary(name)
    if not known and not (closed and column.values):
        return
    with st.popover(lang("setup.values", count=len(known)), icon=":material/translate:"):
        st.caption(errors.plain(lang("setup.values.help")))
        for at, value in enumerate(dict.fromkeys([*known, *column.values])):
            to = next((str(of) for word, of in known.items() if word.casefold() == value.casefold()), "")
            if closed:
                read = words.get(value.casefold(), value if value in closed else None)
                st.selectbox(errors.label(value), ["", *closed], format_func=lambda of, read=read: of or lang(
                                 "setup.values.as_read", value=read or lang("ui.unknown")),
                             **_value(page, place, f"{number}_{at}", name, value, to))  # fmt: skip
            else:
                st.text_input(errors.label(value), placeholder=value,
                              **_value(page, place, f"{number}_{at}", name, value, to))  # fmt: skip


def _value(page: Page, place: int, what: str, name: str, value: str, to: str) -> dict[str, object]:
    return bound(page, place, f"value_{what}", to, lambda entry, given: edit.translate(entry, name, value, given or ""))
