"""Versions on the Definition page: publishing the draft, signing, withdrawing; every act asks for the role again.

Not here: standing and history (definition_standing.py), two versions compared
(definition_compare.py), comments (definition_comments.py), editing (definition_draft.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from config import drafts, versions
from config.drafts import Conflict, Draft
from config.signatures import TEAMS
from config.versions import Version
from leadpact.errors import LeadPactError
from leadpact.pact_diff import by_section, differences, headline
from ui import access, authors, moments
from ui.errors import plain
from ui.page import Page

_NOTE = "_pact_versions_note"
SIGNS: Mapping[str, str] = {"marketing": access.SIGN_MARKETING, "sales": access.SIGN_SALES}


def show(page: Page, found: Sequence[Version]) -> None:
    """What waits: the draft to be published, the newest version to be signed."""
    said = st.session_state.pop(_NOTE, None)
    if said is not None:
        (st.success if said[0] else st.error)(plain(said[1]))
    draft = drafts.newest(page.workspace.database, page.used.line)
    if draft is not None:
        _draft(page, draft, found)
    if found:
        _signing(page, found[0])


def _draft(page: Page, draft: Draft, found: Sequence[Version]) -> None:
    """The draft: who is at it, what it changes, and what may be done with it."""
    base = next((one for one in found if one.number == draft.base_number), None)
    before = json.loads(base.document) if base is not None else {}
    changed = differences(before, draft.document) if base is not None else []
    faults = drafts.faults(draft.document)
    with st.container(border=True):
        st.subheader(page.text("draft.title"), anchor=False)
        edits = drafts.edits(page.workspace.database, draft.id)
        last = edits[0].author if edits else draft.author
        at = moments.shown(page.lang, draft.updated_at, page.used.pact.zone)
        if draft.base_number:
            number = page.lang.number(draft.base_number)
            st.caption(plain(page.text("draft.standing", author=last, at=at, base=number)))
        else:
            st.caption(plain(page.text("draft.standing.first", author=last, at=at)))
        if base is not None:
            st.markdown(f"**{plain(headline(changed, page.lang))}**")
        _sections(page, changed)
        if faults:
            st.warning(plain(page.text("draft.faults", count=len(faults))), icon=":material/error:")
        if not access.may(page.visitor, access.PUBLISH_PACT):
            return
        behind = bool(found) and found[0].number != draft.seen
        if behind:
            st.warning(plain(page.text("draft.behind", number=str(found[0].number))), icon=":material/call_merge:")
            with st.container(horizontal=True):
                _button(page, "catch_up", page.text("catch.up"), _catch_up, draft, None)
                for side in ("mine", "theirs"):
                    text = page.text(f"catch.up.{side}")
                    _button(page, f"catch_up_{side}", text, _catch_up, draft, side, type="tertiary")
        authors.ask(page)
        key = page.key("draft_message")
        st.text_input(
            page.text("draft.message"), key=key, max_chars=500, placeholder=page.text("draft.message.example")
        )
        with st.container(horizontal=True):
            _button(
                page,
                "publish",
                page.text("publish"),
                _publish,
                draft,
                key,
                type="primary",
                disabled=bool(faults) or behind,
            )
            with st.popover(page.text("discard"), icon=":material/delete:"):
                st.write(page.text("discard.sure"))
                _button(page, "discard_do", page.text("discard.do"), _discard, draft)


def _sections(page: Page, changed: Sequence[Any]) -> None:
    """Everything that changed, by section; nothing where the headline says it all."""
    if len(changed) > 1:
        with st.expander(page.text("draft.changes", count=len(changed))):
            for title, lines in by_section(list(changed), page.lang):
                st.markdown("\n".join([f"**{plain(title)}**", "", *(f"- {plain(line)}" for line in lines)]))


def _signing(page: Page, version: Version) -> None:
    """The newest version: who signed it, who voted, and signing it for one's own team."""
    with st.container(border=True):
        number = page.lang.number(version.number)
        st.subheader(page.text("sign.title", number=number), anchor=False)
        author = page.text("sign.about", author=version.author, at=_at(page, version.created_at))
        st.caption(plain(f"{author} {version.message}".strip()))
        if not version.intact:
            st.error(plain(page.text("sign.not_intact")), icon=":material/gpp_bad:")
            return
        votes = versions.voted(page.workspace.database, version.hash, version.line)
        for column, team in zip(st.columns(2), TEAMS, strict=True):
            with column:
                _team(page, version, team, votes.get(team))


def _team(page: Page, version: Version, team: str, votes: Any) -> None:
    st.markdown(f"**{plain(page.text(f'team.{team}'))}**")
    mine = [one for one in version.signatures if one.team == team]
    for one in mine:
        st.markdown(f":material/verified: {plain(one.email)} · {plain(_at(page, one.signed_at))}")
    if not mine:
        st.caption(plain(page.text("sign.missing")))
    if votes is not None:
        of = "–" if votes.of is None else page.lang.number(votes.of)
        st.caption(plain(page.text("sign.votes", voted=page.lang.number(votes.voted), of=of)))
    if not access.may(page.visitor, SIGNS[team]):
        return
    who = page.key(f"signer_{team}")
    if page.visitor.email is None:
        st.text_input(page.text("sign.email"), key=who, max_chars=320, placeholder="ana@acme.com",
                      label_visibility="collapsed")  # fmt: skip
    with st.container(horizontal=True):
        kind = "secondary" if mine else "primary"
        _button(page, f"sign_{team}", page.text("sign.do"), _sign, version, team, who, type=kind)
        if mine:
            _button(page, f"withdraw_{team}", page.text("withdraw.do"), _withdraw, version, team, who, type="tertiary")


def _button(page: Page, name: str, label: str, act: Callable[..., str], *args: Any, **options: Any) -> None:
    st.button(label, key=page.key(name), on_click=_do, args=(page, act, *args), **options)


def _do(page: Page, act: Callable[..., str], *args: Any) -> None:
    """Does it, and keeps what came of it for the next run of the page."""
    try:
        st.session_state[_NOTE] = (True, act(page, *args))
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))


def _named(page: Page, act: str, said: str) -> str:
    name = access.acting(page.visitor, act, said.strip())
    if not name:
        raise LeadPactError("comment.nobody")
    return name


def _publish(page: Page, draft: Draft, key: str) -> str:
    by = authors.named(page, access.PUBLISH_PACT)
    message = str(st.session_state.get(key, "")).strip()
    made = drafts.publish(page.workspace.database, draft.id, expected=draft.revision, author=by, message=message,
                          now=page.now())  # fmt: skip
    return page.text("published", number=page.lang.number(made.number))


def _discard(page: Page, draft: Draft) -> str:
    by = authors.named(page, access.PUBLISH_PACT)
    drafts.discard(page.workspace.database, draft.id, author=by, now=page.now(), expected=draft.revision)
    return page.text("discarded")


def _catch_up(page: Page, draft: Draft, prefer: drafts.Side | None) -> str:
    by = authors.named(page, access.PUBLISH_PACT)
    try:
        drafts.catch_up(page.workspace.database, draft.id, expected=draft.revision, author=by, now=page.now(),
                        prefer=prefer)  # fmt: skip
    except Conflict as conflict:
        raise LeadPactError("draft.catch_up_conflict", parts=", ".join(one.path for one in conflict.clashes)) from None
    return page.text("caught.up")


def _sign(page: Page, version: Version, team: versions.Team, key: str) -> str:
    email = _named(page, SIGNS[team], str(st.session_state.get(key, "")))
    signed = versions.sign(page.workspace.database, version, email=email, team=team, door="app", now=page.now())
    return page.text("signed.in_force" if signed.signed_by_both else "signed.done", number=str(signed.number))


def _withdraw(page: Page, version: Version, team: str, key: str) -> str:
    email = _named(page, SIGNS[team], str(st.session_state.get(key, "")))
    versions.withdraw(page.workspace.database, version, email=email, door="app", now=page.now())
    return page.text("withdrawn.done", number=str(version.number))


def _at(page: Page, moment: Any) -> str:
    return moments.shown(page.lang, moment, page.used.pact.zone)
