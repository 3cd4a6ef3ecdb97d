"""Who comes in, kept in Postgres: the command `member` and the page People on DATABASE_URL.

Not here: the same on the file of the home (test_members.py, test_pages_people.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadpact.cli import main
from tests.apptest import prepare, words
from tests.test_pages_people import EN, opened


def test_the_command_and_the_page_share_what_postgres_keeps(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = prepare(tmp_path / "home", monkeypatch)
    monkeypatch.setenv("DATABASE_URL", postgres)
    add = ("member", "add", "vera@acme.example", "--role", "viewer", "--team", "EMEA", "--as", "me")
    assert main(["--home", str(home), *add]) == 0
    assert not (home / "pact.db").exists(), "nothing is kept beside the database"

    at = opened("root@acme.example")
    at.selectbox(key="_people_whom_0").select("vera@acme.example").run()
    assert at.checkbox(key="_people_role_viewer_0_1").value
    assert at.multiselect(key="_people_teams_0_1").value == ["EMEA"]
    at.checkbox(key="_people_role_sales_0_1").check()
    at.button(key="_people_save").click().run()
    assert EN("page.people.saved", email="vera@acme.example") in words(at) and not at.exception
    assert EN("role.sales.may") in words(opened("vera@acme.example"))

    capsys.readouterr()
    assert main(["--home", str(home), "member", "list", "--json"]) == 0
    (vera,) = [one for one in json.loads(capsys.readouterr().out)["members"] if one["email"] == "vera@acme.example"]
    assert vera["roles"] == ["viewer", "sales"] and vera["last_sign_in"] is not None
    assert main(["--home", str(home), "member", "remove", "vera@acme.example", "--as", "me"]) == 0
    assert EN("sign.refused.removed") in words(opened("vera@acme.example"))
