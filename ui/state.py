"""Values that outlive a page: in the URL first, else remembered by the session, else default.

Every shared value is text under one name, the same in the URL, in the session and on the
command line. A default is never written: the way back to it clears both places.

Not here: which values a page obeys (registry.py), what their text means (filters.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

LANGUAGE = "lang"
CONNECTION = "connection"
PACT = "pact"  # which of several pacts, by its short name
AS_OF = "as_of"
VIEW = "view"
START, END = "from", "to"
WINDOW, MODE, ANCHOR, BY = "window", "mode", "anchor", "by"
OWNER, TEAM, SOURCE, COUNTRY = "owner", "team", "source", "country"

FRAME = (LANGUAGE, CONNECTION, PACT)
FUNNEL_FILTERS = (START, END, WINDOW, MODE, ANCHOR, BY)
CONDITIONS = (OWNER, TEAM, SOURCE, COUNTRY)
NARROWING = (START, END, *CONDITIONS, AS_OF)  # what can leave nobody
SHARED = (*FRAME, *FUNNEL_FILTERS, *CONDITIONS, AS_OF)

_KEPT = "kept_"
_CHOSEN = "_chosen"  # the URL as a choice left it, for the run that the choice began
_LINE, _ASIDE = "_pact_line", "_pact_aside"
OF_PACT = ("_pact_open", "_pact_conflict", "_scoring_edited", "_scoring_conflict")  # unsaved edits of one pact
_changing = threading.Lock()  # of all sessions: it is held for less than a millisecond
_DEFAULT = "\0default"  # no CRM value begins with a null character


def settle(names: Iterable[str]) -> None:
    """Brings URL and memory in line for the values a page obeys: the URL wins where it speaks.

    Not in a run that begins with a choice just made: two made quickly come with the URL of before the first.
    Nor is a choice lost to the run before it, which may go on until it next looks at the session: that is
    where Streamlit ends it, so it looks before it may change anything, and no choice is made in between.
    """
    with _changing:
        chosen = st.session_state.pop(_CHOSEN, None) == st.query_params.to_dict()
        for name in names:
            kept = _KEPT + name
            if name in st.query_params and not chosen:
                st.session_state[kept] = st.query_params[name]
            elif kept in st.session_state:
                if st.query_params.get(name) != st.session_state[kept]:
                    st.query_params[name] = st.session_state[kept]
            elif chosen:
                st.query_params.pop(name, None)


def read(name: str) -> str | None:
    """The text of a shared value; null means its default."""
    found: str | None = st.session_state.get(_KEPT + name)
    return found


def write(name: str, value: str | None) -> None:
    """Sets a shared value in both places; null goes back to the default."""
    if value is None:
        st.session_state.pop(_KEPT + name, None)
        st.query_params.pop(name, None)
    else:
        st.session_state[_KEPT + name] = value
        st.query_params[name] = value


def forget(names: Iterable[str]) -> None:
    """All of them back to their defaults."""
    for name in names:
        write(name, None)


def under(line: str) -> None:
    """What the session has edited and not saved stays with its pact: laid aside while another one is chosen."""
    before = st.session_state.get(_LINE, line)
    st.session_state[_LINE] = line
    if before != line:
        aside = st.session_state.setdefault(_ASIDE, {})
        aside[before] = {name: st.session_state.pop(name) for name in OF_PACT if name in st.session_state}
        for name, held in aside.pop(line, {}).items():
            st.session_state[name] = held


def bound(key: str, name: str, value: Any, text: Callable[[Any], str | None]) -> dict[str, Any]:
    """Arguments that tie a widget to a shared value: its key, and what happens on a change.

    `value` is what the widget shows now; `text` turns what it holds into the shared text.
    """
    st.session_state[key] = value
    return {"key": key, "on_change": _copy, "args": (key, name, text)}


def pick(
    label: str,
    key: str,
    name: str,
    choices: Sequence[Any],
    current: Any,
    *,
    shown: Callable[[Any], str],
    text: Callable[[Any], str] = str,
    width: Any = "stretch",
    help: str | None = None,
) -> None:
    """A selectbox of a shared value. `shown(None)` is the wording of the default, listed first.

    The default is a choice like the others: the widget's own "nothing chosen" is a grey hint.
    """
    st.selectbox(
        label,
        [_DEFAULT, *choices],
        format_func=lambda value: shown(None if value == _DEFAULT else value),
        width=width,
        help=help,
        **bound(
            key,
            name,
            _DEFAULT if current is None else current,
            lambda value: None if value == _DEFAULT else text(value),
        ),
    )


def _copy(key: str, name: str, text: Callable[[Any], str | None]) -> None:
    with _changing:
        write(name, text(st.session_state[key]))
        st.session_state[_CHOSEN] = st.query_params.to_dict()
