"""Finds the longest phrases of a lexicon in the words of one segment.

Not here: reading text into words (text.py), what the phrases mean together (decide.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadpact.audit.classifier.files import TAGS, Entry
from leadpact.audit.classifier.lexicon import Lexicon, Node

UNKNOWN, FILLER = "unknown", "filler"
_LAST = 99
MAX_SKIPS = 3  # little words a phrase may be stretched by; bounds the search


@dataclass(frozen=True)
class Span:
    """A run of words and its tag: one of TAGS, or UNKNOWN, or FILLER (little words)."""

    words: tuple[str, ...]
    tag: str
    group: str = ""
    misspelt: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read_words(tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[str, bool]]:
    """The tokens as known words where they are meant as such, and whether they were mended."""
    words: list[tuple[str, bool]] = []
    for token in tokens:
        meant = () if token in lexicon.languages else lexicon.speller.read(token)
        words.extend([(word, True) for word in meant] if meant else [(token, False)])
    return words


def spans(words: Sequence[tuple[str, bool]], lexicon: Lexicon, rank: Mapping[str, int]) -> list[Span]:
    """The segment as phrases, left to right, each as long as it can be.

    `rank` orders the languages: where a phrase says different things in two languages, the
    first of them wins. Every step is bounded by the longest phrase, so time is linear.
    """
    found: list[Span] = []
    texts = [word for word, _ in words]
    start = 0
    while start < len(texts):
        best = _longest(lexicon, lexicon.root, texts, start)
        if best is None:
            word = texts[start]
            known = word in lexicon.fillers or len(word) == 1
            found.append(Span((word,), FILLER if known else UNKNOWN, misspelt=words[start][1]))
            start += 1
            continue
        end, _, node = best
        entry = min(node.ends, key=lambda entry: _preference(entry, rank))
        mended = any(flag for _, flag in words[start:end])
        found.append(Span(tuple(texts[start:end]), entry.tag, entry.group, mended))
        start = end
    return found


def _preference(entry: Entry, rank: Mapping[str, int]) -> tuple[int, int, int]:
    language = 0 if entry.language is None else rank.get(entry.language, _LAST)
    return -entry.layer, language, TAGS.index(entry.tag)


Found = tuple[int, int, Node]  # the end of a phrase, its words met literally, where it ended


def _longest(
    lexicon: Lexicon, node: Node, texts: Sequence[str], index: int, exact: int = 0, skips: int = MAX_SKIPS
) -> Found | None:
    """The furthest phrase from here; among equally far ones, that with most literal words."""
    best: Found | None = (index, exact, node) if node.ends else None
    if index >= len(texts):
        return best
    word = texts[index]
    if word in node.next:
        best = _further(best, _longest(lexicon, node.next[word], texts, index + 1, exact + 1, skips))
    for group in lexicon.groups.get(word, ()):
        step = node.next.get(f"<{group}>")
        if step is not None:
            best = _further(best, _longest(lexicon, step, texts, index + 1, exact, skips))
    if skips and node is not lexicon.root and word in lexicon.fillers:
        after = _longest(lexicon, node, texts, index + 1, exact, skips - 1)
        # A phrase does not end in a little word that is none of its own.
        best = _further(best, after if after is not None and after[0] > index + 1 else None)
    return best


def _further(best: Found | None, found: Found | None) -> Found | None:
    if best is None or (found is not None and found[:2] > best[:2]):
        return found
    return best
