"""Parts of the pact as sentences: conditions, working hours, what each team promised.

Not here: where they are shown (definition_view.py), an SLA policy in words (sla_view.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from config.parts import CalendarEntry, Condition, MustHave, SalesReady
from config.schema import Pact
from config.teamwork import Commitments
from leadpact.language import Language
from ui import tables

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def condition(lang: Language, one: Condition) -> str:
    """`{field: country, op: in, value: [MX, ES]}` → Country is one of MX, ES."""
    value = one.value
    words = [shown(lang, each) for each in value] if isinstance(value, list) else [shown(lang, value)]
    params = {"first": words[0], "last": words[-1]} if one.op == "between" else {"value": ", ".join(words)}
    return lang(f"setup.op.{one.op}", field=field(lang, one.field), **params)


def must_have(lang: Language, one: MustHave) -> str:
    """A must-have; one that binds some records only says which."""
    text = condition(lang, one)
    return text if one.where is None else lang("score.must_where", must=text, where=condition(lang, one.where))


def field(lang: Language, name: str) -> str:
    """A field for people: the house's columns in the reader's words, the CRM's own by their name."""
    key = f"setup.field.{name}"
    return lang(key) if lang.has(key) else tables.label(lang, name)


def shown(lang: Language, value: object) -> str:
    if isinstance(value, bool):
        return lang("ui.yes" if value else "ui.no")
    return lang.number(value, 0 if float(value).is_integer() else 2) if isinstance(value, (int, float)) else str(value)


def ready(lang: Language, one: SalesReady) -> list[str]:
    """When Sales commits to spend time, a line for each criterion; empty where none is agreed."""
    lines = [lang("setup.ready.threshold", points=one.threshold)] if one.threshold is not None else []
    lines += [lang("setup.ready.all", condition=must_have(lang, each)) for each in one.all]
    if one.any:
        either = f"; {lang('setup.or')} ".join(condition(lang, each) for each in one.any)
        lines.append(lang("setup.ready.any", conditions=either))
    for each in one.opportunity:
        known = lang("setup.ready.field", field=field(lang, each.field)) if each.field else ""
        lines.append(lang("setup.ready.question", question=each.question, field=known).strip())
    return lines


def commitments(lang: Language, one: Commitments) -> list[str]:
    """What each team promised; empty where nothing is."""
    lines = []
    if one.marketing.mql_per_month is not None:
        lines.append(lang("setup.commit.mql", count=one.marketing.mql_per_month))
    if one.marketing.accepted_rate is not None:
        lines.append(lang("setup.commit.accepted", rate=lang.percent(one.marketing.accepted_rate, 0)))
    if one.sales.follow_up is not None:
        lines.append(lang("setup.commit.follow_up", policy=one.sales.follow_up))
    return lines


def calendar(lang: Language, name: str, one: CalendarEntry) -> str:
    """Working hours: days with the same blocks together."""
    groups: list[tuple[list[str], Sequence[str]]] = []
    for day in WEEK:
        blocks = one.hours.get(day, [])  # type: ignore[call-overload]
        if groups and groups[-1][1] == blocks:
            groups[-1][0].append(day)
        else:
            groups.append(([day], blocks))
    parts = [f"{_days(lang, days)} {', '.join(blocks)}" for days, blocks in groups if blocks]
    text = lang("setup.calendar", name=name, hours="; ".join(parts), zone=one.timezone)
    if one.holidays:
        text += " " + lang("setup.calendar.holidays", country=one.holidays)
    return text


def moves(pact: Pact) -> list[str]:
    """The agreed moves, those from one stage together."""
    found: dict[str, list[str]] = {}
    for start, end in pact.flow:
        found.setdefault(start, []).append(pact.stage(end).label)
    return [f"{pact.stage(start).label} → {', '.join(ends)}" for start, ends in found.items()]


def _days(lang: Language, days: Sequence[str]) -> str:
    names = lang.locale.days["format"]["abbreviated"]
    first, last = (str(names[WEEK.index(day)]) for day in (days[0], days[-1]))
    return first if len(days) == 1 else f"{first}–{last}"
