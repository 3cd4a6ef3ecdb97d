"""Sessions that are signed in, without a provider: the cookie Streamlit sets after one has vouched for somebody.

Not here: signing in itself (tests/test_access.py does it with a real provider).
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import datetime
from pathlib import Path

from streamlit.web.server.starlette import starlette_app_utils as signed

from config import members
from config.database import open_database
from config.members import Member

SECRET = secrets.token_hex(32)
USER, XSRF = "_streamlit_user", "_streamlit_xsrf"
ROLES = ("viewer", "marketing", "sales", "revops")


def settings(address: str) -> str:
    """The secrets file of an app people sign in to; its provider is never asked."""
    return (f'[auth]\nredirect_uri = "http://{address}/oauth2callback"\ncookie_secret = "{SECRET}"\n'
            'client_id = "bench"\nclient_secret = "bench"\n'
            'server_metadata_url = "https://sign-in.example/.well-known/openid-configuration"\n\n'
            '[access]\nadministrators = ["admin@bench.example"]\n')  # fmt: skip


def address_of(number: int) -> str:
    return f"visitor-{number:03}@bench.example"


def role_of(number: int) -> str:
    return ROLES[number % len(ROLES)]


def admit(home: Path, many: int, now: datetime) -> None:
    """So many members, every role in turn."""
    engine = open_database(home, None)
    for number in range(many):
        one = Member(address_of(number), frozenset({role_of(number)}))
        members.save(engine, one, actor="bench", now=now)
    engine.dispose()


def signed_in(server: str, email: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Headers and subprotocols of the handshake of a browser in which this person has signed in."""
    said = {"origin": f"http://{server}", "is_logged_in": True, "email": email, "email_verified": True, "sub": email,
            "iss": "https://sign-in.example", "iat": int(time.time()), "exp": int(time.time()) + 3600}  # fmt: skip
    cookie = signed.create_signed_value(SECRET, USER, json.dumps(said)).decode("latin-1")
    token = signed.generate_xsrf_token_string()
    return {"Cookie": f"{USER}={cookie}; {XSRF}={token}"}, ("streamlit", token)
