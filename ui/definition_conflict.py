"""Two people changed the same part: what it was, what each made of it, and the choice. Nothing is lost.

Not here: merging what does not clash (config/merge.py), saving the choice (definition_draft.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

import streamlit as st
from ruamel.yaml import YAML

from ui import definition_draft
from ui.definition_draft import Kept
from ui.errors import plain
from ui.page import Page

MOST_CLASHES = 20
SIDES = ("base", "mine", "theirs")


def show(page: Page) -> None:
    """The conflict of this session, while it waits for a decision."""
    held = definition_draft.kept()
    if held is None:
        return
    with st.container(border=True, key=page.key("conflict")):
        st.error(plain(page.text("conflict", who=held.conflict.by or page.text("conflict.somebody"))),
                 icon=":material/merge:")  # fmt: skip
        st.write(page.text("conflict.text"))
        _sides(page, held)
        with st.container(horizontal=True, gap="small"):
            for side, icon in (("mine", ":material/person:"), ("theirs", ":material/group:")):
                if st.button(page.text(f"conflict.keep.{side}"), key=page.key(f"conflict_{side}"), icon=icon,
                             help=page.text(f"conflict.keep.{side}.help")):  # fmt: skip
                    definition_draft.settle(page, side)
                    st.rerun()


def _sides(page: Page, held: Kept) -> None:
    """Every part both changed: before, mine, theirs, beside each other."""
    clashes = held.conflict.clashes
    for clash in clashes[:MOST_CLASHES]:
        st.markdown(f"**{plain(_named(page, clash.path))}**")
        shown = dict(zip(SIDES, differing(clash.base, clash.mine, clash.theirs), strict=True))
        for column, side in zip(st.columns(3), SIDES, strict=True):
            with column:
                st.caption(plain(page.text(f"conflict.{side}", who=held.conflict.by or page.text("conflict.somebody"))))
                value = shown[side]
                if value is None:
                    st.write(page.text("conflict.absent"))
                else:
                    st.code(written(value), language="yaml", wrap_lines=True)
    if len(clashes) > MOST_CLASHES:
        st.caption(plain(page.text("conflict.more", count=len(clashes) - MOST_CLASHES)))


def differing(*sides: Any) -> tuple[Any, ...]:
    """The sides with only what is not the same in all of them; whole where one is no mapping."""
    known = [side for side in sides if side is not None]
    if not all(isinstance(side, Mapping) for side in known):
        return sides
    names = dict.fromkeys(name for side in known for name in side)
    odd = [name for name in names if any(side.get(name) != known[0].get(name) for side in known)]
    return tuple(None if side is None else {name: side[name] for name in odd if name in side} for side in sides)


def written(value: Any) -> str:
    """A part as the pact's file writes it."""
    if not isinstance(value, (Mapping, list)):
        return str(value)
    yaml, out = YAML(), StringIO()
    yaml.default_flow_style = False
    yaml.dump(value, out)
    return out.getvalue().rstrip()


def _named(page: Page, path: str) -> str:
    """`stages[mql]` → Stages: mql."""
    section, rest = path, ""
    for sign in ("[", "."):
        if sign in path:
            section, rest = path[: path.index(sign)], path[path.index(sign) :]
            break
    key = f"page.definition.part.{section}"
    return (page.lang(key) if page.lang.has(key) else section) + (f": {rest.strip('[].')}" if rest else "")
