"""Signing in: the OAuth token endpoint, the SOAP `login`, who am I.

Not here: the sessions themselves (access.py).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import parse_qs
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import jwt

from tests.salesforce.access import CONSUMER_KEY, CONSUMER_SECRET, PASSWORD, SECURITY_TOKEN, USERNAME, key_pair
from tests.salesforce.answers import Answer, Refusal, Request, route

PARTNER = "{urn:partner.soap.sforce.com}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
XML = "text/xml;charset=UTF-8"


def home(request: Request) -> str:
    """Where the org lives: its own domain, or this very address where it was called by number."""
    host = request.headers.get("host", "")
    if not host.endswith(".salesforce.com"):
        return f"https://{host}"
    return f"https://{request.server.domain}.salesforce.com"


def _no(error: str, description: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error, "error_description": description})


@route("POST", "//services/oauth2/token", open=True)
def token(request: Request) -> Answer:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _no("unsupported_grant_type", "grant type not supported")
    form = {name: values[0] for name, values in parse_qs(request.text, keep_blank_values=True).items()}
    grant = form.get("grant_type")
    if grant == "client_credentials":
        refused = _client(request, form)
    elif grant == JWT_BEARER:
        refused = _assertion(request, form)
    else:
        refused = _no("unsupported_grant_type", "grant type not supported")
    if refused is not None:
        return refused
    request.server.access.logins += 1
    return Answer(
        200,
        {
            "access_token": request.server.access.issue(),
            "scope": "api",
            "instance_url": home(request),
            "id": f"https://login.salesforce.com/id/{request.org.id}/{request.org.admin}",
            "token_type": "Bearer",
        },
    )


def _client(request: Request, form: dict[str, str]) -> Answer | None:
    """Client credentials are for the org's own domain; key and secret come by Basic or in the form."""
    if request.headers.get("host", "").split(".")[0] in ("login", "test"):
        return _no("invalid_grant", "request not supported on this domain")
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return _no("invalid_client", "invalid client credentials", 401)
    if not hmac.compare_digest(key, CONSUMER_KEY):
        return _no("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(secret, CONSUMER_SECRET):
        return _no("invalid_client", "invalid client credentials")
    return None if request.server.access.approved else _no("invalid_grant", "no client credentials user enabled")


def _assertion(request: Request, form: dict[str, str]) -> Answer | None:
    """RS256 over issuer, user, audience and an end at most five minutes away by the org's own clock."""
    host = "test" if request.server.sandbox else "login"
    audiences = [f"https://{host}.salesforce.com", f"https://{request.server.domain}.salesforce.com"]
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["iss", "sub", "aud", "exp"]}
    try:
        claims = jwt.decode(
            form.get("assertion", ""), key_pair()[1], algorithms=["RS256"], audience=audiences, options=options
        )
    except jwt.InvalidAudienceError:
        return _no("invalid_grant", "audience is invalid")
    except jwt.InvalidTokenError:
        return _no("invalid_grant", "invalid assertion")
    if claims["iss"] != CONSUMER_KEY:
        return _no("invalid_client_id", "client identifier invalid")
    seconds = int(claims["exp"]) - request.server.wall()
    if not 0 < seconds <= 300:
        return _no("invalid_grant", "expired authorization code")
    if claims["sub"] != USERNAME:
        return _no("invalid_grant", "user hasn't approved this consumer")
    return None if request.server.access.approved else _no("invalid_grant", "user hasn't approved this consumer")


@route("POST", r"//services/Soap/u/(?P<version>\d\d\.0)", open=True)
def login(request: Request) -> Answer:
    """The partner API's `login`; password and security token are one text."""
    try:
        body = ElementTree.fromstring(request.text)  # noqa: S314 - our own client's
    except ElementTree.ParseError:
        return fault("UNKNOWN_EXCEPTION", "Premature end of file")
    call = body.find(f"{SOAP}Body/{PARTNER}login")
    if call is None or "soapaction" not in request.headers:
        return fault("INVALID_OPERATION", "No operation available for request")
    refused = _password(request, call.findtext(f"{PARTNER}username", ""), call.findtext(f"{PARTNER}password", ""))
    if refused is not None:
        return refused
    access = request.server.access
    access.logins += 1
    url = f"{home(request)}/services/Soap/u/{request.named['version']}/{request.org.id[:15]}"
    return Answer(
        200, _LOGGED_IN.format(url=escape(url), session=access.issue(), user=request.org.admin).encode(), kind=XML
    )


def _password(request: Request, user: str, given: str) -> Answer | None:
    access = request.server.access
    if not access.soap_login:
        return fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
    if user != USERNAME or given not in (PASSWORD + SECURITY_TOKEN, PASSWORD):
        return fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    if given == PASSWORD:
        message = "LOGIN_MUST_USE_SECURITY_TOKEN: When accessing Salesforce, you must use a security token"
        return fault("LOGIN_MUST_USE_SECURITY_TOKEN", message)
    return fault("PASSWORD_LOCKOUT", "Your password has expired") if access.password_expired else None


def fault(code: str, message: str) -> Answer:
    """A SOAP fault, with status 500 as SOAP has it."""
    return Answer(500, _FAULT.format(code=code, message=escape(message)).encode(), kind=XML)


@route("GET", "//services/oauth2/userinfo")
def userinfo(request: Request) -> Answer:
    user = request.org.get("User", request.user)
    return Answer(
        200,
        {
            "sub": f"https://login.salesforce.com/id/{request.org.id}/{user['Id']}",
            "user_id": user["Id"],
            "organization_id": request.org.id,
            "preferred_username": user["Username"],
            "name": user["Name"],
            "email": user["Email"],
            "zoneinfo": user["TimeZoneSidKey"],
            "user_type": "STANDARD",
        },
    )


def bearer(request: Request) -> str:
    """The user of the request's session. Refuses INVALID_SESSION_ID."""
    scheme, _, token_given = request.headers.get("authorization", "").partition(" ")
    user = request.server.access.who(token_given) if scheme in ("Bearer", "OAuth") else None
    if user is None:
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return user


_LOGGED_IN = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope \
xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body>\
<loginResponse><result><metadataServerUrl>{url}</metadataServerUrl><passwordExpired>false</passwordExpired>\
<sandbox>false</sandbox><serverUrl>{url}</serverUrl><sessionId>{session}</sessionId><userId>{user}</userId>\
</result></loginResponse></soapenv:Body></soapenv:Envelope>"""
_FAULT = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope \
xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>\
<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>\
<sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>\
</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""
