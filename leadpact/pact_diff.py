"""What changed between two documents of a pact, as people say it: “MQL threshold 100 → 80; +2 rules”.

Each difference belongs to a section of the pact and to a part of it by path, so that a page can
show it beside that part. Works on plain JSON: versions, drafts and files alike.

Not here: leaf by leaf (config/diff.py), values in words (pact_diff_words.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config.merge import same
from config.schema import Pact
from leadpact.language import Language, Text
from leadpact.pact_diff_parts import (
    ADDED,
    CHANGED,
    REMOVED,
    Difference,
    fields_of,
    items,
    list_of,
    named,
    set_to,
)
from leadpact.pact_diff_words import Said, Words, condition, field

MOST_LINES = 2  # of a section said one by one in the headline; more are counted

# the lists of named parts: section, path within it, what a part is, what it is called by
PARTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "stages": (("", "stage", "label"),),
    "glossary": (("", "term", "term"),),
    "scoring": (("rules", "rule", "id"), ("groups", "group", "name")),
    "sla": (("", "policy", "id"),),
    "lists": (("", "list", "name"),),
    "content_map": (("", "content", ""),),
    "sales_ready": (("opportunity", "question", "question"),),
}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Everything that changed, in the order of the pact's sections; empty where nothing did."""
    said = Words(before, after)
    found: list[Difference] = []
    for section in dict.fromkeys([*Pact.model_fields, *after, *before]):
        old, new = before.get(section), after.get(section)
        if not same(old, new):
            found.extend(_section(section, old, new, said))
    return found


def headline(found: list[Difference], say: Language) -> str:
    """All of it in one line: the few as they are, the many counted. Says so where nothing changed."""
    parts: list[str] = []
    for section in dict.fromkeys(one.section for one in found):
        mine = [one for one in found if one.section == section]
        if len(mine) <= MOST_LINES:
            parts.extend(line(one, say) for one in mine)
            continue
        kinds = dict.fromkeys((one.what, one.how) for one in mine if one.what and one.how in (ADDED, REMOVED))
        for what, how in kinds:
            count = sum((one.what, one.how) == (what, how) for one in mine)
            parts.append(f"{'+' if how == ADDED else '−'}{say(f'diff.kinds.{what}', count=count)}")
        rest = sum((one.what, one.how) not in kinds for one in mine)
        if rest:
            parts.append(say("diff.more", section=say(f"diff.section.{section}") if _known(section) else section,
                             count=rest))  # fmt: skip
    text = "; ".join(parts) or say("diff.none")
    return text[:1].upper() + text[1:]


def line(one: Difference, say: Language) -> str:
    """One difference in the reader's language, as part of a sentence."""
    return say.text(one.text)


def by_section(found: list[Difference], say: Language) -> list[tuple[str, list[str]]]:
    """Section titles with their lines, in the pact's order."""
    names = {one.section: say(f"diff.section.{one.section}") if _known(one.section) else one.section for one in found}
    titles = {section: name[:1].upper() + name[1:] for section, name in names.items()}
    return [(title, [line(one, say) for one in found if one.section == section]) for section, title in titles.items()]


def _known(section: str) -> bool:
    return section in Pact.model_fields


def _section(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    how: Callable[..., Iterator[Difference]] | None = _SPECIAL.get(section)
    mapped = all(one is None or isinstance(one, Mapping) for one in (old, new))
    listed = all(one is None or isinstance(one, list) for one in (old, new))
    nothing: Any = [] if section in ("flow", "routing") else {}
    if how is not None and (mapped if nothing == {} else listed):
        yield from how(section, old or nothing, new or nothing, said)
    elif section in PARTS and (mapped or listed):
        yield from _parts(section, old, new, said)
    elif mapped:
        yield from fields_of(section, section, old or {}, new or {}, said)
    else:
        title = Text.of(f"diff.section.{section}") if _known(section) else section
        yield set_to(section, section, title, old, new, said)


def _parts(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    done = set()
    for inside, what, called in PARTS[section]:
        sides = [list_of(one.get(inside) if inside and isinstance(one, Mapping) else one) for one in (old, new)]
        done.add(inside)
        path = f"{section}.{inside}" if inside else section
        yield from named(section, path, what, called, sides[0], sides[1], said)
    if isinstance(old or {}, Mapping) and isinstance(new or {}, Mapping):
        rest = [{name: value for name, value in (one or {}).items() if name not in done} for one in (old, new)]
        yield from fields_of(section, section, rest[0], rest[1], said)


def _status_map(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    for object in dict.fromkeys([*new, *old]):
        before, after = (one.get(object) for one in (old, new))
        before, after = (one if isinstance(one, Mapping) else {} for one in (before, after))
        for value in dict.fromkeys([*after, *before]):
            was, now = before.get(value), after.get(value)
            if was == now:
                continue
            how = "moved" if was and now else "mapped" if now else "unmapped"
            key = f"diff.event_{how}" if object == "opportunity" else f"diff.value_{how}"
            shown = Text.of(f"diff.event.{value}") if object == "opportunity" and value in EVENTS else str(value)
            whose = Text.of(f"diff.object.{object}") if object in OBJECTS else object
            named_value = shown or Text.of("diff.blank")
            text = Text.of(key, object=whose, value=named_value, before=said.stage(was), after=said.stage(now))
            kind = {"moved": CHANGED, "mapped": ADDED, "unmapped": REMOVED}[how]
            yield Difference(section, f"{section}.{object}.{value}", kind, "value", text)


def _flow(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    def move(one: Any) -> Said:
        return " → ".join(said.stage(key) for key in one) if isinstance(one, (list, tuple)) else str(one)

    yield from items(section, section, "move", list_of(old), list_of(new), move)


def _ready(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    old, new = (one if isinstance(one, Mapping) else {} for one in (old, new))
    if not same(old.get("threshold"), new.get("threshold")):
        yield set_to(
            section, "sales_ready.threshold", field("threshold"), old.get("threshold"), new.get("threshold"), said
        )
    for name, what in (("all", "must"), ("any", "either")):
        yield from items(section, f"{section}.{name}", what, list_of(old.get(name)), list_of(new.get(name)), condition)
    rest = [{name: one for name, one in side.items() if name not in ("threshold", "all", "any")} for side in (old, new)]
    yield from _parts(section, rest[0], rest[1], said)


def _calendars(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    sides = [[{"name": name, **one} for name, one in side.items() if isinstance(one, Mapping)] for side in (old, new)]
    yield from named(section, section, "calendar", "name", sides[0], sides[1], said)


def _routing(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    def route(one: Any) -> Said:
        if not isinstance(one, Mapping):
            return str(one)
        return Text.of("diff.route", to=str(one.get("to", "")), when=condition(one.get("when") or []))

    yield from items(section, section, "route", list_of(old), list_of(new), route)


def _people(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    for team in dict.fromkeys([*new, *old]):
        yield from items(section, f"{section}.{team}", "signatory", list_of(old.get(team)), list_of(new.get(team)), str)


def _scope(section: str, old: Any, new: Any, said: Words) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):

        def value(one: Any, name: str = name) -> Said:
            return f"{name} = {one}"

        yield from items(section, f"{section}.{name}", "scope", list_of(old.get(name)), list_of(new.get(name)), value)


OBJECTS = ("lead", "contact", "opportunity")
EVENTS = ("created", "won", "lost")
_SPECIAL: Mapping[str, Callable[..., Iterator[Difference]]] = {
    "status_map": _status_map, "flow": _flow, "sales_ready": _ready, "calendars": _calendars, "routing": _routing,
    "signatories": _people, "scope": _scope,
}  # fmt: skip
