"""Why a value was judged so, as texts in the reader's language.

Not here: the judgement (decide.py), the words of the texts (catalogue `classifier`).
"""

from __future__ import annotations

from leadpact.audit.classifier.verdict import Verdict
from leadpact.language import Text


def explained(verdict: Verdict) -> tuple[Text, ...]:
    """The words that decided, each with what it says, then the rule; to be rendered by a Language."""
    texts: list[Text] = []
    for reason in verdict.why:
        if reason.startswith("rule:"):
            texts.append(Text.of(f"classifier.rule.{reason.removeprefix('rule:')}"))
        else:
            word, _, tag = reason.rpartition("=")
            texts.append(Text.of("classifier.word", word=word, tag=Text.of(f"classifier.tag.{tag}")))
    return tuple(texts)
