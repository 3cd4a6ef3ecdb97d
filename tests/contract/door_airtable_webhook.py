"""The door of an Airtable base whose webhook tells what changed between two syncs; read by what changed.

Not here: the base itself (door_airtable.py).
"""

from __future__ import annotations

from pathlib import Path

from tests.contract.door_airtable import AirtableDoor


class WebhookAirtableDoor(AirtableDoor):
    """A webhook has no past: the connection has read once before anything happens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings |= {"webhooks": True, "full_every_hours": 24}
        extract = self.connect().extract()
        list(extract.pages)
        extract.mark()
