"""OPP01: an open opportunity lacks a criterion that both teams agreed makes one.

Not here: criteria no field can decide (DEF03), what a deal is worth (metrics/pipeline.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import ibis

from config.parts import Question
from config.schema import Pact
from leadpact.audit.criteria import filled, is_empty
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.shown import shown
from leadpact.metrics.pipeline_deals import of_pact
from leadpact.model import OPPORTUNITY, is_custom
from leadpact.scoring.conditions import column_of
from leadpact.tables import Table

NO = ("false", "no", "0", "não", "nao")  # an unticked box is no answer


def check(tables: Facts, pact: Pact, as_of: datetime, *, rare: float) -> Sequence[Found]:
    """One finding a criterion (`value`: its id), with the records of the open deals that lack it.

    Open at `as_of`, of the types and pipelines the pact names. A deal has a criterion where its
    own field, or that of any record of its person, says something other than no. `records` are
    the deals' records, or where one does not count, the record that does for the person. A
    standard field nobody fills in, and one that is nowhere, are left to DEF03. A note where
    fewer than `rare` of the deals lack it. Evidence: `opportunities` without it, of `open`;
    `unattributed`: open deals that reach no record, judged by nobody.
    """
    asked = _asked(tables, pact)
    if not asked:
        return []
    open_deals = _open(tables, pact, as_of, asked)
    (total,) = rows_of(open_deals.aggregate(unattributed=open_deals.person_id.isnull().cast("int64").sum()))
    judged = ibis.memtable(_judged(tables, open_deals, asked).to_pyarrow())
    found = []
    for at, question in enumerate(asked):
        lacking = judged[f"lacks{at}"]
        counts = judged.aggregate(
            open=judged.opportunity_id.nunique(),
            lacking=judged.opportunity_id.nunique(where=lacking),
            records=_key(judged).nunique(where=lacking),
        )
        (row,) = rows_of(counts)
        if row["records"]:
            found.append(_found(question, row, total["unattributed"] or 0, rare))
    return found


def _found(question: Question, row: dict[str, Any], unattributed: int, rare: float) -> Found:
    share = row["lacking"] / row["open"]
    return Found(
        object=OPPORTUNITY,
        value=question.id,
        records=row["records"],
        severity="warning" if share >= rare else "info",
        params={"question": shown(question.question), "deals": row["lacking"], "open": row["open"]},
        evidence={
            "opportunities": row["lacking"],
            "open": row["open"],
            "share": share,
            "unattributed": unattributed,
            "field": question.field,
        },
    )


def _asked(tables: Facts, pact: Pact) -> list[Question]:
    """The questions some field can answer: one that is mapped on purpose, or that somebody fills in."""
    fields = {one.id: one.field for one in pact.sales_ready.opportunity if (one.field or "").strip()}
    of_deal, of_record = (
        {id: column_of(table.columns, field or "") for id, field in fields.items()}
        for table in (tables.opportunity, tables.record)
    )
    used = {name for _, name in filled(tables, pact)} | _filled_in(tables, pact, of_deal.values())
    return [
        one
        for one in pact.sales_ready.opportunity
        if any(name and (is_custom(name) or name in used) for name in (of_deal.get(one.id), of_record.get(one.id)))
    ]


def _filled_in(tables: Facts, pact: Pact, columns: Iterable[str | None]) -> set[str]:
    """The standard columns of the deals that somebody fills in."""
    standard = sorted({name for name in columns if name and not is_custom(name)})
    if not standard:
        return set()
    deal = of_pact(tables, pact)
    (row,) = rows_of(deal.aggregate(**{name: (~is_empty(deal[name])).any() for name in standard}))
    return {name for name in standard if row[name]}


def _open(tables: Facts, pact: Pact, as_of: datetime, asked: Sequence[Question]) -> Table:
    """The open deals: opportunity_id, object, record_id, person_id (null: they reach nobody), `has<n>`.

    What is not said to be open is not.
    """
    deal = of_pact(tables, pact)
    closed = deal.is_won.fill_null(False) | deal.is_closed.fill_null(False)
    later = (deal.closed_at > ibis.timestamp(as_of.isoformat(" "))).fill_null(False)
    deal = deal.filter(ibis.ifelse(closed, later, deal.is_closed.notnull()))
    deal = deal.select("opportunity_id", *KEYS, **{f"has{at}": _answered(deal, one) for at, one in enumerate(asked)})
    person = tables.every_record.select(of_object="object", of_id="record_id", person_id="person_id")
    joined = deal.left_join(person, (deal.object == person.of_object) & (deal.record_id == person.of_id))
    return ibis.memtable(joined.drop("of_object", "of_id").to_pyarrow())  # few of many, asked for three times


def _judged(tables: Facts, deal: Table, asked: Sequence[Question]) -> Table:
    """opportunity_id, object, record_id (that counts), and `lacks<n>` for each question."""
    own = deal.filter(deal.person_id.notnull()).rename(deal_object="object", deal_record="record_id")
    every = tables.every_record.semi_join(own, "person_id")
    said = every.select("person_id", **{f"any{at}": _answered(every, one) for at, one in enumerate(asked)})
    said = said.group_by(of_person="person_id").aggregate(
        **{f"any{at}": said[f"any{at}"].any() for at in range(len(asked))}
    )
    standing = tables.standing.semi_join(own, "person_id")
    standing = standing.group_by(for_person="person_id").aggregate(
        object_then=standing.object.min(), id_then=standing.record_id.min()
    )
    counts = tables.record.select(own_object="object", own_id="record_id")
    joined = own.left_join(said, own.person_id == said.of_person)
    joined = joined.left_join(standing, joined.person_id == standing.for_person)
    here = (joined.deal_object == counts.own_object) & (joined.deal_record == counts.own_id)
    joined = joined.left_join(counts, here)
    return joined.select(
        "opportunity_id",
        object=ibis.coalesce(joined.own_object, joined.object_then),
        record_id=ibis.coalesce(joined.own_id, joined.id_then),
        **{f"lacks{at}": ~(joined[f"has{at}"] | joined[f"any{at}"].fill_null(False)) for at in range(len(asked))},
    ).filter(lambda t: t.record_id.notnull())


def _answered(table: Table, question: Question) -> Any:
    """Whether the question's field, where the table has it, says something other than no."""
    name = column_of(table.columns, question.field or "")
    if name is None:
        return ibis.literal(False)
    column = table[name]
    if column.type().is_boolean():
        return column.fill_null(False)
    return ~is_empty(column) & ~column.cast("string").strip().lower().isin(NO).fill_null(False)


def _key(table: Table) -> Any:
    return table.object + ":" + table.record_id


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, rare: float) -> Table:
    """The records of the open deals that lack the criterion."""
    asked = [one for one in _asked(tables, pact) if one.id == finding.value]
    if not asked:
        return tables.record.limit(0)
    judged = _judged(tables, _open(tables, pact, as_of, asked), asked)
    return judged.filter(judged.lacks0).select(*KEYS)


RULE = Rule(
    code="OPP01",
    name="opportunity.criterion_missing",
    severity="warning",
    groups=("core", "evidence"),
    needs=("opportunity",),
    fix="none",  # the answer is asked of the buyer
    options={"rare": Option(float, default=0.1, min=0, max=1)},
    check=check,
    people=people,
)
