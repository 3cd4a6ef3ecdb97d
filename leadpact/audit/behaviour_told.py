"""How records behave in a status value, in words: a labelled sentence for each thing that is known.

Not here: the numbers (behaviour.py), how they are laid out (ui/findings_evidence.py, leadpact/report).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.schema import UNMAPPED, Pact
from leadpact.audit.behaviour_stays import LATELY_DAYS
from leadpact.audit.rule import Finding
from leadpact.audit.shown import shown
from leadpact.audit.told import local
from leadpact.language import Language, Text

Said = tuple[str, str]  # a label, and the sentence beside it


def sentences(lang: Language, one: Finding, pact: Pact) -> list[Said]:
    """What is known of the value a finding is about, label and sentence; empty for other findings."""
    known = one.evidence.get("behaviour")
    if not isinstance(known, Mapping):
        return []
    parts = [
        ("entered", _entered(one, known, pact)),
        ("by", _by(lang, known["by"])),
        ("stay", _stay(lang, known["stay"])),
        ("next", _next(lang, known, pact)),
        ("beside", _beside(lang, known["beside"])),
        ("later", _onward(lang, known["later"], pact, "later")),
        ("won", _onward(lang, known["won"], pact, "won")),
    ]
    return [(lang(f"audit.behaviour.{name}"), lang.text(said)) for name, said in parts if said is not None]


def _entered(one: Finding, known: Mapping[str, Any], pact: Pact) -> Text | None:
    entries, lately = one.evidence.get("entries"), known["entries_90_days"]
    if not entries:
        return None
    said = Text.of("audit.behaviour.entered.times", count=entries)
    first, last = one.evidence.get("first_at"), one.evidence.get("last_at")
    if first is None or last is None:
        return said
    days = {"first": local(first, pact.zone).date(), "last": local(last, pact.zone).date()}
    said = Text.of("audit.behaviour.entered.between", times=said, **days)
    return (
        said
        if lately is None
        else Text.of("audit.behaviour.entered.lately", said=said, lately=lately, days=LATELY_DAYS)
    )


def _by(lang: Language, by: Mapping[str, int] | None) -> Text | None:
    total = sum(by.values()) if by else 0
    if not by or not total:
        return None
    if by["unknown"] == total:
        return Text.of("audit.behaviour.by.nobody")
    parts = [
        Text.of(f"audit.behaviour.by.{kind}", share=lang.percent(number / total, 0))
        for kind, number in sorted(by.items(), key=lambda item: -item[1])
        if number
    ]
    return _listed(parts)


def _stay(lang: Language, stay: Mapping[str, Any] | None) -> Text | None:
    if stay is None or not stay["n"]:
        return None
    counts = {"open": stay["open"], "n": stay["n"]}
    days = stay["median_days"]
    if days is None:
        return Text.of("audit.behaviour.stay.open", **counts)
    return Text.of("audit.behaviour.stay.half", time=duration(lang, days), **counts)


def duration(lang: Language, days: float) -> Text:
    """Days as people say them: in minutes below an hour, in hours below two days."""
    if days < 1 / 24:
        return Text.of("audit.behaviour.minutes", count=max(1, round(days * 1440)))
    if days < 2:
        return Text.of("audit.behaviour.hours", count=round(days * 24))
    return Text.of("audit.behaviour.days", count=round(days))


def _next(lang: Language, known: Mapping[str, Any], pact: Pact) -> Text | None:
    if not known["left"]:
        return None
    labels = {stage.key: stage.label for stage in pact.stages} | {UNMAPPED: lang("stage.unmapped")}
    values: list[tuple[Text | str, float]] = [
        (Text.of("audit.behaviour.value", value=shown(row["value"])), row["share"]) for row in known["next"]
    ]
    stages: list[tuple[Text | str, float]] = [
        (labels.get(row["stage"], row["stage"]), row["share"]) for row in known["next_stages"]
    ]
    onto, into = (_listed(list(_shares(lang, rows))) for rows in (values, stages))
    return Text.of("audit.behaviour.next.to", count=known["left"], values=onto, stages=into)


def _shares(lang: Language, rows: Sequence[tuple[Text | str, float]]) -> Iterator[Text]:
    return (Text.of("audit.behaviour.share", what=what, share=lang.percent(share, 0)) for what, share in rows)


def _beside(lang: Language, beside: Mapping[str, Any] | None) -> Text | None:
    if beside is None:
        return None
    share = lang.percent(beside["share"], 0)
    return Text.of("audit.behaviour.beside.of", share=share, count=beside["moves"], minutes=beside["minutes"])


def _onward(lang: Language, found: Mapping[str, Any] | None, pact: Pact, what: str) -> Text | None:
    if found is None:
        return None
    label = next((stage.label for stage in pact.stages if stage.key == found["stage"]), found["stage"])
    level = "same" if found["low"] <= 0 <= found["high"] else "more" if found["low"] > 0 else "fewer"
    return Text.of(
        f"audit.behaviour.{what}.{level}",
        rate=lang.percent(found["reached"] / found["n"], 0),
        n=found["n"],
        other=lang.percent(found["others_reached"] / found["others"], 0),
        others=found["others"],
        stage=label,
        low=_points(lang, found["low"]),
        high=_points(lang, found["high"]),
    )


def _points(lang: Language, share: float) -> str:
    return f"{'+' if share > 0 else ''}{lang.number(100 * share, 1)}"


def _listed(parts: Sequence[Text]) -> Text:
    text = parts[0]
    for part in parts[1:]:
        text = Text.of("audit.list", first=text, second=part)
    return text
