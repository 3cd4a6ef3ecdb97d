"""The mapping of one source table: where it goes, its columns, and the values every row has.

Not here: single columns (mapping_columns.py), the mapping as a whole (connection_mapping.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leadpact.mapping import TARGETS, Entry, Guess, MappingDocument, Proposal, SourceTable
from ui import errors, mapping_columns, mapping_state
from ui import mapping_draft as edit
from ui.mapping_state import bound
from ui.page import Page

NOWHERE = "nowhere"
AT = "_mapping_at"


def overview(document: MappingDocument, tables: Sequence[SourceTable]) -> list[tuple[str, int | None]]:
    """Every readable table with the position of each entry that reads it (null: none), then entries of no table."""
    found: list[tuple[str, int | None]] = []
    for table in tables:
        if table.problem is None:
            own = [at for at, entry in enumerate(document.tables) if entry.source.casefold() == table.name.casefold()]
            found += [(table.name, at) for at in own] or [(table.name, None)]
    known = {table.name.casefold() for table in tables}
    return found + [(one.source, at) for at, one in enumerate(document.tables) if one.source.casefold() not in known]


def choose(page: Page, document: MappingDocument, rows: Sequence[tuple[str, int | None]]) -> tuple[str, int | None]:
    """The table, and the entry that reads it, to be edited."""
    key = f"{AT}_{page.connection.name}"
    names = _told_apart([_shown(page, document, row) for row in rows])
    current = st.session_state.get(key)
    place = names.index(current) if current in names else _first_open(document, rows)
    chosen = st.selectbox(page.text("table"), names, index=place, key=page.key(f"table_{len(rows)}"))
    st.session_state[key] = chosen
    return rows[names.index(chosen)]


def lost(page: Page, source: str, place: int) -> None:
    """An entry of a table the source no longer has: put the table back, or let the entry go."""
    st.warning(errors.plain(page.text("lost", table=source)), icon=":material/link_off:")
    if st.button(page.text("lost.remove"), key=page.key(f"map_{place}_remove"), icon=":material/delete:"):
        _remove(page, place)
        st.rerun()


def show(page: Page, document: MappingDocument, table: SourceTable, place: int | None, proposal: Proposal) -> None:
    """The editor of one entry, or of a table nothing reads yet."""
    lang = page.lang
    entry = None if place is None else document.tables[place]
    key = page.key(f"map_{table.name}_{place}_to")
    st.session_state[key] = NOWHERE if entry is None else entry.to
    st.selectbox(
        page.text("goes_to", table=errors.plain(table.shown)),
        [*([table.fills] if table.fills else TARGETS), NOWHERE],  # a CRM's objects have their place
        format_func=lambda to: lang(f"setup.target.{to}"),
        help=page.text("goes_to.help"),
        key=key,
        on_change=lambda: _send(page, table, place, st.session_state[key]),
    )
    if entry is None or place is None:
        return
    needs = [lang(f"setup.field.{name}") for name in entry.target.required]
    st.caption(errors.plain(page.text("needs", target=lang(f"setup.target.{entry.to}"), columns=", ".join(needs))))
    mapping_columns.show(page, place, entry, table, _guesses(proposal, table, entry), _statuses(page, entry, table))
    _constants(page, place, entry)
    if entry.blank:
        st.caption(errors.plain(page.text("blanks", words=", ".join(entry.blank))))
    if not table.fills and st.button(
        page.text("again"),
        key=page.key("again"),
        icon=":material/content_copy:",
        type="tertiary",
        help=page.text("again.help"),
    ):
        free = next(to for to in TARGETS if to not in {one.to for one in document.of(table.name)})
        _append(page, edit.fresh(table, free))
        st.rerun()


def _shown(page: Page, document: MappingDocument, row: tuple[str, int | None]) -> str:
    name, at = row
    to = NOWHERE if at is None else document.tables[at].to
    return f"{document.shown(name)} → {page.lang(f'setup.target.{to}')}"


def _told_apart(names: Sequence[str]) -> list[str]:
    """Entries of one table to one target are numbered from the second on."""
    return [name if (n := names[:at].count(name)) == 0 else f"{name} ({n + 1})" for at, name in enumerate(names)]


def _first_open(document: MappingDocument, rows: Sequence[tuple[str, int | None]]) -> int:
    order = [*edit.RECORDS]
    ranked = [(order.index(document.tables[at].to) if at is not None and document.tables[at].to in order else 9, number)
              for number, (_, at) in enumerate(rows)]  # fmt: skip
    return min(ranked)[1]


def _send(page: Page, table: SourceTable, place: int | None, to: str) -> None:
    """Sends the table to another target, to one at last, or nowhere."""
    if place is None:
        _append(page, edit.fresh(table, to))
    elif to == NOWHERE:
        _remove(page, place)
    else:
        mapping_state.change(
            page.connection.name,
            lambda document: edit.replaced(document, place, lambda entry: edit.retarget(entry, to, table)),
        )
        st.session_state[f"{AT}_{page.connection.name}"] = f"{table.shown} → {page.lang(f'setup.target.{to}')}"


def _remove(page: Page, place: int) -> None:
    def without(document: MappingDocument) -> MappingDocument:
        kept = tuple(entry for at, entry in enumerate(document.tables) if at != place)
        return document.model_copy(update={"tables": kept})

    mapping_state.change(page.connection.name, without)
    st.session_state.pop(f"{AT}_{page.connection.name}", None)


def _append(page: Page, entry: Entry) -> None:
    mapping_state.change(
        page.connection.name, lambda document: document.model_copy(update={"tables": (*document.tables, entry)})
    )
    st.session_state[f"{AT}_{page.connection.name}"] = f"{entry.source} → {page.lang(f'setup.target.{entry.to}')}"


def _guesses(proposal: Proposal, table: SourceTable, entry: Entry) -> Mapping[tuple[str, str], Guess]:
    """The proposal's guesses for this table under this target, by header and use."""
    found = {}
    for guess in proposal.guesses:
        proposed = proposal.document.tables[int(guess.path[1])]
        if proposed.source == table.name and proposed.to == entry.to:
            use = edit.STATUS if guess.path[2] == "status_dates" else f"{edit.FIELD}{guess.path[3]}"
            found[(guess.header, use)] = guess
    return found


def _statuses(page: Page, entry: Entry, table: SourceTable) -> list[str]:
    """Status values to offer: the table's own, then what the pact maps, then its stages' names."""
    pact = page.used.pact
    column = table.column(entry.fields["status"] or "") if entry.fields.get("status") else None
    object = entry.target.object or "lead"
    return [*(column.values if column else ()), *pact.status_map.of(object), *(stage.label for stage in pact.stages)]


def _constants(page: Page, place: int, entry: Entry) -> None:
    """Columns that hold one value for every row."""
    lang = page.lang
    free = [name for name in entry.target.names if not entry.fields.get(name)]
    offered = [name for name in free if name in entry.constants or entry.target.column(name).kind != "time"]
    with st.expander(page.text("constants"), expanded=bool(entry.constants), icon=":material/push_pin:"):
        st.multiselect(
            page.text("constants.ask"),
            offered,
            format_func=lambda name: lang(f"setup.field.{name}"),
            placeholder=page.text("constants.none"),
            **bound(page, place, "constants", list(entry.constants), edit.constants),
        )
        for name, value in entry.constants.items():
            _constant(page, place, entry, name, value)


def _constant(page: Page, place: int, entry: Entry, name: str, value: object) -> None:
    lang = page.lang
    label, kind = lang(f"setup.field.{name}"), entry.target.column(name).kind

    def tied(value: object) -> dict[str, object]:
        return bound(page, place, f"constant_{name}", value, lambda entry, given: edit.constant(entry, name, given))

    if kind == "flag":
        st.toggle(label, **tied(value))
    elif kind in ("number", "whole"):
        st.number_input(label, step=1 if kind == "whole" else None, **tied(value))
    elif name in mapping_columns.CLOSED:
        st.selectbox(label, ["", *mapping_columns.CLOSED[name]], **tied(value))
    else:
        st.text_input(label, **tied(str(value)))
