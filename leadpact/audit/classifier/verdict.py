"""What the classifier says of one status value.

Not here: how it is decided (decide.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["action", "mixed", "obsolete", "state", "vague", "source", "reason"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Verdict:
    """One value and the kind of thing it names.

    `confidence` is between 0 and 1: a rank of how much of the value was understood and how
    plainly, not a measured probability. `language` is "en", "es", "pt" (or that of a
    lexicon file of your own), None when it cannot be told. `why` names what decided, in
    order: entries like "contacted=action" or "newsletter=source" (the word or phrase as
    read, and the tag it carries), then one "rule:<name>" (catalogue `classifier.rule.<name>`).
    """

    value: str
    kind: Kind
    confidence: float
    language: str | None
    why: tuple[str, ...]
