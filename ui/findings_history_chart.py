"""The audits as bars: what each found, still there and new; below the line what it resolved.

Not here: the common look (charts.py), the numbers (leadpact/audit/changes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
from babel.dates import format_skeleton

from leadpact.audit.changes import Change
from leadpact.language import Language
from ui.charts import BAD, GOOD, QUIET, escaped

MOST_LABELS = 6


def runs(
    found: Sequence[Change], labels: Sequence[str], names: Sequence[str], lang: Language, zone: ZoneInfo
) -> go.Figure:
    """A bar for each audit, in order. `labels` say when each was; `names` still there, new, resolved."""
    days = [_day(one, lang, zone) for one in found]
    counts = (
        [len(one.still) for one in found],
        [len(one.new) for one in found],
        [-len(one.resolved) for one in found],
    )
    figure = go.Figure()
    for name, values, colour in zip(names, counts, (QUIET, BAD, GOOD), strict=True):
        figure.add_bar(
            name=escaped(name), x=list(range(len(found))), y=values, marker={"color": colour, "line": {"width": 0}},
            hovertext=[f"{escaped(label)}<br>{escaped(name)}: {lang.number(abs(value))}"
                       for label, value in zip(labels, values, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    every = max(1, -(-len(labels) // MOST_LABELS))
    ticks = list(range(len(labels) - 1, -1, -every))[::-1]
    figure.update_layout(
        barmode="relative", bargap=0.3 if len(found) > 4 else 0.7, height=300, dragmode=False,
        margin={"l": 0, "r": 12, "t": 44, "b": 8}, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        separators=lang.separators,
    )  # fmt: skip
    words = [escaped(days[place]) for place in ticks]
    figure.update_xaxes(fixedrange=True, tickvals=ticks, ticktext=words, showgrid=False, zeroline=False,
                        range=[-0.6, len(found) - 0.4], automargin=True)  # fmt: skip
    low, high = min(counts[2], default=0), max((a + b for a, b in zip(*counts[:2], strict=True)), default=0)
    steps = _steps(low, high)
    figure.update_yaxes(fixedrange=True, automargin=True, zeroline=True, tickvals=steps,
                        ticktext=[lang.number(abs(step)) for step in steps])  # fmt: skip
    return figure


def _day(one: Change, lang: Language, zone: ZoneInfo) -> str:
    """`Mar 3`: the year is in the label and in the table."""
    local = one.run.as_of.replace(tzinfo=UTC).astimezone(zone)
    return str(format_skeleton("MMMd", local, locale=lang.locale))


def _steps(low: int, high: int) -> list[int]:
    """Whole numbers to mark, zero among them: what is resolved is counted below the line, not negative."""
    width = max(high - low, 1)
    size = next(
        (unit * ten for ten in (1, 10, 100, 1000, 10_000) for unit in (1, 2, 5) if width / (unit * ten) <= 6), width
    )
    return list(range(-(-low // size) * size, high + 1, size)) or [0]
