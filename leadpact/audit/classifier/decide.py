"""Classifies a status value: action, mixed, obsolete, state, vague, source or reason.

The order of the rules is the order of the functions in RULES: obsolete wording wins, then an
action (alone, or mixed with what stands beside it), then reasons, states, and the rest.

Not here: words (words/*.yaml), segments (segments.py), evidence from behaviour (the rules).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadpact.audit.classifier import language as languages
from leadpact.audit.classifier.lexicon import Lexicon, default_lexicon
from leadpact.audit.classifier.matcher import FILLER, UNKNOWN, read_words, spans
from leadpact.audit.classifier.segments import Reading, read
from leadpact.audit.classifier.shapes import PERSON, STAGE_TEAM, STEP
from leadpact.audit.classifier.verdict import Kind, Verdict

Decision = tuple[Kind, str, float]  # the kind, the rule that decided, how plain it was

STATES = frozenset({"state", "lost", "won"})
WEAK_TAGS = frozenset({"weak_state", "weak_source"})
SOMEBODY = frozenset({PERSON, STEP})
MISSPELT_COSTS = 0.9
# The share of confidence that does not depend on how many of the words were understood.
UNDERSTOOD_ANYWAY = 0.6


def classify(value: str, *, lexicon: Lexicon | None = None) -> Verdict:
    """The kind of thing a status value names, with confidence, language and reasons.

    Pure, deterministic, never raises on text; time is linear in the length of the value, of
    which the first text.MAX_CHARS characters count. Case, accents, spaces, emojis and
    numbering do not matter. `lexicon` defaults to the built-in one.
    """
    lexicon = lexicon or default_lexicon()
    plain = lexicon.plain(value)
    words = [read_words(segment.tokens, lexicon) for segment in plain.segments]
    language, rank = languages.guess(value, [word for segment in words for word, _ in segment], lexicon)
    listed = lexicon.listed(plain)
    if listed is not None:
        return Verdict(value, listed, 1.0, language, ("rule:listed",))
    readings = [read(spans(segment, lexicon, rank), language) for segment in words]
    readings = _retired(readings, [segment.bracketed for segment in plain.segments])
    kind, rule, base = next(found for found in (decide(readings) for decide in RULES) if found is not None)
    return Verdict(value, kind, _confidence(readings, base), language, (*_why(readings), f"rule:{rule}"))


def _obsolete(readings: Sequence[Reading]) -> Decision | None:
    return ("obsolete", "obsolete_wording", 0.95) if _says(readings, "obsolete") else None


def _action(readings: Sequence[Reading]) -> Decision | None:
    if not _says(readings, "action"):
        return None
    if _says(readings, *STATES):
        return "mixed", "state_and_action", 0.92
    if _says(readings, "reason"):
        return "mixed", "reason_and_action", 0.75
    if any("progress" in reading.says for reading in readings):
        return "mixed", "progress_and_action", 0.7
    if readings[0].says == {"weak_state"} and readings[0].groups & SOMEBODY:
        return "mixed", "state_and_action", 0.75
    return "action", "action", 0.95


def _untouched(readings: Sequence[Reading]) -> Decision | None:
    if not _says(readings, "untouched"):
        return None
    if _says(readings, *STATES):
        return "mixed", "state_and_untouched", 0.9
    if any(reading.says == {"weak_state"} and reading.groups & SOMEBODY for reading in readings):
        return "mixed", "state_and_untouched", 0.7
    if _says(readings, "reason"):
        return "reason", "reason", 0.7
    return "state", "untouched", 0.92


def _reason(readings: Sequence[Reading]) -> Decision | None:
    if _says(readings, "won"):
        return None
    if _says(readings, "reason"):
        return "reason", "reason", 0.92
    if _says(readings, "denied") and not _says(readings, "state"):
        return "reason", "lacking", 0.6
    if _says(readings, *STATES):
        if any(reading.says & {"weak_reason", "denied"} for reading in readings):
            return "reason", "state_and_reason", 0.75
        if len(readings) > 1 and readings[0].says == {"lost"} and _may_be_cause(readings[-1]):
            return "reason", "lost_for_unknown", 0.55
    return None


def _verb(readings: Sequence[Reading]) -> Decision | None:
    return ("action", "verb", 0.6) if _says(readings, "verb") and not _says(readings, *STATES) else None


def _state(readings: Sequence[Reading]) -> Decision | None:
    return ("state", "state", 0.93) if _says(readings, *STATES) else None


def _weak(readings: Sequence[Reading]) -> Decision | None:
    if _says(readings, "weak_reason", "denied"):
        return "reason", "weak_reason", 0.7
    if _says(readings, "source") and not _came_by(readings[0]):
        return "source", "source", 0.8
    if _says(readings, "weak_state"):
        return "state", "weak_state", 0.75
    if _says(readings, "weak_source"):
        return "source", "weak_source", 0.65
    return None


def _nothing(readings: Sequence[Reading]) -> Decision:
    if _says(readings, "pending"):
        return "vague", "pending", 0.85
    if _says(readings, "progress"):
        return "vague", "progress", 0.9
    if _says(readings, UNKNOWN):
        unknown = [word for reading in readings for span in reading.spans if span.tag == UNKNOWN for word in span.words]
        if all(_code(word) for word in unknown):
            return "vague", "unknown_code", 0.35
        return "state", "unknown_words", 0.3
    return "vague", "says_nothing", 0.85


RULES: tuple[Callable[[Sequence[Reading]], Decision | None], ...] = (
    _obsolete, _action, _untouched, _reason, _verb, _state, _weak, _nothing,
)  # fmt: skip


def _says(readings: Sequence[Reading], *what: str) -> bool:
    return any(name in reading.says for reading in readings for name in what)


def _came_by(first: Reading) -> bool:
    """A stage or a paper before the channel it came by: "Inquiry - Web"."""
    return first.says == {"weak_state"} and bool(first.groups & {"general", "document"})


def _may_be_cause(reading: Reading) -> bool:
    """After a lost state: words that name neither people nor a team, who are no cause."""
    if reading.says == {UNKNOWN}:
        return True
    return bool(reading.says) and reading.says <= WEAK_TAGS and not reading.groups & {PERSON, STAGE_TEAM}


def _code(word: str) -> bool:
    """Letters that stand for something only the company knows."""
    return word.isascii() and (len(word) <= 3 or not set(word) & set("aeiouy"))


def _retired(readings: list[Reading], bracketed: list[bool]) -> list[Reading]:
    """ "Converted (inactive)" speaks of the value, "Inactive" and "Customer - inactive" of the lead."""
    if len(readings) < 2:
        return readings
    before = set().union(*(reading.says for reading in readings[:-1]))
    told = [_inactive(reading) for reading in readings]
    if any(alone and marked for alone, marked in zip(told, bracketed, strict=True)):
        return [*readings[:-1], Reading(frozenset({"obsolete"}), readings[-1].spans)]
    if told[-1] and before & {"action", "untouched"}:
        return [*readings[:-1], Reading(frozenset({"obsolete"}), readings[-1].spans)]
    return readings


def _inactive(reading: Reading) -> bool:
    return len(reading.spans) == 1 and "inactive" in reading.groups


def _confidence(readings: Sequence[Reading], base: float) -> float:
    words = [span for reading in readings for span in reading.spans if span.tag != FILLER]
    understood = sum(1 for span in words if span.tag != UNKNOWN) / len(words) if words else 1.0
    confidence = base * (UNDERSTOOD_ANYWAY + (1 - UNDERSTOOD_ANYWAY) * understood)
    if any(span.misspelt for span in words):
        confidence *= MISSPELT_COSTS
    return round(confidence, 3)


def _why(readings: Sequence[Reading]) -> tuple[str, ...]:
    spans_ = [span for reading in readings for span in reading.spans]
    return tuple(f"{span.text}={span.tag}" for span in spans_ if span.tag not in (FILLER, "neutral", "grammar"))
