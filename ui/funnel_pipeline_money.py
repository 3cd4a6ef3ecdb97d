"""Sourced and influenced deals: how many, and what they are worth, one currency at a time.

Not here: what counts as sourced (leadpact/metrics/pipeline_deals.py), the sums (pipeline.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from leadpact.metrics import pipeline
from leadpact.metrics.funnel import SMALL, Scope
from leadpact.metrics.pipeline import PARTS, Line, Pipeline
from leadpact.metrics.pipeline_deals import STATES, deals
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.figures import Figure, Part, opening
from ui.funnel_pipeline_charts import amounts as amount_bars
from ui.funnel_pipeline_charts import compact
from ui.funnel_pipeline_words import CURRENCY, DEAL, DEAL_COLUMNS, MOST, facts, missing, note, one_of
from ui.page import Page
from ui.tables import Kind

COUNT, UNNAMED = "count", "none"  # what CURRENCY holds beside names of currencies
CAMPAIGN = "campaign"
COUNTS = {"open": "money_open", "won": "money_won", "lost": "money_lost", "unknown": "money_unknown",
          "deals": "money_deals", "count_only": "money_count_only"}  # fmt: skip
AMOUNTS = {"open": "amount_open", "won": "amount_won", "lost": "amount_lost", "unknown": "amount_unknown"}


def show(page: Page, scope: Scope) -> None:
    """Figures, chart and tables of deals by how they came about, by campaign, and the deals behind."""
    found: Pipeline = page.cached_whole(compute, scope)
    if "opportunity" in found.missing:
        missing(page, found.missing[:1])
        return page.footer()
    told = facts(page, scope, page.text("pipeline.money.rule"), "page.funnel.pipeline.created", found.coverage,
                 out_of_scope=found.out_of_scope, undated=found.undated)  # fmt: skip
    whole = [line for line in found.lines if line.part == "all"]
    if not sum(line.deals for line in whole):
        page.empty("page.funnel.pipeline.money.none", action="connection")
        return page.footer(**told)
    measure = _measure(page, whole)
    _figures(page, scope, found, measure, told)
    own = [line for line in found.lines if line.part == "sourced"] if scope.by else found.lines
    shown = [line for line in own if line.deals]
    if shown:
        reading = page.text("pipeline.money.reading_groups", shown=min(len(shown), MOST), total=len(shown))
        note(with_click(page, reading if scope.by else page.text("pipeline.money.reading"), "deals"))
        _chart(page, scope, shown, measure, "money")
    kept = [line for line in found.lines if line.deals or line.part in ("all", "sourced", "influenced")]
    if scope.by:  # what the chart shows comes first
        kept.sort(key=lambda line: line.part != "sourced")
    _table(page, kept, scope.by, measure, "money")
    _campaigns(page, found, measure)
    _people(page, scope, found)
    return page.footer(**told)


def compute(analysis: Analysis, scope: Scope) -> Pipeline:
    """As `leadpact.metrics.pipeline.pipeline`."""
    return pipeline.pipeline(
        analysis.tables, analysis.pact, analysis.as_of, start=scope.start, end=scope.end, by=scope.by
    )


def behind(analysis: Analysis, scope: Scope, choice: Choice) -> Table:
    """The deals a bar counts. `choice.of` is one of PARTS or `campaign`, `part` a state or `deals`."""
    rows = deals(analysis.tables, analysis.pact, analysis.as_of, start=scope.start, end=scope.end, by=scope.by)
    if choice.of == CAMPAIGN:
        rows = pipeline.influences(rows, analysis.tables, analysis.as_of)
        rows = rows.filter(rows.campaign == choice.group)
    else:
        rows = rows.filter(rows.origin != "out_of_scope")
        if choice.of == "influenced":
            rows = rows.filter(rows.influenced)
        elif choice.of != "all":
            rows = rows.filter(rows.origin == choice.of)
        if choice.group is not None:
            rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    if choice.part in STATES:
        rows = rows.filter(rows.state == choice.part)
    return rows.select("object", "record_id", "person_id", "opportunity_id", "amount", "currency",
                       deal_state="state", deal_created="created_at", deal_closed="closed_at")  # fmt: skip


def name(page: Page, line: Line, by: str | None) -> str:
    """What the deals of a line have in common: a campaign, a group, or how they came about."""
    if line.part == CAMPAIGN or (by and line.part == "sourced"):
        return options.shown(page.lang, line.group)
    part = page.lang(f"pipeline.part.{line.part}")
    return part if by is None else f"{options.shown(page.lang, line.group)} · {part}"


def _measure(page: Page, whole: Sequence[Line]) -> str:
    """What bars measure: amounts of one currency (that of most deals first), or deals."""
    number: dict[str, int] = {}
    for one in (amount for line in whole for amount in line.amounts):
        key = one.currency or UNNAMED
        number[key] = number.get(key, 0) + one.deals
    names = sorted(number, key=lambda key: (-number[key], key))
    choices = [*names, COUNT]

    def shown(key: str) -> str:
        if key == COUNT:
            return page.text("pipeline.money.count")
        return page.text("pipeline.money.in", currency=_currency(page, key), count=number[key])

    return one_of(page, CURRENCY, choices, choices[0], shown)


def _currency(page: Page, measure: str) -> str:
    return page.lang("pipeline.no_currency") if measure == UNNAMED else measure


def _value(line: Line, measure: str, part: str) -> float:
    """Of a line: the deals in a state, or their amount in the currency measured."""
    if measure == COUNT:
        return float(getattr(line, part))
    return float(getattr(line.amount(None if measure == UNNAMED else measure), part))


def _figures(page: Page, scope: Scope, found: Pipeline, measure: str, told: dict[str, str]) -> None:
    """Sourced, won of it, influenced, and what belongs to nobody: each opens to its deals."""
    lang = page.lang
    total = sum(line.deals for line in found.lines if line.part == "all")

    def of(part: str) -> list[Line]:
        return [line for line in found.lines if line.part == part]

    def figure(part: str, kind: str = "deals") -> Figure:
        number = sum(getattr(line, kind) for line in of(part))
        value = lang.number(number)
        if kind == "deals" and total:
            value += f" · {lang.percent(number / total, 0)}"
        elif measure != COUNT:
            value = compact(lang, sum(_value(line, measure, kind) for line in of(part)))
        key = part if kind == "deals" else kind
        text = page.text(f"pipeline.money.{key}.help", count=number, total=total)
        whole = Part(behind, (scope, Choice("all", "deals")), DEAL_COLUMNS) if kind == "deals" else None
        label = page.text(f"pipeline.money.{key}")
        label += f" ({_currency(page, measure)})" if kind != "deals" and measure != COUNT else ""
        return Figure(label, value, text, help=text, facts=told, denominator=whole,
                      numerator=Part(behind, (scope, Choice(part, kind)), DEAL_COLUMNS))  # fmt: skip

    shown = [figure("sourced"), figure("sourced", "won"), figure("sourced", "open")]
    if found.campaigns is not None:
        shown.append(figure("influenced"))
    opening(page, "money", [*shown, figure("unattributed")])


def _chart(page: Page, scope: Scope, lines: Sequence[Line], measure: str, key: str) -> None:
    """Bars of open, won and lost."""
    lang, shown = page.lang, lines[:MOST]
    colours = dict(zip(STATES, (charts.WAITING, charts.GOOD, charts.BAD, charts.UNSURE), strict=True))
    series = [
        (
            lang(f"pipeline.{one}"),
            colour,
            [_value(line, measure, one) for line in shown],
            [compact(lang, _value(line, measure, one)) for line in shown],
            [Choice(line.part, one, _group(line, scope)).text for line in shown],
        )
        for one, colour in colours.items()
        if any(getattr(line, one) for line in shown)
    ]
    figure = amount_bars([name(page, line, scope.by) for line in shown], series, lang)
    unit = page.text("pipeline.money.count") if measure == COUNT else _currency(page, measure)
    charts.show(figure, key=page.key(f"{key}_chart"), alt=page.text("pipeline.money.alt", unit=unit), select=_chosen)


def _group(line: Line, scope: Scope) -> str | None:
    return line.group if line.part == CAMPAIGN else group_of(line.group, scope.by)


def _table(page: Page, lines: Sequence[Line], by: str | None, measure: str, key: str) -> None:
    """Every line with its counts and the amounts measured; all currencies folded beneath."""
    lang, rows, every = page.lang, [], []
    campaigns = all(line.part == CAMPAIGN for line in lines)
    for line in lines:
        of = options.shown(lang, line.group)
        said = {"money_of": "" if campaigns else lang(f"pipeline.part.{line.part}"), "money_campaign": of, "group": of}
        counts = {column: getattr(line, one) for one, column in COUNTS.items()}
        amounts = {column: None if measure == COUNT else _value(line, measure, one) for one, column in AMOUNTS.items()}
        small = lang("ui.small", count=SMALL) if 0 < line.deals < SMALL else None
        rows.append({**said, **counts, **amounts, "money_share": line.share, "note": small})
        every += [
            {**said, "currency": one.currency or lang("pipeline.no_currency"), "money_deals": one.deals,
             **{column: getattr(one, state_) for state_, column in AMOUNTS.items()}}
            for one in line.amounts
        ]  # fmt: skip
    first: dict[str, Kind] = {"money_campaign": "text"} if campaigns else {"money_of": "text"}
    if by:
        first["group"] = "text"
    unknown = any(line.unknown for line in lines)
    states = STATES if unknown else STATES[:-1]
    kinds: dict[str, Kind] = {**first, "money_deals": "count", "money_share": "share"}
    kinds |= {COUNTS[one]: "count" for one in states}
    if measure != COUNT:
        kinds |= {AMOUNTS[one]: "count" for one in states}
    kinds |= {"money_count_only": "count"}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key(f"{key}_table"))
    if len({row["currency"] for row in every}) > 1:
        with st.expander(page.text("pipeline.money.currencies"), icon=":material/currency_exchange:"):
            note(page.text("pipeline.money.never_added"))
            all_kinds: dict[str, Kind] = {**first, "currency": "text", "money_deals": "count"}
            all_kinds |= {AMOUNTS[one]: "count" for one in states}
            tables.show(pd.DataFrame(every), all_kinds, lang, key=page.key(f"{key}_currencies"))


def _campaigns(page: Page, found: Pipeline, measure: str) -> None:
    """The deals each campaign influenced, and that they do not add up."""
    st.subheader(page.text("pipeline.money.campaigns"), anchor=False)
    if missing(page, [name for name in found.missing if name == "campaign_touch"]):
        return
    if not found.campaigns:
        st.info(page.text("pipeline.money.no_campaigns"), icon=":material/campaign:")
        return
    influenced = sum(line.deals for line in found.lines if line.part == "influenced")
    note(page.text("pipeline.money.distinct", count=influenced, unknown=found.influence_unknown or 0,
                   shown=min(len(found.campaigns), MOST), total=len(found.campaigns)))  # fmt: skip
    _chart(page, Scope(), found.campaigns, measure, "campaigns")
    _table(page, found.campaigns, None, measure, "campaigns")


def _people(page: Page, scope: Scope, found: Pipeline) -> None:
    """The deals of one bar."""
    choices = []
    for line in [*sorted(found.lines, key=lambda line: PARTS.index(line.part)), *(found.campaigns or ())]:
        for part in ("deals", *STATES):
            count = getattr(line, part)
            title = f"{name(page, line, scope.by)} · {page.lang(f'pipeline.{part}')} ({page.lang.number(count)})"
            choices.append((Choice(line.part, part, _group(line, scope)), count, title))
    titles = known(choices)
    choice = pick(page, DEAL, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, choice, key="deal_people", first=DEAL_COLUMNS)


def _chosen(text: str | None) -> None:
    state.write(DEAL, text)
