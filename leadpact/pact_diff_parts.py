"""Differences of the parts of a pact: named ones, nameless ones, plain settings.

Not here: the sections of a pact (pact_diff.py), values in words (pact_diff_words.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.diff import name_of
from config.merge import identity_of, same
from leadpact.language import Text
from leadpact.pact_diff_words import LONG, NOTHING, Said, Words, condition, field, join

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
KINDS = ("stage", "term", "rule", "group", "policy", "list", "content", "question", "calendar", "move", "route",
         "must", "either", "signatory", "value", "scope")  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that changed. `what` is the kind of part, of KINDS; empty for a plain setting."""

    section: str
    path: str
    how: str
    what: str
    text: Text


def named(
    section: str, path: str, what: str, called: str, old: list[Any], new: list[Any], said: Words
) -> Iterator[Difference]:
    """Parts that go by a key: those that came and went, what changed in the others, their order."""
    fields = identity_of(old, new)
    if fields is None:
        yield from items(section, path, what, old, new, condition)
        return
    sides = [{name_of(one, fields, n): one for n, one in enumerate(side)} for side in (old, new)]
    before, after = sides
    for name, one in after.items():
        title = _title(one, what, called, name, said)
        if name not in before:
            yield Difference(section, f"{path}[{name}]", ADDED, what, text_of("added", what, title))
        elif not same(before[name], one):
            yield from _inside(section, f"{path}[{name}]", what, title, before[name], one, said)
    for name, one in before.items():
        if name not in after:
            title = _title(one, what, called, name, said)
            yield Difference(section, f"{path}[{name}]", REMOVED, what, text_of("removed", what, title))
    common = [name for name in before if name in after]
    if what != "term" and common != [name for name in after if name in before]:
        names = join([_title(one, what, called, name, said) for name, one in after.items()])
        yield Difference(section, path, MOVED, what, Text.of("diff.order", what=_kinds(what), names=names))


def _inside(
    section: str, path: str, what: str, title: Said, old: Mapping[str, Any], new: Mapping[str, Any], said: Words
) -> Iterator[Difference]:
    """What changed in one part, field by field."""
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name), new.get(name)
        if same(before, after):
            continue
        lists = [one for one in (before, after) if one is not None]
        if all(isinstance(one, list) for one in lists) and name != "when":
            before, after = list_of(before), list_of(after)
            gone = [said.value(name, one) for one in before if not any(same(one, other) for other in after)]
            came = [said.value(name, one) for one in after if not any(same(one, other) for other in before)]
            for how, names in ((ADDED, came), (REMOVED, gone)):
                if names:
                    text = Text.of(
                        f"diff.inside_{how}", what=_kind(what), name=title, field=field(name), values=join(names)
                    )
                    yield Difference(section, f"{path}.{name}", CHANGED, what, text)
            if not came and not gone:
                yield Difference(
                    section, f"{path}.{name}", CHANGED, what, _inside_text(what, title, name, NOTHING, NOTHING)
                )
        elif name != "when" and all(isinstance(one, Mapping) for one in lists):
            yield from _inside(section, f"{path}.{name}", what, title, before or {}, after or {}, said)
        else:
            sides = (said.value(name, before), said.value(name, after))
            yield Difference(section, f"{path}.{name}", CHANGED, what, _inside_text(what, title, name, *sides))


def _inside_text(what: str, title: Said, name: str, before: Said, after: Said) -> Text:
    long = any(isinstance(one, str) and len(one) > LONG for one in (before, after)) or before == after
    key = "diff.reworded" if long else "diff.inside"
    return Text.of(key, what=_kind(what), name=title, field=field(name), before=before, after=after)


def fields_of(
    section: str, path: str, old: Mapping[str, Any], new: Mapping[str, Any], said: Words
) -> Iterator[Difference]:
    """Settings without parts of their own."""
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name), new.get(name)
        if same(before, after):
            continue
        if all(one is None or isinstance(one, Mapping) for one in (before, after)):
            yield from fields_of(section, f"{path}.{name}", before or {}, after or {}, said)
        else:
            yield set_to(section, f"{path}.{name}", _setting(section, path, name), before, after, said)


def _setting(section: str, path: str, name: str) -> Said:
    team = path.rpartition(".")[2]
    if section == "commitments" and team in ("marketing", "sales"):
        return Text.of("diff.of", whose=Text.of(f"team.{team}"), what=field(name))
    return field(name)


def set_to(section: str, path: str, what: Said, old: Any, new: Any, said: Words) -> Difference:
    name = path.rpartition(".")[2]
    text = Text.of("diff.set", what=what, before=said.value(name, old), after=said.value(name, new))
    return Difference(section, path, CHANGED, "", text)


def items(
    section: str, path: str, what: str, old: list[Any], new: list[Any], show: Callable[[Any], Said]
) -> Iterator[Difference]:
    """Nameless items: those that came and those that went; their order where nothing else changed."""
    came = [one for one in new if not any(same(one, other) for other in old)]
    gone = [one for one in old if not any(same(one, other) for other in new)]
    for how, items in ((ADDED, came), (REMOVED, gone)):
        for one in items:
            yield Difference(section, path, how, what, text_of(how, what, show(one)))
    if not came and not gone and not same(old, new):
        names = join([show(one) for one in new])
        yield Difference(section, path, MOVED, what, Text.of("diff.order", what=_kinds(what), names=names))


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _kind(what: str) -> Text:
    return Text.of(f"diff.kind.{what}")


def _kinds(what: str) -> Text:
    return Text.of(f"diff.plural.{what}")


def text_of(how: str, what: str, name: Said) -> Text:
    return Text.of(f"diff.{how}", what=_kind(what), name=name)


def _title(one: Mapping[str, Any], what: str, called: str, name: str, said: Words) -> Said:
    if what == "content":
        return f"{said.stage(one.get('from'))} → {said.stage(one.get('to'))}"
    return str(one.get(called) or name)
