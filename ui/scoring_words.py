"""Rules of the score as the Scoring page says them: fields and activities by the names people know.

Not here: the same for the command line (leadpact/scoring/words.py), conditions (definition_words.py).
"""

from __future__ import annotations

from config.parts import Condition, ScoringRule
from leadpact.language import Language
from ui import definition_words, tables

ACTIVITY = "activity:"  # before a kind, where fields and activities stand in one list


def rule(lang: Language, one: ScoringRule) -> str:
    """`Industry is one of Banking`, `web visit, its subject contains “pricing”, in the last 30 days`."""
    when = one.when
    if isinstance(when, Condition):
        return definition_words.condition(lang, when)
    said = activity(lang, when.activity)
    if when.subject is not None:
        test = Condition(field="subject", op=when.subject.op, value=when.subject.value)
        own = definition_words.field(lang, "subject")
        asked = definition_words.condition(lang, test).replace(own, lang("score.subject"), 1)
        said = f"{said}, {asked}"
    return said if when.within_days is None else lang("score.within", what=said, count=when.within_days)


def field(lang: Language, name: str) -> str:
    """A field by the name people know."""
    if lang.has(f"scoring.field.{name}"):
        return lang(f"scoring.field.{name}")
    return definition_words.field(lang, name)


def activity(lang: Language, kind: str) -> str:
    """A kind of activity by the name people know; another one as the source says it."""
    key = f"setup.activity.{kind.strip().lower()}"
    return lang(key) if lang.has(key) else tables.label(lang, kind)


def subject(lang: Language, text: str) -> str:
    """What a rule is about: a field, or `activity:<kind>`."""
    if text.startswith(ACTIVITY):
        return lang("scoring.activity", kind=activity(lang, text.removeprefix(ACTIVITY)))
    return field(lang, text)


def points(lang: Language, value: float | None) -> str:
    """Points with their sign; whole ones without decimals."""
    if value is None:
        return "–"
    sign = "+" if value > 0 else ""
    return sign + lang.number(value, 0 if float(value).is_integer() else 1)
