"""Errors as people should meet them: what happened, where and the remedy, or an incident number.

Never a stack trace or a record's content, on screen or in the log: an unexpected error is
logged by its type and the lines it passed through, without its message (leadpact/logs.py).
"""

from __future__ import annotations

import os
import re

import streamlit as st

from leadpact import logs
from leadpact.errors import LeadPactError
from leadpact.language import Language

RAISE = "LEADPACT_RAISE"

_FIGURE = re.compile(r"(?!.*(?:www|http|[:.]/))(?:[^\W_]|[\s.,%±–—+/·′()€-]|:(?=\d))*", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)", re.IGNORECASE)
# what begins a block (or is none of a line), and what means something within a line
_BLOCK = re.compile(r"\s*(?:[-+#>=]|\d+[.)])|.*\n", re.DOTALL)
_MEANT = re.compile(r"[\\`*{}\[\]|~<>$]|(?<!\w)_|_(?!\w)|:(?=\S)|-(?=[->])|(?<=[-<])-")
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()#+-.!|~<>$:"})


def plain(text: str) -> str:
    """The text as Markdown that shows it letter by letter, lines kept; an address in it is no link.

    What looks like an address becomes a link after escapes are read: a sign nobody sees stands in it.
    """
    return _ADDRESS.sub("\\g<0>\u2060", text).translate(_SPECIAL).replace("\n", "  \n")


def label(text: str) -> str:
    """As `plain`, with a backslash only where a sign means something: a widget's name is read out as it is written."""
    if _BLOCK.match(text):
        return plain(text)
    return _MEANT.sub(r"\\\g<0>", _ADDRESS.sub("\\g<0>\u2060", text))


def value(text: str) -> str:
    """A figure as it is written, where it is made of digits, letters and their usual signs; else as `plain`."""
    return text if _FIGURE.fullmatch(text) else plain(text)


def show(lang: Language, error: Exception, page: str) -> None:
    """Shows an error. Unexpected ones are logged with a number; tests get them raised."""
    if isinstance(error, LeadPactError):
        try:
            message = lang.error(error)
        except KeyError as missing:  # a text nobody wrote is our fault, not the reader's
            error = missing
        else:
            st.error(plain(message), icon=":material/error:")
            return
    if os.environ.get(RAISE):
        raise error
    incident = logs.incident(error, page=page)
    st.error(lang("ui.incident", incident=incident), icon=":material/error:")
