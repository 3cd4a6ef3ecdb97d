"""The largest leak and the slowest engine in a sentence each, with the numbers they stand on.

Not here: which they are (leadpact/metrics/leaks.py, engines.py).
"""

from __future__ import annotations

from config.schema import UNMAPPED, Pact
from leadpact.language import Language
from leadpact.metrics.engines_judge import Engine
from leadpact.metrics.leaks import Leak

LONGEST = 60


def short(text: str, most: int = LONGEST) -> str:
    """The text, cut where it would take the page from the others."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def stage_name(lang: Language, pact: Pact, key: str) -> str:
    """The label of a stage, or what values no stage claims are called."""
    return lang("stage.unmapped") if key == UNMAPPED else short(pact.stage(key).label)


def largest_leak(lang: Language, pact: Pact, leak: Leak | None, *, days: float, period_days: int) -> str:
    """Where more were lost than the period before leads to expect; or that nothing clearly leaks."""
    if leak is None:
        return lang("report.leak.none", count=period_days)
    return lang(
        "report.leak.found",
        stage=stage_name(lang, pact, leak.stage),
        lost=leak.lost,
        entered=leak.entered,
        rate=lang.percent(leak.rate),
        days=days,
        before=lang.percent(leak.rate_before),
        count=period_days,
        excess=lang.number(leak.excess),
    )


def slowest_engine(lang: Language, pact: Pact, engine: Engine | None) -> str:
    """Who moves leads slower than the rest, by how much and of how many; or that nobody clearly does."""
    if engine is None:
        return lang("report.engine.none")
    dimension = lang(f"ui.dim.{engine.by}") if lang.has(f"ui.dim.{engine.by}") else engine.by
    interval = ""
    if engine.low is not None and engine.high is not None:
        interval = ", " + lang(
            "report.engine.interval", low=lang.number(engine.low, 1), high=lang.number(engine.high, 1)
        )
    return lang(
        f"report.engine.{engine.measure or 'median'}",
        group=f"{dimension}: {short(engine.group) if engine.group is not None else lang('group.unknown')}",
        stage=stage_name(lang, pact, engine.stage),
        value=lang.number(engine.value, 1),
        rest=lang.number(engine.rest, 1),
        more=lang.number(engine.difference, 1),
        horizon=lang.number(engine.horizon),
        n=engine.n,
        n_rest=engine.n_rest,
        interval=interval,
    )
