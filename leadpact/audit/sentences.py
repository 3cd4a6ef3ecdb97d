"""Parts of sentences that several rules need: lists with counts, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from leadpact.audit.shown import shown
from leadpact.language import Text

MOST = 3


def listed(parts: Sequence[Text]) -> Text:
    """`a`, `a and b`, `a, b and c`."""
    text = parts[0]
    for part in parts[1:-1]:
        text = Text.of("audit.list", first=text, second=part)
    return text if len(parts) == 1 else Text.of("audit.and", first=text, second=parts[-1])


def counted(parts: Sequence[tuple[str, int]]) -> Text:
    """Catalogue keys with their numbers: `no owner 3, inactive owner 2`."""
    return _joined([Text.of(key, number=number) for key, number in parts])


def counted_values(parts: Sequence[tuple[str, int]], *, most: int = MOST, blank: str = "audit.status.blank") -> Text:
    """Raw values with their numbers, a blank one by its key: `“SQL” 12, no status 3, others 2`."""
    named = [
        Text.of("audit.status.named", value=shown(value), number=number) if value else Text.of(blank, number=number)
        for value, number in parts[:most]
    ]
    rest = sum(number for _, number in parts[most:])
    return _joined([*named, Text.of("audit.status.other", number=rest)] if rest else named)


def _joined(parts: Sequence[Text]) -> Text:
    text = parts[0]
    for part in parts[1:]:
        text = Text.of("audit.list", first=text, second=part)
    return text
