"""What a mapping is proposed from: the fields of leads, contacts and opportunities, by their descriptions.

No record is looked at: a field's type and its picklist say enough.

Not here: the proposal (leadpact/mapping/propose.py), what is read without one (standard.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.salesforce.plan import PARTLESS
from connectors.salesforce.schema import Field, Schema
from connectors.salesforce.standard import STANDARD
from leadpact.errors import SourceRefused
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.mapping.described import ContentKind

TABLES = ("Lead", "Contact", "Opportunity")
# standard fields worth a question besides those read anyway
OFFERED = frozenset({"Industry", "Rating", "Title", "Department", "StageName", "ForecastCategoryName"})
_KINDS: Mapping[str, ContentKind] = {
    "date": "time", "datetime": "time", "boolean": "flag", "int": "whole", "long": "whole",
    "currency": "number", "double": "number", "percent": "number",
}  # fmt: skip
MANY = 100  # stands for "filled, and mostly different": nobody counted


def describe(schema: Schema) -> list[SourceTable]:
    """The objects a mapping may name, with their fields. Raises SourceRefused where there are none."""
    found = []
    for name in TABLES:
        described = schema.object(name)
        if described is None:
            continue
        target, standard = STANDARD[name]
        read = {path for paths in standard.values() for path in paths}
        fills = {_first(paths, described.fields): column for column, paths in standard.items()}
        fields = [one for one in described.fields.values() if one.type not in PARTLESS]
        offered = [one for one in fields if one.name in read or one.custom or one.name in OFFERED]
        columns = tuple(_column(one, fills.get(one.name, "")) for one in offered)
        found.append(SourceTable(name, columns, None, MANY, fills=target))
    if not found:
        raise SourceRefused("salesforce.no_objects")
    return found


def _first(paths: Sequence[str], fields: Mapping[str, Field]) -> str | None:
    """The field a standard column is read from where the mapping says nothing."""
    return next((path for path in paths if path in fields), None)


def _column(field: Field, fills: str) -> SourceColumn:
    kind = _KINDS.get(field.type, "text")
    values = tuple(pick.value for pick in field.picks)
    if kind == "flag":
        values = ("true", "false")
    # dates and numbers come again, ids and free texts do not
    distinct = len(values) if values else MANY // 2 if kind != "text" else MANY
    return SourceColumn(
        field.name,
        kind,
        filled=MANY,
        distinct=min(distinct, MANY),
        date_forms=("ymd",) if kind == "time" else (),
        values=values,
        email=field.type == "email",
        fills=fills,
        label=field.label if field.custom else "",  # standard fields are known by their own names
    )
