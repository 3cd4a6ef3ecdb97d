"""Links: to another page, and the values that came with one.

A value in a link is taken where it makes sense, left out and said where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.language import Language
from ui import registry, state
from ui.errors import plain

LEADS = "leads_on"  # as in style.css


def valid(lang: Language, name: str, parse: Callable[[str], Any]) -> Any:
    """The shared value `name`, parsed; null for its default, and for one that cannot be."""
    text = state.read(name)
    if text is None:
        return None
    try:
        return parse(text)
    except (ValueError, LeadPactError):
        refuse(lang, name)
        return None


def refuse(lang: Language, name: str) -> None:
    """Back to the default, and a word about it."""
    state.write(name, None)
    st.warning(plain(lang("ui.bad_value", name=name)), icon=":material/link_off:")


def to(
    lang: Language, name: str, label: str | None = None, *, icon: str | None = None, help: str | None = None,
    leads: bool = False, **values: str,
) -> None:  # fmt: skip
    """A link to another page that keeps language and connection; `values` are further shared ones.

    One that `leads` on is the next step, and looks like a primary button (style.css); one a page.
    """
    entry = registry.entry(name)
    kept = {key: found for key in state.FRAME if (found := state.read(key)) is not None}
    label = label or lang(f"page.{name}.title")
    with st.container(key=LEADS, width="content") if leads else nullcontext():
        st.page_link(entry.path, label=label, icon=icon or entry.icon, help=help, query_params={**kept, **values})
