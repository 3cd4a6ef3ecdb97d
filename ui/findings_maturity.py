"""The scorecard of the process: five components and six steps, each level opened to its evidence.

Not here: what a level asks for (leadpact/maturity).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from leadpact.audit import Audit
from leadpact.language import Language
from leadpact.maturity.criteria import AREAS, LEVELS
from leadpact.maturity.scorecard import Area, Judged, Scorecard, scorecard
from leadpact.maturity.words import level
from leadpact.model import is_custom
from leadpact.workspace import Analysis
from ui import registry, state, tables
from ui.errors import plain
from ui.findings_filters import FILTERS
from ui.findings_view import Given
from ui.page import Page

SEEN = {True: ":green[:material/check_circle:]", False: ":red[:material/cancel:]", None: ":gray[:material/help:]"}
FULL, EMPTY, PERHAPS = "■", "□", "▧"


def show(page: Page, result: Audit) -> None:
    """Both halves of the scorecard, then how complete identification data is."""
    card: Scorecard = page.cached_whole(_card, Given(result), tuple(one.identity for one in result.findings))
    st.caption(plain(page.text("maturity.about")))
    for kind in AREAS:
        st.subheader(page.lang(f"maturity.{kind}"), anchor=False)
        for one in card.areas:
            if one.kind == kind:
                _area(page, one)
    _completeness(page, card)


def _card(analysis: Analysis, given: Given, counted: tuple[str, ...]) -> Scorecard:
    return scorecard(analysis, given.audit)


def _area(page: Page, one: Area) -> None:
    """Name and level, what is missing for the next; opened, every criterion of every level."""
    lang, key = page.lang, page.key(f"area_{one.kind}_{one.name}")
    title = f"{squares(one)} **{plain(lang(f'maturity.area.{one.name}'))}** · {plain(lang.text(level(one)))}"
    with st.expander(title, key=key, on_change="rerun") as folder:
        if folder.open:
            for number in LEVELS[1:]:
                st.markdown(f"**{number} · {plain(lang(f'maturity.level.{number}'))}**")
                for judged in one.judged:
                    if judged.level == number:
                        _criterion(page, one, judged)
    said = " ".join(lang(f"maturity.must.{judged.key}") for judged in one.missing)
    st.caption(plain(lang("maturity.missing", level=one.least + 1, said=said) if said else lang("maturity.complete")))


def squares(one: Area) -> str:
    """The level to look at: four squares, full where certain, hatched where it could be."""
    return FULL * one.least + PERHAPS * (one.most - one.least) + EMPTY * (LEVELS[-1] - one.most)


def _criterion(page: Page, area: Area, judged: Judged) -> None:
    lang = page.lang
    said = plain(lang(f"maturity.must.{judged.key}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{SEEN[judged.seen.met]} {said}  \n:small[{plain(lang.text(judged.seen.text))}]", width="stretch")
        if judged.seen.met is True:
            return
        if judged.page != page.name and registry.entry(judged.page).exists:
            page.link(judged.page, page.text("maturity.mend"), **judged.link)
        elif judged.page == page.name and judged.seen.met is False:
            key = page.key(f"mend_{area.kind}_{area.name}_{judged.key}")
            st.button(page.text("maturity.mend"), key=key, icon=":material/troubleshoot:", type="tertiary",
                      on_click=_to_findings, args=(judged.link,))  # fmt: skip


def _to_findings(link: Mapping[str, str]) -> None:
    """To the part that lists them, with nothing but the rule asked for."""
    state.forget((state.VIEW, *FILTERS))
    for name, value in link.items():
        state.write(name, value)


def _completeness(page: Page, card: Scorecard) -> None:
    """A row a field, a column an object: the share of records that have it."""
    lang = page.lang
    st.subheader(page.text("maturity.completeness"), anchor=False)
    st.caption(plain(page.text("maturity.completeness.about")))
    rows = [
        {"object": lang(f"ui.object.{one.object}"), "field": field(lang, one.field), "filled": one.filled,
         "records": one.records, "share": one.share}
        for one in card.completeness
    ]  # fmt: skip
    kinds: Mapping[str, tables.Kind] = {"object": "text", "field": "text", "filled": "count", "records": "count",
                                        "share": "share"}  # fmt: skip
    if rows:
        tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("completeness"))


def field(lang: Language, name: str) -> str:
    """A field as people call it; a mapped one by its own name."""
    return tables.label(lang, name) if is_custom(name) else lang(f"maturity.field.{name}").capitalize()
