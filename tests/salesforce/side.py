"""The write side of a connection, for tests: it says what it would have waited.

Not here: the server (server.py), its company (company.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.salesforce.client import Client
from connectors.salesforce.settings import read as read_settings
from connectors.salesforce.write_side import WriteSide
from leadpact.connector import Change, Outcome
from leadpact.crm_fields import Prepared
from leadpact.mapping import MappingDocument, loads
from tests.salesforce.server import Server

Connect = Callable[..., "Side"]


class Side(WriteSide):
    """The write side of one connection; `slept` is what it would have waited."""

    def __init__(self, given: dict[str, Any], mapping: str | None = None) -> None:
        self.slept: list[float] = []
        self.client = Client(read_settings(given), sleep=self.slept.append, monotonic=time.monotonic)
        super().__init__(self.client, loads(mapping) if mapping else MappingDocument())

    def now(self, *changes: Change) -> list[Outcome]:
        return list(self.write(changes))

    def kinds(self, *changes: Change) -> list[tuple[str, str | None]]:
        return [(one.kind, one.code) for one in self.now(*changes)]


@pytest.fixture
def connect(salesforce: Server) -> Connect:
    def make(mapping: str | None = None, **more: Any) -> Side:
        return Side({**salesforce.settings, "writable": True, **more}, mapping)

    return make


def change(record_id: str, field: str, after: str | None, object: str = "lead") -> Change:
    return Change(object, record_id, field, None, after)


def outcomes(side: Side, prepared: Sequence[Prepared]) -> list[tuple[str, str | None, str | None]]:
    """What became of each: kind, code, name."""
    return [(one.kind, one.code, one.name) for one in side.make(prepared)]
