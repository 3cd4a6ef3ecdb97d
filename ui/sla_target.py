"""What if the target were another one: a slider over compliance, recomputed exactly from the clocks.

Not here: the computing (leadpact/metrics/response_times.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics import response
from leadpact.metrics.response_times import Times
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import access, charts, sla_charts, state, tables
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_words import CLOCK_COLUMNS, clocks, span
from ui.tables import Kind

TARGET = "target"
STEPS = {
    "elapsed": (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48, 72, 96, 120, 144, 168, 240, 336, 504, 720),
    "working": (0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 60, 80, 120),
}
WANTED = (0.8, 0.9)
POINTS = 240


@access.fragment
def explore(
    page: Page, one: SlaPolicy, times: Times, by: str | None, of_group: str | None, said: Mapping[str, Any]
) -> None:
    """The slider, what it gives, the curve of all targets and their table. Only this part runs again.

    `said` are the facts a figure shows when it opens.
    """
    lang = page.lang
    agreed = float(one.target.hours)
    steps = sorted({*map(float, STEPS[one.target.clock]), agreed})
    asked = _asked(steps, agreed)
    st.select_slider(
        page.text("target.slider"), steps, format_func=lambda hours: span(lang, hours, one),
        **state.bound(page.key(TARGET), TARGET, asked, lambda hours: None if hours == agreed else f"{hours:g}"),
    )  # fmt: skip
    _figures(page, one, times, (asked, agreed), by, of_group, said)
    grid = np.unique(np.concatenate([np.geomspace(steps[0], steps[-1], POINTS), steps]))
    counts = times.at(asked)
    ticks = [(hours, span(lang, hours, one)) for hours in response.edges(one) if steps[0] <= hours <= steps[-1]]
    figure = sla_charts.compliance_curve(
        [(float(hours), times.at(float(hours)).compliance) for hours in grid], _apart(ticks),
        (agreed, lang("page.sla.target_line", target=span(lang, agreed, one))),
        (asked, counts.compliance, f"{span(lang, asked, one)}: {lang.percent(counts.compliance)}"), lang,
    )  # fmt: skip
    st.caption(page.text("target.reading"))
    charts.show(figure, key=page.key("target_curve"), alt=page.text("target"))
    rows = [_row(page, one, times, hours) for hours in sorted({*response.edges(one), asked})]
    kinds: dict[str, Kind] = {"target_time": "text", "compliance": "share", "met": "count", "breached": "count",
                              "overdue": "count", "running": "count", "withdrawn": "count", "note": "text"}  # fmt: skip
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("target_table"))
    _needed(page, one, times)


def _asked(steps: list[float], agreed: float) -> float:
    """The target in the URL, where the slider knows it; else the one agreed."""
    try:
        found = float(state.read(TARGET) or agreed)
    except ValueError:
        return agreed
    return found if found in steps else agreed


def _figures(page: Page, one: SlaPolicy, times: Times, targets: tuple[float, float], by: str | None,
             of_group: str | None, said: Mapping[str, Any]) -> None:  # fmt: skip
    lang, (asked, agreed) = page.lang, targets
    new, old = times.at(asked), times.at(agreed)
    change = None
    if new.compliance is not None and old.compliance is not None and asked != agreed:
        points = (new.compliance - old.compliance) * 100
        change = lang("page.sla.target.points", points=("+" if points > 0 else "") + lang.number(points, 1))
    parts = {name: Part(at_target, (one.id, asked, name, by, of_group), CLOCK_COLUMNS, "hours")
             for name in ("met", "due", "late")}  # fmt: skip
    label = page.text("target.compliance", target=span(lang, asked, one))
    opening(
        page,
        "target",
        [
            Figure(label, lang.percent(new.compliance), page.text("target.rule"), delta=change, facts=said,
                   help=lang("page.sla.compliance.help", part=new.met, whole=new.due),
                   numerator=parts["met"], denominator=parts["due"]),
            Figure(page.text("target.kept"), lang.number(new.met), page.text("target.rule"), facts=said,
                   numerator=parts["met"]),
            Figure(page.text("target.late"), lang.number(new.due - new.met), page.text("target.rule"), facts=said,
                   numerator=parts["late"]),
        ],
    )  # fmt: skip


def _row(page: Page, one: SlaPolicy, times: Times, hours: float) -> dict[str, Any]:
    counts = times.at(hours)
    states = {name: getattr(counts, name) for name in ("met", "breached", "overdue", "running", "withdrawn")}
    note = page.text("target.agreed") if hours == float(one.target.hours) else None
    return {"target_time": span(page.lang, hours, one), "compliance": counts.compliance, **states, "note": note}


def _needed(page: Page, one: SlaPolicy, times: Times) -> None:
    """The shortest targets that would have been kept by so many."""
    lang = page.lang
    said = []
    for wanted in WANTED:
        hours, share = times.hours_for(wanted), lang.percent(wanted, 0)
        key = {"share": share, "target": tables.span(lang, hours)}
        said.append(page.text("target.never", share=share) if hours is None else page.text("target.needed", **key))
    st.caption(plain(" ".join(said)))


def _apart(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Only ticks with room between them on a scale by ratio."""
    kept: list[tuple[float, str]] = []
    for hours, text in ticks:
        if not kept or hours / kept[-1][0] >= 1.9:
            kept.append((hours, text))
    return kept


def at_target(analysis: Analysis, name: str, hours: float, part: str, by: str | None, of_group: str | None) -> Table:
    """The clocks that would be met, due (met or late) or late, were the target so many hours."""
    rows = clocks(analysis, name, by, of_group)
    in_time = rows.measured <= hours * 3600
    met = (rows.answer == "answered") & in_time
    late = (rows.answer != "unknown") & ~in_time
    return rows.filter({"met": met, "late": late, "due": met | late}[part])
