"""Registers the pages, and nothing else: each draws its own frame (ui/frame.py)."""

from __future__ import annotations

import streamlit as st

from ui import registry

pages = [
    st.Page(entry.path, title=entry.name, icon=entry.icon, url_path=entry.name, default=entry.name == registry.HOME)
    for entry in registry.registered()
]
st.navigation(pages, position="hidden").run()
