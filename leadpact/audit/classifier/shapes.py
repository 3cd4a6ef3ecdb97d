"""What a word is by its shape or its place, where the lexicon alone cannot tell.

Not here: what a segment says in all (segments.py), words and phrases (words/*.yaml).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from leadpact.audit.classifier.matcher import FILLER, UNKNOWN, Span

# Groups of the built-in lexicon whose place in a segment matters.
TASK, TEST, RESULT, PERSON, TOPIC = "task", "test", "result", "person", "topic"
TEAM, STAGE_TEAM = "team", "stage_team"
NEGATION, TO_DO = "neg", "todo"
TOUCH, ANSWER, SCHEDULED, PROCESS = "touch", "answer", "scheduled", "process"
CONTACT, ASKED, DOCUMENT = "contact", "asked", "document"
SENT = ("sent", "sent_it")
FRESH = "fresh"
BAD, EXCESS, TROUBLE, BECAUSE, WANTS = "bad", "excess", "trouble", "because", "wants"
STEP, LIST, PROGRESS, ANOTHER = "step", "list", "progress", "another"
ELSE = "else"
OUTCOMES = ("lost", "hold", "closed", "transferred")
ENDED = ("lost", "closed")
# Groups of grammar words that say nothing alone; the others are content ("interest", "quoted").
ADVERBS = ("been", "has", "yet")
LITTLE_GROUPS = (
    "neg",
    "todo",
    "been",
    "has",
    "yet",
    "longer",
    "excess",
    "because",
    "wants",
    "called_off",
    "later",
    "another",
)

# What comes after one of these is what a touch was about: "notified of decline".
ABOUT = frozenset({"of", "about", "regarding", "re", "for", "de", "del", "da", "do", "das", "dos", "sobre", "para"})

# A deed denied, not a thing: "not enrolling" is what the lead is, "no garden" why it was lost.
NOT_DONE = frozenset({"not", "never", "nao", "nunca", "did not", "didnt", "do not", "dont", "does not", "doesnt"})

PROCESS_ENDINGS = ("tion", "sion", "ment", "cion", "miento", "cao", "mento")
PARTICIPLES = ("ed", "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas")
WITH_OBJECT = ("arle", "arlo", "arla", "arse", "erle", "erlo", "irle", "irlo", "arles", "arlos")
INFINITIVES = ("ar", "er", "ir", "ando", "iendo", *WITH_OBJECT)
# Endings no English word has, for values too short to tell their language.
CERTAIN_INFINITIVES = (
    "ando", "iendo", "izar", "inar", "onar", "icar", "itar", "ntar", "rtar", "ptar", "gar", "ciar", "dar", "ear",
    "sar", "uir", *WITH_OBJECT,
)  # fmt: skip
PAST = ("ou", "amos", "aram", "ei")
MIN_VERB = 5
ROMANCE = ("es", "pt")


def in_place(spans: Sequence[Span]) -> list[Span]:
    """The spans with the tags of words that mean something else where they stand.

    "Check" or "request" is something to do only where an order begins, not in "credit
    check" or "request approved". "Test" speaks of the value only at the beginning ("drug
    test"). A contact that is a duplicate is a person. A content word known only from patterns
    says something, but not what.
    """
    placed: list[Span] = []
    begins = told = True
    for place, span in enumerate(spans):
        after = spans[place + 1] if place + 1 < len(spans) else None
        named = len(span.words) == 1 and after is not None and _ends_a_name(after)
        loose = (span.group == TASK and (named or not begins)) or (span.group == TEST and not told)
        bare = span.tag == "grammar" and span.group not in LITTLE_GROUPS
        someone = span.group == CONTACT and after is not None and after.tag == "reason"
        placed.append(replace(span, tag="weak_state") if loose or bare or someone else span)
        # What follows a preposition or "pending" is a noun: "in transfer", "pending merge".
        little = span.tag == FILLER and len(span.text) == 1
        begins = begins and (little or span.tag == "neutral" or span.group == TO_DO)
        told = told and (span.tag in (FILLER, "neutral") or span.group in (PERSON, TOPIC))
    return placed


def _ends_a_name(after: Span) -> bool:
    """Whether the word before is the name of a thing that this says the course of: "transfer pending"."""
    return after.tag in ("state", "pending") or after.group in (RESULT, PROGRESS)


def is_infinitive(span: Span, language: str | None) -> bool:
    """Whether a touch is worded as an order in Spanish or Portuguese: "llamar", "ligar depois"."""
    return language in ROMANCE and len(span.words[0]) >= MIN_VERB and span.words[0].endswith(("ar", "er", "ir"))


def describes_touch(spans: Sequence[Span], place: int) -> bool:
    """Whether a state only describes the touch beside it: "renewal call", "call cancelled"."""
    span = spans[place]
    if span.tag != "state":
        return False
    if span.group == PROCESS or span.words[-1].endswith(PROCESS_ENDINGS):
        return True
    before = spans[place - 1] if place else None
    if before is not None and before.tag == "action" and before.group in (TOUCH, CONTACT) and span.group in OUTCOMES:
        return True
    if _is_about(spans, place) or _is_newer(spans, place):
        return True
    after = spans[place + 1] if place + 1 < len(spans) else None
    if after is None or after.tag != "action" or span.group == "qualified":
        return False
    return after.group in (ASKED, SCHEDULED, *SENT) or (
        after.group in (TOUCH, CONTACT, ANSWER) and span.group != "lost"
    )


def _is_newer(spans: Sequence[Span], place: int) -> bool:
    """Whether "new" is said of the paper that was sent: "new deadline provided"; not "new contacted"."""
    after = spans[place + 1] if place + 1 < len(spans) else None
    if place or spans[place].group != FRESH or after is None:
        return False
    return after.tag == UNKNOWN or after.group == DOCUMENT


def _is_about(spans: Sequence[Span], place: int) -> bool:
    """Whether it is the topic of a touch before it: "notified of decline", "contacted for renewal"."""
    return place > 1 and spans[place - 1].text in ABOUT and any(span.tag == "action" for span in spans[: place - 1])


def denied(spans: Sequence[Span]) -> str | None:
    """What a negation says of the words after it: lacking a thing is a reason, else a state."""
    for place, span in enumerate(spans):
        if span.group != NEGATION:
            continue
        after = [
            other for other in spans[place + 1 :] if other.tag not in (FILLER, "neutral") and other.group not in ADVERBS
        ]
        if not after:
            return None
        if place and span.words == ("no",) and after[0].tag == "source":
            continue  # Portuguese: "anúncio no Facebook"
        if after[0].tag == "state" or after[0].words[0].endswith(PARTICIPLES):
            return "state"
        if any(other.tag == "state" for other in spans[:place]):
            return "weak_reason"
        return "state" if span.text in NOT_DONE and after[0].tag == UNKNOWN else "denied"
    return None


def amiss(spans: Sequence[Span]) -> bool:
    """Whether something is wrong with a thing: "HOA issue", "poor soil", "busca otra zona".

    A bad paper ("incomplete form") is waited for, and says nothing of why the lead was lost.
    """
    told = [span for span in spans if span.tag not in (FILLER, "neutral")]
    if len(told) < 2:
        return False
    if told[0].group == WANTS or any(span.group == TROUBLE for span in told):
        return True
    return BAD in (told[0].group, told[-1].group) and not any(span.group == DOCUMENT for span in told)


def rules_out(spans: Sequence[Span]) -> bool:
    """Whether a word stands there that makes a reason of whatever follows: "unable to …", "another …"."""
    told = [span for span in spans if span.tag not in (FILLER, "neutral")]
    if len(told) > 1 and told[0].group == EXCESS:
        return True
    groups = [span.group for span in told]
    others = any(one.group == ELSE and _thing(after) for one, after in itertools.pairwise(told))
    return (ANOTHER in groups or others) and "transferred" not in groups


def _thing(span: Span) -> bool:
    """Whether there can be another one of it: not people, not "status"."""
    return span.tag in ("weak_state", "source", "weak_source", UNKNOWN) and span.group != PERSON


def lost_because(spans: Sequence[Span]) -> bool:
    """Whether a lost state is followed by its cause: "baja por impago", "lost due to hail"."""
    for place, span in enumerate(spans):
        if span.group == BECAUSE and any(before.group in ENDED for before in spans[:place]):
            after = [other for other in spans[place + 1 :] if other.tag not in (FILLER, "neutral")]
            return bool(after) and after[0].group not in (PERSON, STAGE_TEAM) and after[0].tag != "source"
    return False


def unknown_order(spans: Sequence[Span], language: str | None) -> bool:
    """Whether the segment orders something in words unknown to the lexicon.

    "To …" before an unknown word, or an unknown first word in the shape of a Spanish or
    Portuguese verb.
    """
    if language != "en" and any(_happened(span) for span in spans):
        return True
    told = [span for span in spans if span.tag not in (FILLER, "neutral", "pending")]
    if told and told[0].group == TO_DO and any(span.tag == UNKNOWN for span in told):
        return True
    first = next((span for span in told if span.tag != "grammar"), None)
    if first is None or first.tag != UNKNOWN or len(first.text) < MIN_VERB:
        return False
    if language in ROMANCE:
        return first.text.endswith(INFINITIVES)
    return language is None and first.text.endswith(CERTAIN_INFINITIVES)


def _happened(span: Span) -> bool:
    """A Portuguese verb of what somebody did ("remanejou", "cadastramos"): an event, not what the lead is."""
    return span.tag == UNKNOWN and len(span.text) >= MIN_VERB and span.text.endswith(PAST)
