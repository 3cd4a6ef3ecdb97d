"""The settings that turn sign-in on, for each provider, ready to paste: placeholders for what only the company has.

Not here: reading them (admission_settings.py), the guide around them (ui/people_page_setup.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadpact.errors import Misconfigured

CALLBACK = "/oauth2callback"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Provider:
    """One provider: where its metadata is, `{own}` being what the company has of its own; null: nothing."""

    name: str
    label: str | None  # a name, the same in every language
    metadata: str
    own: str | None = None  # what `{own}` looks like
    more: tuple[str, ...] = ()  # further lines, such as how to make it ask every time


PROVIDERS: Mapping[str, Provider] = {
    one.name: one
    for one in (
        Provider("google", "Google", "https://accounts.google.com/.well-known/openid-configuration"),
        Provider("entra", "Microsoft Entra", "https://login.microsoftonline.com/{own}/v2.0/.well-known/openid-configuration",
                 "00000000-0000-0000-0000-000000000000"),
        Provider("okta", "Okta", "https://{own}/.well-known/openid-configuration", "acme.okta.com"),
        Provider("auth0", "Auth0", "https://{own}/.well-known/openid-configuration", "acme.eu.auth0.com",
                 ('client_kwargs = { prompt = "login" }',)),
        Provider("other", None, "{own}", "https://id.acme.com/.well-known/openid-configuration"),
    )
}  # fmt: skip


def redirect(address: str) -> str:
    """What the provider sends people back to, from the address people open.

    Raises Misconfigured for what is no https address (http on this machine itself will do).
    """
    text = address.strip().rstrip("/")
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host, scheme = parts.hostname, parts.scheme
        _ = parts.port
    except ValueError:
        host, scheme = None, ""
    if (
        not host
        or not _HOST.fullmatch(host)
        or not (scheme == "https" or (scheme == "http" and host in _LOOPBACK))
        or parts.query
        or "@" in text
    ):
        raise Misconfigured("access.bad_address")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{CALLBACK}"


def only_here(address: str) -> bool:
    """Whether nobody but this machine itself can open the address."""
    return urlsplit(redirect(address)).hostname in _LOOPBACK


def as_toml(name: str, *, address: str, own: str, administrator: str, secret: str, words: Mapping[str, str]) -> str:
    """The block for the secrets file. `words` say what to put in place of client_id, client_secret and `own`.

    Raises Misconfigured as `redirect`.
    """
    one = PROVIDERS[name]
    given = own.strip().removeprefix("https://").rstrip("/") if one.metadata != "{own}" else own.strip()
    metadata = one.metadata.replace("{own}", given or f"<{words['own']}>")
    section = "sso" if name == "other" else name
    lines = [
        "[auth]",
        f"redirect_uri = {_quoted(redirect(address))}",
        f"cookie_secret = {_quoted(secret)}",
        "",
        f"[auth.{section}]",
        f"client_id = {_quoted('<' + words['client_id'] + '>')}",
        f"client_secret = {_quoted('<' + words['client_secret'] + '>')}",
        f"server_metadata_url = {_quoted(metadata)}",
        *one.more,
        "",
        "[access]",
        f"administrators = [{_quoted(administrator.strip() or '<' + words['administrator'] + '>')}]",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
