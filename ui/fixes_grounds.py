"""On what grounds a plan may be written where it goes: environment in sight, writing enabled, limits, rehearsal.

Not here: what a rehearsal is (leadpact/writeback/rehearsal.py), the limits (leadpact/writeback/plan.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from leadpact.errors import LeadPactError, Misconfigured
from leadpact.writeback import rehearsal
from leadpact.writeback.plan import REPAIRS, Limits, Plan
from ui import errors, whereabouts
from ui.connection_add import SECTION
from ui.fixes_desk import Desk


@dataclass(frozen=True)
class Grounds:
    """What was said for it: `force` above the limits, `waive` a rehearsal. `able`: it can be written at all."""

    force: bool = False
    waive: str | None = None
    able: bool = True
    lacking: LeadPactError | None = None

    def check(self) -> None:
        """Raises what is still lacking."""
        if self.lacking is not None:
            raise self.lacking


def show(desk: Desk, plan: Plan, *, asked: bool = True) -> Grounds:
    """Draws all of it, with the choices that must be made. `asked`: limits and rehearsal are still to be answered."""
    page = desk.page
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{desk.text('goes_to')}**", width="content")
        if desk.copies:
            st.badge(page.text("goes_to.copy"), icon=":material/folder_copy:", color="gray")
        else:
            st.badge(errors.plain(page.connection.name), icon=":material/database:", color="gray")
            whereabouts.badges(page.lang, page.connection)
    if not desk.able:
        read_only(desk)
        return Grounds(able=False)
    if not desk.may():
        st.info(desk.may_not("may_not_apply"), icon=":material/lock:")
        return Grounds(able=False)
    if not asked:
        return Grounds()
    force, above = _limits(desk, plan)
    waive, unrehearsed = _rehearsal(desk, plan)
    return Grounds(force, waive, True, above or unrehearsed)


def read_only(desk: Desk) -> None:
    """What to do, and by whom."""
    st.info(desk.text("read_only", name=desk.page.connection.name), icon=":material/lock:")
    desk.page.link("connection", desk.page.text("read_only.go"), **{SECTION: "source"})


def _limits(desk: Desk, plan: Plan) -> tuple[bool, LeadPactError | None]:
    """Above the share or the number: the arithmetic, and going beyond on purpose."""
    above = Limits().exceeded(plan)
    if above is None:
        return False, None
    st.warning(desk.text("above", **above.params), icon=":material/warning:")
    force = st.checkbox(desk.page.text("force", count=plan.records), key=desk.key(f"force_{plan.id}"))
    return force, None if force else Misconfigured("page.fixes.force_needed")


def _rehearsal(desk: Desk, plan: Plan) -> tuple[str | None, LeadPactError | None]:
    """Production asks for a rehearsal on a sandbox, or a reason named by whoever waives it."""
    page = desk.page
    if page.connection.environment != rehearsal.PRODUCTION or desk.copies:
        return None, None
    if plan.kind not in REPAIRS:
        st.warning(desk.text("production", name=page.connection.name), icon=":material/public:")
        return None, None
    rehearsed = rehearsal.of(desk.engine, plan)
    if rehearsed is not None:
        st.success(desk.text("rehearsed", plan=str(rehearsed)), icon=":material/science:")
        return None, None
    st.warning(desk.text("not_rehearsed", name=page.connection.name), icon=":material/public:")
    reason = st.text_input(page.text("waive"), key=desk.key(f"waive_{plan.id}"), max_chars=rehearsal.LONGEST,
                           help=page.text("waive.help"), placeholder=page.text("waive.hint")).strip()  # fmt: skip
    return reason or None, None if reason else Misconfigured("page.fixes.waive_needed", name=page.connection.name)
