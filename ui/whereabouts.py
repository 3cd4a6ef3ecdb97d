"""Where a connection leads and whether anything may be written there: in sight on every page.

Not here: what decides it (leadpact/settings.py, leadpact/writing.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from leadpact.language import Language
from leadpact.settings import Connection
from ui import errors

_COLOURS = {"production": "red", "sandbox": "orange", "demo": "violet", "files": "gray"}
_ICONS = {"production": "public", "sandbox": "science", "demo": "theater_comedy", "files": "folder"}


def kind(lang: Language, one: Connection) -> str:
    """What it is: Salesforce, Airtable, files; a type nobody knows by its own word."""
    key = f"setup.type.{one.type}"
    return lang(key) if lang.has(key) else one.type


def badges(lang: Language, one: Connection) -> None:
    """Its environment, and whether LeadPact may write."""
    where: Any = one.environment
    st.badge(
        lang(f"setup.environment.{where}"),
        icon=f":material/{_ICONS[where]}:",
        color=_COLOURS[where],  # type: ignore[arg-type]
        help=errors.plain(lang(f"setup.environment.{where}.help")),
    )
    st.badge(
        lang("setup.writable" if one.writable else "setup.read_only"),
        icon=":material/edit:" if one.writable else ":material/lock:",
        color="orange" if one.writable else "green",
        help=errors.plain(lang("setup.writable.help" if one.writable else "setup.read_only.help")),
    )
