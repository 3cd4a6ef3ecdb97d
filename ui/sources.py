"""The home, its connections, and the sync a page starts.

Not here: settings (leadpact/settings.py), reading and publishing (leadpact/sync.py), how an
adapter reads (connectors).
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from config import versions
from connectors import connect
from leadpact import settings
from leadpact.audit import findings_log
from leadpact.connector import Connector
from leadpact.errors import Busy
from leadpact.joined import Adders
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.sync import SyncResult
from leadpact.workspace import Workspace
from ui import state, warm

WAIT_SECONDS = 600
log = logging.getLogger("leadpact.ui")


def now() -> datetime:
    """UTC without zone, as the house keeps time: the only clock of the pages."""
    return datetime.now(UTC).replace(tzinfo=None)


def workspace() -> Workspace:
    """The workspace of LEADPACT_HOME, under the pact in the URL; its database is opened once for all sessions."""
    whole, wanted = _workspace(str(settings.home().resolve())), state.read(state.PACT)
    return whole if wanted is None else whole.named(wanted)


@st.cache_resource(max_entries=4, show_spinner=False)
def _workspace(home: str) -> Workspace:
    return Workspace(Path(home))


def pact_in_use(space: Workspace, connection: str, lang: Language) -> PactInUse:
    """The pact that computes. While none is saved, the default one in the reader's language.

    Its stages are the same in both languages, so that every reader sees the same numbers.
    """
    if versions.history(space.database, space.line):
        return space.pact_in_use(connection)
    generation = space.mirror(connection).current()
    return _proposed(str(space.home.resolve()), connection, generation, lang.code, space)


@st.cache_data(max_entries=20, show_spinner=False)
def _proposed(home: str, connection: str, generation: int | None, language: str, _space: Workspace) -> PactInUse:
    return PactInUse(_space.proposed(connection, language), None, False)


def chosen(space: Workspace, found: Mapping[str, Connection]) -> Connection:
    """The connection in the URL, else remembered, else the one synced last, else the first.

    Raises Misconfigured for a name in the URL that is not configured.
    """
    wanted = state.read(state.CONNECTION)
    if wanted is not None:
        return settings.choose(found, wanted)
    synced = [name for name in space.synced() if name in found]
    return found[synced[0] if synced else next(iter(found))]


def only_demo(found: Mapping[str, Connection]) -> bool:
    """Nothing is configured but the demo company: the first visitor gets it without asking."""
    return len(found) == 1 and next(iter(found.values())).type == "demo"


def connector(space: Workspace, connection: Connection) -> Connector:
    """The adapter of a configured connection, with its confirmed mapping."""
    state_folder = space.home / connection.name / "state"
    mapping = settings.mapping_of(space.database, connection.name)
    return connect(connection, state=state_folder, mapping=mapping)


def adders(space: Workspace, name: str) -> Adders:
    """What opens the connections that add activities to this one, by name."""
    found = settings.adders(settings.connections(space.database), name)
    return {one.name: functools.partial(connector, space, one) for one in found}


def sync(space: Workspace, connection: Connection, lang: Language, *, full: bool = False) -> SyncResult | None:
    """Syncs with progress on the page. Where another sync runs already, waits for it: null."""
    before = space.mirror(connection.name).current()
    with st.status(lang("ui.sync.running", connection=connection.name), expanded=True) as status:
        line = st.empty()

        def progress(table: str, rows: int) -> None:
            line.write(
                lang(f"ui.sync.{'derive' if table == 'journey' else 'rows'}", table=_name(lang, table), rows=rows)
            )

        try:
            result = space.sync(connector(space, connection), connection.name, now=now(), full=full,
                                adds=adders(space, connection.name), progress=progress,
                                subjects=connection.subjects)  # fmt: skip
            warm.move_on(space, connection.name)
            audited(space, connection.name)
        except Busy:
            line.write(lang("ui.sync.waiting"))
            _wait(space, connection.name, before)
            result = None
        status.update(label=lang("ui.sync.done", connection=connection.name), state="complete", expanded=False)
    return result


def audited(space: Workspace, name: str) -> None:
    """Audits what a sync has read and keeps it with the audits before; a sync never fails because of it."""
    try:
        findings_log.after_sync(space, name, now=now())
    except Exception as error:  # noqa: BLE001 - the generation is published and serves; the next audit is kept
        log.error("the audit of %s could not be kept: %s", name, type(error).__name__)


def _wait(space: Workspace, name: str, before: int | None) -> None:
    """Until another process's sync has published. Raises Busy when it takes too long."""
    until = time.monotonic() + WAIT_SECONDS
    while space.mirror(name).current() == before:
        if time.monotonic() > until:
            raise Busy("store.busy", connection=name)
        time.sleep(0.5)


def _name(lang: Language, table: str) -> str:
    key = f"ui.table.{table}"
    return lang(key) if lang.has(key) else table
