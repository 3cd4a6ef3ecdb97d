"""Which door leads past which connector. Every adapter of the registry has at least one.

Not here: what a door is (door.py), the doors (door_airtable.py, door_demo.py, door_files.py,
door_salesforce.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.door import Door
from tests.contract.door_airtable import AirtableDoor, DatedAirtableDoor
from tests.contract.door_demo import DemoDoor
from tests.contract.door_files import FilesDoor, SpreadsheetDoor
from tests.contract.door_salesforce import SalesforceDoor

DOORS: Mapping[str, type[Door]] = {
    "airtable": AirtableDoor,
    "airtable, what changed": DatedAirtableDoor,
    "demo": DemoDoor,
    "files": FilesDoor,
    "files, one spreadsheet": SpreadsheetDoor,
    "salesforce": SalesforceDoor,
}
