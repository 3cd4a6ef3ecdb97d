"""The connections: their settings, what their source answers, and how far its clock is from ours.

Not here: the test of each kind of source (connectors), its words (commands/source.py).
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

import sqlalchemy as sa

from leadpact import endpoints, logs, settings, writing
from leadpact.backup.databases import place_of
from leadpact.connector import Check
from leadpact.doctor import stored
from leadpact.doctor.answers import Answer, Site
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.settings import Connection

LONGEST_TEST = 60.0  # seconds
LONGEST_REPLY = 10.0
SKEW = timedelta(seconds=60)


def known(site: Site) -> dict[str, Connection]:
    """The connections as they are configured, read without a change. Raises Misconfigured as `settings.connections`."""
    engine = stored.engine_to_read(site)
    try:
        return settings.connections(engine, None if site.secrets == settings.SECRETS else site.secrets)
    finally:
        engine.dispose()


def look(
    site: Site, found: Mapping[str, Connection], *, offline: bool, longest: float = LONGEST_TEST
) -> Iterator[Answer]:
    """Every connection given: settings, writing, and (unless offline) its own test and its server's clock."""
    for name, one in sorted(found.items()):
        missing = one.placeholders
        told = {"name": name, "options": ", ".join(missing), "type": one.type}
        if missing:
            yield Answer("settings", False, "doctor.settings.missing", "doctor.settings.remedy", told, name)
            continue
        try:
            connector = _connector(site, one)
        except LeadPactError as error:
            yield Answer("settings", False, error.key, "doctor.settings.remedy", {**told, **error.params}, name)
            continue
        yield Answer("settings", True, "doctor.settings.fine", params=told, about=name)
        yield _writing(one)
        if offline:
            yield Answer("test", None, "doctor.offline", params=told, about=name)
            continue
        yield from _tested(one, connector.check, longest)
        address = server(one)
        if address is not None:
            yield clock(site, address, name)


def _connector(site: Site, one: Connection) -> Any:
    engine = stored.engine_to_read(site)
    try:
        mapping = settings.mapping_of(engine, one.name)
    finally:
        engine.dispose()
    return site.connect(one, state=site.home / one.name / "state", mapping=mapping)


def _writing(one: Connection) -> Answer:
    told = {"name": one.name}
    return Answer(
        "writing", True, "doctor.writing.on" if one.writable else "doctor.writing.off", params=told, about=one.name
    )


def _tested(one: Connection, check: Callable[[], Iterable[Check]], longest: float) -> Iterator[Answer]:
    """The source's own test, given up after `longest` seconds."""
    answers: list[Check] = []
    broken: list[BaseException] = []

    def ask() -> None:
        try:
            answers.extend(check())
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            broken.append(error)

    asking = threading.Thread(target=ask, daemon=True)  # a source that hangs does not keep the command alive
    asking.start()
    asking.join(longest)
    for one_answer in list(answers):
        chosen = writing.by_choice(one_answer, one.writable)
        yield Answer(one_answer.name, None if chosen else one_answer.ok, one_answer.message,
                     one_answer.remedy or "doctor.test.remedy", one_answer.params, one.name)  # fmt: skip
    told = {"name": one.name, "seconds": round(longest)}
    if asking.is_alive():
        yield Answer("test", False, "doctor.test.slow", "doctor.test.remedy", told, one.name)
    elif broken and isinstance(broken[0], LeadPactError):
        yield Answer("test", False, broken[0].key, "doctor.test.remedy", {**told, **broken[0].params}, one.name)
    elif broken:
        number = logs.incident(broken[0], connection=one.name)
        yield Answer("test", False, "doctor.broken", "doctor.test.remedy", {**told, "incident": number}, one.name)


def server(one: Connection) -> str | None:
    """The address of a source's server, as the settings name it; null for one without (files, demo)."""
    if one.type == "airtable":
        return str(one.options.get("endpoint_url") or "https://api.airtable.com")
    if one.type != "salesforce":
        return None
    return str(one.options.get("instance_url") or f"https://{one.options.get('domain') or 'login'}.salesforce.com")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: only the address of the settings is asked."""

    def redirect_request(self, *_: Any) -> None:
        return None


def clock(site: Site, address: str, name: str) -> Answer:
    """Our clock against the `Date` of a server's answer, whatever it answers; null without one."""
    told: dict[str, Any] = {"name": name}
    sent = time.monotonic()
    try:
        date = parsedate_to_datetime(_headers(address).get("Date", ""))
    except (OSError, ValueError):
        return Answer("clock", None, "doctor.clock.unknown", params=told, about=name)
    middle = site.moment - timedelta(seconds=(time.monotonic() - sent) / 2)
    # the header has whole seconds: it stands for the middle of its own
    ahead = middle - (date.astimezone(UTC).replace(tzinfo=None) + timedelta(seconds=0.5))
    return skewed(ahead, told, name)


def _headers(address: str) -> Message[str, str]:
    """Raises OSError where nobody answers."""
    if not endpoints.allowed(address, plain_on_loopback=True):
        raise OSError("no address to ask")
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "leadpact"})  # noqa: S310 - checked
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=LONGEST_REPLY) as answer:
            headers: Message[str, str] = answer.headers
    except urllib.error.HTTPError as error:  # it answered, and that is all we ask
        with error:
            headers = error.headers
    return headers


def skewed(ahead: timedelta, told: Mapping[str, Any], name: str | None) -> Answer:
    """`ahead`: how far our clock is before the other one."""
    seconds = round(ahead.total_seconds())
    fine = abs(ahead) <= SKEW
    return Answer("clock", fine, "doctor.clock.fine" if fine else "doctor.clock.off", "doctor.clock.remedy",
                  {**told, "seconds": abs(seconds)}, name)  # fmt: skip


def database_clock(site: Site) -> Iterator[Answer]:
    """Our clock against a database server's; nothing for a file."""
    if site.url is None or place_of(site.home, site.url) is not None:
        return
    with stored.reading(site) as database:
        there: datetime = database.execute(sa.text("SELECT now() AT TIME ZONE 'UTC'")).scalar_one()
    yield skewed(site.moment - there, {"name": "DATABASE_URL"}, None)


def chosen(found: Mapping[str, Connection], names: Iterable[str]) -> dict[str, Connection]:
    """Those named, or all. Raises Misconfigured for a name there is not."""
    wanted = list(names)
    for name in wanted:
        if name not in found:
            raise Misconfigured("settings.no_connection", name=name, known=", ".join(sorted(found)) or "–")
    return {name: one for name, one in found.items() if not wanted or name in wanted}
