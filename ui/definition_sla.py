"""The clocks both teams agreed, and the working hours they run by.

Not here: how they were kept to (the SLA page), what a working hour is (leadpact/metrics/calendar.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from config import edits
from config.edits import Path
from config.parts import CalendarEntry
from config.zones import zones
from leadpact.model import ACTIVITY_KINDS
from ui import definition_draft, definition_hours, definition_items, definition_known
from ui import definition_widgets as widgets
from ui import definition_words as words
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page

CLOCKS = ("elapsed", "working")


def show(page: Page) -> None:
    """Every clock, then the calendars."""
    definition_items.show(page, POLICIES)
    definition_items.show(page, CALENDARS)


def _activity(page: Page, kind: str) -> str:
    key = f"ui.activity.{kind}"
    return page.lang(key) if page.lang.has(key) else kind


def _read(page: Page, place: int, item: Any) -> None:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    names = definition_known.labels(page)
    stops, target = edits.mapping(given, ("stops",)), edits.mapping(given, ("target",))
    how = [names.get(key, str(key)) for key in stops.get("stages") or []]
    how += [_activity(page, kind) for kind in stops.get("activities") or []]
    clock = target.get("clock") or "elapsed"
    st.markdown(f"**{plain(str(given.get('id', '')))}**")
    text = page.text(
        f"sla.words.{clock}" if clock in CLOCKS else "sla.words.elapsed",
        start=names.get(str(given.get("starts")), str(given.get("starts"))), stops=", ".join(how) or "–",
        hours=target.get("hours") or "–", calendar=given.get("calendar") or "–",
    )  # fmt: skip
    st.markdown(plain(text))


def _form(page: Page, item: Any, key: str) -> Any:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    names = definition_known.labels(page)

    def said(one: str) -> str:
        return names.get(one, one)

    stops, target = edits.mapping(given, ("stops",)), edits.mapping(given, ("target",))
    left, right = st.columns(2)
    with left:
        name = widgets.text(page.text("sla.id"), f"{key}_id", given.get("id"), help=page.text("sla.id.help"))
        starts = widgets.maybe(page.text("sla.starts"), f"{key}_starts", list(names), given.get("starts"), said)
        hours = widgets.number(page.text("sla.hours"), f"{key}_hours", target.get("hours"), least=0.01)
    with right:
        stages = widgets.several(page.text("sla.stages"), f"{key}_stages", list(names), stops.get("stages") or [], said)
        touches = widgets.several(page.text("sla.activities"), f"{key}_activities", list(ACTIVITY_KINDS),
                                  stops.get("activities") or [], partial(_activity, page), own=True)  # fmt: skip
        clock = widgets.one_of(page.text("sla.clock"), f"{key}_clock", CLOCKS, target.get("clock") or "elapsed",
                               lambda one: page.text(f"sla.clock.{one}"))  # fmt: skip
        calendars = list(edits.mapping(definition_draft.standing(page).document, ("calendars",)))
        calendar = given.get("calendar")
        if clock == "working":
            calendar = widgets.maybe(page.text("sla.calendar"), f"{key}_calendar", calendars, calendar,
                                     holder=page.text("sla.calendar.none"))  # fmt: skip
    taken = {str(one.get("id")) for one in edits.items(definition_draft.standing(page).document, ("sla",))}
    made = {
        **given, "id": name or (edits.new_key(names.get(starts or "", "sla"), taken, "sla") if starts else ""),
        "starts": starts, "stops": edits.compact({"stages": stages, "activities": touches}),
        "target": edits.compact({"hours": hours, "clock": clock if clock != "elapsed" else None}),
        "calendar": calendar,
    }  # fmt: skip
    return {**edits.compact(made), "stops": made["stops"], "target": made["target"]}


def _complete(page: Page, item: Any) -> str | None:
    if not item.get("starts"):
        return page.text("sla.lacks.start")
    if not item["stops"]:
        return page.text("sla.lacks.stop")
    return None if item["target"].get("hours") else page.text("sla.lacks.hours")


def _put_policies(document: Mapping[str, Any], path: Path, items: Sequence[Any]) -> Mapping[str, Any]:
    """The clocks; a promise that names one that is called otherwise now follows it."""
    before, now = ([str(one.get("id")) for one in some if isinstance(one, Mapping)]
                   for some in (edits.items(document, path), items))  # fmt: skip
    gone, new = [name for name in before if name not in now], [name for name in now if name not in before]
    sections: dict[str, Any] = {"sla": list(items) or None}
    if len(gone) == len(new) == 1:
        sections |= edits.renamed_policy(document, gone[0], new[0])
    return sections


POLICIES = Items(
    name="sla", path=("sla",), read=_read, form=_form, put_back=_put_policies, complete=_complete,
    blank=lambda page: {}, said=lambda page, item: str(item.get("id")),
)  # fmt: skip


def _listed(document: Mapping[str, Any], path: Path) -> list[Any]:
    return [{"name": name, **one} if isinstance(one, Mapping) else {"name": name}
            for name, one in edits.mapping(document, path).items()]  # fmt: skip


def _put_back(document: Mapping[str, Any], path: Path, items: Sequence[Any]) -> Mapping[str, Any]:
    """The calendars; clocks that ran by one that has another name now run by it still."""
    found = {one["name"]: {name: value for name, value in one.items() if name != "name"} for one in items}
    before = list(edits.mapping(document, path))
    now = [one["name"] for one in items]
    gone, new = [name for name in before if name not in now], [name for name in now if name not in before]
    sections: dict[str, Any] = {"calendars": found or None}
    if len(gone) == len(new) == 1:
        sections |= edits.renamed_calendar(document, gone[0], new[0])
    return sections


def _read_calendar(page: Page, place: int, item: Any) -> None:
    own = {name: value for name, value in item.items() if name != "name"}
    try:
        st.markdown(plain(words.calendar(page.lang, item["name"], CalendarEntry.model_validate(own))))
    except ValidationError:
        st.markdown(f"**{plain(str(item['name']))}**")


def _calendar(page: Page, item: Any, key: str) -> Any:
    left, middle, right = st.columns(3)
    with left:
        name = widgets.text(page.text("calendars.name"), f"{key}_name", item.get("name"), most=80)
    with middle:
        zone = widgets.maybe(page.text("zone"), f"{key}_zone", sorted(zones()),
                             item.get("timezone") or page.used.pact.timezone) or ""  # fmt: skip
    with right:
        country, region = definition_hours.holidays(page, key, item)
    hours = definition_hours.week(page, key, edits.mapping(item, ("hours",)))
    off = widgets.several(page.text("calendars.days_off"), f"{key}_off", [], item.get("days_off") or [], own=True,
                          help=page.text("calendars.days_off.help"), holder="2026-12-24")  # fmt: skip
    made = {**item, "name": name, "timezone": zone, "hours": hours, "holidays": country, "region": region,
            "days_off": off}  # fmt: skip
    return {**edits.compact(made), "hours": hours}


def _complete_calendar(page: Page, item: Any) -> str | None:
    if not item.get("name") or not item.get("timezone"):
        return page.text("calendars.lacks")
    own = definition_draft.opened()
    names = list(edits.mapping(own.document, ("calendars",))) if own is not None else []
    others = [name for at, name in enumerate(names) if own is not None and at != own.at]
    return page.text("calendars.taken") if item["name"] in others else None


def _begin_calendar(page: Page) -> Any:
    """What most offices work: people correct it."""
    hours = {day: ["09:00-18:00"] for day in words.WEEK[:5]}
    return {"timezone": definition_draft.standing(page).document.get("timezone"), "hours": hours}


CALENDARS = Items(
    name="calendars", path=("calendars",), read=_read_calendar, form=_calendar, blank=_begin_calendar,
    complete=_complete_calendar,
    said=lambda page, item: str(item.get("name")), listed=_listed, put_back=_put_back,
)  # fmt: skip
