"""What the forms of the Definition page know: the stages by name, and the status values in use.

Not here: the parts themselves (definition_stages.py, definition_statuses.py, …).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config import edits
from leadpact.audit.facts import Facts
from leadpact.workspace import Analysis
from ui import definition_draft
from ui.page import Page


@dataclass(frozen=True)
class Value:
    """A status value: records that hold it now, whether a picklist offers it, when it was last entered (or null)."""

    object: str
    value: str
    records: int
    offered: bool
    last_at: datetime | None


def labels(page: Page) -> dict[str, str]:
    """Stage key → label, in order, of the document shown."""
    stages = edits.items(definition_draft.standing(page).document, ("stages",))
    return {str(one.get("key")): str(one.get("label") or one.get("key")) for one in stages if isinstance(one, Mapping)}


def values(page: Page) -> tuple[Value, ...]:
    """Every status value in use; none before the first sync."""
    return page.cached_whole(held) if page.ready else ()


def held(one: Analysis) -> tuple[Value, ...]:
    """Every status value of a picklist or held by a record that counts; `` for a blank one."""
    facts = Facts.of(one)
    found = [Value(v.object, v.value, v.records, v.offered, v.last_at) for v in facts.values]
    found += [Value(each.object, "", each.records, False, None) for each in facts.held if each.value is None]
    return tuple(found)
