"""Which records the pact of a page governs, and how many no pact does: in sight wherever its numbers are.

Not here: the pacts themselves (config/lines.py), the list of them (definition_pacts.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from config import lines
from config.lines import Line
from leadpact import versus
from leadpact.model import is_custom
from leadpact.pact_in_use import PactInUse, computing
from leadpact.versus import Share
from leadpact.workspace import Analysis, Workspace
from ui import warm
from ui.asked import Asked
from ui.errors import plain
from ui.page import Page

FIELDS = ("record_type", "country", "source", "preferred_channel")
MOST_VALUES = 60
Pacts = list[tuple[Line, PactInUse]]


def pacts(page: Page) -> Pacts:
    """The company's pacts that have a version, each with what computes of it. Read once a run."""
    found: Pacts = page.once("pacts", lambda: [(line, one) for line in lines.every(page.workspace.database)
                                               if (one := computing(line.versions)) is not None])  # fmt: skip
    return found


def share(page: Page) -> Share | None:
    """How many records each of them governs, of all there are whatever is filtered; null before the first sync."""
    if not page.ready:
        return None
    space, known = page.workspace, [used for _, used in pacts(page)]
    hashes, home = tuple(used.pact.hash for used in known), str(space.home.resolve())

    def keep(one: Analysis) -> Share:
        return _share(home, one.connection, one.generation, hashes, space, known)

    warm.asked(space, page.analysis, Asked(versus.shares, hashes), keep)
    return keep(page.analysis)


@st.cache_data(max_entries=20, show_spinner=False)
def _share(
    home: str, connection: str, generation: int, hashes: tuple[str, ...], _space: Workspace, _known: Sequence[PactInUse]
) -> Share:
    tables = _space.analyse(connection, pact=_known[0], generation=generation).tables
    return versus.shares(tables, [used.pact for used in _known])


def badge(page: Page) -> None:
    """What the chosen pact governs of all records; nothing where one pact governs everything."""
    known = pacts(page)
    if not any(used.pact.scope for _, used in known):
        return
    found = share(page)
    if found is None:
        return
    at = next((place for place, (line, _) in enumerate(known) if line.slug == page.used.line), 0)
    number = page.lang.number
    text = page.lang("ui.governed", mine=number(found.of[at]), whole=number(found.whole), none=number(found.none))
    scope = said(page, known[at][1])
    st.badge(plain(text), icon=":material/filter_center_focus:", color="orange" if found.none else "gray",
             help=plain(page.lang("ui.governed.help", scope=scope, none=number(found.none))))  # fmt: skip
    page.told.tell({page.lang("ui.governed.scope"): f"{scope} ({text})"})


def said(page: Page, used: PactInUse) -> str:
    """The scope in words: `record_type = B2B, Partner`; of all records where there is none."""
    found = "; ".join(f"{name} = {', '.join(values)}" for name, values in used.pact.scope.items())
    return found or page.lang("ui.governed.all")


def choices(page: Page) -> dict[str, list[str]]:
    """The fields a scope may go by, each with the values records hold, most held first; empty before the first sync."""
    if not page.ready:
        return {}
    one = page.analysis
    home = str(page.workspace.home.resolve())
    return _choices(home, one.connection, one.generation, page.workspace, page.used)


@st.cache_data(max_entries=20, show_spinner=False)
def _choices(home: str, connection: str, generation: int, _space: Workspace, _used: PactInUse) -> dict[str, list[str]]:
    record = _space.analyse(connection, pact=_used, generation=generation).tables.record
    fields = [name for name in record.columns if name in FIELDS or is_custom(name)]
    counts = record.aggregate(**{name: record[name].nunique() for name in fields}).to_pyarrow().to_pylist()[0]
    found = {}
    for name in sorted(fields, key=lambda name: (name not in FIELDS, name)):
        if 1 <= counts[name] <= MOST_VALUES and record[name].type().is_string():
            held = record.filter(record[name].notnull(), record[name] != "").group_by(name).aggregate(
                n=lambda t: t.count())  # fmt: skip
            rows = held.order_by(held.n.desc(), name).to_pyarrow().to_pylist()
            found[name] = [str(row[name]) for row in rows]
    return found
