"""From the votes to the draft: what each criterion would become, decided row by row before it is saved.

Not here: how points follow from votes (leadpact/meeting/outcome.py), saving (meeting_saving.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from config import versions
from leadpact.errors import LeadPactError
from leadpact.meeting import differ, outcome, running, said, voting
from leadpact.meeting.outcome import Proposed
from ui import access, meeting_saving, meeting_seat
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page

HIGHEST = 100
FAR = 0.5  # of the scale: what the teams still see so differently is not taken unless somebody ticks it


def show(page: Page, seat: Seat) -> None:
    """The proposals as a table to decide on, and the way into the draft."""
    meeting = seat.meeting
    tallies = voting.tallies(page.workspace.database, meeting.id, "criterion")
    found = outcome.propose(differ.in_order(tallies))
    able = [one for one in found if one.points]
    if not able:
        st.info(page.text("draft.none"), icon=":material/how_to_vote:")
    else:
        _decide(page, seat, able)
    _left_out(page, [one for one in found if not one.points])
    _on_record(page, seat)


def _decide(page: Page, seat: Seat, found: Sequence[Proposed]) -> None:
    st.write(page.text("draft.text"))
    document = meeting_saving.document(page)
    there = {one.get("id"): one.get("points") for one in (document.get("scoring") or {}).get("rules") or []}
    rows = [_row(page, one, there) for one in found]
    config: Mapping[str, Any] = {
        "take": st.column_config.CheckboxColumn(
            page.text("draft.take"), width="small", help=page.text("draft.take.help")
        ),
        "criterion": st.column_config.TextColumn(page.text("draft.criterion"), width="large"),
        "points": st.column_config.NumberColumn(page.text("draft.points"), min_value=-HIGHEST, max_value=HIGHEST,
                                                step=1, help=page.text("draft.points.help")),
        "must": st.column_config.CheckboxColumn(page.text("draft.must"), help=page.text("draft.must.help")),
        "now": st.column_config.NumberColumn(page.text("draft.now")),
        "difference": st.column_config.NumberColumn(page.text("draft.difference"), format="percent"),
    }  # fmt: skip
    columns = [name for name in config if name != "now" or any(row["now"] is not None for row in rows)]
    going = seat.meeting.is_open(page.now())
    with st.form(page.key("draft"), border=False):
        edited: Any = st.data_editor(
            pd.DataFrame(rows), column_config=dict(config), column_order=columns, hide_index=True, num_rows="fixed",
            disabled=["criterion", "now", "difference"] if going else True, width="stretch",
            key=page.key("draft_rows"), placeholder="–",
        )  # fmt: skip
        given = st.form_submit_button(page.text("draft.save"), key=page.key("draft_save"), type="primary",
                                      icon=":material/save:", disabled=not going)  # fmt: skip
    if given:
        _save(page, seat, found, edited.to_dict("records"))
        st.rerun()


def _row(page: Page, one: Proposed, there: Mapping[str, Any]) -> dict[str, Any]:
    difference = round(one.standing.difference or 0, 2)
    return {"take": difference <= FAR, "criterion": said.called(page.lang, one.standing.item), "points": one.points,
            "must": one.must, "now": there.get(one.rule or ""), "difference": difference}  # fmt: skip


def _save(page: Page, seat: Seat, found: Sequence[Proposed], rows: Sequence[Mapping[str, Any]]) -> None:
    """What was ticked, as people changed it; and a line in the minutes about it."""
    chosen = [
        outcome.chosen(one, points=int(row["points"]) if row["points"] == row["points"] else None,
                       must=bool(row["must"]))
        for one, row in zip(found, rows, strict=True)
        if row["take"] and row["points"] is not None
    ]  # fmt: skip
    named = [(one, said.called(page.lang, one.standing.item)) for one in chosen]
    draft = meeting_saving.save(page, seat, lambda document: outcome.sections(document, named))
    if draft is not None:
        told = {
            "draft": draft.id, "revision": draft.revision, "author": seat.meeting.facilitator,
            "rules": [f"{text} ({one.points:+d})" for one, text in named if one.points],
            "musts": [text for one, text in named if one.must],
        }  # fmt: skip
        meeting_seat.act(page, seat, running.keep_outcome, told)


def _left_out(page: Page, found: Sequence[Proposed]) -> None:
    """What is not proposed, and why."""
    if not found:
        return
    with st.expander(plain(page.text("draft.left", count=len(found))), icon=":material/playlist_remove:"):
        for one in found:
            st.markdown(f"- {plain(said.called(page.lang, one.standing.item))}: {plain(page.text(f'left.{one.why}'))}")


def _on_record(page: Page, seat: Seat) -> None:
    """How many of each team voted, put beside the version that came of it."""
    kept = seat.meeting.outcome
    if kept is None:
        return
    draft = meeting_saving.open_draft(page)
    if draft is not None and draft.id == kept.get("draft"):
        st.caption(page.text("draft.open"))
        with st.container(horizontal=True, gap="small"):
            page.link("scoring", page.text("draft.simulate"), view="simulate")
            page.link("definition", page.text("draft.sign"), view="versions")
        return
    saved = versions.history(page.workspace.database, page.used.line)
    made = next((one for one in saved if one.created_at >= seat.meeting.opened_at), None)
    if made is not None and seat.meeting.mode == "phones":
        st.caption(plain(page.text("votes_on.text", number=str(made.number))))
        if st.button(page.text("votes_on", number=str(made.number)), key=page.key("votes_on"),
                     icon=":material/how_to_vote:"):  # fmt: skip
            _record(page, seat, made)
            st.rerun()


def _record(page: Page, seat: Seat, made: versions.Version) -> None:
    engine = page.workspace.database
    try:
        meeting_saving.check_pact(page, seat.meeting)
        author = access.acting(page.visitor, access.FACILITATE, seat.meeting.facilitator)
        for team, one in voting.progress(engine, seat.meeting.id, "criterion").items():
            versions.record_votes(engine, made.hash, team=team, voted=one["voted"], of=one["people"],  # type: ignore[arg-type]
                                  author=author, now=page.now(), line=made.line)  # fmt: skip
    except LeadPactError as error:
        meeting_seat.tell(page.lang.error(error))
        return
    meeting_seat.tell(page.text("votes_on.done", number=str(made.number)), good=True)
