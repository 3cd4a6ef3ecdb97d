"""Who is behind this session: what the settings say of sign-in, what the provider said of the person, how they stand.

Looked up anew at every run, at every run of a fragment and at every act: who is removed is out at once.

Not here: the judgement (leadpact/admission.py), what is drawn instead of a page (signing_page.py), acts (access.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from config import sign_ins
from leadpact import admission, settings
from leadpact import admission_settings as sections
from leadpact.admission import Admission
from leadpact.admission_settings import Access
from leadpact.errors import Misconfigured
from ui import sources

_NOTED, _WHO, _ADDRESS, _CARRIED = "_signed_in_noted", "_signed_in_who", "_signed_in_address", "_signed_in_carried"
# what is edited and not saved, as of the last click: the open part of a definition, scoring rules, maps of statuses
# and fields
WORK = ("_pact_open", "_pact_turn", "_scoring_edited", "_target_drafts", "_mapping_drafts")
_RETURN_SECONDS, _MOST_RETURNS = 900, 1000
LONGEST = 320  # of an actor on the audit trail
_XSRF = "_streamlit_xsrf"


@dataclass(frozen=True)
class Session:
    """A signed-in person who may be here; `until` (UTC) is when they have to sign in again."""

    admission: Admission
    until: datetime
    mark: str


@dataclass(frozen=True)
class _Return:
    """Where a browser was going, from when (monotonic seconds), and the work of the person with that address."""

    page: str
    query: dict[str, str]
    at: float
    email: str | None
    work: Mapping[str, Any]


def document() -> Mapping[str, Any]:
    """The sections of the secrets file that concern sign-in, read now. Raises Misconfigured where it is not TOML."""
    found = sections.document([*map(Path, st.get_option("secrets.files")), settings.SECRETS])
    if st.secrets.load_if_toml_exists():
        found |= {name: st.secrets[name].to_dict() for name in (sections.AUTH, sections.ACCESS)
                  if name not in found and name in st.secrets}  # fmt: skip
    return found


def on() -> bool:
    """Whether people sign in here. Raises Misconfigured where the settings mean it and cannot be understood."""
    found = document()
    if not sections.sign_in(found):
        return False
    if not (st.secrets.load_if_toml_exists() and sections.AUTH in st.secrets):
        raise Misconfigured("access.restart")  # Streamlit reads its secrets once
    if st.get_option("server.trustedUserHeaders"):
        raise Misconfigured("access.trusted_headers")  # a header would overrule what the provider vouches for
    return True


def rules() -> Access:
    """`[access]` as it holds now. Raises Misconfigured, also for an `[auth]` nobody could sign in with."""
    found = document()
    sections.providers(found)
    return sections.access_of(found)


def providers() -> list[str]:
    """The ways to sign in by name. Raises Misconfigured."""
    return sections.providers(document())


def claims() -> Mapping[str, Any] | None:
    """What the provider says of the person; null where nobody is signed in."""
    user = st.user.to_dict()
    return user if user.get("is_logged_in") is True else None


def session(told: Mapping[str, Any]) -> Session:
    """How the person with these claims stands now. Raises Over, Refused, Misconfigured."""
    access, engine, now = rules(), sources.workspace().database, sources.now()
    mark = admission.mark(told)
    known, ended = sign_ins.standing(engine, admission.address(access, told), mark)
    if ended:
        raise admission.Over("sign.over.ended")
    until = admission.fresh(access, told, now)
    return Session(admission.admitted(access, told, known), until, mark)


def begin(one: Session, told: Mapping[str, Any]) -> None:
    """Puts the sign-in on the record, once a session, and sees to it that no two persons share one."""
    if st.session_state.get(_WHO, one.mark) != one.mark:
        st.session_state.clear()
    st.session_state[_WHO], st.session_state[_ADDRESS] = one.mark, one.admission.email
    carried: _Return | None = st.session_state.pop(_CARRIED, None)
    if carried is not None and carried.email == one.admission.email:  # another person gets nothing of it
        st.session_state.update(carried.work)
    if st.session_state.get(_NOTED) != one.mark:
        admitted = one.admission
        seen = sign_ins.Seen(admitted.email, admitted.ways, admitted.roles, sources.now())
        sign_ins.note(sources.workspace().database, seen, began=admission.began(told))
        st.session_state[_NOTED] = one.mark


def refused(error: admission.Refused) -> None:
    """Puts it on the record, once a session."""
    noted = (error.reason, error.email)
    if error.email is not None and st.session_state.get(_NOTED) != noted:
        sign_ins.refuse(sources.workspace().database, error.email, error.reason, now=sources.now())
        st.session_state[_NOTED] = noted


def leave() -> None:
    """Signs out: here, in every other tab, and at the provider where it can be."""
    told, now = claims(), sources.now()
    try:
        if told is not None:
            email = str(told.get("email") or told.get("sub") or "?")[:LONGEST]
            sign_ins.end(sources.workspace().database, admission.mark(told), email, now=now,
                         forget_before=admission.forgettable(now))  # fmt: skip
    finally:  # whatever the database says, this browser is out
        st.session_state.clear()
        st.logout()


def remember(page: str) -> None:
    """Where this browser was going, and what its person was editing: the way to the provider ends this session."""
    kept, key = _returns(), _browser()
    if key is not None:
        for other in [one for one, found in list(kept.items()) if time.monotonic() - found.at > _RETURN_SECONDS]:
            kept.pop(other, None)
        while len(kept) >= _MOST_RETURNS:
            kept.pop(next(iter(kept)), None)
        query = {name: value for name, value in st.query_params.to_dict().items() if isinstance(value, str)}
        work = {name: st.session_state[name] for name in WORK if name in st.session_state}
        kept[key] = _Return(page, query, time.monotonic(), st.session_state.get(_ADDRESS), work)


def going() -> tuple[str, dict[str, str]] | None:
    """The page and its values this browser was going to before it signed in; told once. Null for none."""
    key = None if claims() is None else _browser()
    if key is None:
        return None
    found = _returns().pop(key, None)
    if found is None or time.monotonic() - found.at > _RETURN_SECONDS:
        return None
    st.session_state[_CARRIED] = found
    return found.page, found.query


@st.cache_resource(max_entries=1, show_spinner=False)
def _returns() -> dict[str, _Return]:
    return {}


def _browser() -> str | None:
    """What Streamlit knows a browser by before anybody signs in, as a hash; null where it has nothing."""
    token = st.context.cookies.get(_XSRF)
    if not token:
        return None
    parts = token.strip('"').split("|")  # version, mask, masked token, time: the token itself outlives a page
    if len(parts) == 4:
        try:
            mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
            token = bytes(one ^ mask[at % len(mask)] for at, one in enumerate(masked)).hex() if mask else token
        except ValueError:
            pass  # of another form: as it stands
    return hashlib.sha256(token.encode()).hexdigest()
