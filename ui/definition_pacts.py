"""Several pacts side by side on the Definition page: what each governs, what none does; a new one, and retiring one.

Not here: lines of versions (config/lines.py), what each governs (governed.py), the choice of a pact (frame.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from config import edits, lines, versions
from config.document import parse
from config.versions import Version
from leadpact.errors import LeadPactError
from ui import access, authors, definition_draft, governed, listing, options, state
from ui.errors import plain
from ui.page import Page

_NOTE = "_pact_pacts_note"
FRESH = "fresh"  # beginning from the default pact


def show(page: Page, found: Sequence[Version]) -> None:
    """Every pact with its scope and records, the records of none, and what may be done."""
    known = governed.pacts(page)
    if not known:
        return
    st.subheader(page.text("pacts"), anchor=False)
    note = st.session_state.pop(_NOTE, None)
    if note is not None:
        (st.success if note[0] else st.error)(plain(note[1]))
    share = governed.share(page)
    rows = [
        {
            "pact": line.name,
            "version": one.version,
            "standing": page.lang("ui.pact.in_force" if one.in_force else "ui.pact.draft"),
            "scope": governed.said(page, one),
            "records": share.of[at] if share else None,
        }
        for at, (line, one) in enumerate(known)
    ]
    kinds = {"pact": "text", "version": "count", "standing": "text", "scope": "text", "records": "count"}
    listing.show(page, rows, kinds, key="pacts")  # type: ignore[arg-type]
    if share is not None:
        none, whole = page.lang.number(share.none), page.lang.number(share.whole)
        st.caption(plain(page.text("pacts.none", none=none, whole=whole)))
        if share.more:
            st.warning(plain(page.text("pacts.more", more=page.lang.number(share.more))), icon=":material/error:")
    if access.may(page.visitor, access.PUBLISH_PACT):
        with st.container(horizontal=True, gap="small"):
            _new(page, found)
            _narrow(page)
            _retire(page)


def _new(page: Page, found: Sequence[Version]) -> None:
    """Another pact beside these: its name, what it governs, what it begins as."""
    with st.popover(page.text("pacts.new"), icon=":material/add:", width="content"):
        st.caption(plain(page.text("pacts.new.text")))
        name = st.text_input(page.text("pacts.new.name"), key=page.key("new_name"), max_chars=120)
        field, values = _scope(page, "new", {})
        begun = [FRESH, *([str(found[0].number)] if found else [])]
        start = st.radio(page.text("pacts.new.start"), begun, key=page.key("new_start"),
                         format_func=lambda one: page.text("pacts.new.fresh") if one == FRESH
                         else page.text("pacts.new.copy", name=page.used.pact.name, number=one))  # fmt: skip
        authors.ask(page, "_new")
        st.button(page.text("pacts.new.do"), key=page.key("new_do"), type="primary", on_click=_begin,
                  disabled=not (name.strip() and field and values),
                  args=(page, name.strip(), str(field), list(values), str(start)))  # fmt: skip


def _scope(page: Page, name: str, now: Mapping[str, Sequence[str]]) -> tuple[str | None, list[str]]:
    """A field of the records, and the values of it a pact is to govern."""
    held = {**{field: list(values) for field, values in now.items()}, **governed.choices(page)}
    field = st.selectbox(page.text("pacts.field"), list(held), key=page.key(f"{name}_field"),
                         format_func=lambda one: options.dimension(page.lang, one))  # fmt: skip
    own = list(now.get(field or "", ()))
    known = list(dict.fromkeys([*own, *held.get(field or "", ())]))
    values = st.multiselect(page.text("pacts.values"), known, own, key=page.key(f"{name}_values_{field}"),
                            accept_new_options=True, placeholder=page.text("edit.choose_or_type"))  # fmt: skip
    return field, values


def _narrow(page: Page) -> None:
    """What the chosen pact governs, changed in its draft."""
    standing = definition_draft.standing(page)
    if not definition_draft.may_edit(page):
        return
    now = edits.mapping(standing.document, ("scope",))
    with st.popover(page.text("pacts.scope"), icon=":material/filter_center_focus:", width="content"):
        st.caption(plain(page.text("pacts.scope.text")))
        field, values = _scope(page, "scope", now)
        authors.ask(page, "_scope")
        st.button(page.text("pacts.scope.do"), key=page.key("scope_do"), type="primary", disabled=field is None,
                  on_click=_narrowed, args=(page, standing, {**now, str(field): list(values)}))  # fmt: skip


def _narrowed(page: Page, standing: definition_draft.Standing, scope: Mapping[str, Sequence[str]]) -> None:
    draft, revision = (standing.draft.id, standing.draft.revision) if standing.draft else (None, 0)
    own = definition_draft.Opened("scope", None, standing.document, draft, revision, 0, None)
    try:
        kept = {field: list(values) for field, values in scope.items() if values}
        definition_draft.send(page, own, {"scope": kept or None}, authors.named(page, access.EDIT_PACT, "_scope"))
    except LeadPactError as error:  # a conflict too: what others chose stands, and is shown
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state[_NOTE] = (True, page.text("pacts.scope.done"))


def _begin(page: Page, name: str, field: str, values: list[str], start: str) -> None:
    """The first version of a pact of its own, unsigned; from then on it is the one chosen."""
    engine = page.workspace.database
    try:
        author = authors.named(page, access.PUBLISH_PACT, "_new")
        slug = lines.slug_of(name)
        if slug in {line.slug for line in lines.every(engine) if line.versions}:
            raise LeadPactError("pact.name_taken", name=name)
        base = (page.workspace.proposed(page.connection.name, page.lang.code) if start == FRESH
                else versions.find(engine, start, page.used.line).pact)  # fmt: skip
        document = {**base.model_dump(mode="json", exclude_defaults=True), "name": name,
                    "scope": {field: values}}  # fmt: skip
        document.pop("signatories", None)  # who signs the other one need not sign this one
        message = page.text("pacts.new.message")
        versions.save(engine, parse(document, name), author=author, message=message, now=page.now(), line=slug)
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state[_NOTE] = (True, page.text("pacts.new.done", name=name))
        state.write(state.PACT, slug)


def _retire(page: Page) -> None:
    if len(governed.pacts(page)) < 2:
        return
    with st.popover(page.text("pacts.retire"), icon=":material/archive:", width="content"):
        st.markdown(plain(page.text("pacts.retire.sure", name=page.used.pact.name)))
        authors.ask(page, "_retire")
        st.button(page.text("pacts.retire.do"), key=page.key("retire_do"), type="primary", on_click=_retired,
                  args=(page,))  # fmt: skip


def _retired(page: Page) -> None:
    try:
        author = authors.named(page, access.PUBLISH_PACT, "_retire")
        lines.retire(page.workspace.database, page.used.line, author=author, now=page.now())
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state[_NOTE] = (True, page.text("pacts.retire.done", name=page.used.pact.name))
        state.write(state.PACT, None)
