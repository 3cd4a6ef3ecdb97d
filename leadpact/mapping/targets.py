"""What a source table can be mapped to: eight targets, each a canonical table as people keep it.

People keep leads and contacts apart and call a status change by `from_status, to_status`;
the canonical tables do not. A target names the columns a mapping may fill.

Not here: the mapping document (document.py), how cells are converted (connectors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadpact import model
from leadpact.model import Column, Table


@dataclass(frozen=True)
class Target:
    """One target. `required` columns must be mapped; `object` is the default of that column.

    `dated`: its rows may carry date columns that become status changes.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    object: str | None = None
    dated: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; `f_<slug>` is text where the table takes such. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        if self.table.custom and model.is_custom(name):
            return Column(name)
        raise KeyError(f"{self.name} has no column {name}")


def _without(table: Table, *left_out: str) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if column.name not in left_out)


_CHANGE = (
    Column("object"),
    Column("record_id", required=True),
    Column("from_status"),
    Column("to_status", required=True),
    Column("at", "time", required=True),
    Column("seq", "whole"),
    Column("actor_id"),
)

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("leads", model.RECORD, _without(model.RECORD, "object"), ("record_id",), model.LEAD, dated=True),
        Target("contacts", model.RECORD, _without(model.RECORD, "object"), ("record_id",), model.CONTACT, dated=True),
        Target("status_changes", model.FIELD_CHANGE, _CHANGE, ("record_id", "to_status", "at"), model.LEAD),
        Target("activities", model.ACTIVITY, model.ACTIVITY.columns, ("record_id",), model.LEAD),
        Target("opportunities", model.OPPORTUNITIES, model.OPPORTUNITIES.columns, ("opportunity_id",), model.LEAD),
        Target("owners", model.OWNER, model.OWNER.columns, ("owner_id",)),
        Target("status_values", model.STATUS_VALUE, model.STATUS_VALUE.columns, ("value",), model.LEAD),
        Target(
            "campaign_touches",
            model.CAMPAIGN_TOUCH,
            model.CAMPAIGN_TOUCH.columns,
            ("record_id", "campaign"),
            model.LEAD,
        ),
    )
}
