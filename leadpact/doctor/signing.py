"""Who can open the app: whether sign-in is set up whole, or the app stays on this machine.

Not here: what `[auth]` and `[access]` may say (admission_settings.py), who else can read the file (places.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from leadpact import admission_settings
from leadpact.doctor.answers import Answer, Site
from leadpact.errors import Misconfigured

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ADDRESS = "STREAMLIT_SERVER_ADDRESS"


def look(site: Site) -> Iterator[Answer]:
    """Sign-in as the secrets file has it; without it, the address the app is told to serve at."""
    try:
        found = admission_settings.document([site.secrets])
        on = admission_settings.sign_in(found)
        names = admission_settings.providers(found) if on else []
        admission_settings.access_of(found)
    except Misconfigured as error:
        yield Answer("sign_in", False, error.key, "doctor.sign_in.remedy", error.params)
        return
    if on:
        yield Answer("sign_in", True, "doctor.sign_in.fine", params={"count": len(names)})
    else:
        yield bound(os.environ.get(ADDRESS) or _configured(site.root))


def _configured(root: Path) -> str | None:
    """The address in Streamlit's own settings; null where they name none."""
    try:
        server = admission_settings.document([root / ".streamlit" / "config.toml"]).get("server")
    except Misconfigured:
        return None
    address = server.get("address") if isinstance(server, Mapping) else None
    return str(address) if address else None


def bound(address: str | None) -> Answer:
    """Without sign-in everybody who reaches the app may do everything: it must stay on this machine."""
    if address is None:
        return Answer("sign_in", None, "doctor.single.unknown")
    local = address in LOOPBACK
    return Answer("sign_in", local, "doctor.single.local" if local else "doctor.single.open",
                  "doctor.single.remedy", {"address": address})  # fmt: skip
