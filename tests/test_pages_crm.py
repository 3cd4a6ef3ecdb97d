"""Salesforce through the app, over https to the loopback org: tested, mapped, read, and a person linked into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadpact import settings
from leadpact.language import Language
from leadpact.mapping import loads
from leadpact.workspace import Workspace
from tests.apptest import prepare, visit, words
from tests.salesforce.company import Company
from tests.salesforce.fixtures import acme, salesforce
from tests.salesforce.server import Server

assert acme and salesforce  # fixtures, asked for by their names

EN = Language("en")
SECRETS = """
[connections.acme]
type = "salesforce"
environment = "production"
instance_url = "{url}"
session_id = "{session}"
[connections.other]
type = "files"
path = "nowhere"
"""


def test_an_org_is_tested_mapped_and_read_in_the_app(
    acme: Company, salesforce: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = salesforce.access.session
    home = prepare(tmp_path, monkeypatch, SECRETS.format(url=salesforce.url, session=session))
    at = visit("connection", connection="acme")
    at.button(key="_connection_test").click().run()
    assert at.status[0].state == "complete" and session not in words(at)  # read-only is no fault
    at = visit("connection", again=at, section="mapping")
    assert EN("page.connection.mapping.standard") in words(at)
    at.button(key="_connection_confirm").click().run()
    document = loads(settings.mapping_of(Workspace(home).database, "acme") or "")
    lead = next(entry for entry in document.tables if entry.source == "Lead")
    assert (lead.fields["owner_id"], lead.custom["f_budget"]) == ("OwnerId", "Budget__c")
    assert ("MQL_Date__c", "MQL") in [(each.column, each.status) for each in lead.status_dates]
    at.button(key="_connection_sync").click().run()
    assert not at.exception and not at.error
    at = visit("person", again=at, object="Lead", record=acme.leads[1][:15])
    (link,) = [one.proto.url for one in at.get("link_button")]
    assert link.startswith(salesforce.url) and acme.leads[1] in link
    assert EN("setup.environment.production") in words(at) and EN("setup.read_only") in words(at)
    monkeypatch.setenv("LEADPACT_ACME_SESSION_ID", "expired")
    at = visit("connection", again=at, section="source")
    at.button(key="_connection_test").click().run()
    assert at.status[0].state == "error" and at.button(key="_connection_writing_enable")
