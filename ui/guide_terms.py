"""The words of the trade, explained where they stand: one list, and three places that read it.

- `term(lang, "cohort")` is the help of a label; columns and filters named in COLUMNS and FILTERS have it by themselves;
- `here` puts the words of a page beside its badges;
- `offer` opens all of them from the sidebar of every page, to be searched.

A word is `term.<name>` in the catalogue, its explanation `term.<name>.text`.

Not here: the words a company agrees on in its pact (config/schema.py): they are shown beside these.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from config.parts import Term
from leadpact.language import Language
from ui.errors import plain

PAGES: Mapping[str, Sequence[str]] = {
    "today": ("sla", "touch", "sent_back", "hot_lead", "pact", "promise", "interval", "leak", "slow_engine", "coverage",
              "in_force"),
    "funnel": ("journey", "stage", "cohort", "conversion", "pending", "lost", "window", "mature_rate", "interval",
               "coverage", "invalid", "untouched", "unmapped", "split", "mode", "anchor", "as_of", "leak", "influence"),
    "velocity": ("stage", "spell", "median", "open", "interval", "reach", "ageing", "slow_engine", "association",
                 "unmapped", "imputed", "split", "as_of"),
    "sla": ("sla", "clock", "target", "touch", "compliance", "met", "breached", "overdue", "running", "withdrawn",
            "median", "p90", "queue", "hot_lead", "interval", "association", "as_of"),
    "person": ("person", "record", "journey", "stage", "clock", "touch", "score", "light", "must_have", "imputed"),
    "findings": ("finding", "severity", "rule", "record", "status_value", "action_status", "target_state",
                 "bought_list", "set_aside", "maturity", "untouched"),
    "fixes": ("plan", "dry_run", "pilot", "conflict", "undo", "trail", "remap", "writing", "status_value"),
    "definition": ("pact", "stage", "status_value", "sales_ready", "must_have", "threshold", "promise", "target",
                   "routing", "draft", "signature", "in_force", "mql", "sal", "sql", "recycled", "disqualified"),
    "scoring": ("score", "light", "threshold", "must_have", "fit", "decay", "sales_ready", "interval", "few"),
    "meeting": ("pact", "vote", "mql", "sales_ready", "must_have", "signature", "in_force"),
    "connection": ("connection", "mapping", "sync", "synced", "history", "record", "writing", "coverage", "imputed"),
    "people": ("pact", "signature", "vote", "connection", "sync", "plan", "writing", "trail"),
}  # fmt: skip
ELSEWHERE = ("hot_lead", "sal", "sql")
NAMES = tuple(dict.fromkeys((*(name for names in PAGES.values() for name in names), *ELSEWHERE)))
FILTERS: Mapping[str, str] = {"window": "window", "mode": "mode", "anchor": "anchor", "by": "split"}
COLUMNS: Mapping[str, str] = {
    "converted": "conversion", "lost": "lost", "pending": "pending", "rate_of_first": "conversion",
    "rate_of_previous": "conversion", "mature_rate": "mature_rate", "mature_entered": "mature_rate",
    "interval": "interval", "compliance": "compliance", "met": "met", "breached": "breached", "overdue": "overdue",
    "running": "running", "withdrawn": "withdrawn", "median_hours": "median", "median_days": "median",
    "p90_hours": "p90", "queued": "queue", "queue_share": "queue", "n_open": "open", "urgency": "hot_lead",
    "score": "score", "light_change": "light", "cohort_name": "cohort", "cohort_size": "journey", "journey": "journey",
    "flow_recycled": "recycled", "flow_disqualified": "disqualified", "flow_invalid": "invalid",
    "finding_severity": "severity", "finding_rule": "rule", "never_touched": "touch", "touched": "touch",
    "first_touch": "touch", "clocks": "clock", "ratio_interval": "interval", "quality_interval": "interval",
}  # fmt: skip
_DIALOG = "_guide_words"


def term(lang: Language, name: str) -> str:
    """A word of the trade and what it means, as the help of a label."""
    return f"**{plain(lang(f'term.{name}'))}.** {plain(lang(f'term.{name}.text'))}"


def of_column(lang: Language, column: str) -> str | None:
    """The help of a table's column; null where its heading says enough."""
    name = COLUMNS.get(column)
    return None if name is None else lang(f"term.{name}.text")


def of_filter(lang: Language, name: str) -> str | None:
    """The help of a shared filter; null where its label says enough."""
    return term(lang, FILTERS[name]) if name in FILTERS else None


def here(lang: Language, page: str, own: Sequence[Term]) -> None:
    """The words of this page, one click away from wherever they stand on it, and the way to all of them.

    The way is also what the keyboard meets there: a list that scrolls has to hold something that takes the focus.
    """
    names = PAGES.get(page, ())
    if names:
        with st.popover(lang("guide.words.here"), icon=":material/menu_book:", type="tertiary"):
            st.markdown(_listed(lang, names))
            everything = st.button(lang("guide.words.all"), key=f"{_DIALOG}_here", type="tertiary",
                                   icon=":material/menu_book:")  # fmt: skip
        if everything:
            _words(lang, own)


def offer(lang: Language, own: Sequence[Term]) -> None:
    """In the sidebar of every page: all words. `own` are those of the pact."""
    if st.button(lang("guide.words"), key=_DIALOG, type="tertiary", icon=":material/menu_book:"):
        _words(lang, own)


def _words(lang: Language, own: Sequence[Term]) -> None:
    @st.dialog(lang("guide.words.all"), width="large", icon=":material/menu_book:")
    def shown() -> None:
        text = st.text_input(lang("guide.words.search"), key=f"{_DIALOG}_search", max_chars=60,
                             placeholder=lang("guide.words.search.hint"))  # fmt: skip
        mine = [one for one in own if _has(text, (one.term, one.meaning))]
        if mine:
            st.markdown(f"**{lang('guide.words.own')}**")
            st.markdown("\n".join(f"- **{plain(one.term)}.** {plain(one.meaning)}" for one in mine))
        found = [name for name in NAMES if _has(text, (lang(f"term.{name}"), lang(f"term.{name}.text")))]
        if found:
            st.markdown(_listed(lang, sorted(found, key=lambda name: _folded(lang(f"term.{name}")))))
        elif not mine:
            st.info(plain(lang("guide.words.none", text=text.strip())), icon=":material/search_off:")

    shown()


def _listed(lang: Language, names: Collection[str]) -> str:
    return "\n".join(f"- {term(lang, name)}" for name in names)


def _has(wanted: str, texts: Sequence[str]) -> bool:
    return all(any(word in _folded(text) for text in texts) for word in _folded(wanted).split())


def _folded(text: str) -> str:
    """Without case and accents: `aceptacion` finds "aceptación"."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
