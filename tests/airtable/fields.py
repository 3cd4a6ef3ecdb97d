"""The fields of the loopback Airtable: ids, types, and options as the schema shows them.

Not here: what records hold (base.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

COMPUTED = ("formula", "rollup", "multipleLookupValues", "count", "createdTime", "lastModifiedTime", "autoNumber",
            "createdBy", "lastModifiedBy", "button", "aiText", "externalSyncSource")  # fmt: skip
_DATE = {"name": "iso", "format": "YYYY-MM-DD"}
_MOMENT = {"dateFormat": _DATE, "timeFormat": {"name": "24hour", "format": "HH:mm"}, "timeZone": "utc"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "checkbox": {"icon": "check", "color": "greenBright"},
    "number": {"precision": 0},
    "percent": {"precision": 0},
    "currency": {"precision": 2, "symbol": "$"},
    "rating": {"icon": "star", "color": "yellowBright", "max": 5},
    "duration": {"durationFormat": "h:mm"},
    "date": {"dateFormat": _DATE},
    "dateTime": _MOMENT,
    "createdTime": {"result": {"type": "dateTime", "options": _MOMENT}},
    "lastModifiedTime": {"isValid": True, "referencedFieldIds": [], "result": {"type": "dateTime", "options": _MOMENT}},
    "multipleAttachments": {"isReversed": False},
}
_number = iter(range(1, 10**9))
_lock = threading.Lock()


def new_id(prefix: str) -> str:
    """An id of the right shape, never given twice in a process."""
    with _lock:
        return f"{prefix}{next(_number):014d}"


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds") + "Z"


@dataclass
class Field:
    """One field. `choices` fill the options of a select; `links` is the table a link leads to; `watches` are the ids of
    the fields a lastModifiedTime watches; `result` is the type of what a formula, rollup or lookup gives."""

    name: str
    type: str = "singleLineText"
    options: dict[str, Any] | None = None
    choices: Sequence[str] = ()
    links: str | None = None
    watches: Sequence[str] = ()
    result: str | None = None
    compute: Callable[[Any, Any], Any] | None = None
    id: str = field(default_factory=lambda: new_id("fld"))

    def __post_init__(self) -> None:
        if self.options is None:
            self.options = self._options()

    def _options(self) -> dict[str, Any] | None:
        if self.type in ("singleSelect", "multipleSelects"):
            return {"choices": [{"id": new_id("sel"), "name": name, "color": "blueLight2"} for name in self.choices]}
        if self.type == "multipleRecordLinks":
            return {"linkedTableId": self.links, "isReversed": False, "prefersSingleRecordLink": False}
        if self.type == "lastModifiedTime":
            return {**_OPTIONS[self.type], "referencedFieldIds": list(self.watches)}
        if self.type in ("formula", "rollup", "multipleLookupValues"):
            result = self.result or "singleLineText"
            shown = {"type": result, **({"options": dict(_OPTIONS[result])} if result in _OPTIONS else {})}
            return {"isValid": True, "referencedFieldIds": [], "result": shown}
        return dict(_OPTIONS[self.type]) if self.type in _OPTIONS else None

    @property
    def offered(self) -> list[str]:
        return [choice["name"] for choice in (self.options or {}).get("choices", ())]

    def as_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "id": self.id,
            "name": self.name,
            **({"options": self.options} if self.options else {}),
        }


def filled(value: Any) -> bool:
    """Whether the API shows a cell at all: empty, false and blank ones are left out; 0 is shown."""
    return value is not None and value is not False and value not in ("", [])
