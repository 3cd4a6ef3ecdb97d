"""Digests as they arrive: by the real clients on loopback doors, in two languages, and nothing that should not be."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import versions
from leadpact.digest import sending
from leadpact.digest import settings as digest_settings
from leadpact.digest.compose import Message
from leadpact.digest.levels import levels, promised_share
from leadpact.digest.words import data
from leadpact.errors import Misconfigured
from tests.command import called, document
from tests.mailboxes import smtp, webhook
from tests.worlds import pact

SECRET = "canary-77e1"
HOSTILE = "<!channel> [x](http://evil.example) ana@lead.example +52 55 6995 3593 =1+1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A synced folder of files: three leads past 48 hours, one near, one in time; gives the options of commands."""
    folder = tmp_path_factory.mktemp("digest")
    export = folder / "export"
    export.mkdir()
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    hours = {"a": 60, "b": 50, "c": 49, "near": 40, "young": 2}
    leads, changes = ["record_id,name,company,status,owner_id,email,phone"], ["record_id,from_status,to_status,at"]
    for who, ago in hours.items():
        owner = "u2" if who == "b" else "u1"
        leads.append(
            f'{who},"{HOSTILE if who == "c" else who.title()}",Acme,MQL,{owner},{who}@lead.example,+34600111222'
        )
        changes.append(f"{who},,MQL,{(now - timedelta(hours=ago)).isoformat()}")
    (export / "leads.csv").write_text("\n".join(leads), encoding="utf-8")
    (export / "status_changes.csv").write_text("\n".join(changes), encoding="utf-8")
    (export / "owners.csv").write_text("owner_id,name,team\nu1,Luis Pérez,sales\nu2,Eva,sdr\n", encoding="utf-8")
    (folder / "secrets.toml").write_text(f'[connections.acme]\ntype = "files"\npath = "{export}"\n', encoding="utf-8")
    (folder / "pact.yaml").write_text("", encoding="utf-8")
    words = ["--home", str(folder / "home"), "--secrets", str(folder / "secrets.toml"), "--connection", "acme"]
    from leadpact.cli import main
    from leadpact.workspace import Workspace

    small = pact(sla=[{"id": "follow-up", "starts": "mql", "stops": {"stages": ["sal"]}, "target": {"hours": 48}}])
    versions.save(
        Workspace(folder / "home").database, small, author="ana@acme.example", message="", now=datetime(2026, 1, 1)
    )
    assert main(["sync", "acme", *words[:4]]) == 0
    return words


def configured(words: list[str], text: str) -> list[str]:
    """The same options, with this `[digest]` in a secrets file of its own."""
    before = Path(words[3])
    own = before.with_name(f"secrets-{abs(hash(text))}.toml")
    own.write_text(before.read_text(encoding="utf-8") + text, encoding="utf-8")
    return [*words[:3], str(own), *words[4:]]


def test_the_whole_way(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with smtp() as mail, webhook() as hook:
        words = configured(home, f"""
[digest]
base_url = "https://leadpact.acme.example/"
[digest.channels.owners]
url = "mailto://leadpact:{SECRET}@127.0.0.1:{mail.port}?from=leadpact@acme.example&to={{owner_email}}"
audience = "owner"
[digest.channels.bosses]
url = "json://127.0.0.1:{hook.port}/{SECRET}"
audience = "manager"
language = "es"
[digest.owners]
u1 = {{email = "luis@acme.example", language = "es"}}
""")  # fmt: skip
        dry = document(called(capsys, "digest", "--dry-run", "--json", *words))
        assert [(one["recipient"], one["lines"], one["outcome"]) for one in dry["messages"]] == [
            ("owners:u1", 3, "planned"), ("bosses", 3, "planned"),
        ]  # fmt: skip
        assert dry["no_address"] == ["Eva"] and not mail.mails and not hook.posts

        hook.refusing = True
        code, out, err = called(capsys, "digest", "--log", "json", *words)
        assert code == 1 and "bosses" in out and "Eva" in out and SECRET not in out + err
        to, message = mail.mails[0]
        assert len(mail.mails) == 1 and to == ["luis@acme.example"]
        assert message["subject"] == "Small: 1 lead cerca de su plazo · 2 leads fuera de plazo"
        html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert (
            "https://leadpact.acme.example/person?connection=acme&amp;lang=es&amp;object=lead&amp;record=near" in html
        )
        assert "Near (Acme): lleva 40,0 de 48 horas (follow-up)" in text and "A (Acme): lleva 60,0 horas" in text
        assert "borrador" in text, "nobody signed this pact, and the message says so"
        for part in (html, text):
            assert not any(bad in part for bad in ("lead.example", "6995", "<!channel>", "http://evil", "600111222"))

        hook.refusing = False
        assert called(capsys, "digest", *words)[0] == 0
        (path, post), *more = hook.posts
        assert not more and len(mail.mails) == 1, "the mail is not sent again, the failed post is"
        assert post["title"] == "Small: 3 leads fuera de plazo" and path == f"/{SECRET}"
        assert "Lead c: lleva 49,0 horas, el plazo era de 48 (follow-up), con Luis Pérez" in post["message"]
        assert "Acme" not in post["message"], "in a shared channel leads have no names unless asked for"
        done = document(called(capsys, "digest", "--json", *words))
        assert done["messages"] == [] and done["in_doubt"] == {} and len(hook.posts) == 1


def test_what_cannot_be(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "digest", *home)[0] == 2
    words = configured(home, f'[digest.channels.x]\nurl = "nosuch://{SECRET}"\naudience = "manager"\n')
    code, out, err = called(capsys, "digest", *words)
    assert code == 2 and "channels.x.url" in err and SECRET not in out + err
    assert called(capsys, "digest", "--as-of", "2026-01-01", *words)[0] == 2
    code, out, _ = called(capsys, "digest", "--dry-run", "--as-of", "2020-01-01", *words)
    assert code == 0 and out == "There is nothing new to tell.\n"


PLAIN = Message("Two", "head\n\n• Ana & Co\n• Luis", "<p>head</p>", "head\n\n- Ana & Co\n\n- Luis")


def test_teams_and_slack_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their hosts are fixed or https only: just that is turned to the loopback door, the rest is the real client."""
    from apprise.plugins.slack import NotifySlack
    from apprise.plugins.workflows import NotifyWorkflows

    with webhook() as hook:
        base = f"http://127.0.0.1:{hook.port}"
        monkeypatch.setattr(NotifySlack, "webhook_url", f"{base}/services")
        assert sending.send("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", PLAIN)
        path, post = hook.posts.pop()
        assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
        assert "Ana &amp; Co" in str(post) and "image" not in str(post).casefold()
        post_to = NotifyWorkflows.send.__globals__["requests"].post
        monkeypatch.setattr(NotifyWorkflows.send.__globals__["requests"], "post",
                            lambda url, **given: post_to(url.replace("https:", "http:"), **given))  # fmt: skip
        assert sending.send(f"workflows://127.0.0.1:{hook.port}/FLOW/{SECRET}", PLAIN)
        path, post = hook.posts.pop()
        assert "/FLOW/" in path and "- Ana & Co\n\n- Luis" in str(post).replace("\\n", "\n")


def test_a_door_that_is_shut_or_breaks_is_a_failure(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    with smtp() as mail:
        mail.refusing = True
        assert not sending.send(f"mailto://u:{SECRET}@127.0.0.1:{mail.port}?from=a@b.example&to=c@d.example", PLAIN)
    assert not sending.send(f"json://127.0.0.1:9/{SECRET}", PLAIN)
    assert not sending.send(f"nosuch://{SECRET}", PLAIN)
    import apprise

    def breaks(*_: Any, **__: Any) -> bool:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(apprise.Apprise, "notify", breaks)
    assert not sending.send("json://127.0.0.1:9/x", PLAIN)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("leadpact")]
    assert ours and SECRET not in " ".join(ours)


CHANNEL: dict[str, Any] = {"url": "json://h/x", "audience": "manager"}


def test_settings_as_they_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"base_url": "https://a.example/", "channels": {"c": CHANNEL}, "owners": {"u1": "a@b.example"}}
    found = digest_settings.parsed(one)
    assert (found.base_url, found.language, found.channels[0].kinds) == ("https://a.example", "en", ("breaches",))
    assert found.person("u1", None).email == "a@b.example"  # type: ignore[union-attr]
    assert found.person("ana@b.example", None).email == "ana@b.example"  # type: ignore[union-attr]
    assert found.person("u2", "Eva") is None
    assert SECRET not in repr(digest_settings.parsed({"channels": {"c": {**CHANNEL, "url": f"json://{SECRET}"}}}))
    monkeypatch.setenv("LEADPACT_DIGEST_MY_BOSS_URL", "json://other/x")
    assert digest_settings.parsed({"channels": {"my-boss": CHANNEL}}).channels[0].url == "json://other/x"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"channels": {}}, "digest.without_channel"),
        ({"chanels": {}}, "digest.unknown"),
        ({"base_url": "http://a.example"}, "digest.bad_base"),
        ({"base_url": "https://u:p@a.example"}, "digest.bad_base"),
        ({"language": "fr"}, "digest.bad_choice"),
        ({"owners": {"u1": "a, b@c.example"}}, "digest.bad_address"),
        ({"owners": ["u1"]}, "digest.no_section"),
        ({"channels": {"a b": CHANNEL}}, "digest.bad_name"),
        ({"channels": {"c": {**CHANNEL, "audience": "all"}}}, "digest.bad_choice"),
        ({"channels": {"c": {**CHANNEL, "kinds": ["news"]}}}, "digest.bad_choice"),
        ({"channels": {"c": {**CHANNEL, "team": 7}}}, "digest.no_text"),
        ({"channels": {"c": {**CHANNEL, "url": "<url>"}}}, "digest.no_url"),
        ({"channels": {"c": {**CHANNEL, "audience": "owner"}}}, "digest.whose_address"),
        ({"channels": {"c": {**CHANNEL, "url": f"json://{SECRET}?to={{owner_email}}"}}}, "digest.whose_address"),
        (
            {
                "channels": {
                    "c": {"url": f"json://{SECRET}?to={{owner_email}}", "audience": "owner", "kinds": ["findings"]}
                }
            },
            "digest.personal_kinds",
        ),
    ],
)
def test_settings_that_cannot_be(changed: dict[str, Any], error: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        digest_settings.parsed({"channels": {"c": CHANNEL}, **changed})
    assert raised.value.key == error and SECRET not in str(raised.value.params)


def test_an_unreadable_file_says_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f'[digest\nurl = "{SECRET}"', encoding="utf-8")
    with pytest.raises(Misconfigured) as raised:
        digest_settings.read(file)
    assert raised.value.key == "digest.unreadable" and SECRET not in str(raised.value.params)
    file.write_text("[other]\n", encoding="utf-8")
    assert digest_settings.read(file) is None


def test_who_is_told_when_is_what_the_pact_agreed() -> None:
    agreed = pact(commitments={
        "marketing": {"mql_per_month": 10, "escalation": [{"at": 0.9, "tell": "Manager"}, {"at": 0.5, "tell": "CEO"}]},
        "sales": {"follow_up": "follow-up", "escalation": [{"at": 0.5, "tell": "owner"}, {"at": 2, "tell": "CEO"}]},
    })  # fmt: skip
    assert levels(agreed, agreed.sla[0]) == {"owner": 0.5, "ceo": 2.0}
    assert promised_share(agreed) == {"manager": 0.9, "ceo": 0.5}
    usual = pact()
    assert levels(usual, usual.sla[0]) == {"owner": 0.8, "manager": 1.0} and promised_share(usual) == {}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="aB3.@+ ()<>[]!|/:-_*`\n\u202e", max_size=50), st.sampled_from(["", HOSTILE]))
def test_words_of_a_crm_stay_words(text: str, more: str) -> None:
    said = data(text + more)
    assert not set(said) & set("<>[](){}*_`|@!\n\u202e") and "://" not in said
    assert not re.search(r"\d([ .·-]{0,3}\d){6}", said)
    assert data("Ana López, St. John & Söhne") == "Ana López, St. John & Söhne" and data(None) == ""


def test_nothing_of_the_environment_is_needed() -> None:
    assert not [name for name in os.environ if name.startswith("LEADPACT_DIGEST")]
