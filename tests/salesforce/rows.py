"""A parsed query against an org: the fields it may see, the rows that match, their values.

Not here: the language (soql.py), conditions (conditions.py), how rows are shown (rest.py: JSON, bulk.py: CSV).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.salesforce.answers import Refusal
from tests.salesforce.conditions import Conditions, Getter, folded
from tests.salesforce.many import Made
from tests.salesforce.objects import NAME_FIELDS
from tests.salesforce.org import Org, Row
from tests.salesforce.schema import Field, SObject
from tests.salesforce.soql_tree import Name, Query


@dataclass(frozen=True)
class Column:
    """One selected field: its path as the answer spells it, its definition, and how to get it from a row."""

    path: tuple[str, ...]
    field: Field
    get: Getter
    label: str


class Reading:
    """One query, checked: what `source` it reads, its columns, and its rows as often as asked."""

    def __init__(self, org: Org, query: Query, *, everything: bool = False) -> None:
        self.org, self.query, self.everything = org, query, everything
        self.source = self._source()
        self.columns = [] if query.counts_only or query.aggregates else self._selected()
        self._match = Conditions(self).of(query.where) if query.where is not None else None
        self._sorts = [(one, *self.follow(one.name, filtering=True)) for one in query.order]
        if query.offset > 2_000:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")

    # -- rows -------------------------------------------------------------------------------

    def rows(self) -> Iterator[Row]:
        """The rows in order; lazily where nothing has to be sorted."""
        with self.org.lock:
            held = self.org.rows[self.source.name]
            # nothing promises an order that was not asked for: Ids read backwards are none
            mixed = sorted(held.values(), key=lambda row: row["Id"][::-1]) if isinstance(held, dict) else held.values()
        found: Iterator[Row] = iter(mixed)
        found = (row for row in found if self._shown(row))
        if self._match is not None:
            found = filter(self._match, found)
        if self._sorts:
            ordered = list(found)
            for order, _, get in reversed(self._sorts):
                ordered = self._sorted(ordered, order, get)
            found = iter(ordered)
        stop = None if self.query.limit is None else self.query.offset + self.query.limit
        return islice(found, self.query.offset, stop)

    def found(self) -> Sequence[Row]:
        """The rows in order, to be taken by their place."""
        held = self.org.rows[self.source.name]
        if not isinstance(held, Made) or self._sorts or self.query.limit is not None:
            return list(self.rows())
        match = self._match
        return held.picked(lambda row: self._shown(row) and (match is None or match(row)))

    @staticmethod
    def _sorted(rows: list[Row], order: Any, get: Getter) -> list[Row]:
        empty = [row for row in rows if get(row) is None]
        filled = [row for row in rows if get(row) is not None]
        filled.sort(key=lambda row: folded(get(row)), reverse=order.down)
        return [*filled, *empty] if order.nulls_last else [*empty, *filled]

    def _shown(self, row: Row) -> bool:
        if not self.everything and (row.get("IsDeleted") or row.get("IsArchived")):
            return False
        if not self.source.name.endswith("History"):
            return True
        # a change of a field this user cannot see is not there
        parent = self.org.objects[self.source.name.removesuffix("History")]
        field = {"Owner": "OwnerId"}.get(row["Field"], row["Field"])
        return field not in parent.fields or not parent.fields[field].hidden

    # -- names ------------------------------------------------------------------------------

    def _source(self) -> SObject:
        wanted = self.query.source.lower()
        for name, one in self.org.objects.items():
            if name.lower() == wanted and not one.hidden:
                return one
        raise Refusal(
            400,
            "INVALID_TYPE",
            f"{self.pointed(self.query.source_at)}sObject type '{self.query.source}' is not supported. If you are "
            "attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference "
            "your WSDL or the describe call for the appropriate names.",
        )

    def pointed(self, at: int) -> str:
        text = self.query.text.replace("\n", " ")
        begin = max(0, at - 40)
        return f"\n{text[begin : at + 40]}\n{' ' * (at - begin)}^\nERROR at Row:1:Column:{at + 1}\n"

    def _no_column(self, name: Name, part: str, on: SObject, *, relation: bool = False) -> Refusal:
        if relation:
            message = (
                f"{self.pointed(name.at)}Didn't understand relationship '{part}' in field path. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
        else:
            message = (
                f"{self.pointed(name.at)}No such column '{part}' on entity '{on.name}'. If you are attempting to use a "
                "custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or "
                "the describe call for the appropriate names."
            )
        return Refusal(400, "INVALID_FIELD", message)

    def follow(self, name: Name, *, filtering: bool = False) -> tuple[Column, Getter]:
        *relations, last = name.path.split(".")
        if relations and relations[0].lower() == self.source.name.lower():
            relations = relations[1:]
        if len(relations) > 5:
            raise self._no_column(name, relations[0], self.source, relation=True)
        on: SObject | None = self.source
        path: list[str] = []
        steps: list[tuple[str, tuple[str, ...]]] = []
        for part in relations:
            reference = None if on is None else on.related(part)
            if reference is None:
                raise self._no_column(name, part, self.source, relation=True)
            path.append(str(reference.relation))
            steps.append((reference.name, reference.to))
            on = self._visible_target(reference, name)
        field = self._last(on, last, name)
        if filtering and not field.filterable:
            raise Refusal(
                400, "INVALID_FIELD", f"{self.pointed(name.at)}field '{last}' can not be filtered in a query call"
            )
        get = self._getter(steps, field.name)
        return Column((*path, field.name), field, get, name.path), get

    def _visible_target(self, reference: Field, name: Name) -> SObject | None:
        """The object a reference points to; null for one that may point to several (their `Name`)."""
        if len(reference.to) > 1:
            return None
        target = self.org.objects.get(reference.to[0])
        if target is None or target.hidden:
            raise self._no_column(name, str(reference.relation), self.source, relation=True)
        return target

    def _last(self, on: SObject | None, last: str, name: Name) -> Field:
        if on is not None:
            field = on.visible(last)
            if field is None:
                raise self._no_column(name, last, on)
            return field
        for one in NAME_FIELDS:
            if one.lower() == last.lower():
                return Field(one, "boolean" if one == "IsActive" else "id" if one == "Id" else "string")
        raise self._no_column(name, last, SObject("Name", "", {}))

    def _getter(self, steps: Sequence[tuple[str, tuple[str, ...]]], last: str) -> Getter:
        if not steps:
            return lambda row: row[last]

        def get(row: Row) -> Any:
            at: Row | None = row
            for field, targets in steps:
                at = self.target(at[field], targets) if at is not None else None
            if at is None:
                return None
            return at.get("Type") if last == "Type" and "Type" in at and len(steps[-1][1]) == 1 else at.get(last)

        return get

    def target(self, key: str | None, targets: Sequence[str]) -> Row | None:
        """The row a reference points to, with the `Type` a polymorphic one is asked for."""
        if key is None:
            return None
        for one in targets:
            found = self.org.rows[one].get(key)
            if found is not None:
                kind = "Queue" if one == "Group" and found.get("Type") == "Queue" else one
                return {**found, "Type": kind} if len(targets) > 1 else found
        return None

    def _selected(self) -> list[Column]:
        found: dict[tuple[str, ...], Column] = {}
        for one in self.query.items:
            assert one.name is not None
            column, _ = self.follow(one.name)
            if column.path in found:
                raise Refusal(400, "INVALID_FIELD", f"duplicate field selected: {one.name.path}")
            found[column.path] = column
        return list(found.values())

    # -- aggregates ---------------------------------------------------------------------------

    def aggregated(self) -> Iterator[dict[str, Any]]:
        """Rows of COUNT, MIN and MAX, by what they are grouped by."""
        keys = [(one.path, self.follow(one, filtering=True)) for one in self.query.group]
        asked: list[tuple[str, str | None, Getter | None]] = []
        unnamed = 0
        for one in self.query.items:
            get = self.follow(one.name)[1] if one.name is not None else None
            alias = one.alias
            if one.function is None:
                if one.name is None or one.name.path not in self._grouped():
                    raise self.query_error(f"Field must be grouped or aggregated: {one.name and one.name.path}")
                alias = one.name.path
            elif alias is None:
                alias, unnamed = f"expr{unnamed}", unnamed + 1
            asked.append((str(alias), one.function, get))
        groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): []}
        for row in self.rows():
            groups.setdefault(tuple(get(row) for _, (_, get) in keys), []).append(row)
        for rows in groups.values():
            yield {alias: _aggregate(function, get, rows) for alias, function, get in asked}

    def _grouped(self) -> set[str]:
        return {one.path for one in self.query.group}

    def query_error(self, message: str) -> Refusal:
        return Refusal(400, "MALFORMED_QUERY", message)


def _aggregate(function: str | None, get: Getter | None, rows: Sequence[Row]) -> Any:
    if get is None:
        return len(rows)
    values = [value for value in map(get, rows) if value is not None]
    if function is None:
        return get(rows[0])
    if function == "COUNT":
        return len(values)
    if function == "COUNT_DISTINCT":
        return len(set(values))
    if not values:
        return None
    return {"MIN": min, "MAX": max, "SUM": sum, "AVG": lambda some: sum(some) / len(some)}[function](values)
