"""Who looks after each part of the pact and when it is read again; and its name, language and time zone.

Not here: when a review falls due (leadpact/report/reviews.py), signatures (definition_standing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

import streamlit as st

from config import edits
from config.teamwork import SECTIONS
from config.zones import zones
from leadpact.language import LANGUAGES
from leadpact.report.reviews import DEFINITION, ReviewDue, reviews
from ui import definition_routing as routing
from ui import definition_single, listing
from ui import definition_widgets as widgets
from ui.definition_single import Single
from ui.errors import plain
from ui.page import Page

NOT_OWN = ("definition", "scoring")  # have an interval of their own beside the parts'


def show(page: Page) -> None:
    """Owners and intervals of every part, then what the document is called."""
    definition_single.show(page, REVIEW)
    definition_single.show(page, GENERAL)


def due(page: Page) -> list[ReviewDue]:
    """The reviews that are late or due soon, by the version in use."""
    today = _today(page)
    return [one for one in reviews(page.used) if one.state(today) in ("late", "soon")]


def remind(page: Page) -> None:
    """What is due to be read again, and who looks after it; nothing while nothing is."""
    today = _today(page)
    for one in due(page):
        late = one.state(today) == "late"
        text = page.lang(
            f"page.definition.review.{'late' if late else 'soon'}", part=part(page, one.part),
            day=page.lang.day(one.day), who=one.owner or page.lang("page.definition.review.nobody"),
        )  # fmt: skip
        (st.warning if late else st.info)(plain(text), icon=":material/event:")


def _today(page: Page) -> date:
    return page.now().replace(tzinfo=UTC).astimezone(page.used.pact.zone).date()


def part(page: Page, name: str) -> str:
    """A part of the pact as people call it."""
    return page.lang(f"page.definition.part.{name}")


def _read(page: Page, document: Mapping[str, Any]) -> None:
    owners, review = edits.mapping(document, ("owners",)), edits.mapping(document, ("review",))
    days = {DEFINITION: review.get("definition_every_days"), "scoring": review.get("scoring_every_days"),
            **edits.mapping(review, ("parts",))}  # fmt: skip
    falls = {one.part: one.day for one in reviews(page.used)}
    named = [name for name in (DEFINITION, *SECTIONS) if owners.get(name) or days.get(name)]
    rows = [
        {
            "part": part(page, name),
            "owner": owners.get(name),
            "every_days": days.get(name),
            "review_due": page.lang.day(falls[name]) if falls.get(name) else None,
        }
        for name in named
    ]
    if rows:
        kinds: dict[str, Any] = {"part": "text", "owner": "text", "every_days": "count", "review_due": "text"}
        listing.show(page, rows, kinds, key="review_parts")
    else:
        st.write(page.text("review_parts.none"))


def _begin(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"owners": edits.mapping(document, ("owners",)), "review": edits.mapping(document, ("review",))}


def _form(page: Page, now: Any, key: str) -> Any:
    review, owners = dict(now["review"]), {}
    parts = edits.mapping(review, ("parts",))
    left, right = st.columns(2)
    with left:
        whole = widgets.number(page.text("review_parts.definition"), f"{key}_definition",
                               review.get("definition_every_days"), least=1, whole=True)  # fmt: skip
    with right:
        scoring = widgets.number(page.text("review_parts.scoring"), f"{key}_scoring", review.get("scoring_every_days"),
                                 least=1, whole=True)  # fmt: skip
    found = {}
    for name in SECTIONS:
        first, second, third = st.columns([2, 3, 2], vertical_alignment="bottom")
        first.markdown(f"**{plain(part(page, name))}**")
        with second:
            owner = widgets.maybe(
                page.text("review_parts.owner"), f"{key}_{name}_owner", routing.known_owners(page),
                now["owners"].get(name), own=True, holder=page.text("edit.choose_or_type"),
            )  # fmt: skip
        with third:
            days = None if name in NOT_OWN else widgets.number(
                page.text("review_parts.days"), f"{key}_{name}_days", parts.get(name), least=1, whole=True
            )  # fmt: skip
        owners |= {name: owner} if owner else {}
        found |= {name: days} if days else {}
    given = {name: value for name, value in review.items() if name not in ("parts",)}
    made = edits.compact({**given, "definition_every_days": whole, "scoring_every_days": scoring, "parts": found})
    return {"owners": owners, "review": made}


REVIEW = Single(
    name="review_parts", places=("review", "owners"), read=_read, begin=_begin, form=_form,
    sections=lambda document, now: {"owners": now["owners"] or None, "review": now["review"] or None},
)  # fmt: skip


def _read_general(page: Page, document: Mapping[str, Any]) -> None:
    zone, code = str(document.get("timezone") or "–"), str(document.get("language") or "en")
    name = page.lang.locale.languages.get(code.partition("_")[0], code)
    st.markdown(f"**{plain(str(document.get('name') or '–'))}**")
    st.caption(plain(page.text("general.text", zone=zone, language=name)))


def _general(page: Page, now: Any, key: str) -> Any:
    first, second, third = st.columns([2, 1, 1])
    with first:
        name = widgets.text(page.text("general.name"), f"{key}_name", now.get("name"))
    with second:
        zone = widgets.maybe(page.text("zone"), f"{key}_zone", sorted(zones()), now.get("timezone"))
    with third:
        language = widgets.one_of(page.text("general.language"), f"{key}_language", LANGUAGES, now.get("language"),
                                  lambda code: str(page.lang.locale.languages.get(code, code)))  # fmt: skip
    return {"name": name, "timezone": zone or "", "language": language}


GENERAL = Single(
    name="general", places=("name", "timezone", "language"), read=_read_general, form=_general,
    begin=lambda document: {name: document.get(name) or ("en" if name == "language" else "")
                            for name in ("name", "timezone", "language")},
    sections=lambda document, now: {name: value for name, value in now.items()
                                    if value != (document.get(name) or ("en" if name == "language" else ""))},
)  # fmt: skip
