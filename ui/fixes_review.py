"""What a person looks at before approving: counts by value, owner and team, a sample, the backup, what else may run.

Not here: the numbers (leadpact/writeback/review.py), the effect (fixes_effect.py), approving (fixes_apply.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from sqlalchemy.engine import Engine

from leadpact.audit.shown import shown
from leadpact.workspace import Analysis
from leadpact.writeback import repair_words, review
from leadpact.writeback.plan import UNDO, Plan
from leadpact.writeback.review import ALREADY, GONE, MOVED, Part, Review
from ui import access, crm_links, figures, fixes_automations, fixes_effect, fixes_stand, fixes_table, whom
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand
from ui.tables import Kind


@dataclass(frozen=True)
class Reviewed:
    """A plan as an argument of what is cached: told by its number and hash, and by what was done of it."""

    engine: Engine
    plan: Plan
    stamp: str = ""

    def __repr__(self) -> str:
        return f"plan {self.plan.id} {self.plan.hash} {self.stamp}"


def computed(analysis: Analysis, of: Reviewed) -> Review:
    """As `leadpact.writeback.review.review`."""
    return review.review(of.engine, analysis, of.plan)


def show(desk: Desk, stand: Stand) -> None:
    """All of it before the plan is approved; folded away afterwards."""
    if stand.state == fixes_stand.REVIEW:
        _whole(desk, stand)
        return
    with st.expander(desk.page.text("review"), icon=":material/visibility:", key=desk.key(f"review_{stand.plan.id}"),
                     on_change="rerun") as folder:  # fmt: skip
        if folder.open:
            _whole(desk, stand)


def _whole(desk: Desk, stand: Stand) -> None:
    plan, page = stand.plan, desk.page
    last = stand.last
    of = Reviewed(desk.engine, plan, f"{last.id} {last.ended_at}" if last is not None else "")
    found: Review = page.cached_whole(computed, of)
    _figures(desk, found)
    _fits(desk, found)
    _counts(desk, found)
    _sample(desk, found)
    _backup(desk, plan)
    if not desk.copies:  # nothing runs upon a copy
        fixes_automations.show(desk, plan)
    fixes_effect.show(desk, of)


def _figures(desk: Desk, found: Review) -> None:
    page, plan = desk.page, found.plan
    numbers = {
        "records": plan.records, "values": len({(one.object, one.before) for one in found.by_value}),
        "owners": sum(1 for one in found.by_owner if one.key is not None), "apart": sum(plan.skipped.values()),
    }  # fmt: skip
    figures.row((page.text(f"review.{name}"), desk.lang.number(number), page.text(f"review.{name}.help"))
                for name, number in numbers.items())  # fmt: skip


def _fits(desk: Desk, found: Review) -> None:
    """Rows that apply will not find as they were, by what the last sync knows.

    An undo made before the next sync is not measured by the last one: that does not know yet what was written.
    """
    if found.plan.kind == UNDO and desk.page.analysis.synced_at < found.plan.draft.created_at:
        st.caption(desk.text("fits.undo"))
        return
    told = [desk.text(f"fits.{name}", count=found.fits[name]) for name in (MOVED, ALREADY, GONE) if found.fits[name]]
    if told:
        st.info("\n".join([desk.text("fits"), "", *(f"- {line}" for line in told)]), icon=":material/info:")


def _counts(desk: Desk, found: Review) -> None:
    page, lang = desk.page, desk.lang
    names = ("value", "owner", "team")
    by_value, by_owner, by_team = st.tabs([page.text(f"by.{name}") for name in names])
    total = max(1, found.plan.records)
    with by_value:
        rows: Sequence[Mapping[str, Any]] = [
            {"object": lang(f"ui.object.{one.object}"), "before": shown(one.before) or lang("proposal.blank"),
             "after": shown(one.after) or lang("proposal.blank"), "records": one.records, "share": one.records / total}
            for one in found.by_value
        ]  # fmt: skip
        kinds: dict[str, Kind] = {"object": "text", "before": "text", "after": "text", "records": "count",
                                  "share": "share"}  # fmt: skip
        fixes_table.show(desk, rows, kinds, key="by_value")
    with by_owner:
        rows = [{"owner": _owner(desk, one), "team": _team(desk, one.team), "records": one.records,
                 "share": one.records / total} for one in found.by_owner]  # fmt: skip
        fixes_table.show(desk, rows, {"owner": "text", "team": "text", "records": "count", "share": "share"},
                         key="by_owner")  # fmt: skip
    with by_team:
        rows = [{"team": _team(desk, one.key) or page.text("no_team"), "records": one.records,
                 "share": one.records / total} for one in found.by_team]  # fmt: skip
        fixes_table.show(desk, rows, {"team": "text", "records": "count", "share": "share"}, key="by_team")


def _owner(desk: Desk, one: Part) -> str:
    """An owner's name, with what is unusual about it."""
    name = shown(one.name) if one.name else desk.page.text("no_owner")
    marks = [desk.page.text("queue")] if one.queue else []
    marks += [desk.page.text("inactive")] if one.active is False else []
    return f"{name} ({', '.join(marks)})" if marks else name


def _team(desk: Desk, team: str | None) -> str | None:
    return shown(team) if team else None


def _sample(desk: Desk, found: Review) -> None:
    """Some records of every move, with links into the CRM."""
    lang = desk.lang
    if whom.closed(desk.page):
        return
    mine = whom.keys(desk.page, ((one.object, one.record_id) for one in found.sample))
    st.markdown(f"**{desk.text('sample', count=len(mine))}**")
    rows = [
        {"object": lang(f"ui.object.{one.object}"), "record_id": one.record_id,
         "before": shown(one.before) or lang("proposal.blank"), "after": shown(one.after) or lang("proposal.blank"),
         "owner": one.owner, "url": crm_links.link(desk.page, one.url), "why": reason(desk, one.reason)}
        for one in found.sample
        if (one.object, one.record_id) in mine
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"object": "text", "record_id": "text", "before": "text", "after": "text",
                              "owner": "text", "url": "link", "why": "text"}  # fmt: skip
    fixes_table.show(desk, rows, kinds, key="sample", download=False)
    whom.narrowed(desk.page, len(rows), len(found.sample))


def reason(desk: Desk, text: str) -> str:
    """Why a record changes, as a plan has it for programs, in the reader's language."""
    page = desk.page
    told: list[str] = []
    codes = dict.fromkeys(code for part in text.split(" · ") if _coded(part) for code in part.split())
    for part in text.split(" · "):
        if _coded(part):  # the codes of this record's findings, and those the plan was made for: each once
            told += [", ".join(codes)] if not told else []
            continue
        word, _, number = part.partition(" ")
        if part == UNDO:
            told.append(page.lang("writeback.kind.undo"))
        elif part == "pact draft":
            told.append(page.text("under_draft"))
        elif word == "pact" and number:
            told.append(page.text("under", version=number.removeprefix("v")))
        elif word in ("map", "plan") and number.isdecimal():
            told.append(page.text(f"reason.{word}", number=number))
        else:
            told.append(page.text(f"followed.{part}") if part in ("set", "csv") else part)
    return " · ".join(told)


def _coded(part: str) -> bool:
    """Nothing but codes of rules, such as `STA01 STA09`."""
    return re.fullmatch(r"[A-Z]{3}\d{2}( [A-Z]{3}\d{2})*", part) is not None


def _backup(desk: Desk, plan: Plan) -> None:
    page = desk.page
    if not whom.whole_files(page):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            page.text("backup"), data=access.held(lambda: repair_words.csv_of(desk.engine, plan).encode()),
            mime="text/csv",
            file_name=f"{page.connection.name}-plan-{plan.id}.csv", key=desk.key("backup"), on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
        st.caption(desk.text("backup.help"))
