"""Registers the pages, and nothing else: each draws its own frame (ui/frame.py)."""

from __future__ import annotations

import streamlit as st

from ui import frame, registry, server

server.begin()

# the default page of Streamlit has no path of its own; ours sends to `/today`, so that every page has one
home = st.Page(frame.home, title="LeadPact", url_path="home", default=True, visibility="hidden")
pages = [st.Page(entry.path, title=entry.name, icon=entry.icon, url_path=entry.name) for entry in registry.registered()]
st.navigation([home, *pages], position="hidden").run()
