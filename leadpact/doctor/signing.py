"""Who can open the app: whether sign-in is set up whole, or the app stays on this machine.

Not here: signing people in (Streamlit; ui/access.py), who else can read the file (places.py).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from leadpact.doctor.answers import Answer, Site

SHARED = ("redirect_uri", "cookie_secret")
PROVIDER = ("client_id", "client_secret", "server_metadata_url")
CALLBACK = "/oauth2callback"
LONG_ENOUGH = 32  # characters of a secret nobody guesses
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ADDRESS = "STREAMLIT_SERVER_ADDRESS"


def look(site: Site) -> Iterator[Answer]:
    """Sign-in as the secrets file has it; without it, the address the app is told to serve at."""
    auth = document(site.secrets).get("auth")
    if isinstance(auth, Mapping):
        yield from _sign_in(auth)
    else:
        yield bound(os.environ.get(ADDRESS) or _configured(site.root))


def document(file: Path) -> Mapping[str, Any]:
    """The secrets file as it stands; empty where there is none, or none that can be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):  # told by the checks of the file and of the connections
        return {}


def _sign_in(auth: Mapping[str, Any]) -> Iterator[Answer]:
    named = {key: value for key, value in auth.items() if isinstance(value, Mapping)}
    providers = {name: one for name, one in named.items() if any(option in one for option in PROVIDER)}
    missing = [name for name in SHARED if not _given(auth.get(name))]
    for place, one in providers.items() or [("", auth)]:
        missing += [f"{place}.{name}".strip(".") for name in PROVIDER if not _given(one.get(name))]
    if missing:
        told = {"options": ", ".join(missing)}
        yield Answer("sign_in", False, "doctor.sign_in.missing", "doctor.sign_in.remedy", told)
        return
    yield Answer("sign_in", True, "doctor.sign_in.fine")
    long_enough = len(str(auth["cookie_secret"])) >= LONG_ENOUGH
    yield Answer("cookie_secret", long_enough, "doctor.cookie.fine" if long_enough else "doctor.cookie.short",
                 "doctor.cookie.remedy", {"least": LONG_ENOUGH})  # fmt: skip
    yield _redirect(str(auth["redirect_uri"]))


def _redirect(uri: str) -> Answer:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    fine = safe and bool(host) and parts.path.endswith(CALLBACK)
    return Answer("redirect_uri", fine, "doctor.redirect.fine" if fine else "doctor.redirect.bad",
                  "doctor.redirect.remedy", {"ending": CALLBACK})  # fmt: skip


def _given(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not (value.startswith("<") and value.endswith(">"))


def _configured(root: Path) -> str | None:
    server = document(root / ".streamlit" / "config.toml").get("server")
    address = server.get("address") if isinstance(server, Mapping) else None
    return str(address) if address else None


def bound(address: str | None) -> Answer:
    """Without sign-in everybody who reaches the app may do everything: it must stay on this machine."""
    if address is None:
        return Answer("sign_in", None, "doctor.single.unknown")
    local = address in LOOPBACK
    return Answer("sign_in", local, "doctor.single.local" if local else "doctor.single.open",
                  "doctor.single.remedy", {"address": address})  # fmt: skip
