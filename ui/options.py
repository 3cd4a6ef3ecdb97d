"""What the filters offer: dimensions that split something, and the values records hold most.

Computed once a generation, on everything there is: a filter must not narrow its own choices.

Not here: the widgets (filters.py), what a dimension is (leadpact/metrics/dimensions.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from leadpact.language import Language
from leadpact.metrics import dimensions
from leadpact.model import is_custom
from leadpact.tables import Tables, with_owner
from leadpact.workspace import Analysis
from ui import state

MOST_VALUES = 300
MOST_GROUPS = 60
SPLIT = (*dimensions.OWN, *dimensions.OF_OWNER, *dimensions.OF_TIME, "preferred_channel")


def splits(open_all: Callable[[], Analysis], key: str) -> list[str]:
    """The dimensions with at least two groups (unknown is one) and not too many to look at."""
    return _splits(key, open_all)


def values(open_all: Callable[[], Analysis], key: str) -> dict[str, list[str]]:
    """For every condition, the values of it that records hold, the most held first."""
    return _values(key, open_all)


@st.cache_data(max_entries=20, show_spinner=False)
def _splits(key: str, _open: Callable[[], Analysis]) -> list[str]:
    tables = _open().tables
    named = with_owner(tables.record, tables.owner)
    asked = [name for name in dimensions.known(tables) if name in named.columns and (name in SPLIT or is_custom(name))]
    counts = named.aggregate(**{name: named[name].nunique() for name in asked}).execute().iloc[0]
    found = [name for name in asked if 1 <= counts[name] <= MOST_GROUPS]
    return [*found, *dimensions.OF_TIME]


@st.cache_data(max_entries=20, show_spinner=False)
def _values(key: str, _open: Callable[[], Analysis]) -> dict[str, list[str]]:
    tables: Tables = _open().tables
    named = with_owner(tables.record, tables.owner)
    found: dict[str, list[str]] = {}
    for name in state.CONDITIONS:
        held = named.filter(named[name].notnull(), named[name] != "").group_by(name).aggregate(n=lambda t: t.count())
        top = held.order_by(held.n.desc(), name).limit(MOST_VALUES).execute()
        found[name] = [str(value) for value in top[name]]
    return found


def dimension(lang: Language, name: str) -> str:
    """The name of a dimension in the reader's language; a mapped field by its own name."""
    if is_custom(name):
        return name[2:].replace("_", " ").capitalize()
    return lang(f"ui.dim.{name}")


def shown(lang: Language, group: Any) -> str:
    """A group as people read it; null is the unknown."""
    return group if isinstance(group, str) and group else lang("ui.unknown")
