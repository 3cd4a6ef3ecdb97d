"""A raw status value as it may stand in a sentence: harmless, and not endless.

The value itself is never changed; findings carry it as the CRM holds it.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from leadpact.language import Text

LONGEST = 80
LONGEST_PART = 255  # of a list of names
# invisible characters that do not reorder or hide text: emoji joiners and variation selectors
HARMLESS = {"\u200c", "\u200d"}
ISOLATE, END = "\u2068", "\u2069"  # right-to-left text, so that it does not turn the sentence around


def shown(value: str | None, label: str | None = None) -> str:
    """The value on one line, without control and direction characters, cut at 80 characters.

    With a label of its own, as `label (value)`. A null value is an empty text.
    """
    text = _clean(value or "")
    named = _clean(label or "")
    return f"{named} ({text})" if named and named != text else text


def harmless(value: Any) -> Any:
    """A parameter of a sentence, as it may stand in one: texts on one line and without signs that
    nobody sees, those inside of other sentences too; anything else as it is."""
    if isinstance(value, Text):
        return Text(value.key, {name: harmless(part) for name, part in value.params.items()})
    return _clean(value, LONGEST_PART) if isinstance(value, str) else value


def _clean(text: str, longest: int = LONGEST) -> str:
    plain = "".join(" " if char.isspace() else char for char in text if char.isspace() or _visible(char))
    plain = " ".join(plain.split())
    if len(plain) > longest:
        plain = plain[: longest - 1] + "…"
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in plain):
        plain = f"{ISOLATE}{plain}{END}"
    return plain


def _visible(char: str) -> bool:
    return char in HARMLESS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
