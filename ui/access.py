"""Who is asking, and what they may do. Every page passes here before anything is read.

No sign-in is configured in this release: whoever reaches the app may read and decide, and what is
decided goes on the record under the name people give. The check that will ask for a signed-in
person and a role has this one place.

A role is asked for again where an act happens, whatever the page has drawn or hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlalchemy.engine import Engine

from config import sign_ins
from config.members import ADMINISTRATOR, MARKETING, REVOPS, SALES, Scope, ordered
from leadpact.errors import LeadPactError
from leadpact.language import Language, Text
from ui import embedded
from ui.errors import plain

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
SYNC = "sync"  # reading the CRM now
CONNECT = "connect"  # connections: adding, testing, looking into the source, its files and its mapping
MANAGE_PEOPLE = "manage_people"  # who may come in, as what
_NOTED = "_signed_in_noted"
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
    MANAGE_PEOPLE: frozenset({ADMINISTRATOR}),
}


class NotAllowed(LeadPactError):
    """This visitor's roles do not cover what they asked for."""


@dataclass(frozen=True)
class Visitor:
    """The person behind a session. While sign-in is off all is null, and everything is allowed.

    `scope` is what lists of people are cut to; null: everything.
    """

    email: str | None = None
    roles: frozenset[str] | None = None
    scope: Scope | None = None


def admit(page: str, lang: Language) -> Visitor:
    """The visitor, if they may open `page`; else shows why not and stops the run.

    Where sign-in is set up, a frame in another site shows no data to somebody it cannot know: the
    cookie of sign-in does not go there. It leads to LeadPact in a tab of its own.
    """
    if embedded.on() and sign_in_configured() and not signed_in():
        with st.container(border=True):
            st.markdown(plain(lang("ui.embed.signed_out")))
            query = {name: value for name, value in st.query_params.to_dict().items() if isinstance(value, str)}
            st.link_button(lang("ui.embed.open"), embedded.outside(page, **query), icon=":material/open_in_new:")
        st.stop()
    return Visitor()


def sign_in_configured() -> bool:
    """Whether the settings have Streamlit's `[auth]`."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def signed_in() -> bool:
    """Whether Streamlit knows who is behind this session."""
    return bool(getattr(st.user, "is_logged_in", False))


def note_sign_in(engine: Engine, now: datetime) -> None:
    """Puts on the record who signed in, once a session; nothing while sign-in is off."""
    if signed_in() and not st.session_state.get(_NOTED):
        email = str(getattr(st.user, "email", "") or "?")
        sign_ins.note(engine, sign_ins.Seen(email, (), frozenset(), now), began=None)
        st.session_state[_NOTED] = True


def may(visitor: Visitor, act: str) -> bool:
    """Whether to offer it: by role, and to everybody while sign-in is off."""
    return visitor.roles is None or bool(visitor.roles & MAY[act])


def called(roles: Iterable[str]) -> tuple[Text, ...]:
    """The names of roles in the reader's language, from the least to the most."""
    return tuple(Text.of(f"role.{role}") for role in ordered(roles))


def acting(visitor: Visitor, act: str, said: str = "") -> str:
    """The name an act goes on the record under: the signed-in one, else the one they gave (may be empty).

    Raises NotAllowed where the visitor has no role for it.
    """
    if not may(visitor, act):
        raise NotAllowed("ui.not_allowed", roles=called(MAY[act]))
    return visitor.email or said
