"""Who may sign in, and the sessions there are.

Not here: the endpoints (login.py), what a session may see (Org.hide).
"""

from __future__ import annotations

import base64
import hashlib
import threading
from functools import lru_cache
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

USERNAME = "integration@acme.example"
PASSWORD = "canary-P4ss&word"  # an ampersand: clients must escape it in XML
SECURITY_TOKEN = "canary-T0k3nOfSecurity"
CONSUMER_KEY = "3MVG9canaryConsumerKey"
CONSUMER_SECRET = "canary-C0nsumerS3cret"
MY_DOMAIN = "acme.my"
SANDBOX_DOMAIN = "acme--uat.sandbox.my"


@lru_cache(maxsize=1)
def key_pair() -> tuple[bytes, bytes]:
    """The private and public key of the connected app, as PEM; made once a process, for it takes its time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


class Access:
    """The sessions of one org. `session` is a token handed out by hand, as an administrator would."""

    def __init__(self, user: str, org: str) -> None:
        self.user, self.org = user, org
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._open: dict[str, str] = {}
        self.logins = 0
        self.approved = True  # an administrator let the user use the connected app
        self.soap_login = True  # an org may have login() switched off
        self.password_expired = False
        self.session = self.issue()

    def issue(self, user: str | None = None) -> str:
        """A new session; its token has the shape of a real one."""
        with self._lock:
            number = next(self._numbers)
            raw = hashlib.sha256(f"session {number}".encode()).digest()
            token = f"{self.org[:15]}!AQ{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
            self._open[token] = user or self.user
            return token

    def admit(self, token: str) -> None:
        """A session of the administrator under a token of the test's own choice."""
        with self._lock:
            self._open[token] = self.user
            self.session = token

    def who(self, token: str) -> str | None:
        """The user of an open session."""
        return self._open.get(token)

    def expire(self) -> None:
        """Ends every session there is."""
        with self._lock:
            self._open.clear()

    @staticmethod
    def private_key_file(folder: Path) -> Path:
        path = folder / "connected_app.pem"
        path.write_bytes(key_pair()[0])
        return path
