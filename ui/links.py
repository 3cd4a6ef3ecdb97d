"""Values that come from a link: taken where they make sense, left out and said where they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.language import Language
from ui import state
from ui.errors import plain


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
