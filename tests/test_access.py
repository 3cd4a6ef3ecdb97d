"""Roles: what each may, asked for again in the code where it happens, as they stand at that moment."""

from __future__ import annotations

import calendar
from pathlib import Path
from typing import Any

import pytest

from config import members
from config.members import ROLES, Member
from leadpact.admission import Over, Refused
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare
from tests.asked import asked, called
from ui import access
from ui.access import Visitor

# every act and every role: v viewer, m marketing, s sales, r revops, a administrator
TABLE = """
see_people      . m s r a
see_contact     . m s r a
set_aside       . m s r a
edit_pact       . m s r a
publish_pact    . m s r a
comment         . m s r a
facilitate      . m s r a
sign_marketing  . m . . .
sign_sales      . . s . .
vote            . m s . .
edit_map        . . . r a
sync            . . . r a
connect         . . . r a
write_crm       . . . r a
make_fields     . . . r a
writing_off     . . . r a
writing_on      . . . . a
manage_people   . . . . a
forget          . . . . a
"""
# what changes something, as the code calls it: never outside a function that asks for a role
CHANGES = {
    "settings.keep_mapping", "settings.decide_writing", "kept.add", "kept.store", "path.unlink", "members.save",
    "members.remove", "versions.sign", "versions.withdraw", "versions.save", "drafts.publish", "drafts.discard",
    "drafts.begin", "drafts.catch_up", "space.sync", "sources.sync", "valuemap_store.save", "suppression.set_aside",
    "suppression.bring_back", "sessions.open_session", "sessions.take_over", "sessions.join", "voting.cast",
    "targets.save", "setup.make", "setup.adopt", "approval.approve", "approval.withdraw", "comments.add",
    "lines.retire",
}  # fmt: skip
WITHIN = {  # parts of an act that their one caller asks for
    "ui/connection_writing._decide",  # with the act it is handed
    "ui/meeting_saving._begin",  # of save
    "ui/definition_draft.send",  # under the name its callers got for asking
    "ui/sources.sync",  # of fixes_after, and the demo company below
    "ui/frame.open_page",  # the invented company, which nobody has to decide on
}
# the places that refuse, so that taking a check out fails here; more may come
PLACES = {
    "comment": {"definition_comments._write", "definition_remarks._send", "definition_remarks._settle"},
    "connect": {"connection_add._add", "connection_add._remove", "connection_add._store", "connection_mapping.show",
                "connection_mapping._confirm", "connection_test._run"},
    "edit_map": {"findings_target_save._save"},
    "edit_pact": {"definition_draft.save", "definition_draft.settle", "definition_pacts._narrowed",
                  "meeting_saving.save", "scoring_rules_save.send", "scoring_simulate_trade._put",
                  "scoring_suggest._take"},
    "facilitate": {"meeting_door._carry_on", "meeting_door._opened", "meeting_draft._record", "meeting_seat.act"},
    "forget": {"person_forget._forget"},
    "make_fields": {"fixes_keep._make", "fixes_missing._add", "fixes_retire._send", "writeback_fields._make"},
    "manage_people": {"people_page.remove", "people_page.save", "people_page.save_several"},
    "publish_pact": {"definition_pacts._begin", "definition_pacts._retired", "definition_versions._catch_up",
                     "definition_versions._discard", "definition_versions._publish"},
    "see_contact": {"whom.note"},
    "set_aside": {"findings_suppress.bring_back", "findings_suppress.set_aside"},
    "sign_marketing": {"definition_versions._sign", "definition_versions._withdraw"},
    "sign_sales": {"definition_versions._sign", "definition_versions._withdraw"},
    "sync": {"connection_sync.run", "fixes_after._sync"},
    "vote": {"meeting_door._who", "meeting_phone._cast"},
    "write_crm": {"fixes_apply._approve", "fixes_apply._approved", "fixes_apply._settle", "fixes_apply._undo",
                  "fixes_apply.begin", "fixes_keep._choose", "fixes_new._make", "fixes_progress._buttons",
                  "writeback_fields._adopt", "writeback_fields._choose", "writeback_fields._look",
                  "writeback_journal._undo", "writeback_plan._apply", "writeback_plan._compare"},
    "writing_off": {"connection_writing._disable"},
    "writing_on": {"connection_writing._enable"},
}  # fmt: skip


def test_every_act_is_for_these_roles_and_no_other() -> None:
    letters = dict(zip("vmsra", ROLES, strict=True))
    rows = [line.split() for line in TABLE.strip().splitlines()]
    table = {act: {letters[one] for one in ticks if one != "."} for act, *ticks in rows}
    assert dict(access.MAY) == table
    for act, allowed in table.items():
        for role in ROLES:
            visitor = Visitor("ana@x.com", frozenset({role}))
            assert access.may(visitor, act) == (role in allowed)
            if role not in allowed:
                with pytest.raises(access.NotAllowed):
                    access.acting(visitor, act)
        assert access.may(Visitor(), act) and not access.may(Visitor("ana@x.com", frozenset()), act)


def test_every_act_is_asked_for_where_it_happens() -> None:
    found = asked()
    for act, places in PLACES.items():
        assert {f"ui/{place}" for place in places} <= found.get(act, set()), act
    assert set(access.MAY) - set(found) == {"see_people"}  # seen or not seen: ui/whom.py draws by it, nothing is done


def test_nothing_is_changed_by_code_that_asks_for_no_role() -> None:
    asking = set().union(*asked().values()) | WITHIN
    found = called(CHANGES)
    assert set(found) == CHANGES, "a name that nobody calls any more holds nothing"
    assert {name: places - asking for name, places in found.items() if places - asking} == {}


class User(dict[str, Any]):
    def to_dict(self) -> dict[str, Any]:
        return dict(self)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sign-in is on, and Eve is a member with the role sales."""
    kept = prepare(tmp_path / "home", monkeypatch, AUTH)
    monkeypatch.setattr(access.signing, "on", lambda: True)
    monkeypatch.setattr(access.signing.sources, "now", lambda: AS_OF)
    members.save(Workspace(kept).database, Member("eve@x.com", frozenset({"sales"})), actor="root", now=AS_OF)
    signed_in(monkeypatch)
    return kept


AUTH = """
[auth]
redirect_uri = "http://127.0.0.1:1/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "a"
client_secret = "b"
server_metadata_url = "http://127.0.0.1:2/.well-known/openid-configuration"
[access]
administrators = ["root@x.com"]
"""


def signed_in(monkeypatch: pytest.MonkeyPatch, **claims: Any) -> None:
    now = calendar.timegm(AS_OF.timetuple())
    monkeypatch.setattr(access.signing.st, "user", User(is_logged_in=True, email="eve@x.com", iat=now, **claims))


def test_an_act_is_judged_by_the_roles_of_its_moment_not_of_the_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, drawn = Workspace(home).database, Visitor("eve@x.com", frozenset({"sales"}))
    assert access.acting(drawn, access.COMMENT) == "eve@x.com"

    members.save(engine, Member("eve@x.com", frozenset({"viewer"})), actor="root", now=AS_OF)
    with pytest.raises(access.NotAllowed):
        access.acting(drawn, access.COMMENT)

    members.save(engine, Member("eve@x.com", frozenset({"revops"})), actor="root", now=AS_OF)
    assert access.acting(drawn, access.SYNC) == "eve@x.com"

    members.remove(engine, "eve@x.com", actor="root", now=AS_OF)
    with pytest.raises(Refused, match="removed"):
        access.acting(drawn, access.COMMENT)

    members.save(engine, Member("eve@x.com", frozenset({"sales"})), actor="root", now=AS_OF)
    with pytest.raises(access.NotAllowed):  # another person's page in this browser
        access.acting(Visitor("bob@x.com", frozenset({"sales"})), access.COMMENT)
    monkeypatch.setattr(access.signing.st, "user", User(is_logged_in=False))
    with pytest.raises(Over):
        access.acting(drawn, access.COMMENT)


def test_a_part_that_runs_by_itself_sees_that_roles_have_changed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, session = Workspace(home).database, {}
    monkeypatch.setattr(access.st, "session_state", session)
    assert access._still()  # nobody was admitted here: single-person mode
    session[access._STANDING] = access.signing.session(access.signing.claims() or {}).admission
    assert access._still()
    offered = access.held(lambda: "a list of people")
    assert offered() == "a list of people"
    members.save(engine, Member("eve@x.com", frozenset({"sales"}), frozenset({"EMEA"})), actor="root", now=AS_OF)
    assert not access._still()
    with pytest.raises(access.NotAllowed):  # a file offered before, clicked on now
        offered()
    members.remove(engine, "eve@x.com", actor="root", now=AS_OF)
    assert not access._still()
    with pytest.raises(access.NotAllowed) as refused:
        offered()
    assert "eve" not in str(refused.value)  # Streamlit logs it
