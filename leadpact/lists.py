"""The lists of a pact: who is on each now, one record a person, and as members of a campaign.

A person is on a list when the stage they are in is one of its stages (none named: any) and a
record of theirs meets every condition. The record is their contact where they have one.

Not here: what a condition means (scoring/conditions.py), what a list is (config/teamwork.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from config.members import Scope
from config.schema import Pact
from config.teamwork import LeadList
from leadpact.audit.criteria import judged
from leadpact.audit.facts import Facts
from leadpact.errors import LeadPactError
from leadpact.privacy.scope import cut
from leadpact.scoring.conditions import column_of, holds
from leadpact.tables import Table
from leadpact.workspace import Analysis

COLUMNS = ("campaign", "lead_id", "contact_id", "list", "assignee", "stage", "status")


def find(pact: Pact, wanted: str) -> LeadList:
    """The list with this id. Raises LeadPactError naming those there are."""
    for one in pact.lists:
        if one.id == wanted:
            return one
    raise LeadPactError("lists.none_such", wanted=wanted, known=", ".join(one.id for one in pact.lists) or "–")


def members(one: Analysis, wanted: LeadList) -> Table:
    """Who is on the list now.

    Out: object, record_id, person_id, status, stage; one row a person. Raises LeadPactError for a
    condition on a field the records do not have: nobody can say who is on such a list.
    """
    facts, pact = Facts.of(one), one.pact
    absent = [test.field for test in wanted.when if column_of(facts.record.columns, test.field) is None]
    if absent:
        raise LeadPactError("lists.unknown_field", list=wanted.id, fields=", ".join(absent))
    spell = facts.spell.filter(facts.spell.left_at.isnull())
    here = spell if not wanted.stages else spell.filter(spell.stage.isin(wanted.stages))
    stands = here.group_by(of_person="person_id").aggregate(stage=here.stage.max())

    def meets(record: Table) -> Any:
        return _all([holds(record, test, pact.zone).fill_null(False) for test in wanted.when])

    found = judged(facts, {"meets": meets})
    found = found.filter(found.meets)
    joined = found.inner_join(stands, found.person_id == stands.of_person)
    place = ibis.row_number().over(ibis.window(group_by="person_id", order_by=["object", "record_id"]))
    ranked = joined.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("object", "record_id", "person_id", "status", "stage")


def count(one: Analysis, wanted: LeadList) -> int:
    """How many people are on the list now."""
    return int(members(one, wanted).count().execute())


def rows(one: Analysis, wanted: LeadList, scope: Scope | None = None) -> list[Sequence[Any]]:
    """The members within `scope` as rows of COLUMNS, by object and id: ids of the CRM, nothing of the person."""
    table = cut(members(one, wanted), one.tables, scope).order_by(["object", "record_id"])
    labels = {stage.key: stage.label for stage in one.pact.stages}
    found = table.select("object", "record_id", "stage", "status").to_pyarrow().to_pylist()
    return [
        (
            wanted.campaign or wanted.name,
            row["record_id"] if row["object"] == "lead" else None,
            row["record_id"] if row["object"] == "contact" else None,
            wanted.name,
            wanted.assignee,
            labels.get(row["stage"], row["stage"]),
            row["status"],
        )
        for row in found
    ]


def _all(tests: Sequence[Any]) -> Any:
    found: Any = ibis.literal(True)
    for test in tests:
        found = found & test
    return found
