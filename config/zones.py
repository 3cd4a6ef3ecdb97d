"""The time zones there are. Asked for once: Python walks through its whole database on disk each time."""

from __future__ import annotations

import functools
from zoneinfo import available_timezones


@functools.cache
def zones() -> frozenset[str]:
    """The names of all known time zones."""
    return frozenset(available_timezones())
