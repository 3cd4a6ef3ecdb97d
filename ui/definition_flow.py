"""The agreed moves: where each stage may go on to, drawn as a graph; what really happens is the Funnel page's.

Not here: moves outside the flow (audit rule FLO01).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from config import edits
from ui import definition_known, definition_single
from ui import definition_widgets as widgets
from ui.definition_single import Single
from ui.definition_stages import KIND_COLOURS
from ui.errors import plain
from ui.page import Page

MOST_DRAWN = 45  # moves in a drawing that can still be read
MARK = "●"
SHADES = {"gray": "#8b8f9733", "green": "#21c35433", "blue": "#1c83e133", "violet": "#803df533",
          "orange": "#ffa42133", "red": "#ff4b4b33"}  # fmt: skip


def show(page: Page) -> None:
    """The moves as a graph and as a matrix, to read or to edit."""
    definition_single.show(page, FLOW)


def _read(page: Page, document: Mapping[str, Any]) -> None:
    moves = edits.moves_of(document)
    if not moves:
        st.write(page.text("flow.none"))
        return
    names = definition_known.labels(page)
    said = [f"{names.get(start, start)} → {', '.join(names.get(end, end) for end in ends)}"
            for start, ends in moves.items()]  # fmt: skip
    if sum(map(len, moves.values())) <= MOST_DRAWN:
        st.mermaid_chart(drawing(document, names), alt="; ".join(said))
    else:
        st.caption(page.text("flow.too_many"))
    with st.expander(page.text("flow.matrix"), icon=":material/grid_on:"):
        st.caption(page.text("flow.matrix.text"))
        st.dataframe(matrix(moves, names), width="stretch", key=page.key("flow_matrix"))
    st.markdown("\n".join(f"- {plain(line)}" for line in said))


def matrix(moves: Mapping[str, list[str]], names: Mapping[str, str]) -> pd.DataFrame:
    """From the stage of the row to that of the column: a mark where the move is agreed."""
    used = [key for key in names if key in moves or any(key in ends for ends in moves.values())]
    often = Counter(names[key] for key in used)  # two stages of one name are told apart by their keys
    titles = [names[key] if often[names[key]] == 1 else f"{names[key]} ({key})" for key in used]
    rows = [[MARK if end in moves.get(start, []) else "" for end in used] for start in used]
    return pd.DataFrame(rows, index=titles, columns=titles)


def drawing(document: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The agreed moves as Mermaid, top to bottom so that it fits a phone, stages in the colour of their kind."""
    moves = edits.moves_of(document)
    used = {*moves, *(end for ends in moves.values() for end in ends)}
    kinds = {str(one.get("key")): str(one.get("kind")) for one in edits.items(document, ("stages",))}
    place = {key: f"s{number}" for number, key in enumerate(dict.fromkeys([*names, *sorted(used)]))}
    nodes = [f'  {place[key]}["{_quoted(names.get(key, key))}"]' for key in place if key in used]
    links = [f"  {place[start]} --> {place[end]}" for start, ends in moves.items() for end in ends]
    fills = [f"  style {place[key]} fill:{SHADES[KIND_COLOURS.get(kinds.get(key, ''), 'gray')]}"
             for key in place if key in used]  # fmt: skip
    return "\n".join(["flowchart TB", *nodes, *links, *fills])


def _form(page: Page, now: Any, key: str) -> Any:
    names = definition_known.labels(page)
    st.caption(page.text("flow.text"))
    columns = st.columns(2)
    found = {}
    for number, (start, label) in enumerate(names.items()):
        with columns[number % 2]:
            ends = widgets.several(
                page.text("flow.from", stage=plain(label)), f"{key}_{start}", [one for one in names if one != start],
                now.get(start) or [], lambda one: names.get(one, one), holder=page.text("flow.nowhere"),
            )  # fmt: skip
        if ends:
            found[start] = ends
    return {**found, **{start: ends for start, ends in now.items() if start not in names}}


def _quoted(label: str) -> str:
    """Mermaid reads quotes, tags, Markdown and directives in a label: every sign is written by its number."""
    kept = " ,.-_/()'"
    return "".join(sign if sign.isalnum() or sign in kept else " " if sign.isspace() else f"#{ord(sign)};"
                   for sign in label)  # fmt: skip


FLOW = Single(name="flow", places=("flow",), read=_read, begin=edits.moves_of, form=_form, sections=edits.with_moves)
