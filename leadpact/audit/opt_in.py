"""Whether a record carries an opt-in: mapped fields whose name speaks of consent, and what counts as yes.

Not here: what follows from it (imports.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ibis

from config.propose import words
from leadpact.model import is_custom
from leadpact.tables import Table

SPEAKS = ({"opt", "in"}, {"optin"}, {"consent"}, {"consentimiento"}, {"consentimento"}, {"subscribed"}, {"suscrito"})
AGAINST = {"out", "optout", "no", "not", "without", "sin", "unsubscribed", "revoked"}
NO = ("", "0", "false", "no", "n", "f", "off", "falso", "não", "nao")


def opt_in_fields(columns: Iterable[str]) -> list[str]:
    """The mapped fields whose name speaks of an opt-in (not of an opt-out)."""
    spoken = {name: set(words(name.removeprefix("f_").replace("_", " "))) for name in columns if is_custom(name)}
    return [name for name, own in spoken.items() if any(one <= own for one in SPEAKS) and not own & AGAINST]


def opted_in(record: Table, fields: Sequence[str]) -> Any:
    """One of these fields says yes: anything but empty, no, false and 0 (a date is a yes)."""
    found = ibis.literal(False)
    for name in fields:
        said = record[name].cast("string").strip().lower()
        found = found | (said.notnull() & ~said.isin(NO))
    return found.fill_null(False)
