"""What changed between two syncs, told by a webhook of the base: its payloads, without any address to notify.

Airtable keeps payloads seven days, fifty to a call, numbered without holes; a webhook is switched off seven days
after its payloads were last asked for, and a base has ten at most. So every sync that asks keeps the webhook alive,
and one that comes too late finds a hole in the numbers, or no webhook: that is said, and history is complete from
then on only. How far payloads were read is part of the mark: a sync that was not published reads them again.

Not here: payloads to rows (webhook_rows.py), keeping what is told once (leadpact/told.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, translated
from connectors.airtable.webhook_rows import Payload, Watched, moment
from leadpact.connector import Check
from leadpact.errors import SourceUnreachable

MOST = 10
FILE = "webhook.txt"
_NOT_OURS = (403, 404)


@dataclass(frozen=True)
class Place:
    """How far which webhook was read and when, and from when on nothing is missing (UTC). All that is kept of it."""

    webhook: str
    cursor: int
    since: datetime
    read_at: datetime

    def __str__(self) -> str:
        return f"{self.webhook}@{self.cursor}@{self.since.isoformat()}@{self.read_at.isoformat()}"

    @staticmethod
    def parsed(text: str) -> Place | None:
        """The place in a text; null where it is none: then everything that is still there is read."""
        try:
            webhook, cursor, since, read_at = text.split("@")
            place = Place(webhook, int(cursor), datetime.fromisoformat(since), datetime.fromisoformat(read_at))
        except ValueError:
            return None
        return place if place.cursor >= 1 and place.since.tzinfo is place.read_at.tzinfo is None else None


@dataclass(frozen=True)
class Told:
    """What one reading of the payloads brought. `place` is null where no webhook may be had (`problem` says why).

    `gap`: from when to when changes were lost, where any were.
    """

    payloads: Sequence[Payload] = ()
    place: Place | None = None
    gap: tuple[datetime, datetime] | None = None
    problem: str | None = None


class Webhooks:
    """The webhook of one connection. `state` is the connector's folder: which webhook is ours is kept there."""

    def __init__(self, client: Client, watched: Sequence[Watched], state: Path | None) -> None:
        self.client, self.watched, self._file = client, watched, state / FILE if state is not None else None

    def read(self, place: Place | None) -> Told:
        """All payloads since `place` (null: all there are), and a webhook that is on afterwards.

        Raises SourceRefused or SourceUnreachable where Airtable does; that the token may not is no error.
        """
        with translated(self.client.settings.host, self.client.settings.base_id):
            try:
                hooks = self._listed()
                return self._told(hooks, place)
            except Refused as refused:
                if refused.status in _NOT_OURS:
                    return Told(problem="airtable_write.webhook_refused")
                if refused.type.startswith("TOO_MANY_WEBHOOKS"):
                    return Told(problem="airtable_write.webhook_limit")
                raise

    def check(self) -> Iterator[Check]:
        """Whether the webhook is there, or could be made. Makes nothing."""
        try:
            with translated(self.client.settings.host, self.client.settings.base_id):
                hooks = self._listed()
        except SourceUnreachable as error:
            yield Check("webhook", False, error.key, "airtable_write.webhook_refused_remedy", error.params)
            return
        except Exception:  # noqa: BLE001 - refused in whatever words: the remedy is the same
            yield Check("webhook", False, "airtable_write.webhook_refused", "airtable_write.webhook_refused_remedy")
            return
        if any(self._fits(hook) and hook.get("isHookEnabled") for hook in hooks):
            yield Check("webhook", True, "airtable_write.webhook_on")
        elif len(hooks) >= MOST:
            yield Check("webhook", False, "airtable_write.webhook_limit", "airtable_write.webhook_limit_remedy")
        else:
            yield Check("webhook", True, "airtable_write.webhook_will_be_made")

    def _listed(self) -> list[Mapping[str, Any]]:
        found = self.client.api.get(self.client.base.urls.webhooks)
        return list(found["webhooks"])

    def _told(self, hooks: Sequence[Mapping[str, Any]], place: Place | None) -> Told:
        last = place or self._kept()
        fitting = sorted((hook for hook in hooks if self._fits(hook)), key=lambda hook: bool(hook["isHookEnabled"]))
        payloads: list[Payload] = []
        at, lost_from = None, None if last is None else last.read_at
        for hook in fitting:
            mine = last if last is not None and last.webhook == hook["id"] else None
            found = list(self._payloads(hook["id"], place.cursor if place is not None and mine is not None else 1))
            first = found[0].number if found else int(hook["cursorForNextPayload"])
            following = found[-1].number + 1 if found else first
            since = mine.since if mine is not None and first <= mine.cursor else self._begins(found)
            payloads += found
            if hook["isHookEnabled"]:
                at = Place(hook["id"], following, since, self._now())
            elif mine is not None and lost_from is not None:  # it told everything until it was switched off
                lost_from = max(lost_from, moment(hook["expirationTime"]))
        if at is None or any(one.content.get("error") for one in payloads):
            at = self._made(hooks)
        whole = last is None or (at.webhook, at.since) == (last.webhook, last.since)
        gap = None if whole or lost_from is None else (lost_from, at.since)
        return Told([one for one in payloads if not one.content.get("error")], at, gap)

    def _begins(self, found: Sequence[Payload]) -> datetime:
        """From when on payloads are complete where nobody kept it: from the first there is, else from now."""
        return moment(found[0].content["timestamp"]) if found else self._now()

    def _now(self) -> datetime:
        """Airtable's clock, ours is not asked; it tells whole seconds, so the one begun is not called complete."""
        return (self.client.server_time or datetime(1970, 1, 1)) + timedelta(seconds=1)

    def _payloads(self, webhook: str, cursor: int) -> Iterator[Payload]:
        url = self.client.base.urls.webhooks / webhook / "payloads"
        while True:
            page = self.client.api.get(url, params={"cursor": cursor})
            found, following = page["payloads"], int(page["cursor"])
            # the last payload's number is the cursor before: so a hole at the beginning shows
            yield from (Payload(following - len(found) + place, one) for place, one in enumerate(found))
            if not page.get("mightHaveMore") or following <= cursor:
                return
            cursor = following

    def _fits(self, hook: Mapping[str, Any]) -> bool:
        """Whether this webhook tells what is asked for; whoever made it, reading it takes nothing from them."""
        options = hook["specification"]["options"]
        return self._same(options) and hook.get("notificationUrl") is None

    def _same(self, options: Mapping[str, Any]) -> bool:
        filters, wanted = options.get("filters", {}), self._options()["filters"]
        return bool(options.get("includes", {}).get("includePreviousCellValues")) and all(
            sorted(filters.get(name) or ()) == sorted(wanted[name]) for name in wanted
        )

    def _options(self) -> dict[str, Any]:
        fields = sorted({one.field.id for one in self.watched})
        filters = {
            "dataTypes": ["tableData"],
            "changeTypes": ["add", "remove", "update"],
            "watchDataInFieldIds": fields,
        }
        return {"filters": filters, "includes": {"includePreviousCellValues": True}}

    def _made(self, hooks: Sequence[Mapping[str, Any]]) -> Place:
        """A new webhook; the one this connection made before is let go, for a base has ten at most."""
        former = self._kept()
        if former is not None and any(hook["id"] == former.webhook for hook in hooks):
            with suppress(Refused):
                self.client.api.delete(self.client.base.urls.webhooks / former.webhook)
        made = self.client.api.post(
            self.client.base.urls.webhooks, json={"specification": {"options": self._options()}}
        )
        return Place(str(made["id"]), 1, self._now(), self._now())

    def keep(self, place: Place | None) -> None:
        """Remembers how far payloads were read, once what they told is kept: a later hole is measured from there."""
        if place is None or self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(place), encoding="utf-8")
        fresh.replace(self._file)

    def _kept(self) -> Place | None:
        try:
            return Place.parsed(self._file.read_text(encoding="utf-8")) if self._file else None
        except (OSError, UnicodeDecodeError):
            return None
