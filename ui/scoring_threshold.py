"""The threshold and the caps of groups, to edit; and what the light they lead to means.

Not here: must-haves (the Definition page), the rules (scoring_rules_table.py).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from config.parts import SalesReady
from config.schema import Pact
from leadpact.scoring.rule_table import RuleTable
from leadpact.scoring.score import LIGHTS
from ui import definition_words, figures
from ui import scoring_rules_draft as drafts
from ui.errors import label, plain
from ui.page import Page
from ui.scoring_rules_draft import Edited


def show(page: Page, edited: Edited, *, may: bool) -> None:
    """The threshold, a cap for each group, and the light in words."""
    st.subheader(page.text("light"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = page.key(f"threshold_{edited.turn}")
        st.session_state.setdefault(key, None if edited.threshold is None else float(edited.threshold))
        st.number_input(page.text("threshold"), key=key, step=5.0, format="%g", value=None, placeholder="–", width=170,
                        help=page.text("threshold.help"), disabled=not may, on_change=_threshold,
                        args=(key,))  # fmt: skip
        for name in _groups(edited):
            own = page.key(f"cap_{edited.turn}_{name}")
            st.session_state.setdefault(own, edited.caps.get(name))
            st.number_input(label(page.text("cap", group=name)), key=own, min_value=0.0, step=5.0, format="%g",
                            value=None, placeholder="–", width=210, help=page.text("cap.help"), disabled=not may,
                            on_change=_cap, args=(own, name))  # fmt: skip
    _explained(page, edited)


def _groups(edited: Edited) -> list[str]:
    used = [str(rule["group"]) for rule in edited.rules if rule.get("group")]
    return list(dict.fromkeys([*used, *edited.caps]))


def _threshold(key: str) -> None:
    value = st.session_state[key]
    drafts.change(lambda held: replace(held, threshold=value))


def _cap(key: str, name: str) -> None:
    value = st.session_state[key]
    kept = {} if not value else {name: value}
    drafts.change(lambda held: replace(held, caps={**{k: v for k, v in held.caps.items() if k != name}, **kept}))


def _explained(page: Page, edited: Edited) -> None:
    """Green, amber and red as both teams sign them."""
    if edited.threshold is None:
        st.info(plain(page.text("light.none")), icon=":material/traffic:")
        return
    try:
        agreed = SalesReady.model_validate(edited.now.get("sales_ready") or {})
    except ValueError:
        agreed = SalesReady()
    musts = [definition_words.condition(page.lang, one) for one in agreed.all]
    if agreed.any:
        musts.append(page.text("light.any", conditions="; ".join(definition_words.condition(page.lang, one)
                                                                 for one in agreed.any)))  # fmt: skip
    needs = "; ".join(musts) if musts else page.text("light.no_musts")
    lines = [
        f"- :green[:material/circle:] {plain(page.text('light.green', threshold=edited.threshold, musts=needs))}",
        f"- :orange[:material/circle:] {plain(page.text('light.amber'))}",
        f"- :red[:material/circle:] {plain(page.text('light.red'))}",
    ]
    st.markdown("\n".join(lines))


def figures_of(page: Page, pact: Pact, found: RuleTable | None) -> None:
    """Leads by light and the highest score, as the rules stand."""
    if found is None:
        return
    lang, lights = page.lang, dict(found.lights)
    rows = [(page.text("figure.scored"), lang.number(found.scored),
             page.text("figure.scored.help", records=found.records))]  # fmt: skip
    if pact.sales_ready.threshold is not None:
        rows += [(lang(f"score.light.{light}").capitalize(), lang.number(count),
                  page.text("figure.green.help") if light == LIGHTS[0] else None)
                 for light, count in lights.items()]  # fmt: skip
    highest = page.text("figure.highest.help", threshold=pact.sales_ready.threshold or 0)
    digits = 0 if found.highest is None or round(found.highest, 1).is_integer() else 1
    rows.append((page.text("figure.highest"), lang.number(found.highest, digits), highest))
    figures.row(rows)
