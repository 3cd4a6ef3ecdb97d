"""The options of a select: how many records hold one now, and the script by which people add some.

Not here: fields (fields.py), single records (single.py), whole tables (reading.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from pyairtable.formulas import EQ, OR, Field, to_formula_str

from connectors.airtable.client import Client
from connectors.airtable.faults import translated
from connectors.airtable.plan import Plan
from connectors.airtable.schema import FieldDef, TableDef
from leadpact.crm_facts import Held
from leadpact.errors import SourceRefused

PAGES = 50  # a hundred records each: beyond it nobody counts on


def holders(client: Client, plan: Plan, object: str, field: str, values: Sequence[str]) -> dict[str, Held]:
    """As crm_facts.Counting, over all tables that keep the field. Raises SourceRefused for a field there is not."""
    places = plan.place(object, field)
    if not places:
        raise SourceRefused("airtable.no_field", field=field)
    counts: Counter[str] = Counter()
    cut = False
    for step, one in places:
        called = {str(to): str(source) for source, to in step.entry.values.get("status", {}).items()}
        column = step.places.get("status")
        named = called if column is not None and column.id == one.id else {}
        words = {named.get(value, value): value for value in values}
        if not words:
            continue
        options: dict[str, Any] = {
            "fields": [one.id], "formula": to_formula_str(OR(*(EQ(Field(one.name), word) for word in words))),
        }  # fmt: skip
        with translated(client.settings.host, step.table.name):
            pages = client.table(step.table.id).iterate(**options)
            for page in islice(pages, PAGES):
                counts.update(str(raw["fields"].get(one.id)) for raw in page)
            cut = cut or next(iter(pages), None) is not None
        for word, value in words.items():
            if word != value:
                counts[value] += counts.pop(word, 0)
    return {value: Held(counts.get(value, 0), at_least=cut) for value in values}


def script(table: TableDef, field: FieldDef, missing: Sequence[str]) -> str:
    """What the Scripting extension runs to add options to a field. It drops those that are not named again."""
    added = ", ".join(json.dumps({"name": name}, ensure_ascii=False) for name in missing)
    return (
        f"// {table.name} · {field.name}\n"
        f"let field = base.getTable({json.dumps(table.id)}).getField({json.dumps(field.id)});\n"
        f"await field.updateOptionsAsync({{choices: [...field.options.choices, {added}]}});"
    )
