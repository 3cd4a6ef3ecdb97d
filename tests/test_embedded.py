"""LeadPact inside a page of the CRM: small, without a way out of the frame, and silent to strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from leadpact.language import Language
from leadpact.metrics import person_ids
from leadpact.metrics.person_ids import spellings
from leadpact.workspace import Workspace
from tests.apptest import fill, prepare, visit, words
from tests.conftest import ROOT
from tests.homes import copied
from tests.rows import Rows, lead, moved
from tests.worlds import pact

ID15, ID18 = "00Q5e000001AbCd", "00Q5e000001AbCdEAK"
EN = Language("en")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One lead under the 18 letters of its id."""
    folder = tmp_path_factory.mktemp("synced")
    fill(folder, Rows(record=[lead(ID18, name="Ana", email="ana@acme.example", status="MQL", created_at="2026-02-01")],
                      field_change=moved(ID18, ("2026-02-01", "New"), ("2026-02-10", "MQL"))))  # fmt: skip
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: Path) -> Path:
    return prepare(copied(synced, tmp_path / "home"), monkeypatch)


def framed(secrets: dict[str, Any] | None = None, **query: str) -> AppTest:
    """The page Person in a frame of another site."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.context = {"is_embedded": True, "url": "https://leadpact.example/app/person"}
    at.secrets = secrets or {}
    return visit("person", again=at, **query)


def shown(at: AppTest) -> str:
    return words(at) + "".join(str(link.proto.label) for link in at.get("link_button"))


@pytest.mark.parametrize(("given", "others"), [
    ("001D000000IqhSL", ["001D000000IqhSLIAZ"]),  # Salesforce's own example of the two forms
    ("001D000000IqhSLIAZ", ["001D000000IqhSL"]),
    (" rec0123456789abcd ", []),
    ("L-7", []),
])  # fmt: skip
def test_an_id_is_known_by_both_its_spellings(given: str, others: list[str]) -> None:
    assert spellings(given) == [given.strip(), *others]


def test_a_record_is_found_by_whatever_the_crm_calls_it(home: Path) -> None:
    one = Workspace(home).analyse("acme")
    for object, record_id in (("Lead", ID15), (None, ID18), ("?", ID15), ("lead", f" {ID15} ")):
        assert person_ids.named(one.tables, object, record_id).execute()["record_id"].tolist() == [ID18]
    for object, record_id in (("contact", ID18), ("lead", ID15.lower()), ("lead", ID18[:14])):
        assert person_ids.named(one.tables, object, record_id).execute().empty


def test_a_person_fills_the_frame(home: Path) -> None:
    at = framed(record=ID15, object="Lead")
    assert not at.exception and at.subheader[0].value == "Ana"
    assert not at.title and not at.sidebar.children and not at.text_input
    assert EN("page.person.embed.open") in shown(at) and "ana@acme.example" not in shown(at)
    assert EN("setup.read_only") in shown(at) and EN("setup.environment.files") in shown(at)
    assert f"record={ID18}" in at.get("link_button")[0].proto.url and "embed" not in at.get("link_button")[0].proto.url


def test_a_record_nobody_has_read_is_said_to_be_unknown_and_can_be_searched(home: Path) -> None:
    at = framed(record="00Q5e000009ZzZz", object="Lead")
    assert "There is no lead 00Q5e000009ZzZz" in shown(at)
    at.text_input(key="_person_search").input("Ana").run()
    assert next(link.proto.label for link in at.get("page_link")).startswith("Ana")


def test_a_frame_in_which_nobody_is_signed_in_shows_no_data(home: Path) -> None:
    at = framed({"auth": {"redirect_uri": "https://leadpact.example/oauth2callback"}}, record=ID18, object="lead")
    said = shown(at)
    assert "Ana" not in said and "MQL" not in said and EN("ui.embed.signed_out") in said
    assert at.get("link_button")[0].proto.url.startswith("https://leadpact.example/app/person?")
    assert "record=" + ID18 in at.get("link_button")[0].proto.url


def test_the_score_is_told_with_what_is_missing_to_green(home: Path) -> None:
    from config import versions
    from tests.apptest import AS_OF

    rule = {"id": "has-mail", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": 20}
    agreed = pact(
        scoring={"rules": [rule]}, sales_ready={"threshold": 50, "all": [{"field": "company", "op": "filled"}]}
    )
    versions.save(Workspace(home).database, agreed, author="ana", message="x", now=AS_OF)
    said = shown(framed(record=ID18, object="lead"))
    assert "20 of 50" in said and "red" in said and "Missing for green: 30 points" in said
