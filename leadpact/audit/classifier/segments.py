"""What one segment of a value says: the tags of its phrases weighed against each other.

"Discovery Call Completed" is an action though "discovery" and "completed" can be states:
inside a segment a weak word only colours a strong one. Across segments ("Working -
Contacted") both stand.

Not here: single words in their place (shapes.py), segments together (decide.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadpact.audit.classifier import shapes
from leadpact.audit.classifier.matcher import FILLER, UNKNOWN, Span

ORDERS = ("task", "infinitive", "needs")
TO_ASSIGN = "to_assign"
WEAK = frozenset({"weak_state", "weak_reason", "weak_source", "source", UNKNOWN})


@dataclass(frozen=True)
class Reading:
    """One segment: what it says, and by which phrases.

    `says` holds names of tags, "lost", "won" and "progress" (groups that decide otherwise
    than their tag), "denied" (a thing is lacking), UNKNOWN, and "verb" for an order in
    unknown words. Empty: only little words.
    """

    says: frozenset[str]
    spans: tuple[Span, ...]

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(span.group for span in self.spans)


def read(spans: Sequence[Span], language: str | None) -> Reading:
    """The reading of one segment from its phrases; `language` is that of the whole value."""
    spans = shapes.in_place(spans)
    tags = {span.tag for span in spans}
    says: set[str]
    if "obsolete" in tags:
        says = {"obsolete"}
    elif "action" in tags:
        says = _active(spans, language)
    elif "untouched" in tags:
        says = {"untouched", *_states(spans), *(tags & {"reason"})}
    elif "reason" in tags:
        says = {"reason", *(_states(spans) - {"won"})}  # "bought elsewhere": nothing is won
    else:
        says = _quiet(spans, tags, language) or _weak(spans, tags)
    return Reading(frozenset(says), tuple(spans))


def _active(spans: Sequence[Span], language: str | None) -> set[str]:
    """A segment with an action: what else stands in it besides.

    An order ("send to nurture") takes its object; the name of a process ("qualification
    call") only says what the touch was about; a reason that comes first ("not interested
    in a visit") takes the touch as its object.
    """
    strong = [span for span in spans if span.tag in ("action", "reason")]
    if strong[0].tag == "reason":
        return {"reason", *_states(spans)}
    first = next(span for span in spans if span.tag not in (FILLER, "neutral", "grammar", "pending"))
    if first.tag == "action" and (first.group in ORDERS or shapes.is_infinitive(first, language)):
        return {"action"}
    states = [span for place, span in enumerate(spans) if not shapes.describes_touch(spans, place)]
    return {*_states(states), *(span.tag for span in strong)}


def _quiet(spans: Sequence[Span], tags: set[str], language: str | None) -> set[str]:
    """A segment without a strong action or reason, as far as more than weak words decide it."""
    to_assign = any(span.group == TO_ASSIGN for span in spans)
    if to_assign and tags & WEAK - {"weak_reason"}:
        return {"verb"}  # "por asignar" is a state, "por asignar modelo" something to do
    ruled = _ruled(spans)
    if ruled:
        return {ruled}
    states = _states(spans)
    if states:
        caused = shapes.lost_because(spans)
        return states | ({"weak_reason"} if caused or ("lost" in states and "weak_reason" in tags) else set())
    if shapes.amiss(spans):
        return {"weak_reason"}
    return {"verb"} if shapes.unknown_order(spans, language) else set()


def _ruled(spans: Sequence[Span]) -> str | None:
    """What one word of the segment makes of all the others, states too."""
    denied = shapes.denied(spans)
    if denied:
        return denied
    if any(span.tag == "source" and span.group == shapes.LIST for span in spans):
        return "source"  # "purchased list", "past client referral"
    return "weak_reason" if shapes.rules_out(spans) else None


def _weak(spans: Sequence[Span], tags: set[str]) -> set[str]:
    """A segment of weak words only. A reason must come last: "budget approved" is none."""
    if "pending" in tags:
        return {"state"} if tags & WEAK else {"pending"}
    if tags & {"weak_state", UNKNOWN} and any(span.group == shapes.TEAM for span in spans):
        return {"source"}
    told = [span for span in spans if span.tag not in (FILLER, "neutral", "grammar")]
    if "source" in tags and shapes.STEP in (told[0].group, told[-1].group):
        return {"weak_state"}
    if tags & {"weak_source", UNKNOWN} and any(span.group == shapes.PROGRESS for span in spans):
        return {"weak_state"}
    weak = [span.tag for span in spans if span.tag in ("weak_reason", "weak_state", "source")]
    order = ("source", "weak_state", "weak_source", UNKNOWN, "vague")
    found = next((tag for tag in order if tag in tags), None)
    if weak and weak[-1] == "weak_reason":
        found = "weak_reason"
    if found == "vague" and any(span.group == "progress" for span in spans):
        found = "progress"
    return {found} if found else set()


def _states(spans: Sequence[Span]) -> set[str]:
    return {span.group if span.group in ("lost", "won") else "state" for span in spans if span.tag == "state"}
