"""Slow engines: who moves leads slower, or loses more, than the rest; silent where the evidence is not there.

Not here: the tests and their correction (leadpact/metrics/engines.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from leadpact.metrics import engines
from leadpact.metrics.engines import Engines
from leadpact.metrics.engines_judge import CASES, Engine
from ui import charts, options, people, state, tables, velocity_charts
from ui.choice import Choice, known, pick
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span, compared
from ui.velocity_charts import Ratio
from ui.velocity_scope import WHO, days, facts, label

LOST_AFTER = "lost_after"
WINDOWS = (30, 60, 90, 180, 365)
MOST_CARDS, MOST_DRAWN = 3, 15
PACE: dict[str, Kind] = {"days": "number", "entered_at": "moment", "left_at": "moment", "group": "text"}
EVENT = {"pace": "left", "loss": "lost"}  # what is counted of the cases
LOSS: dict[str, Kind] = {"lost": "flag", "entered_at": "moment", "group": "text"}


def show(page: Page, span: Span) -> None:
    """What was tested, who is called, by how much, and the people behind."""
    window = _window(page)
    by = engines.USUAL if span.by is None else (span.by,)
    found = page.cached(engines.engines, by=by, window_days=float(window), start=span.start, end=span.end)
    said = _facts(page, span, found)
    _tested(page, found)
    if not found.called:
        page.empty("page.velocity.engines.none" if found.tested else "page.velocity.engines.few", cases=CASES)
    else:
        _cards(page, span, found, said)
        for kind in ("pace", "loss"):
            _chart(page, [one for one in found.called if one.kind == kind], kind)
        st.caption(plain(page.text("engines.association")))
        _table(page, found.called, "engines_table")
    if found.tested:
        with st.expander(page.text("engines.all", count=found.tested), icon=":material/list:"):
            st.caption(plain(page.text("engines.all.help")))
            _table(page, found.engines, "tested_table")
    choice = _choice(page, found)
    if choice is not None:
        kind = choice.part.partition(":")[0]
        people.show(page, _title(page, choice), compared, span, found.window_days, choice, key="people",
                    first=PACE if kind in ("pace", "left") else LOSS, order="entered_at")  # fmt: skip
    return page.footer(**said)


def _window(page: Page) -> int:
    """The days after which a journey that went no further counts as lost."""
    usual, text = int(engines.WINDOW), state.read(LOST_AFTER)
    current = int(text) if text in [str(one) for one in WINDOWS] else usual
    st.selectbox(
        page.text("lost_after"), WINDOWS, format_func=lambda count: page.lang("ui.days", count=count), width=300,
        help=page.text("lost_after.help"),
        **state.bound(page.key(LOST_AFTER), LOST_AFTER, current, lambda one: None if one == usual else str(one)),
    )  # fmt: skip
    return current


def _facts(page: Page, span: Span, found: Engines) -> dict[str, Any]:
    lang = page.lang
    said = facts(page, span, found.coverage, found.unknown, page.text("rule.engines"))
    return {
        **said,
        "page.velocity.compared": ", ".join(options.dimension(lang, name) for name in found.by),
        "page.velocity.lost_after": lang("ui.days", count=found.window_days),
        "page.velocity.tested": lang.number(found.tested),
        "page.velocity.few": lang.number(found.few),
        "page.velocity.immature": lang.number(found.immature),
    }


def _tested(page: Page, found: Engines) -> None:
    dimensions = ", ".join(options.dimension(page.lang, name) for name in found.by)
    counts = {"tested": found.tested, "called": len(found.called), "few": found.few}
    st.markdown(plain(page.text("engines.tested", by=dimensions, **counts)))


def _cards(page: Page, span: Span, found: Engines, said: dict[str, Any]) -> None:
    """The first of those called by name, each once, by how many leads it is about."""
    first: dict[str, Engine] = {}
    for one in found.called:
        if one.group is not None:
            first.setdefault(one.group, one)
    figures = []
    for one in list(first.values())[:MOST_CARDS]:
        choice, kinds = _of(one), PACE if one.kind == "pace" else LOSS
        top = Choice(choice.of, f"{EVENT[one.kind]}:{one.by}", choice.group)
        args = (span, found.window_days)
        figures.append(
            Figure(
                _name(page, one), _effect(page, one), page.text(f"rule.{one.kind}"), help=_sentence(page, one),
                facts={**said, "page.velocity.interval": _interval(page, one),
                       "page.velocity.q": _q(page, one), "page.velocity.cases": page.lang.number(one.n)},
                numerator=Part(compared, (*args, top), kinds, "entered_at"),
                denominator=Part(compared, (*args, choice), kinds, "entered_at"),
            )
        )  # fmt: skip
    opening(page, "engines", figures)


def _chart(page: Page, rows: Sequence[Engine], kind: str) -> None:
    if not rows:
        return
    st.subheader(page.text(f"engines.{kind}"), anchor=False)
    counts = {"shown": min(len(rows), MOST_DRAWN), "total": len(rows)}
    st.caption(plain(page.text(f"engines.{kind}.reading", **counts)))
    drawn = [_ratio(page, one) for one in rows[:MOST_DRAWN]]
    figure = velocity_charts.ratios(drawn, page.lang, pace=kind == "pace")
    charts.show(figure, key=page.key(f"engines_{kind}"), alt=page.text(f"engines.{kind}"), select=_chosen)


def _ratio(page: Page, one: Engine) -> Ratio:
    values = (one.ratio, one.ratio_low, one.ratio_high) if one.kind == "pace" else (one.difference, one.low, one.high)
    value, low, high = (0.0 if number is None else number for number in values)
    return Ratio(_name(page, one), value, low, high, _sentence(page, one), one.called, _of(one).text)


def _table(page: Page, rows: Sequence[Engine], key: str) -> None:
    lang = page.lang
    lines = [
        {
            "what": page.text(f"engines.what.{one.kind}"), "by": options.dimension(lang, one.by),
            "group": options.shown(lang, one.group), "stage": label(page, one.stage), "cases": one.n,
            "here": _value(page, one, one.value), "rest": _value(page, one, one.rest),
            "measure": _measure(page, one),
            "difference": _effect(page, one) if one.difference is not None else None,
            "interval": _interval(page, one) if one.difference is not None else None,
            "ratio": one.ratio, "ratio_interval": _ratio_interval(page, one), "behind": one.behind, "q": _q(page, one),
        }
        for one in rows
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"what": "text", "by": "text", "group": "text", "stage": "text", "cases": "count"}
    kinds |= {"here": "text", "rest": "text", "measure": "text", "difference": "text", "interval": "text"}
    kinds["ratio"] = "share"
    kinds |= {"ratio_interval": "text", "behind": "count", "q": "text"}
    filled = {name: kind for name, kind in kinds.items() if any(line[name] is not None for line in lines)}
    tables.show(pd.DataFrame(lines), filled, lang, key=page.key(key))


def _measure(page: Page, one: Engine) -> str | None:
    """What the values are: a median, a mean, a share lost."""
    return one.measure and page.text(f"measure.{one.measure}", days=page.lang.number(one.horizon))


def _choice(page: Page, found: Engines) -> Choice | None:
    entries = [(_of(one), one.n, f"{_title(page, _of(one))} ({page.lang.number(one.n)})") for one in found.called]
    for one in found.called:
        events = Choice(one.stage, f"{EVENT[one.kind]}:{one.by}", one.group or "")
        entries.append((events, one.events, f"{_title(page, events)} ({page.lang.number(one.events)})"))
    return pick(page, WHO, known(entries))


def _title(page: Page, choice: Choice) -> str:
    kind, _, by = choice.part.partition(":")
    words = (options.dimension(page.lang, by), options.shown(page.lang, choice.group), label(page, choice.of))
    return " · ".join([*words, page.text(f"engines.behind.{kind}")])


def _of(one: Engine) -> Choice:
    return Choice(one.stage, f"{one.kind}:{one.by}", one.group or "")


def _name(page: Page, one: Engine) -> str:
    return f"{options.shown(page.lang, one.group)} · {label(page, one.stage)}"


def _sentence(page: Page, one: Engine) -> str:
    """An engine in words: what it does, against whom, with the interval and the number of cases."""
    ratio = {"ratio": page.lang.percent(one.ratio, 0), "between": _ratio_interval(page, one) or "–"}
    values = {"value": _value(page, one, one.value) or "–", "rest": _value(page, one, one.rest) or "–"}
    horizon = page.lang.number(one.horizon)
    return page.text(
        f"engines.said.{one.measure or 'pace'}",
        n=one.n, events=one.events, interval=_interval(page, one), horizon=horizon, **values, **ratio,
    )  # fmt: skip


def _value(page: Page, one: Engine, value: float | None) -> str | None:
    if value is None:
        return None
    return page.lang.percent(value) if one.kind == "loss" else days(page, value, _largest(one))


def _effect(page: Page, one: Engine) -> str:
    """The difference with its sign; the pace where no days can be said."""
    if one.difference is None:
        return page.lang.percent(one.ratio, 0)
    if one.kind == "loss":
        return page.text("points", points=f"{_sign(one.difference)}{page.lang.number(abs(100 * one.difference), 1)}")
    return f"{_sign(one.difference)}{days(page, abs(one.difference), _largest(one))}"


def _largest(one: Engine) -> float:
    """What the days of one engine are said in the unit of."""
    return max(abs(value) for value in (one.value, one.rest, one.difference, 0.0) if value is not None)


def _sign(value: float) -> str:
    return "+" if value > 0 else "−" if value < 0 else ""


def _interval(page: Page, one: Engine) -> str:
    if one.low is None or one.high is None:
        return _ratio_interval(page, one) or "–"
    ends = []
    for end in (one.low, one.high):
        text = page.lang.number(abs(100 * end), 1) if one.kind == "loss" else days(page, abs(end), _largest(one))
        ends.append(f"{_sign(end)}{text}")
    joined = page.text("from_to", low=ends[0], high=ends[1])
    return page.text("points", points=joined) if one.kind == "loss" else joined


def _ratio_interval(page: Page, one: Engine) -> str | None:
    if one.ratio_low is None or one.ratio_high is None:
        return None
    return f"{page.lang.percent(one.ratio_low, 0)} – {page.lang.percent(one.ratio_high, 0)}"


def _q(page: Page, one: Engine) -> str:
    return f"< {page.lang.number(0.001, 3)}" if one.q < 0.001 else page.lang.number(one.q, 3)


def _chosen(text: str | None) -> None:
    state.write(WHO, text)
