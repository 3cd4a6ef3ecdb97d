"""A browser that keeps to no rules, without a sign-in and as a viewer: it reaches no list of people and no act.

Not here: what the process answers at all (test_wire.py), hostile records (test_hardening_browser.py).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from config import members
from leadpact import trail
from leadpact.workspace import Workspace
from tests.browsing import MARKS, browsed, told
from tests.conftest import ROOT
from tests.oidc import App, sign_in, signed_in_app
from tests.wire import Wire, spoken

pytestmark = [*MARKS, pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")]

PEOPLE = [{"sub": name, "email": f"{name}@acme.example", "email_verified": True} for name in ("root", "vera")]
NAMES = ("Berta", "Hilda", "berta@acme.example", "+34 600")  # people of the company
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with signed_in_app(tmp_path_factory.mktemp("attacks"), *PEOPLE) as found:
        found.lets_in("vera@acme.example", "viewer")
        yield found


@pytest.fixture(scope="module")
def cookies(app: App) -> dict[str, dict[str, str]]:
    """What each of PEOPLE has in their browser once signed in."""
    kept = {}
    for one in PEOPLE:
        with browsed() as page:
            page.goto(f"{app.url}/people?connection=acme")
            sign_in(page, one["sub"])
            told(page, one["email"])
            kept[one["sub"]] = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(app.url)}
    return kept


def refused(wire: Wire) -> None:
    seen = wire.seen.decode("utf-8", "replace")
    assert not [name for name in NAMES if name in seen]


def test_without_a_sign_in_every_page_and_every_message_meets_the_door(app: App) -> None:
    with spoken(app.url) as wire:
        for page in PAGES:
            said = wire.open(page, "connection=acme&object=lead&record=berta&q=bert&embed=true&lang=en")
            assert "Sign in" in said or "Open in LeadPact" in said, page
        refused(wire)
        emptied = BackMsg()
        emptied.clear_cache = True
        wire.send(emptied)
        assert upload(app.url, wire.session) in (204, 403)
    log = (app.secrets.parent.parent / "log.txt").read_text()
    assert "browser.upload_dropped" in log and "browser.unanswered mode=clear_cache" in log


def test_a_viewer_reaches_no_name_and_no_act_by_what_an_administrators_browser_would_send(
    app: App, cookies: dict[str, dict[str, str]]
) -> None:
    query = "connection=acme&object=lead&record=berta&q=bert&who=berta&view=people&lang=en"
    with spoken(app.url, cookies["root"]) as root:
        pages = {page: root.open(page, query) for page in PAGES}
        assert "Berta" in root.seen.decode("utf-8", "replace") and "Give or change access" in pages["people"]
        ids, owner = root.widgets(), root.session
        root.messages.clear()
        root.open("today", query)
        offers = set(offered(root))
        assert len(ids) > 50 and offers
        before = everything(app)
        with spoken(app.url, cookies["vera"]) as wire:
            for page in PAGES:
                wire.open(page, query)
            for page in PAGES:
                wire.open(page, query, dict.fromkeys(ids, True))
                wire.open(page, query, dict.fromkeys(ids, "vera@acme.example"))
            inner = ("_signed_in_standing", "_signed_in_who", "_people_round", "visitor", "roles", "_people_save")
            wire.open("people", query, dict.fromkeys(inner, "administrator"))
            assert "Give or change access" not in wire.open("people", query)
            for file in sorted(offers)[:2]:
                assert not answers(wire.send(click(wire, file)))
            refused(wire)
        with spoken(app.url, cookies["vera"], session=owner) as thief:
            assert "vera@acme.example" in thief.open("people", query)
            assert thief.session != owner
            refused(thief)
        own = answers(root.send(click(root, sorted(offers)[0])))  # whom it was offered to gets it
        assert own and own[0].startswith("/media/")
    assert everything(app) == before


def offered(wire: Wire) -> Iterator[str]:
    """The files a browser may ask to be made."""
    for one in wire.messages:
        if one.WhichOneof("type") == "delta" and one.delta.new_element.WhichOneof("type") == "download_button":
            yield one.delta.new_element.download_button.deferred_file_id


def answers(found: list[ForwardMsg]) -> list[str]:
    """Where files that were made can be fetched."""
    return [one.backend_operation_response.deferred_file.url for one in found
            if one.backend_operation_response.deferred_file.url]  # fmt: skip


def click(wire: Wire, file: str) -> BackMsg:
    message = BackMsg()
    asked = message.backend_operation_request
    asked.request_id, asked.session_id, asked.deferred_file.file_id = "1", wire.session, file
    return message


def everything(app: App) -> tuple[object, ...]:
    """What no viewer may change: who comes in, and the trail of acts."""
    acts = [(one.action, one.actor) for one in trail.every(app.engine) if not one.action.startswith("session.")]
    return members.every(app.engine), acts, Workspace(app.home).mirror("acme").current()


def upload(url: str, session: str) -> int:
    """Puts a file where a page would; the status."""
    body = b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\nabc\r\n--x--\r\n"
    with urllib.request.urlopen(f"{url}/_stcore/health") as answer:  # noqa: S310
        token = (answer.headers.get("Set-Cookie") or "").partition("=")[2].partition(";")[0]
    request = urllib.request.Request(f"{url}/_stcore/upload_file/{session}/any", data=body, method="PUT", headers={  # noqa: S310
        "Content-Type": "multipart/form-data; boundary=x", "Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token,
    })  # fmt: skip
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("path", [
    "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/script-health-check",
    "/component/x/../../secrets.toml", "/app/static/app.py", "/media/../secrets.toml", "/media/0.csv",
    "/.streamlit/secrets.toml", "/%2e%2e/.streamlit/secrets.toml", "/~/+/media/0.csv", "/people?embed=true",
])  # fmt: skip
def test_no_address_of_the_server_gives_data_away(app: App, path: str) -> None:
    try:
        with urllib.request.urlopen(f"{app.url}{path}") as answer:  # noqa: S310
            text = answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        text = error.read().decode("utf-8", "replace")
    for secret in (*NAMES, "root@acme.example", "0123456789abcdef", "cookie_secret", str(app.home)):
        assert secret not in text
