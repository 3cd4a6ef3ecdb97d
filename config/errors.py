"""The one shape of an error a person is meant to read: a catalogue key and its parameters.

It is rendered by the command line and by the pages, in the reader's language
(leadpact/language.py). Parameters name places and remedies, never record content or secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

USAGE, REFUSED = 2, 3


class LeadPactError(Exception):
    """What happened, where and what to do, as a catalogue key with parameters.

    `exit_code` is what the command line ends with. `details` are further errors of the
    same shape, listed beneath the first (a pact with several faults, say).
    """

    exit_code = USAGE

    def __init__(self, key: str, *, details: Sequence[LeadPactError] = (), **params: Any) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params
        self.details = tuple(details)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.params.items())
        more = "".join(f"; {detail}" for detail in self.details)
        return f"{self.key}({shown}){more}"
