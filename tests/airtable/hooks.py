"""The loopback Airtable's webhooks: made, listed, refreshed, deleted, and their payloads page by page.

Payloads live seven days whether or not anybody saw them, and numbers are never given again; a webhook is switched
off seven days after it was made, refreshed or last listed, and forgotten seven days later. At most ten to a base.
Cells are in the second format (a select is an object). `server.state["hooks"]` holds them by base.

Not here: what happens in a base (base.py: events).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.airtable.base import Base, Event
from tests.airtable.fields import new_id, stamp
from tests.airtable.server import Call, Problem, no_such, route

LIVES, MOST, A_PAGE = timedelta(days=7), 10, 50
SCOPE = "webhook:manage"


@dataclass
class Hook:
    base: Base
    options: dict[str, Any]
    url: str | None
    expires: datetime
    id: str = field(default_factory=lambda: new_id("ach"))
    payloads: list[tuple[int, datetime, dict[str, Any]]] = field(default_factory=list)
    next: int = 1

    @property
    def on(self) -> bool:
        return self.base.clock.now() <= self.expires

    @property
    def known(self) -> bool:
        return self.base.clock.now() <= self.expires + LIVES

    def living(self) -> list[tuple[int, datetime, dict[str, Any]]]:
        now = self.base.clock.now()
        self.payloads = [one for one in self.payloads if now - one[1] <= LIVES]
        return self.payloads

    def hear(self, event: Event) -> None:
        """One payload for one event, where the specification asks for it."""
        filters = self.options["filters"]
        kind = {"created": "add", "changed": "update", "destroyed": "remove"}[event.kind]
        if event.at > self.expires or kind not in filters.get("changeTypes", ("add", "remove", "update")):
            return
        if filters.get("recordChangeScope", event.table) != event.table:
            return
        watched = filters.get("watchDataInFieldIds")
        if event.kind == "changed" and watched is not None and not set(event.cells) & set(watched):
            return
        told = {
            "timestamp": stamp(event.at),
            "baseTransactionNumber": len(self.base.events),
            "actionMetadata": {
                "source": event.source,
                "sourceMetadata": {"user": {"id": event.by, "email": "s@x.example", "permissionLevel": "create"}},
            },
            "payloadFormat": "v0",
            "changedTablesById": {event.table: self._table(event, watched)},
        }
        self.payloads.append((self.next, event.at, told))
        self.next += 1

    def _table(self, event: Event, watched: list[str] | None) -> dict[str, Any]:
        def shown(cells: Any) -> dict[str, Any]:
            fields = self.base.tables[event.table].fields
            return {
                one: second(fields[one], value) for one, value in cells.items() if watched is None or one in watched
            }

        if event.kind == "destroyed":
            return {"destroyedRecordIds": [event.record]}
        if event.kind == "created":
            created = {"createdTime": stamp(event.at), "cellValuesByFieldId": shown(event.cells)}
            return {"createdRecordsById": {event.record: created}}
        told = {"current": {"cellValuesByFieldId": shown(event.cells)}}
        if self.options.get("includes", {}).get("includePreviousCellValues"):
            told["previous"] = {"cellValuesByFieldId": shown(event.before)}
        return {"changedRecordsById": {event.record: told}}

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "specification": {"options": self.options},
            "notificationUrl": self.url,
            "cursorForNextPayload": self.next,
            "areNotificationsEnabled": self.url is not None,
            "isHookEnabled": self.on,
            "lastSuccessfulNotificationTime": None,
            "lastNotificationResult": None,
            "expirationTime": stamp(self.expires),
        }


def second(field: Any, value: Any) -> Any:
    """A cell in the format webhooks use."""
    if value is None or field.type not in ("singleSelect", "multipleSelects"):
        return value
    ids = {choice["name"]: choice for choice in (field.options or {}).get("choices", ())}
    names = value if field.type == "multipleSelects" else [value]
    told = [{"id": ids[name]["id"], "name": name, "color": ids[name]["color"]} for name in names]
    return told if field.type == "multipleSelects" else told[0]


def _hooks(call: Call) -> list[Hook]:
    if "data.records:read" not in call.token.scopes:
        raise no_such()
    kept = call.server.state.setdefault("hooks", {}).setdefault(call.base.id, [])
    for hook in [hook for hook in kept if not hook.known]:
        _forget(kept, hook)
    found: list[Hook] = kept
    return found


def _forget(kept: list[Hook], hook: Hook) -> None:
    kept.remove(hook)
    hook.base.listeners.remove(hook.hear)


def _one(call: Call) -> Hook:
    hook = next((hook for hook in _hooks(call) if hook.id == call.found["hook"]), None)
    if hook is None:
        raise Problem(404, "NOT_FOUND", plain=True)
    return hook


@route("POST", "/v0/bases/{base}/webhooks", scope=SCOPE)
def create(call: Call) -> Any:
    kept, body = _hooks(call), call.body or {}
    if call.token.permission != "create":
        raise Problem(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")
    options = body.get("specification", {}).get("options", {})
    if not options.get("filters", {}).get("dataTypes") or set(body) - {"notificationUrl", "specification"}:
        raise Problem(422, "INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed.")
    if body.get("notificationUrl", "https://") is None:
        raise Problem(422, "INVALID_REQUEST_UNKNOWN", "Invalid request: notificationUrl must be a string")
    known = {one for table in call.base.tables.values() for one in table.fields}
    if set(options["filters"].get("watchDataInFieldIds", ())) - known:
        raise Problem(422, "INVALID_FILTERS", "The webhook specification is invalid")
    if len(kept) >= MOST:
        raise Problem(422, "TOO_MANY_WEBHOOKS_IN_BASE", "The base has too many webhooks")
    hook = Hook(call.base, options, body.get("notificationUrl"), call.base.clock.now() + LIVES)
    kept.append(hook)
    call.base.listeners.append(hook.hear)
    return {"id": hook.id, "macSecretBase64": "bm9ib2R5IG5lZWRzIGl0", "expirationTime": stamp(hook.expires)}


@route("GET", "/v0/bases/{base}/webhooks", scope=SCOPE)
def listed(call: Call) -> Any:
    return {"webhooks": [hook.as_json() for hook in _hooks(call)]}


@route("GET", "/v0/bases/{base}/webhooks/{hook}/payloads", scope=SCOPE)
def payloads(call: Call) -> Any:
    hook = _one(call)
    with call.base.lock:
        cursor, limit = int(call.one("cursor") or 1), int(call.one("limit") or A_PAGE)
        if cursor < 1 or not 1 <= limit <= A_PAGE:
            raise Problem(422, "INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed.")
        waiting = [one for one in hook.living() if one[0] >= cursor]
        page = waiting[:limit]
        if hook.on:
            hook.expires = call.base.clock.now() + LIVES
        following = page[-1][0] + 1 if page else cursor
        told = [told for _, _, told in page]
        return {"payloads": told, "cursor": following, "mightHaveMore": len(waiting) > len(page)}


@route("POST", "/v0/bases/{base}/webhooks/{hook}/refresh", scope=SCOPE)
def refresh(call: Call) -> Any:
    hook = _one(call)
    if not hook.on:
        raise Problem(422, "HOOK_IS_DISABLED", "The webhook is disabled")
    hook.expires = call.base.clock.now() + LIVES
    return {"expirationTime": stamp(hook.expires)}


@route("DELETE", "/v0/bases/{base}/webhooks/{hook}", scope=SCOPE)
def delete(call: Call) -> Any:
    _forget(_hooks(call), _one(call))
    return {}
