"""What differs between two documents of a pact, leaf by leaf, by path.

Stages, rules and policies go by their key or id, not by their place: `stages[mql].label`. Works on
plain JSON, valid or not: a draft against a version, a file against both.

Not here: differences in people's words (leadpact/pact_diff.py), merging (merge.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.merge import identity_of, same

MOST_LEVELS = 40


@dataclass(frozen=True)
class Change:
    """One leaf that differs; a side is null where it is not there."""

    path: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every leaf that differs, by path; the same items in another order are the path `…[]`."""
    old, new = flat(before), flat(after)
    return [
        Change(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if (path in old) != (path in new) or not same(old.get(path), new.get(path))
    ]


def flat(part: Any, path: str = "", level: int = 0) -> dict[str, Any]:
    """Every leaf by its path; of named items their order as well, as one leaf at `path[]`."""
    if isinstance(part, Mapping) and part and level < MOST_LEVELS:
        return {
            below: value
            for name, one in part.items()
            for below, value in flat(one, f"{path}.{name}" if path else str(name), level + 1).items()
        }
    if isinstance(part, list) and part and all(isinstance(one, Mapping) for one in part) and level < MOST_LEVELS:
        fields = identity_of(part)
        names = [name_of(one, fields, at) for at, one in enumerate(part)]
        found: dict[str, Any] = {f"{path}[]": names} if fields else {}
        for name, one in zip(names, part, strict=True):
            found |= flat(one, f"{path}[{name}]", level + 1)
        return found
    return {path: part}


def name_of(item: Mapping[str, Any], fields: tuple[str, ...] | None, at: int) -> str:
    """What an item goes by in a path: its key, id or term; its place where it has none."""
    return str(at) if fields is None else " → ".join(str(item[name]) for name in fields)


def at(document: Any, path: str) -> Any:
    """What stands at a path such as `stages[mql].meaning`; null where nothing does."""
    here = document
    for step in path.replace("[", "\0[").replace(".", "\0.").split("\0"):
        name = step.strip(".[]")
        if not name:
            continue
        if isinstance(here, list):
            fields = identity_of(here) if all(isinstance(one, Mapping) for one in here) else None
            found = [one for n, one in enumerate(here) if name == (name_of(one, fields, n) if fields else str(n))]
            here = found[0] if found else None
        else:
            here = here.get(name) if isinstance(here, Mapping) else None
    return here
