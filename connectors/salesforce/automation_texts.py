"""Whether a component of the Metadata API names a field: in a condition, a formula, an assignment.

A name counts on its own (`Status`), or after one other name (`$Record.Status`, `Lead.Status`); in a
formula not inside a quoted text. After two (`$Record.Account.Status`) it is another object's.

Not here: which components there are (automations.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from leadpact.crm_facts import How

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
# parts of a flow that are for people, or say where it stands on the canvas
_FOR_PEOPLE = frozenset({"label", "description", "name", "fullName", "interviewLabel", "text", "stringValue"})
UPDATES = ("Update", "CreateAndUpdate")


@lru_cache(maxsize=64)
def _pattern(field: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$.])(?:[\w$]+\.)?{re.escape(field)}(?![\w.])", re.IGNORECASE)


def named(text: str, field: str, *, formula: bool = False) -> bool:
    """Whether a text names a field. Of code, comments and quoted texts do not count."""
    plain = _QUOTED.sub('""', text if formula else _COMMENTS.sub(" ", text))
    return _pattern(field).search(plain) is not None


def how(*, reads: bool, sets: bool) -> How | None:
    """How an automation has to do with the field; null where it has nothing to do with it."""
    return "both" if reads and sets else "sets" if sets else "reads" if reads else None


def of_flow(flow: Any, sobject: str, field: str) -> tuple[How, bool] | None:
    """How a flow has to do with a field of an object, and whether writing one may start it; null where not at all."""
    mine = _object(flow) == sobject
    sets = any(_sets(one, sobject, field, mine=mine) for one in flow.recordUpdates)
    if not mine:
        return ("sets", False) if sets else None
    targets = [str(item.assignToReference or "") for one in flow.assignments for item in one.assignmentItems]
    sets = sets or f"$Record.{field}".casefold() in {one.casefold() for one in targets}
    told = how(reads=_reads(flow, field), sets=sets)
    start = flow.start
    starts = start is None or start.recordTriggerType is None or str(start.recordTriggerType) in UPDATES
    if told is None:
        always = starts and start is not None and start.object and not start.filters and not start.filterFormula
        return ("every", True) if always else None
    return told, starts


def _object(flow: Any) -> str:
    """The object whose records start it; a process keeps it among its own values."""
    if flow.start is not None and flow.start.object:
        return str(flow.start.object)
    for one in flow.processMetadataValues:
        if str(one.name) == "ObjectType" and one.value is not None:
            return str(one.value.stringValue or "")
    return ""


def _sets(update: Any, sobject: str, field: str, *, mine: bool) -> bool:
    on = str(update.object or "") == sobject or (mine and str(update.inputReference or "") == "$Record")
    return on and any(str(one.field or "").casefold() == field.casefold() for one in update.inputAssignments)


def _reads(flow: Any, field: str) -> bool:
    """Whether anything but what is assigned names it."""
    for path, text in texts(flow):
        if path[-1] in _FOR_PEOPLE or path[-1] == "assignToReference" or path[0] == "processMetadataValues":
            continue
        if path[0] in ("recordUpdates", "recordCreates") and path[-2:] == ("inputAssignments", "field"):
            continue
        if named(text, field, formula=path[-1] in ("expression", "filterFormula")):
            return True
    return False


def texts(component: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a component with the names of the parts it lies in."""
    if component is None or isinstance(component, bool | int | float):
        return
    if isinstance(component, list | tuple):
        for one in component:
            yield from texts(one, path)
        return
    parts: Mapping[str, Any] | None = getattr(component, "__values__", None)
    if parts is None:
        yield path, str(component)
        return
    for name, part in parts.items():
        yield from texts(part, (*path, name))


def words(component: Any, *under: str) -> Iterator[str]:
    """The texts whose path ends in these names."""
    yield from (text for path, text in texts(component) if path[-len(under) :] == under)
