"""The guided start: five steps from the first look to a team that works with it, on Today.

Small and in place, never over the page. It shows what the visitor may do, ticks what the store says is
done, can be put away and brought back from the sidebar, and is gone once everything is done.

Not here: what is done (guide_facts.py), words explained (guide_terms.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from config import reading
from ui import access, guide_facts, links, registry, state
from ui.errors import plain
from ui.guide_facts import Facts
from ui.page import Page

_DONE = "_guide_done"  # everything was done when this session last looked
TODAY = registry.HOME
VARIANTS: Mapping[str, tuple[str, ...]] = {  # what a step may say, by what there is
    "look": ("demo", "own"), "finding": ("there", "none", "waits"), "own": ("none", "mapping", "sync"),
    "agree": ("begin", "sign"), "share": ("begin",),
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """`variant` names the text of what to do: `page.today.guide.<name>.<variant>`; `page` and `values` the link."""

    name: str
    done: bool
    variant: str
    page: str
    values: Mapping[str, str] = field(default_factory=dict)


def show(page: Page) -> None:
    """The panel; nothing once it is put away, or everything is done."""
    if st.session_state.get(_DONE):
        return
    facts = guide_facts.read(page)
    known = steps(page, facts)
    if all(step.done for step in known):
        st.session_state[_DONE] = True
    elif not facts.hidden:
        _panel(page, facts, known)


def steps(page: Page, facts: Facts) -> list[Step]:
    """The steps for this visitor, in the order that leads from what there is."""
    made: list[Callable[[Page, Facts], Step | None]] = [_look, _finding, _own, _agree, _share]
    if not page.ready:  # nothing to look at yet: her own data come first
        made = [_own, _finding, _agree, _share]
    return [step for step in (one(page, facts) for one in made) if step is not None]


def _look(page: Page, facts: Facts) -> Step | None:
    demo = page.connection.type == "demo"
    return Step("look", page.ready, "demo" if demo else "own", "funnel")


def _finding(page: Page, facts: Facts) -> Step | None:
    if facts.finding is None:
        return Step("finding", facts.finding_read, "waits" if not page.ready else "none", "findings")
    return Step("finding", facts.finding_read, "there", "findings", {state.VIEW: "todo", "rule": facts.finding})


def _own(page: Page, facts: Facts) -> Step | None:
    if not (access.may(page.visitor, access.CONNECT) and access.may(page.visitor, access.SYNC)):
        return None
    if facts.own is None:
        return Step("own", False, "none", "connection", {"section": "source"})
    variant, section = ("sync", "sync") if facts.own_mapped else ("mapping", "mapping")
    return Step("own", facts.own_read, variant, "connection", {state.CONNECTION: facts.own, "section": section})


def _agree(page: Page, facts: Facts) -> Step | None:
    acts = (access.EDIT_PACT, access.SIGN_MARKETING, access.SIGN_SALES)
    if not any(access.may(page.visitor, act) for act in acts):
        return None
    if page.used.version is not None:
        return Step("agree", page.used.in_force, "sign", "definition", {state.VIEW: "versions"})
    return Step("agree", False, "begin", "definition")


def _share(page: Page, facts: Facts) -> Step | None:
    if not registry.entry("people").exists or not access.may(page.visitor, access.MANAGE_PEOPLE):
        return None
    return Step("share", facts.people >= guide_facts.ENOUGH, "begin", "people")


def _panel(page: Page, facts: Facts, known: list[Step]) -> None:
    lang = page.lang
    done = sum(step.done for step in known)
    following = next(step for step in known if not step.done)
    with st.container(border=True, key=page.key("guide")):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = lang("page.today.guide.title", done=lang.number(done), all=lang.number(len(known)))
            st.markdown(f"**{plain(said)}**", width="stretch")
            st.button(lang("page.today.guide.hide"), key=page.key("guide_hide"), type="tertiary",
                      icon=":material/visibility_off:", help=lang("page.today.guide.hide.help"),
                      on_click=_hide, args=(page,))  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            for number, step in enumerate(known, start=1):
                _link(page, number, step, following=step is following)
        params = {"count": facts.found, "connection": facts.own or page.connection.name}
        text = lang(f"page.today.guide.{following.name}.{following.variant}", **params)
        st.markdown(plain(text))
        label = page.lang(f"rule.{facts.finding}.title") if following.variant == "there" else None
        label = plain(label or lang(f"page.today.guide.{following.name}.go"))
        links.to(lang, following.page, f"**{label}**", icon=":material/arrow_forward:", **following.values)


def _link(page: Page, number: int, step: Step, *, following: bool) -> None:
    label = f"{number} · {page.lang(f'page.today.guide.{step.name}')}"
    icons = {True: ":material/check_circle:", False: ":material/radio_button_unchecked:"}
    icon = ":material/arrow_circle_right:" if following else icons[step.done]
    said = page.lang("page.today.guide.done" if step.done else "page.today.guide.open")
    links.to(page.lang, step.page, f"**{label}**" if following else label, icon=icon, help=said, **step.values)


def _hide(page: Page) -> None:
    reading.note(page.workspace.database, guide_facts.who(page.visitor), reading.GUIDE_HIDDEN, page.now())


def offer(page: Page) -> None:
    """In the sidebar: the way back to the panel, from every page; nothing once everything is done."""
    if st.session_state.get(_DONE):
        return
    if st.button(page.lang("page.today.guide.offer"), key="_guide_offer", type="tertiary", icon=":material/flag:"):
        reading.forget(page.workspace.database, guide_facts.who(page.visitor), reading.GUIDE_HIDDEN)
        if page.name != TODAY:
            kept = {name: value for name in state.FRAME if (value := state.read(name)) is not None}
            st.switch_page(registry.entry(TODAY).path, query_params=kept)
