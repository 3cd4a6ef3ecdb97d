"""Fixtures for tests against the loopback Salesforce; a module imports those it asks for.

Not here: the server (server.py), the company in it (company.py).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3.util.connection

from tests.salesforce.company import Company, company
from tests.salesforce.server import Server, certificate


@pytest.fixture
def acme() -> Company:
    """The small company, this test's own."""
    return company()


@pytest.fixture
def salesforce(acme: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The company's org behind https; clients trust it, and reach it by every *.salesforce.com name."""
    with serving(Server(acme.org), monkeypatch) as server:
        yield server


def serving(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Makes the clients of this test trust the server and find it under Salesforce's own names.

    simple-salesforce forms the sign-in host itself (`https://{domain}.salesforce.com`), so the
    names lead to the loopback port; TLS is checked against them all the same.
    """
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate()[1]))
    real = urllib3.util.connection.create_connection

    def connect(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        host, port = address
        if host.endswith(".salesforce.com"):
            if host not in (f"{server.domain}.salesforce.com", "login.salesforce.com", "test.salesforce.com"):
                raise OSError(f"no such host: {host}")
            return real(("127.0.0.1", server.port), *rest, **more)
        return real((host, port), *rest, **more)

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    return server
