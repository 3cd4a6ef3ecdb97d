"""Signatures cannot be forged: by replaying a hash, by role, by another spelling of one address.

Not here: versions as such (test_pact.py), the buttons and roles of the app (test_pages_definition_versions.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from config import drafts, versions
from config.database import audit_trail, open_database, pact_version, signature
from config.errors import LeadPactError
from config.people import person, same_person
from config.signatures import TEAMS, Signature, by_two_people
from config.versions import Version
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 9)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def saved(engine: Engine, name: str = "Small", **changes: Any) -> Version:
    return versions.save(engine, pact(name=name, **changes), author="ana@x.com", message="", now=NOW)


def sign(engine: Engine, version: Version, email: str, team: Any) -> Version:
    return versions.sign(engine, version, email=email, team=team, door="app", now=NOW)


def both(engine: Engine, version: Version) -> Version:
    sign(engine, version, "ana@x.com", "marketing")
    return sign(engine, version, "bob@x.com", "sales")


VARIANTS: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda email: f"  {email}\t",
    lambda email: email.replace("@", "\u200b@"),
    lambda email: email.replace("a", "\uff41"),  # full width
    lambda email: email.replace("@", "\uff20"),
    lambda email: email.replace("a", "\u0430"),  # Cyrillic
    lambda email: email.replace("o", "\u03bf"),  # Greek
    lambda email: email.replace("@", "+pact@"),
    lambda email: email.replace("@", " @ "),
    lambda email: f"{email}.",
    lambda email: f"\u2066{email}\u2069",
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_person_by_another_spelling_is_one_person(engine: Engine, variant: Callable[[str], str]) -> None:
    version = sign(engine, saved(engine), "ana@x.com", "marketing")
    with pytest.raises(LeadPactError, match="signed_already"):
        sign(engine, version, variant("ana@x.com"), "sales")
    assert same_person("ana@x.com", variant("ana@x.com"))


@given(st.lists(st.sampled_from(VARIANTS), max_size=4))
def test_spellings_on_top_of_each_other_are_still_one_person(layers: list[Callable[[str], str]]) -> None:
    email = "ana.lopez@acme.com"
    for layer in layers:
        email = layer(email)
    assert person(email) == "ana.lopez@acme.com"


@pytest.mark.parametrize(
    ("one", "other"), [("ana@x.com", "ann@x.com"), ("ana@x.com", "ana@y.com"), ("a.na@x.com", "ana@x.com")]
)
def test_other_people_are_other_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert same_person("a.na@gmail.com", "ana@googlemail.com")


@pytest.mark.parametrize("email", ["", "ana", "@", "ana@", "@x.com", "a@b@c", "+@", "x" * 400 + "@x.com"])
def test_what_is_no_address_signs_nothing(engine: Engine, email: str) -> None:
    version = saved(engine)
    if email == "+@":
        email = "@ "
    with pytest.raises(LeadPactError, match="no_email"):
        sign(engine, version, email, "sales")


@given(st.text(max_size=40))
def test_any_text_is_a_person_or_a_clear_error(email: str) -> None:
    try:
        assert person(person(email)) == person(email)
    except LeadPactError as error:
        assert error.key == "pact.no_email"


def test_the_same_document_again_has_none_of_the_old_signatures(engine: Engine) -> None:
    first = both(engine, saved(engine))
    second = saved(engine, "Next")
    again = saved(engine)
    assert again.hash == first.hash and again.number == 3
    assert again.signatures == ()
    assert versions.in_force(versions.history(engine)).number == 1  # type: ignore[union-attr]
    both(engine, second)
    assert versions.in_force(versions.history(engine)).number == 2  # type: ignore[union-attr]


def test_any_edit_of_a_signed_version_is_unsigned(engine: Engine) -> None:
    first = both(engine, saved(engine))
    draft = drafts.begin(engine, author="ana@x.com", now=NOW)
    edited = drafts.edit(engine, draft.id, section="glossary", value=[{"term": "lead", "meaning": "x"}], expected=0,
                         author="ana@x.com", now=NOW)  # fmt: skip
    made = drafts.publish(engine, draft.id, expected=edited.revision, author="ana@x.com", message="", now=NOW)
    assert made.signatures == () and not made.signed_by_both
    back = saved(engine)
    assert (back.hash, back.signed_by_both) == (first.hash, False)


def test_a_version_is_signed_as_it_was_read_or_not_at_all(engine: Engine) -> None:
    version = saved(engine)
    forged = versions.Version(**{**vars(version), "hash": "f" * 64})
    with pytest.raises(LeadPactError, match="not_as_read"):
        sign(engine, forged, "ana@x.com", "marketing")
    with pytest.raises(LeadPactError, match="not_as_read"):
        sign(engine, versions.Version(**{**vars(version), "number": 7}), "ana@x.com", "marketing")
    with pytest.raises(LeadPactError, match="not_as_read"):
        sign(engine, versions.Version(**{**vars(version), "line": "other"}), "ana@x.com", "marketing")
    with pytest.raises(LeadPactError, match="no_team"):
        sign(engine, version, "ana@x.com", "ceo")


def test_the_database_itself_changes_no_version_and_no_signature(engine: Engine) -> None:
    both(engine, saved(engine))
    for statement in (
        sa.update(pact_version).values(document="{}"),
        sa.delete(pact_version),
        sa.update(signature).values(team="sales"),
        sa.delete(signature),
    ):
        with pytest.raises(sa.exc.DatabaseError, match="only added to"), engine.begin() as database:
            database.execute(statement)


def test_a_document_changed_beneath_its_hash_is_not_in_force(engine: Engine) -> None:
    both(engine, saved(engine))
    with engine.begin() as database:
        database.execute(sa.text("DROP TRIGGER pact_version_no_update"))
        database.execute(sa.update(pact_version).values(document=pact(name="Other").canonical))
    (found,) = versions.history(engine)
    assert not found.intact and not found.signed_by_both
    assert versions.in_force([found]) is None
    with pytest.raises(LeadPactError, match="not_as_read"):
        sign(engine, found, "eve@x.com", "sales")


def test_a_signature_is_withdrawn_and_given_again_on_the_record(engine: Engine) -> None:
    version = both(engine, saved(engine))
    with pytest.raises(LeadPactError, match="not_signed"):
        versions.withdraw(engine, version, email="eve@x.com", door="app", now=NOW)
    later = NOW + timedelta(days=1)
    found = versions.withdraw(engine, version, email="BOB@x.com", door="cli", now=later, reason="too early")
    assert not found.signed_by_both and versions.in_force([found]) is None
    assert [(one.email, one.withdrawn_at) for one in found.all_signatures] == [
        ("ana@x.com", None),
        ("bob@x.com", later),
    ]
    with pytest.raises(LeadPactError, match="not_signed"):
        versions.withdraw(engine, version, email="bob@x.com", door="cli", now=later)
    again = sign(engine, found, "bob@x.com", "sales")
    assert again.signed_by_both and len(again.all_signatures) == 3
    with engine.connect() as database:
        actions = database.execute(sa.select(audit_trail.c.action).order_by(audit_trail.c.id)).scalars().all()
    assert actions[-2:] == ["pact.signature_withdrawn", "pact.signed"]


def test_a_person_may_change_team_only_by_withdrawing_first(engine: Engine) -> None:
    version = sign(engine, saved(engine), "ana@x.com", "marketing")
    versions.withdraw(engine, version, email="ana@x.com", door="app", now=NOW)
    found = sign(engine, version, "ana@x.com", "sales")
    assert [one.team for one in found.signatures] == ["sales"]


people = st.sampled_from(["ana@x.com", "ANA@x.com", "bob@x.com", "eve@x.com"])
given_signatures = st.lists(st.builds(Signature, people, st.sampled_from(TEAMS), st.just("app"), st.just(NOW),
                                      st.none() | st.just(NOW)), max_size=6)  # fmt: skip


@given(given_signatures)
def test_in_force_needs_two_people_of_both_teams(signed: list[Signature]) -> None:
    standing = [(one.email.lower(), one.team) for one in signed if one.stands]
    pairs = {
        (a, b) for a, left in standing for b, right in standing if left == "marketing" and right == "sales" and a != b
    }
    assert by_two_people(signed) is bool(pairs)


def test_votes_are_of_a_hash_and_the_newest_count_shows(engine: Engine) -> None:
    version = saved(engine)
    assert versions.voted(engine, version.hash) == {}
    for voted in (3, 5):
        versions.record_votes(engine, version.hash, team="sales", voted=voted, of=6, author="ana@x.com", now=NOW)
    (found,) = versions.voted(engine, version.hash).values()
    assert (found.team, found.voted, found.of) == ("sales", 5, 6)
    assert versions.voted(engine, version.hash, line="other") == {}
    with pytest.raises(LeadPactError, match="bad_votes"):
        versions.record_votes(engine, version.hash, team="sales", voted=7, of=6, author="ana@x.com", now=NOW)
