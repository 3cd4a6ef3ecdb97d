"""The page People for administrators: everybody who may come in, adding, changing and removing one, several at once.

Not here: what is kept (config/members.py), who is listed (leadpact/roster.py), others' view (people_page_own.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from config import members
from config.members import ROLES, Member
from leadpact import roster
from leadpact.errors import LeadPactError
from leadpact.roster import Known
from ui import access, errors, listing, moments, signing
from ui.errors import plain
from ui.page import Page

_SAID, _ROUND = "_people_said", "_people_round"
_NEW = ""  # in place of an address


def show(page: Page) -> None:
    """The list, then one person, then several."""
    _told()
    found = roster.everybody(page.workspace.database, signing.rules())
    table(page, found, key="known")
    places = page.cached_whole(roster.places) if page.ready else {"teams": [], "territories": []}
    left, right = st.columns([3, 2], gap="large")
    with left:
        _one(page, found, places)
    with right:
        _several(page)
        _ways(page)


def table(page: Page, found: Sequence[Known], *, key: str) -> None:
    """Everybody with roles, what they see, how they came in, when last, and for whom they may sign."""
    lang = page.lang
    rows = [
        {
            "person": one.email,
            "roles": ", ".join(lang(f"role.{role}") for role in members.ordered(one.roles)),
            "may_sign": ", ".join(lang(f"team.{team}") for team in one.signs) or page.text("signs_nothing"),
            "sees_teams": _listed(page, one.teams),
            "sees_territories": _listed(page, one.territories),
            "came_by": ", ".join(lang(f"member.way.{way}") for way in one.ways),
            "last_sign_in": one.last_at,
        }
        for one in found
    ]
    kinds = dict.fromkeys(("person", "roles", "may_sign", "sees_teams", "sees_territories", "came_by"), "text")
    with st.container(key="people_wide"):
        listing.show(page, rows, {**kinds, "last_sign_in": "moment"}, key=key)  # type: ignore[arg-type]
    with st.container(key="people_narrow"):  # style.css shows one of the two, by the width of the screen
        st.markdown("\n".join(_card(page, row) for row in rows))


def _card(page: Page, row: Mapping[str, Any]) -> str:
    """A person as a part of a list, for a screen too narrow for a table."""
    last = row["last_sign_in"]
    told = {**row, "last_sign_in": moments.shown(page.lang, last, page.used.pact.zone) if last else None}
    head = f"- **{plain(row['person'])}**: {plain(row['roles'])}"
    names = ("may_sign", "sees_teams", "sees_territories", "came_by", "last_sign_in")
    rest = [f"{plain(page.lang(f'setup.col.{name}'))}: {plain(str(told[name]))}" for name in names if told[name]]
    return "  \n  ".join([head, *rest])


def _one(page: Page, found: Sequence[Known], places: Mapping[str, Sequence[str]]) -> None:
    """Somebody new, or one of those there are."""
    st.subheader(page.text("one"), anchor=False)
    number = st.session_state.setdefault(_ROUND, 0)
    known = {one.email: one for one in found}
    chosen = st.selectbox(
        page.text("whom"), [_NEW, *known], key=page.key(f"whom_{number}"),
        format_func=lambda email: email or page.text("whom.new"),
    )  # fmt: skip
    one = known.get(chosen)
    place = f"{number}_{list(known).index(chosen) if one is not None else 'new'}"
    email = chosen
    if one is None:
        email = st.text_input(page.text("email"), key=page.key(f"email_{place}"), max_chars=320,
                              placeholder="ana@acme.com", help=page.text("email.help"))  # fmt: skip
    held = one.member if one is not None else None
    if one is not None and held is None:
        st.info(plain(page.text("not_kept")), icon=":material/info:")
    roles = _roles(page, place, held.roles if held else frozenset())
    teams = _places(page, "teams", place, places["teams"], held.teams if held else None)
    territories = _places(page, "territories", place, places["territories"], held.territories if held else None)
    with st.container(horizontal=True):
        if st.button(page.text("save" if held else "add"), key=page.key("save"), type="primary",
                     icon=":material/save:" if held else ":material/person_add:"):  # fmt: skip
            asked = Member(email, frozenset(roles), frozenset(teams) or None, frozenset(territories) or None)
            _try(page, lambda: save(page, asked))
        if held is not None:
            with st.popover(page.text("remove"), icon=":material/person_remove:"):
                st.write(plain(page.text("remove.sure", email=held.email)))
                if st.button(page.text("remove.do"), key=page.key("remove"), type="primary"):
                    _try(page, lambda: remove(page, held.email))


def save(page: Page, asked: Member) -> str:
    """Adds or changes a member. Raises NotAllowed without the role, LeadPactError for what cannot be kept."""
    by = access.acting(page.visitor, access.MANAGE_PEOPLE)
    done = members.save(page.workspace.database, asked, actor=by, now=page.now(),
                        besides=signing.rules().administrators)  # fmt: skip
    return page.text("saved", email=done.email)


def remove(page: Page, email: str) -> str:
    """Removes a member. Raises as `save`."""
    by = access.acting(page.visitor, access.MANAGE_PEOPLE)
    done = members.remove(page.workspace.database, email, actor=by, now=page.now(),
                          besides=signing.rules().administrators)  # fmt: skip
    return page.text("removed", email=done.email)


def _roles(page: Page, place: str, held: frozenset[str]) -> list[str]:
    """Every role with what it may do, to be ticked."""
    st.markdown(plain(page.text("roles")))
    ticked = []
    for role in ROLES:
        with st.container(gap=None):  # a label is cut where the screen ends, a caption is not
            if st.checkbox(page.lang(f"role.{role}"), value=role in held, key=page.key(f"role_{role}_{place}")):
                ticked.append(role)
            st.caption(plain(page.lang(f"role.{role}.may")))
    return ticked


def _places(page: Page, what: str, place: str, there: Sequence[str], held: frozenset[str] | None) -> list[str]:
    """What lists are cut to: names the data has, and others as they are typed."""
    chosen: list[str] = st.multiselect(
        page.text(what), list(dict.fromkeys([*sorted(held or ()), *there])), default=sorted(held or ()),
        key=page.key(f"{what}_{place}"), help=page.text(f"{what}.help"), accept_new_options=True,
        placeholder=page.lang("member.everything"),
    )  # fmt: skip
    return chosen


def _several(page: Page) -> None:
    """Addresses pasted from anywhere, all with the same roles."""
    number = st.session_state.setdefault(_ROUND, 0)
    with st.expander(page.text("several"), icon=":material/group_add:"):
        text = st.text_area(page.text("several.addresses"), key=page.key(f"several_{number}"), max_chars=20_000,
                            placeholder="Ana <ana@acme.com>, ben@acme.com", help=page.text("several.help"))  # fmt: skip
        roles = st.multiselect(page.text("roles"), ROLES, key=page.key(f"several_roles_{number}"),
                               format_func=lambda role: page.lang(f"role.{role}"))  # fmt: skip
        if st.button(page.text("several.do"), key=page.key("several_do"), icon=":material/group_add:"):
            _try(page, lambda: save_several(page, text, frozenset(roles)))


def save_several(page: Page, text: str, roles: frozenset[str]) -> str:
    """Adds everybody named who is no member yet; members keep the roles they have. Raises as `save`.

    Nobody is added where one part of the text is no address.
    """
    by = access.acting(page.visitor, access.MANAGE_PEOPLE)
    found, wrong = roster.addresses(text)
    if wrong or not found:
        raise LeadPactError("member.bad_addresses", found=", ".join(wrong[:5]) or "–")
    engine = page.workspace.database
    there = {one.who for one in members.every(engine)}
    new = [one for email in found if (one := Member(email, roles)).who not in there]
    for one in new:
        members.save(engine, one, actor=by, now=page.now())
    return page.text("several.done", count=len(new), known=len(found) - len(new))


def _ways(page: Page) -> None:
    """Who comes in without being listed here: as the secrets file says."""
    found, lang = signing.rules(), page.lang
    with st.expander(page.text("ways"), icon=":material/key:"):
        lines = [page.text("ways.administrators", who=", ".join(found.administrators) or "–")]
        lines += [page.text("ways.group", role=lang(f"role.{role}"), groups=", ".join(sorted(names)))
                  for role, names in found.groups.items()]  # fmt: skip
        if found.default_role:
            lines.append(page.text("ways.default", role=lang(f"role.{found.default_role}")))
        if found.domains:
            lines.append(page.text("ways.domains", domains=", ".join(sorted(found.domains))))
        lines.append(page.text("ways.hours", hours=found.session_hours))
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        st.caption(plain(page.text("ways.where")))


def _try(page: Page, act: object) -> None:
    """Does it and draws the page anew; why it cannot be is said where it was asked."""
    try:
        st.session_state[_SAID] = act()  # type: ignore[operator]
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    st.session_state[_ROUND] += 1
    st.rerun()


def _told() -> None:
    said = st.session_state.pop(_SAID, None)
    if said:
        st.success(plain(said), icon=":material/check_circle:")


def _listed(page: Page, names: frozenset[str] | None) -> str:
    return page.lang("member.everything") if names is None else ", ".join(sorted(names))
