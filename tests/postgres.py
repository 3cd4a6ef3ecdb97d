"""A Postgres of this machine for one test session: its own data folder and port, gone afterwards.

Skips, and says why, where there is no server.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import driven


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _run(words: list[str], folder: Path) -> None:
    subprocess.run(words, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database; LEADPACT_TEST_POSTGRES names a running server to use instead."""
    given = os.environ.get("LEADPACT_TEST_POSTGRES")
    if given:
        yield given
        return
    tools = {name: shutil.which(name) for name in ("initdb", "pg_ctl")}
    if not all(tools.values()):
        pytest.skip("no Postgres server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="leadpact-pg-"))
    lead: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        lead = ["runuser", "-u", "postgres", "--"]
    port = _free_port()
    control = [*lead, str(tools["pg_ctl"]), "-D", str(folder / "data"), "-w"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        _run([*lead, str(tools["initdb"]), "-D", str(folder / "data"), "-U", "leadpact", "-A", "trust"], folder)
        _run([*control, "-o", options, "-l", str(folder / "log"), "start"], folder)
        try:
            yield f"postgresql://leadpact@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def emptied(url: str) -> None:
    """Nothing is left in the schema: what a test finds there it made."""
    admin = sa.create_engine(driven(url))
    with admin.begin() as database:
        database.exec_driver_sql("DROP SCHEMA public CASCADE")
        database.exec_driver_sql("CREATE SCHEMA public")
    admin.dispose()
