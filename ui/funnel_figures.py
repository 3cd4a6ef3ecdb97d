"""The funnel in a few figures that open, and what it leaves out, in sight.

Not here: chart, table and choice (funnel_view.py), the counts (leadpact/metrics/funnel.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from config.schema import Pact
from leadpact.metrics.funnel import Funnel, Scope, Step
from ui import funnels
from ui.choice import Choice
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page


def show(page: Page, funnel: Funnel, pact: Pact, whole: bool) -> None:
    """The cohort and how it ends, with the people behind. Groups are added up."""
    lang, scope = page.lang, funnel.scope
    told = {key: value for key, value in facts(page, funnel).items() if key != "page.funnel.rule"}  # said above them
    groups = by_group(funnel)
    size = sum(steps[0].entered for steps in groups)
    won = sum(steps[-1].converted for steps in groups)
    lost, pending = (sum(_out(steps, name, scope.mode) for steps in groups) for name in ("lost", "pending"))
    last = pact.stage(groups[0][-1].stage)

    def part(name: str, of: str = "") -> Part:
        return Part(funnels.behind, (scope, whole, Choice(of, name)), {"entry": "moment"}, "entry")

    def one(name: str, value: str, shown: Part, below: Part | None = None, **said: Any) -> Figure:
        text = page.text(f"{name}.help", **said)
        return Figure(page.text(name, **({"stage": last.label} if name == "reached" else {})), value,
                      rule=f"{text} {page.text('rule.text')}", help=text, facts=told, numerator=shown,
                      denominator=below)  # fmt: skip

    coverage = lang.percent(funnel.coverage)
    opening(
        page,
        "whole",
        [
            one("cohort", lang.number(size), part("counted")),
            one("reached", lang.percent(won / size if size else None), part("converted"), part("counted"),
                part=won, whole=size),
            one("lost", lang.number(lost), part("lost")),
            one("pending", lang.number(pending), part("pending")),
            one("known", coverage, part("known"), part("all")),
        ],
    )  # fmt: skip
    st.caption(plain(page.text("left_out", unknown=funnel.unknown, invalid=funnel.invalid, untouched=funnel.untouched)))


def _out(steps: list[Step], name: str, mode: str) -> int:
    """How many are lost (pending) on the way; stages of their own are no way, there the last one decides."""
    counted = steps[-1:] if mode == "visited" else steps
    return sum(getattr(step, name) for step in counted)


def by_group(funnel: Funnel) -> list[list[Step]]:
    """The steps of each group, the largest group first."""
    found: dict[str | None, list[Step]] = {}
    for step in funnel.steps:
        found.setdefault(step.group, []).append(step)
    return list(found.values())


def facts(page: Page, funnel: Funnel) -> dict[str, str]:
    """Rule, window and mode of the funnel, and what it leaves out: catalogue key → value."""
    lang, scope = page.lang, funnel.scope
    window = lang("ui.days", count=scope.window_days) if scope.window_days else lang("ui.filter.window.none")
    anchor = page.used.pact.stage(scope.anchor).label if scope.anchor else lang("ui.filter.anchor.none")
    return {
        "page.funnel.rule": lang("page.funnel.rule.text"),
        "page.funnel.entries": entries(page, scope),
        "ui.filter.window": window,
        "ui.filter.mode": lang(f"ui.mode.{scope.mode}"),
        "ui.filter.anchor": anchor,
        "page.funnel.coverage": lang.percent(funnel.coverage),
        "page.funnel.unknown": lang.number(funnel.unknown),
        "page.funnel.invalid": lang.number(funnel.invalid),
        "page.funnel.untouched": lang.number(funnel.untouched),
    }


def entries(page: Page, scope: Scope) -> str:
    """The days of entry a scope asks for, from the first to the last; an open side is a dash."""
    lang = page.lang
    if scope.start is None and scope.end is None:
        return lang("ui.all_time")
    return f"{lang.day(scope.start)} – {lang.day(scope.end and scope.end - timedelta(days=1))}"
