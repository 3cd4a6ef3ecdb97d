"""Widgets of the Definition page's forms: they begin with what is there and give what is typed.

Every widget has a key of the form that is open; what it begins with is set once, so that a rerun
changes nothing that was typed.

Not here: conditions (definition_conditions.py), the forms themselves (each part's own module).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

Width = Literal["stretch", "content"] | int


def text(label: str, key: str, value: str | None, *, most: int = 255, help: str | None = None,
         holder: str | None = None, width: Width = "stretch") -> str:  # fmt: skip
    """One line of text, without spaces around it."""
    st.session_state.setdefault(key, value or "")
    found = st.text_input(label, key=key, max_chars=most, help=help, placeholder=holder, width=width)
    return (found or "").strip()


def lines(label: str, key: str, value: Sequence[str], *, help: str | None = None) -> list[str]:
    """Several texts, a line each; blank lines are none."""
    st.session_state.setdefault(key, "\n".join(map(str, value)))
    found = st.text_area(label, key=key, help=help, height=110)
    return [line.strip() for line in (found or "").splitlines() if line.strip()]


def area(label: str, key: str, value: str | None, *, help: str | None = None) -> str:
    """A paragraph."""
    st.session_state.setdefault(key, value or "")
    return (st.text_area(label, key=key, help=help, height=90) or "").strip()


def one_of(label: str, key: str, options: Sequence[str], value: str | None, said: Callable[[str], str], *,
           help: str | None = None, width: Width = "stretch") -> str:  # fmt: skip
    """One of these; what is there and is none of them stays on offer."""
    offered = _with(options, value)
    st.session_state.setdefault(key, value if value else offered[0])
    return str(st.selectbox(label, offered, format_func=said, key=key, help=help, width=width))


def maybe(label: str, key: str, options: Sequence[str], value: str | None, said: Callable[[str], str] = str, *,
          help: str | None = None, holder: str | None = None, own: bool = False,
          width: Width = "stretch") -> str | None:  # fmt: skip
    """One of these or nothing. `own`: or what people type."""
    st.session_state.setdefault(key, value or None)
    offered = _with(options, st.session_state[key])
    found = st.selectbox(label, offered, format_func=said, key=key, help=help, placeholder=holder or "–",
                         accept_new_options=own, width=width)  # fmt: skip
    return str(found).strip() or None if found is not None else None


def several(label: str, key: str, options: Sequence[str], value: Sequence[str], said: Callable[[str], str] = str, *,
            help: str | None = None, holder: str | None = None, own: bool = False) -> list[str]:  # fmt: skip
    """Any of these. `own`: and what people type."""
    st.session_state.setdefault(key, list(map(str, value)))
    offered = list(dict.fromkeys([*options, *st.session_state[key]]))
    found = st.multiselect(label, offered, format_func=said, key=key, help=help, placeholder=holder or "–",
                           accept_new_options=own)  # fmt: skip
    return [str(one) for one in found]


def number(label: str, key: str, value: float | None, *, least: float = 0.0, most: float | None = None,
           step: float = 1.0, whole: bool = False, help: str | None = None,
           width: Width = "stretch") -> float | int | None:  # fmt: skip
    """A number or nothing."""
    given = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    st.session_state.setdefault(key, None if given is None else int(given) if whole else float(given))
    kind: Any = int if whole else float
    found = st.number_input(
        label, min_value=kind(least), max_value=None if most is None else kind(most), step=kind(step), key=key,
        help=help, placeholder="–", width=width, format=None if whole else "%g", value=None,
    )  # fmt: skip
    if found is None:
        return None
    return int(found) if whole or float(found).is_integer() else float(found)


def rows(key: str, given: Sequence[Any]) -> list[tuple[int, Any]]:
    """The rows of a small list being edited: a number that stays with each, and what it began as.

    New ones and those taken away are remembered under `key` while the form is drawn.
    """
    if key not in st.session_state:
        st.session_state[key] = list(range(len(given)))
        st.session_state[f"{key}_given"] = list(given)
        st.session_state[f"{key}_next"] = len(given)
    known = st.session_state[f"{key}_given"]
    return [(place, known[place] if place < len(known) else None) for place in st.session_state[key]]


def add_row(key: str) -> None:
    """One more row, empty."""
    st.session_state[key] = [*st.session_state[key], st.session_state[f"{key}_next"]]
    st.session_state[f"{key}_next"] += 1


def drop_row(key: str, place: int) -> None:
    """The row with this number goes."""
    st.session_state[key] = [one for one in st.session_state[key] if one != place]


def _with(options: Sequence[str], value: str | None) -> list[str]:
    return [*options] if value is None or value in options else [*options, value]
