"""The mapping document: which table of a source fills which canonical table, and how.

One entry sends one source table to one target; a source table may have several entries.
The same document serves every connector: what a "source table" is (a file, a sheet, a base's
table, a CRM object) the connector says.

Not here: YAML (codec.py), whether the source has what is named (check.py), proposals (propose.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError
from rapidfuzz import process

from leadpact.mapping.targets import TARGETS, Target
from leadpact.model import Kind

DateForm = Literal["iso", "ymd", "dmy", "mdy", "month_name", "epoch", "epoch_ms", "excel"]
DecimalMark = Literal["comma", "dot"]
TargetName = Literal[
    "leads", "contacts", "status_changes", "activities", "opportunities", "owners", "status_values", "campaign_touches"
]


def _iso(value: Any) -> Any:
    """YAML reads 2024-01-31 as a date; a constant keeps it as text."""
    return value.isoformat() if isinstance(value, date) else value


Constant = Annotated[bool | int | float | str, BeforeValidator(_iso)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_SLUG = re.compile(r"f_[a-z0-9][a-z0-9_]*")
_TYPES: Mapping[Kind, tuple[type, ...]] = {
    "text": (str, int, float),
    "time": (str,),
    "flag": (bool,),
    "whole": (int,),
    "number": (int, float),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatusDate(_Strict):
    """A date column that says when a record entered a status: "Fecha MQL" → MQL."""

    column: Text
    status: Text


class Entry(_Strict):
    """One source table to one target.

    fields: canonical column → header; null switches off a header that would match by its name.
    custom: `f_<slug>` → header, for the CRM's own fields.
    where: header → the cell texts of the rows to read, regardless of case; other rows are not meant.
    constants: canonical column → one value for every row.
    values: canonical column → {value in the source: canonical value}, regardless of case.
    dates, numbers: header → how its cells are written, where they do not tell by themselves.
    status_dates: date columns that become status changes; equal dates go in this order.
    status_since: a date column that says since when the record has had its present status.
    blank: cell texts that mean "never filled in".
    """

    source: Text
    to: TargetName
    where: dict[Text, tuple[str, ...]] = Field(default_factory=dict)
    fields: dict[str, Text | None] = Field(default_factory=dict)
    custom: dict[str, Text] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)
    values: dict[str, dict[str, Constant]] = Field(default_factory=dict)
    dates: dict[Text, DateForm] = Field(default_factory=dict)
    numbers: dict[Text, DecimalMark] = Field(default_factory=dict)
    status_dates: tuple[StatusDate, ...] = ()
    status_since: Text | None = None
    blank: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        return TARGETS[self.to]

    @field_validator("custom")
    @classmethod
    def _slugs(cls, custom: dict[str, str]) -> dict[str, str]:
        for slug in custom:
            if not is_slug(slug):
                raise PydanticCustomError("mapping.fault.slug", "slug", {"name": slug})
        return custom

    @model_validator(mode="after")
    def _fits_target(self) -> Entry:
        for part in (self.fields, self.constants, self.values):
            _known(part, self.target)
        for name in self.constants:
            if self.fields.get(name):
                raise PydanticCustomError("mapping.fault.twice", "twice", {"name": name})
        if self.custom and not self.target.table.custom:
            raise PydanticCustomError("mapping.fault.no_custom", "custom", {"target": self.to})
        if (self.status_dates or self.status_since) and not self.target.dated:
            raise PydanticCustomError("mapping.fault.no_status_dates", "dated", {"target": self.to})
        for name, value in self.constants.items():
            if not _fits(value, self.target.column(name).kind):
                raise PydanticCustomError("mapping.fault.constant", "constant", {"name": name})
        return self


class MappingDocument(_Strict):
    """A whole mapping. `ignore` names source tables that are left alone although they could be read.

    `labels`: what people called the tables and columns when they confirmed it, where the mapping
    names them by ids: id → name.
    """

    version: Literal[1] = 1
    tables: tuple[Entry, ...] = ()
    ignore: tuple[Text, ...] = ()
    labels: dict[Text, str] = Field(default_factory=dict)

    def shown(self, name: str) -> str:
        """What people call a table or column of the mapping."""
        return self.labels.get(name, name)

    def of(self, source: str) -> tuple[Entry, ...]:
        """The entries that read `source`, regardless of case."""
        return tuple(entry for entry in self.tables if entry.source.casefold() == source.casefold())

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(entry.to for entry in self.tables)


def is_slug(name: str) -> bool:
    """Whether a custom column may be called so: `f_`, then lower-case letters, digits, `_`."""
    return _SLUG.fullmatch(name) is not None


def closest(name: str, known: Iterable[str]) -> str:
    """The known name nearest to `name`, for "did you mean"; empty where none is near."""
    found = process.extractOne(name, list(known), processor=str.casefold, score_cutoff=60)
    return str(found[0]) if found else ""


def _known(part: Mapping[str, object], target: Target) -> None:
    for name in part:
        if name not in target.names:
            raise PydanticCustomError(
                "mapping.fault.column",
                "column",
                {
                    "name": name,
                    "target": target.name,
                    "closest": closest(name, target.names) or "–",
                    "known": ", ".join(target.names),
                },
            )


def _fits(value: Constant, kind: Kind) -> bool:
    if isinstance(value, bool) and kind != "flag":
        return False
    if kind == "time" and isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
    return isinstance(value, _TYPES[kind])
