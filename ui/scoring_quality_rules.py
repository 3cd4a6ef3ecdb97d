"""Every rule with its verdict, and the fields that know the outcome or may.

Not here: how they are judged (leadpact/scoring/quality_rules.py, leaks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from leadpact.scoring import quality_words as said
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality import Quality
from ui import scoring_words, tables
from ui.errors import plain
from ui.page import Page


def show(page: Page, told: Quality) -> None:
    """Both tables."""
    lang = page.lang
    st.subheader(lang("quality.rules"), anchor=False)
    st.caption(plain(page.text("quality.rules.reading")))
    asks = {rule.id: scoring_words.rule(lang, rule) for rule in page.used.pact.scoring.rules}
    rows = [
        {"quality_rule": one.rule, "quality_verdict": lang(f"quality.verdict.{one.verdict}"),
         "quality_asks": asks.get(one.rule), "quality_points": scoring_words.points(lang, one.points),
         "quality_hits": one.hits, "quality_rate": one.rate, "quality_rest": one.rest,
         "quality_difference": None if one.low is None or one.high is None
         else f"{lang.percent(one.low)} – {lang.percent(one.high)}",
         "quality_gain": None if one.gain is None
         else page.text("suggest.points", count=lang.number(100 * one.gain, 1))}
        for one in told.rules
    ]  # fmt: skip
    tables.show(pd.DataFrame(rows), {"quality_rule": "text", "quality_verdict": "text", "quality_asks": "text",
                                     "quality_points": "text", "quality_hits": "count", "quality_rate": "share",
                                     "quality_rest": "share", "quality_difference": "text", "quality_gain": "text"},
                lang, key=page.key("quality_rules"))  # fmt: skip
    st.subheader(lang("leak.title"), anchor=False)
    if not told.leaks:
        st.caption(plain(page.text("quality.leaks.none")))
        return
    st.caption(plain(page.text("quality.leaks.reading")))
    leaks(page, told.leaks, "quality_leaks")


def leaks(page: Page, found: Sequence[Leak], key: str) -> None:
    """Fields with the signs against each in words, and whether they are used: one card a field, read on a phone too."""
    lang = page.lang
    with st.container(border=True):
        for leak in found:
            icon, colour = (":material/block:", "red") if leak.leaks else (":material/help:", "orange")
            use = lang("leak.left_out" if leak.leaks else "leak.doubt")
            name = plain(scoring_words.field(lang, leak.field))
            st.markdown(f":{colour}[{icon}] **{name}** · {plain(use)}\n"
                        + "\n".join(f"- {plain(sign)}" for sign in said.signs(lang, leak)))  # fmt: skip
