"""Single-person mode: nobody signs in, so only this machine itself may look.

Not here: setting up sign-in (people_page_setup.py), what is drawn instead of a page (signing_page.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import streamlit as st

from leadpact.admission_settings import NETWORK
from ui import signing

# headers in which a proxy names whom it asks for
_ADDRESSES = ("X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Fastly-Client-Ip")
_HOSTS = ("Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host")
_PROXIES = ("Forwarded", "Via")  # whatever they say, something stands between


def networked() -> bool:
    """Whether the settings allow other machines, `[access] single_person = "network"`. Raises Misconfigured."""
    return signing.sections.access_of(signing.document()).single_person == NETWORK


def elsewhere() -> str | None:
    """Why this cannot be taken for the machine LeadPact runs on: address, client, proxy or host; null: it is."""
    address = st.get_option("server.address")
    if not isinstance(address, str) or not _here(address) or st.get_option("server.enableAgentApi"):
        return "address"  # a session of that API does not tell where it was asked for from
    client = st.context.ip_address
    if isinstance(client, str) and not _here(client):
        return "client"
    return _told(st.context.headers)


def _told(headers: Mapping[str, str]) -> str | None:
    """What the headers of a request give away."""
    for name in _ADDRESSES:
        if any(not _here(part.strip()) for part in (headers.get(name) or "").split(",") if part.strip()):
            return "proxy"
    if any(headers.get(name) for name in _PROXIES):
        return "proxy"
    for name in _HOSTS:
        for part in (headers.get(name) or "").split(","):
            if part.strip() and not _here(_without_port(part.strip())):
                return "host"
    return None


def _here(name: str) -> bool:
    """Whether a name or an address means this machine."""
    if name.rstrip(".").casefold() == "localhost":
        return True
    try:
        found = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.partition(":")[0] if host.count(":") == 1 else host
