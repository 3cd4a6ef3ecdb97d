"""Single cells of the API to text, moments, flags and numbers.

What Airtable leaves out is empty; of a checkbox it is "no". Lists (multiple selects, lookups,
rollups, links) are joined. A formula that failed has no value, and says so.

Not here: which cell fills which column (plan.py), columns and pages (rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.airtable.schema import FieldDef
from leadpact.mapping.vocabulary import flag as flag_of

JOINT = ", "
Names = Mapping[str, str]  # what linked records are called, by id
_BEGINNING, _END = datetime(1900, 1, 1), datetime(2200, 1, 1)


class Unreadable(Exception):
    """A cell that has a value and cannot be read as what it is mapped to."""


def text(cell: Any, field: FieldDef, names: Names | None = None, *, ids: bool = False) -> str | None:
    """A cell as text; null where it is empty. `ids`: people by their id rather than their name. Raises Unreadable."""
    if cell is None:
        return "false" if field.type == "checkbox" else None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        plain = (names or {}).get(cell, cell) if field.links else cell
        return plain if plain.strip() else None
    if isinstance(cell, (int, float)):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    if isinstance(cell, list):
        parts = [text(one, field, names, ids=ids) for one in cell if one is not None]
        return JOINT.join(part for part in parts if part is not None) or None
    if isinstance(cell, Mapping):
        return _of_object(cell, ids)
    raise Unreadable


def _of_object(cell: Mapping[str, Any], ids: bool) -> str | None:
    """Collaborators, attachments, barcodes, buttons, texts of an AI; a formula's error is unreadable."""
    if "error" in cell or "specialValue" in cell:
        raise Unreadable
    order = ("id", "name", "email") if ids else ("name", "email", "filename", "text", "label", "value", "id")
    return next((str(cell[name]) for name in order if cell.get(name)), None)


def linked(cell: Any) -> list[str]:
    """The record ids of a link (or of a lookup of links), in their order."""
    found = cell if isinstance(cell, list) else [cell] if cell is not None else []
    return [one if isinstance(one, str) else str(one.get("id", "")) for one in found if one]


def moment(cell: Any, zone: ZoneInfo) -> datetime | None:
    """A cell as UTC without a zone; a date alone is the beginning of that day in `zone`. Raises Unreadable.

    Of several dates (a lookup) it is the earliest.
    """
    if cell is None or cell in ("", []):
        return None
    if isinstance(cell, list):
        return min((at for one in cell if (at := moment(one, zone)) is not None), default=None)
    if not isinstance(cell, str):
        raise Unreadable
    try:
        at = datetime.fromisoformat(cell.strip())
    except ValueError:
        raise Unreadable from None
    placed = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    found = placed.astimezone(UTC).replace(tzinfo=None)
    if not _BEGINNING <= found < _END:
        raise Unreadable
    return found


def is_day(cell: Any) -> bool:
    """Whether the cell is a date without a time of day."""
    return isinstance(cell, str) and len(cell.strip()) == 10


def flag(cell: Any, field: FieldDef) -> bool | None:
    """A cell as yes or no. Raises Unreadable."""
    if cell is None:
        return False if field.type == "checkbox" else None
    if isinstance(cell, (bool, int, float)):
        return bool(cell)
    said = text(cell, field)
    if said is None:
        return None
    found = flag_of(said)
    if found is None:
        raise Unreadable
    return found


def number(cell: Any, field: FieldDef) -> float | None:
    """A cell as a number. Raises Unreadable."""
    if isinstance(cell, list) and len(cell) == 1:
        cell = cell[0]
    if isinstance(cell, bool):
        raise Unreadable
    if isinstance(cell, (int, float)):
        return float(cell)
    said = text(cell, field)
    if said is None or field.type == "checkbox":
        return None
    try:
        return float(said)
    except ValueError:
        raise Unreadable from None
