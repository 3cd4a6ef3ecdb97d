"""What runs in the CRM when a plan is written, in a terminal and as JSON.

Not here: reading it (leadpact/writeback/repair_automations.py), the plan (remap.py).
"""

from __future__ import annotations

from typing import Any

from leadpact.audit.shown import shown
from leadpact.commands.result import Section
from leadpact.crm_facts import Automations, Unread
from leadpact.errors import SourceUnreachable
from leadpact.language import Language
from leadpact.writeback import repair_automations
from leadpact.writeback.plan import Plan
from leadpact.writeback.repair_automations import Of
from leadpact.writeback.target import Target


def told(say: Language, target: Target, plan: Plan) -> tuple[list[dict[str, Any]], list[Section], list[str]]:
    """For programs, as a table, as lines. A CRM out of reach is said, and stands against nothing."""
    try:
        found = repair_automations.of(target, plan)
    except SourceUnreachable as error:
        unread = (Unread("all", error.key, error.params),)
        found = [
            Of(object, field, Automations(unread=unread)) for object, field in repair_automations.fields(target, plan)
        ]
    head = [say(f"repair_values.col.{name}") for name in ("automation", "kind", "field", "how", "starts")]
    rows = [
        [shown(each.label), say(f"repair_values.kind.{each.kind}"), f"{say(f'ui.object.{one.object}')} · {one.field}",
         say(f"repair_values.how.{each.how}"),
         say("repair_values.starts" if each.starts else "repair_values.starts_not")]
        for one in found for each in one.told.found
    ]  # fmt: skip
    tables = [Section(say("repair_values.automations"), head, rows)] if rows else []
    lines = list(dict.fromkeys(
        f"{say(f'repair_values.kind.{each.kind}')}: {say(each.reason, **each.params)}"
        for one in found for each in one.told.unread
    ))  # fmt: skip
    if found and not rows and not lines:
        lines = [say("repair_values.no_automations")]
    return [_document(say, one) for one in found], tables, lines


def _document(say: Language, one: Of) -> dict[str, Any]:
    return {
        "object": one.object,
        "field": one.field,
        "found": [
            {"kind": each.kind, "name": each.name, "label": each.label, "how": each.how, "starts": each.starts}
            for each in one.told.found
        ],
        "unread": [{"kind": each.kind, "reason": say(each.reason, **each.params)} for each in one.told.unread],
        "calls": one.told.calls,
    }
