"""An address in a record becomes a link only where it leads into the connection's own CRM."""

from __future__ import annotations

from types import SimpleNamespace

import ibis
import pytest

from leadpact import weblink
from leadpact.settings import Connection

ALLOWED = frozenset({"acme.my.salesforce.com"})


@pytest.mark.parametrize(
    "value",
    [
        "http://acme.my.salesforce.com/1",
        "https://acme.my.salesforce.com.evil.example/1",
        "https://evil.example/https://acme.my.salesforce.com/",
        "https://acme.my.salesforce.com@evil.example/",
        "https://user@acme.my.salesforce.com/",
        "https://evil.example\\@acme.my.salesforce.com/",
        "https://acme.my.salesforce.com\n.evil.example/",
        "https://аcme.my.salesforce.com/",  # a Cyrillic letter
        "javascript:alert(1)//acme.my.salesforce.com",
        "//acme.my.salesforce.com/1",
        "https://[acme.my.salesforce.com/",
        "",
        None,
        float("nan"),
    ],
)
def test_a_poisoned_address_is_no_link(value: object) -> None:
    assert weblink.safe(value, ALLOWED) is None


def test_an_address_of_the_crm_is_kept_letter_by_letter() -> None:
    for value in (
        "https://acme.my.salesforce.com/lightning/r/Lead/00Q1/view",
        "https://ACME.my.salesforce.com:443/1?a=b",
    ):
        assert weblink.safe(value, ALLOWED) == value


@pytest.mark.parametrize(
    ("type", "options", "hosts"),
    [
        ("airtable", {"endpoint_url": "http://127.0.0.1:1"}, {"airtable.com"}),
        ("salesforce", {"domain": "acme.my"}, {"acme.my.salesforce.com", "acme.lightning.force.com"}),
        ("salesforce", {"instance_url": "https://localhost:8443"}, {"localhost"}),
        ("salesforce", {"domain": "test"}, None),
        ("salesforce", {}, None),
        ("files", {}, None),
    ],
)
def test_the_settings_say_where_a_link_may_lead(type: str, options: dict[str, str], hosts: set[str] | None) -> None:
    assert weblink.hosts(Connection("x", type, options)) == hosts


def test_where_they_do_not_the_host_of_most_records_is_the_crm() -> None:
    def usual(*urls: str | None) -> list[str]:
        record = ibis.memtable({"url": list(urls)}, schema={"url": "string"})
        return list(weblink.usual(SimpleNamespace(record=record)).execute()["host"])  # type: ignore[arg-type]

    assert usual("https://crm.example/1", "https://CRM.example:443/2", "https://evil.example/", None) == ["crm.example"]
    assert usual("https://a.example/1", "https://b.example/2") == usual("http://a.example/1") == []
    assert not weblink.fitting(Connection("x", "salesforce"), "evil.example")
    assert weblink.fitting(Connection("x", "salesforce"), "acme.my.salesforce.com")
