"""Known faults of what requirements.txt pins: `make audit-dependencies`, where whoever knows them can be reached.

Exit code 0: none is known, or nobody could be asked, which is said; 1: there are some; 2: the audit itself failed.
LEADPACT_AUDIT_URL names another service that speaks OSV's protocol.

Not here: what is pinned (test_hardening_settings.py).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "https://api.osv.dev/v1/query"
PATIENCE = 10.0


def reached(url: str) -> bool:
    """Whether the service, or the proxy that leads to it, takes a connection."""
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") if url.startswith("https") else None
    parts = urlsplit(proxy or url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), PATIENCE):
            return True
    except OSError:
        return False


def main(words: Sequence[str] = ()) -> int:
    """Audits the file named, else requirements.txt."""
    file = Path(words[0]) if words else ROOT / "requirements.txt"
    url = os.environ.get("LEADPACT_AUDIT_URL", SERVICE)
    if not reached(url):
        print(f"Dependency audit SKIPPED: {urlsplit(url).hostname} is out of reach from here. Nothing was checked.")  # noqa: T201
        return 0
    # what is pinned is everything there is: nothing is resolved, installed or asked of a package index
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--no-deps", "--disable-pip",
               "--vulnerability-service", "osv", "--osv-url", url, "--progress-spinner", "off"]  # fmt: skip
    found = subprocess.run(command, cwd=ROOT, check=False).returncode
    return found if found in (0, 1) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
