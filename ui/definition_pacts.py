"""Several pacts side by side on the Definition page: what each governs, and what none does.

Not here: lines of versions (config/lines.py), the choice of the pact that computes (frame.py).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from config import lines
from leadpact import versus
from leadpact.versus import Share
from leadpact.workspace import Analysis, Workspace, computing
from ui import listing
from ui.errors import plain
from ui.page import Page


def show(page: Page) -> None:
    """Every pact with its scope and records, and the records of none; nothing where one pact governs all."""
    known = [(line, one) for line in lines.every(page.workspace.database) if (one := computing(line.versions))]
    if not known or (len(known) == 1 and not known[0][1].pact.scope):
        return
    st.subheader(page.text("pacts"), anchor=False)
    share: Share | None = None
    if page.ready:
        hashes = tuple(one.pact.hash for _, one in known)
        share = page.cached_whole(_shares, str(page.workspace.home), hashes)
    rows = [
        {
            "pact": line.name,
            "version": one.version,
            "standing": page.lang("ui.pact.in_force" if one.in_force else "ui.pact.draft"),
            "scope": "; ".join(f"{name} = {', '.join(values)}" for name, values in one.pact.scope.items()) or None,
            "records": share.of[at] if share else None,
        }
        for at, (line, one) in enumerate(known)
    ]
    kinds = {"pact": "text", "version": "count", "standing": "text", "scope": "text", "records": "count"}
    listing.show(page, rows, kinds, key="pacts")  # type: ignore[arg-type]
    if share is not None:
        none, whole = page.lang.number(share.none), page.lang.number(share.whole)
        st.caption(plain(page.text("pacts.none", none=none, whole=whole)))
        if share.more:
            st.warning(plain(page.text("pacts.more", more=page.lang.number(share.more))), icon=":material/error:")


def _shares(found: Analysis, home: str, hashes: tuple[str, ...]) -> Share:
    """Counted once per data and pacts; `hashes` are what the result is kept by."""
    known = [computing(line.versions) for line in lines.every(Workspace(Path(home)).database)]
    by_hash = {one.pact.hash: one.pact for one in known if one is not None}
    return versus.shares(found.tables, [by_hash[hash] for hash in hashes])
