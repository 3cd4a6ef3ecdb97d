"""The map as tables to edit, one an object: where the records of each status go.

Not here: the edits themselves (findings_target_draft.py), saving (findings_target_save.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of
from leadpact.audit.valuemap import KEEPS, Row
from leadpact.commands.proposal import conditions, with_split
from leadpact.model import OBJECTS
from ui import findings_target_draft as drafts
from ui.errors import plain
from ui.findings_target_draft import LEAVE, OPEN, Draft
from ui.page import Page

READ = ("value", "when", "records", "frozen", "sure", "why", "people")
ROW_HEIGHT, HEADER, MOST_HEIGHT = 35, 41, 566


@dataclass(frozen=True)
class Known:
    """What a row may be led to: by object the values on offer, and the titles of the rules by code."""

    offered: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]


def show(page: Page, known: Known) -> Draft:
    """The tables. Out: the draft with every edit made so far."""
    name = page.connection.name
    keys = _keys(page, drafts.rebased(name, True), known)
    draft = drafts.rebased(name, all(key in st.session_state for key in keys.values()))
    keys = _keys(page, draft, known)
    for object in keys:
        if len(keys) > 1:
            st.markdown(f"**{plain(page.lang(f'setup.objects.{object}'))}**")
        _table(page, object, draft, known, keys)
    return drafts.rebased(name, True)


def _keys(page: Page, draft: Draft, known: Known) -> dict[str, str]:
    """The key of each table by object: another one where a table would be another, whose edits start anew."""
    objects = [object for object in OBJECTS if any(row.object == object for row in draft.base.rows)]
    looks = {
        object: (page.lang.code, draft.base.hash, _needs_stage(page, object, draft), *_options(object, draft, known))
        for object in objects
    }
    return {
        object: page.key(f"target_{page.connection.name}_{object}_{draft.turn}_{crc32(repr(look).encode()):08x}")
        for object, look in looks.items()
    }


def _needs_stage(page: Page, object: str, draft: Draft) -> bool:
    """Some target here is one that no stage of the pact claims: people say which it stands for."""
    aims = [row.value if row.leave else row.to for row in draft.now.rows if row.object == object]
    return any(aim and stage_of(page.used.pact, object, aim) is None for aim in aims)


def _options(object: str, draft: Draft, known: Known) -> list[str]:
    new = [value for (of, value) in draft.new_values if of == object]
    return drafts.choices(known.offered.get(object, ()), [row for row in draft.base.rows if row.object == object], new)


def _table(page: Page, object: str, draft: Draft, known: Known, keys: Mapping[str, str]) -> None:
    lang = page.lang
    rows = [(row, split) for row, split in with_split(draft.base) if row.object == object]
    stages = {stage.key: stage.label for stage in page.used.pact.stages}
    options = _options(object, draft, known)
    frame = pd.DataFrame([_cells(page, row, split, known) for row, split in rows])
    config: dict[str, Any] = {
        "value": st.column_config.TextColumn(page.text("target.col.value"), pinned=True),
        "when": st.column_config.TextColumn(
            page.text("target.col.when"), width="medium", help=page.text("target.help.when")
        ),
        "to": st.column_config.SelectboxColumn(
            page.text("target.col.to"), options=options, required=True, width="medium",
            format_func=lambda value: _target(page, value), help=page.text("target.help.to"),
        ),
        "stage": st.column_config.SelectboxColumn(
            page.text("target.col.stage"), options=list(stages), format_func=lambda key: shown(stages.get(key, key)),
            help=page.text("target.help.stage"),
        ),
        "records": st.column_config.NumberColumn(page.text("target.col.records"), format="localized"),
        "frozen": st.column_config.NumberColumn(
            page.text("target.col.frozen"), format="localized", help=page.text("target.help.frozen")
        ),
        "keep": st.column_config.SelectboxColumn(
            page.text("target.col.keep"), options=list(KEEPS), help=page.text("target.help.keep"),
            format_func=lambda keep: lang(f"proposal.keep.{keep}"),
        ),
        "sure": st.column_config.TextColumn(page.text("target.col.sure"), help=page.text("target.help.sure")),
        "why": st.column_config.TextColumn(page.text("target.col.why"), width="medium"),
        "people": st.column_config.CheckboxColumn(
            page.text("target.col.people"), help=page.text("target.help.people")
        ),
    }  # fmt: skip
    columns = _order(rows, _needs_stage(page, object, draft))
    st.data_editor(
        frame, key=keys[object], hide_index=True, num_rows="fixed", column_order=columns, column_config=config,
        disabled=list(READ), width="stretch", on_change=_copy, args=(page.connection.name, keys),
        height=min(MOST_HEIGHT, HEADER + ROW_HEIGHT * len(rows)), row_height=ROW_HEIGHT,
    )  # fmt: skip


def _order(rows: list[tuple[Row, bool]], needs_stage: bool) -> list[str]:
    """The columns that say something here."""
    filled = {
        "stage": needs_stage,
        "when": any(split or row.rank for row, split in rows),
        "frozen": any(row.frozen for row, _ in rows),
        "people": any(row.edited for row, _ in rows),
    }
    columns = ("value", "to", "when", "stage", "records", "frozen", "sure", "why", "keep", "people")
    return [name for name in columns if filled.get(name, True)]


def _cells(page: Page, row: Row, split: bool, known: Known) -> dict[str, Any]:
    lang = page.lang
    told = lang(f"proposal.how.{row.how or 'none'}")
    return {
        "value": shown(row.value) or lang("proposal.blank"),
        "when": conditions(lang, page.analysis, row, split),
        "to": drafts.choice_of(row),
        "stage": None if stage_of(page.used.pact, row.object, row.value if row.leave else row.to) else row.stage,
        "records": row.records,
        "frozen": row.frozen,
        "sure": f"{lang(f'proposal.sure.{row.sure}')}: {told}" if row.sure else told,
        "why": "; ".join(f"{code} {known.titles.get(code, '')}".strip() for code in row.codes) or "–",
        "keep": row.keep,
        "people": row.edited,
    }


def _target(page: Page, value: str) -> str:
    """A choice of target as people read it."""
    if value == OPEN:
        return f"({page.lang('proposal.open')})"
    return f"({page.lang('proposal.leave')})" if value == LEAVE else shown(value)


def _copy(connection: str, keys: Mapping[str, str]) -> None:
    """Every edit of every table, as it is made."""
    edits = {
        object: {int(at): changes for at, changes in st.session_state[key]["edited_rows"].items()}
        for object, key in keys.items()
        if key in st.session_state
    }
    drafts.edit(connection, edits)
