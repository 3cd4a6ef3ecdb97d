"""Who is asking, and what they may do. Every page passes here before anything is read.

Where nobody signs in (single-person mode) whoever sits at this machine may read and decide, and what
is decided goes on the record under the name they give.

A role is asked for again where an act happens, whatever the page has drawn or hidden.

Not here: who is behind a session (signing.py), how the roles of a person come about (leadpact/admission.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from config.members import ADMINISTRATOR, MARKETING, REVOPS, ROLES, SALES, Scope, ordered
from leadpact.admission import Admission, Over, Refused
from leadpact.errors import LeadPactError
from leadpact.language import Language, Text
from ui import embedded, errors, signing, signing_page, single_person, wire

SET_ASIDE = "set_aside"  # setting a finding aside, and bringing it back
EDIT_MAP = "edit_map"  # saving the map of statuses that the repair takes
WRITING_ON = "writing_on"  # letting LeadPact write over a connection
WRITING_OFF = "writing_off"  # making it read-only again
WRITE_CRM = "write_crm"  # choosing the fields LeadPact writes, planning, applying and undoing
EDIT_PACT = "edit_pact"  # editing a draft of the pact
SIGN_MARKETING = "sign_marketing"  # signing a version for Marketing, and withdrawing that
SIGN_SALES = "sign_sales"  # the same for Sales
PUBLISH_PACT = "publish_pact"  # making a draft a version, or discarding it
COMMENT = "comment"  # commenting on a part of the pact
FACILITATE = "facilitate"  # opening a meeting of both teams, and running it
VOTE = "vote"  # voting in one, for one's own team
MAKE_FIELDS = "make_fields"  # making fields and values in the CRM
SEE_PEOPLE = "see_people"  # names and lists of people; without it, figures only
SEE_CONTACT = "see_contact"  # e-mail and phone unmasked
FORGET = "forget"  # taking a person out of everything LeadPact holds
SYNC = "sync"  # reading the CRM now
CONNECT = "connect"  # connections: adding, testing, looking into the source, its files and its mapping
MANAGE_PEOPLE = "manage_people"  # who may come in, as what
T = TypeVar("T")
_STANDING = "_signed_in_standing"
_EDITORS = frozenset({MARKETING, SALES, REVOPS, ADMINISTRATOR})
_KEEPERS = frozenset({REVOPS, ADMINISTRATOR})
MAY: Mapping[str, frozenset[str]] = {
    SEE_PEOPLE: _EDITORS,
    SEE_CONTACT: _EDITORS,
    SET_ASIDE: _EDITORS,
    EDIT_PACT: _EDITORS,
    PUBLISH_PACT: _EDITORS,
    COMMENT: _EDITORS,
    FACILITATE: _EDITORS,
    SIGN_MARKETING: frozenset({MARKETING}),
    SIGN_SALES: frozenset({SALES}),
    VOTE: frozenset({MARKETING, SALES}),
    EDIT_MAP: _KEEPERS,
    SYNC: _KEEPERS,
    CONNECT: _KEEPERS,
    WRITE_CRM: _KEEPERS,
    MAKE_FIELDS: _KEEPERS,
    WRITING_OFF: _KEEPERS,
    WRITING_ON: frozenset({ADMINISTRATOR}),
    FORGET: frozenset({ADMINISTRATOR}),
    MANAGE_PEOPLE: frozenset({ADMINISTRATOR}),
}


class NotAllowed(LeadPactError):
    """This visitor's roles do not cover what they asked for."""


@dataclass(frozen=True)
class Visitor:
    """The person behind a session. While sign-in is off all is null, and everything is allowed.

    `scope` is what lists of people are cut to; null: everything. `until` (UTC) is when they have to
    sign in again.
    """

    email: str | None = None
    roles: frozenset[str] | None = None
    scope: Scope | None = None
    until: datetime | None = None


def admit(page: str, lang: Language) -> Visitor:
    """The visitor, if they may open `page`; else shows why not and stops the run.

    Where sign-in is set up, a frame in another site shows no data to somebody it cannot know: the
    cookie of sign-in does not go there. It leads to LeadPact in a tab of its own.
    """
    try:
        with wire.letting_in():
            return _admitted(page, lang)
    except LeadPactError as error:
        signing_page.closed(lang, page, error)
    except Exception as error:  # noqa: BLE001 - shown as an incident, and nobody comes in by it
        errors.show(lang, error, page)
    st.stop()


def _admitted(page: str, lang: Language) -> Visitor:
    if not signing.on():
        why = None if single_person.networked() else single_person.elsewhere()
        if why is not None:
            signing_page.elsewhere(lang, page, why)
            st.stop()
        return Visitor()
    told, why = signing.claims(), None
    if told is not None:
        try:
            found = signing.session(told)
            signing.begin(found, told)
            st.session_state[_STANDING] = found.admission
            return _visitor(found)
        except Over as over:
            why = lang.error(over)
        except Refused as refused:
            signing_page.refused(lang, page, refused)
            st.stop()
    if embedded.on():
        signing_page.framed(lang, page)
    else:
        signing_page.door(lang, page, why)
    st.stop()


def _visitor(found: signing.Session) -> Visitor:
    return Visitor(found.admission.email, found.admission.roles, found.admission.scope, found.until)


def sign_in_configured() -> bool:
    """Whether people sign in here. Raises Misconfigured where the settings cannot be understood."""
    return signing.on()


def fragment(function: Any = None, *, run_every: float | None = None) -> Any:
    """As `st.fragment`, which runs without the page around it: who may not be here any more sees the whole page again.

    The page then says why; so does it for somebody whose roles have changed.
    """

    def wrap(inner: Callable[..., Any]) -> Any:
        @functools.wraps(inner)
        def checked(*args: Any, **options: Any) -> Any:
            if not _still():
                st.rerun()
            return inner(*args, **options)

        return st.fragment(checked, run_every=run_every)

    return wrap if function is None else wrap(function)


def held(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, for a file that is made when somebody clicks, outside any run of the page.

    Raises NotAllowed instead where they stand otherwise by then than when it was offered; it names
    nobody, for Streamlit logs it.
    """
    before = st.session_state.get(_STANDING)
    told = None if before is None else signing.claims()

    def made() -> T:
        if not _stands(before, told):
            raise NotAllowed("ui.not_allowed", roles=called(ROLES))
        return make()

    return made


def _still() -> bool:
    """Whether this session stands as it did when the page was opened."""
    before = st.session_state.get(_STANDING)
    return _stands(before, None if before is None else signing.claims())


def _stands(before: Admission | None, told: Mapping[str, Any] | None) -> bool:
    """Whether the person with these claims is still admitted as they were; null before: nobody signs in."""
    try:
        return before is None or (told is not None and signing.session(told).admission == before)
    except LeadPactError:  # whatever it is, they may not be here
        return False


def may(visitor: Visitor, act: str) -> bool:
    """Whether to offer it: by role, and to everybody while sign-in is off."""
    return visitor.roles is None or bool(visitor.roles & MAY[act])


def called(roles: Iterable[str]) -> tuple[Text, ...]:
    """The names of roles in the reader's language, from the least to the most."""
    return tuple(Text.of(f"role.{role}") for role in ordered(set(roles) & set(ROLES)))


def acting(visitor: Visitor, act: str, said: str = "") -> str:
    """The name an act goes on the record under: the signed-in one, else the one they gave (may be empty).

    Raises NotAllowed where the visitor has no role for it now, whatever they had when the page was drawn;
    Over and Refused where they may not be here at all any more.
    """
    if not may(_now(visitor), act):
        raise NotAllowed("ui.not_allowed", roles=called(MAY[act]))
    return visitor.email or said


def _now(visitor: Visitor) -> Visitor:
    """The visitor as they stand at this moment."""
    if visitor.email is None or not signing.on():
        return visitor
    told = signing.claims()
    if told is None:
        raise Over("sign.over.ended")
    found = _visitor(signing.session(told))
    return found if found.email == visitor.email else Visitor(visitor.email, frozenset())
