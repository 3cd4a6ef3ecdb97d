"""What people do with the map: save it, discard edits, begin again, take it along, bring one in.

The role is checked where the map is saved, whatever the page has drawn.

Not here: the table (findings_target_editor.py), keeping versions (leadpact/audit/valuemap_store.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit import valuemap_file, valuemap_store
from leadpact.audit.facts import Facts
from leadpact.audit.proposal import Proposal
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_check import checked
from leadpact.errors import LeadPactError
from leadpact.model import OBJECTS
from ui import access, authors, findings_target_draft, fixes_links
from ui.access import EDIT_MAP
from ui.errors import plain
from ui.findings_target_draft import Draft
from ui.findings_target_editor import Known
from ui.page import Page


def show(page: Page, draft: Draft, made: Proposal, now: ValueMap, known: Known, *, fits: bool) -> None:
    """The row of buttons under the tables, and what came of the last one."""
    name = page.connection.name
    said = findings_target_draft.note()
    if said is not None:
        (st.success if said[0] else st.error)(plain(said[1]))
    kept = draft.saved is not None and not draft.touched  # nothing to save: the plan is the next step
    if kept:
        fixes_links.of_map(page)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if access.may(page.visitor, EDIT_MAP):
            authors.ask(page, key="target_author", label=page.text("target.author"),
                        help=page.text("target.author.help"))  # fmt: skip
            st.button(page.text("target.save"), key=page.key("target_save"), type="secondary" if kept else "primary",
                      icon=":material/save:", disabled=not fits, on_click=_save, args=(page, made))  # fmt: skip
        else:
            st.caption(page.text("target.may_not"))
        st.button(page.text("target.discard"), key=page.key("target_discard"), icon=":material/undo:",
                  disabled=not draft.touched, on_click=findings_target_draft.drop, args=(name,),
                  help=page.text("target.discard.help"))  # fmt: skip
        st.button(page.text("target.restart"), key=page.key("target_restart"), icon=":material/restart_alt:",
                  on_click=findings_target_draft.put, args=(name, made.map),
                  help=page.text("target.restart.help"))  # fmt: skip
        _new_value(page, known)
        _files(page, now)


def _save(page: Page, made: Proposal) -> None:
    """A version of the working map; what went wrong is told on the page, and the edits stay.

    Name and edits are read now: they may have come with the very click that saves.
    """
    name = page.connection.name
    draft = findings_target_draft.rebased(name, True)
    try:
        by = access.acting(page.visitor, EDIT_MAP, authors.given(page, key="target_author"))
        again = page.reopened()
        values = checked(draft.now.edited_from(made.map), Facts.of(again), again.pact, page.text("target.title"))
        saved = valuemap_store.save(page.workspace.database, name, values, pact_hash=again.pact.hash, author=by,
                                    now=page.now(), after=draft.saved)  # fmt: skip
    except LeadPactError as error:
        findings_target_draft.tell(False, page.lang.error(error))
        return
    findings_target_draft.drop(name)
    findings_target_draft.tell(True, page.text("target.saved_now", number=saved.number))


def _new_value(page: Page, known: Known) -> None:
    """A value that no picklist has yet: named here, with the stage it stands for, to be chosen in the table."""
    name = page.connection.name
    stages = {stage.key: stage.label for stage in page.used.pact.stages}
    with (
        st.popover(page.text("target.new_value"), icon=":material/add:"),
        st.form(page.key("target_new"), clear_on_submit=True, border=False),
    ):
        st.caption(page.text("target.new_value.help"))
        object = st.segmented_control(
            page.text("target.col.object"), [one for one in OBJECTS if known.offered.get(one)] or list(OBJECTS),
            format_func=lambda one: page.lang(f"ui.object.{one}"), required=True, key=page.key("target_new_object"),
        )  # fmt: skip
        value = st.text_input(page.text("target.new_value.name"), max_chars=255, key=page.key("target_new_name"))
        stage = st.selectbox(page.text("target.col.stage"), list(stages), format_func=lambda key: stages[key],
                             key=page.key("target_new_stage"))  # fmt: skip
        if st.form_submit_button(page.text("target.new_value.add")) and value.strip() and object and stage:
            findings_target_draft.add_value(name, object, value.strip(), stage)
            st.rerun()


def _files(page: Page, now: ValueMap) -> None:
    """Downloads of the map as it stands, and an upload."""
    stem = f"value-map-{page.connection.name}"
    st.download_button(page.text("target.csv"), data=access.held(lambda: valuemap_file.to_csv(now).encode()),
                       mime="text/csv", file_name=f"{stem}.csv", key=page.key("target_csv"), on_click="ignore",
                       icon=":material/download:", help=page.text("target.csv.help"))  # fmt: skip
    st.download_button(page.text("target.yaml"), data=access.held(lambda: valuemap_file.to_yaml(now).encode()),
                       mime="application/yaml", file_name=f"{stem}.yaml", key=page.key("target_yaml"),
                       on_click="ignore", icon=":material/download:")  # fmt: skip
    with (
        st.popover(page.text("target.upload"), icon=":material/upload:"),
        st.form(page.key("target_upload_form"), clear_on_submit=True, border=False),
    ):
        st.caption(page.text("target.upload.help"))
        file = st.file_uploader(page.text("target.upload.file"), type=["csv", "yaml", "yml"],
                                max_upload_size=valuemap_file.MOST_BYTES // 1_000_000,
                                key=page.key("target_upload"))  # fmt: skip
        if st.form_submit_button(page.text("target.upload.use")) and file is not None:
            bring(page, file.name, file.getvalue())
            st.rerun()


def bring(page: Page, name: str, data: bytes) -> None:
    """A map from a file in place of the one being edited. What is wrong with it is told, and nothing changes."""
    try:
        values = valuemap_file.read(valuemap_file.decoded(data, name), name)
        values = checked(values, Facts.of(page.analysis), page.analysis.pact, name)
    except LeadPactError as error:
        findings_target_draft.tell(False, page.lang.error(error))
        return
    findings_target_draft.put(page.connection.name, values)
    findings_target_draft.tell(True, page.text("target.uploaded", count=len(values.rows)))
