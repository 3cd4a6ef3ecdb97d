"""What the rules on scoring read: every record's score, computed once for all of them.

Not here: the score itself (leadpact/scoring), what is wrong with it (rules SCO, EVI02).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from config.parts import ScoringRule
from config.schema import Pact
from leadpact.scoring import score
from leadpact.scoring.conditions import as_number, column_of
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table

if TYPE_CHECKING:
    from leadpact.audit.facts import Facts

# what CRMs and mappings call their own score, where the pact does not say
CRM_SCORES = (
    "f_score", "f_lead_score", "f_leadscore", "f_contact_score", "f_crm_score", "f_hubspotscore", "f_hubspot_score",
    "f_hs_score", "f_einstein_score", "f_mkto_lead_score", "f_pardot_score", "f_puntuacion", "f_puntuacion_lead",
    "f_puntaje", "f_pontuacao",
)  # fmt: skip


def scored(tables: Facts, pact: Pact) -> Table:
    """Every record that counts. Belongs in Facts, which keeps it in memory.

    Out: object, record_id, person_id, status, score, green (null without a light), fires_<n>
    (whether the n-th rule gives or takes points; null: undecided), crm (the CRM's own score as a
    number; null where there is none), stands (it is active, and its status counts for the person).
    """
    own = crm_column(tables, pact)
    everybody = tables.plain
    wide = score.measured(everybody, pact, tables.as_of, also=["status", *([own] if own else [])])
    standing = tables.standing.filter(lambda t: t.condition == "active")
    standing = standing.select(of_object="object", of_id="record_id", stands=ibis.literal(True))
    joined = wide.left_join(standing, (wide.object == standing.of_object) & (wide.record_id == standing.of_id))
    found = joined.select(
        *KEYS,
        *("person_id", "status", "score"),
        green=joined.light == score.GREEN,
        crm=as_number(joined[own]) if own else ibis.null("float64"),
        stands=joined.stands.fill_null(False),
        **{column: joined[points] != 0 for column, points in _fires(pact).items()},
    )
    return ibis.memtable(found.to_pyarrow())


def at_moments(tables: Facts, pact: Pact, asked: Table, *, rules: Collection[str] | None = None) -> Table:
    """Some records as of moments of their own (object, record_id, moment), as score.measured.

    Reads the records and activities of these people only.
    """
    every = tables.every_record
    people = ibis.memtable(every.semi_join(asked, KEYS).select("person_id").distinct().to_pyarrow())
    theirs = ibis.memtable(every.semi_join(people, "person_id").to_pyarrow())
    return score.measured(replace(tables.plain, record=theirs), pact, tables.as_of, asked, rules=rules)


def crm_column(tables: Facts, pact: Pact) -> str | None:
    """The mapped field that holds the CRM's own score: the pact's, else the only one called like it."""
    columns = tables.record.columns
    if pact.scoring.crm_field is not None:
        return column_of(columns, pact.scoring.crm_field)
    known = [name for name in columns if name.casefold() in CRM_SCORES]
    return known[0] if len(known) == 1 else None


def rules_by_column(pact: Pact) -> Mapping[str, ScoringRule]:
    """`fires_<n>` to the rule it is of."""
    return dict(zip(_fires(pact), pact.scoring.rules, strict=True))


def _fires(pact: Pact) -> dict[str, str]:
    return {name.replace("points", "fires"): name for name in score.points_of(pact)}
