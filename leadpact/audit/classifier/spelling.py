"""Words misspelt by one letter, and phrases written as one word, led back to known ones.

Deletion neighbourhoods (as in SymSpell, W. Garbe) make a look-up cost the length of the
word, not the size of the vocabulary.

Not here: the vocabulary itself (lexicon.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

# Shorter words have too many neighbours: "talked" and "tasked", "contato" and "contado". A letter
# left out, doubled or swapped with the next is a slip in a shorter word too ("anwser", "llmada").
MIN_MISSPELT, MIN_SLIPPED = 8, 6
MIN_DENIED, MIN_INSIDE, MAX_WORD = 4, 6, 40
# What may stand, unspaced, before a known word: "naocontatado", "emcontato".
DENIALS = ("no", "not", "non", "nao", "sin", "sem", "em", "en")


class Speller:
    """Known words and phrases, and the way back to them."""

    def __init__(self, words: Iterable[str], phrases: Iterable[tuple[str, ...]]) -> None:
        self._known = frozenset(words)
        whole = sorted(phrases, reverse=True)
        self._joined = {"".join(phrase): phrase for phrase in whole if len(phrase) > 1}
        self._alone = frozenset(phrase[0] for phrase in whole if len(phrase) == 1)
        self._without: dict[str, list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= MIN_SLIPPED:
                for shorter in _deletions(word):
                    self._without.setdefault(shorter, []).append(word)

    def read(self, word: str) -> tuple[str, ...]:
        """The known word or words meant by an unknown one; empty when none is plain."""
        if len(word) > MAX_WORD:
            return ()
        if word in self._joined:
            return self._joined[word]
        for denial in DENIALS:
            rest = word[len(denial) :]
            least = MIN_DENIED if denial not in ("em", "en") else MIN_INSIDE
            if word.startswith(denial) and len(rest) > least and rest in self._known:
                return denial, rest
        near = self._near(word)
        return (near,) if near else ()

    def _near(self, word: str) -> str | None:
        if len(word) < MIN_SLIPPED:
            return None
        found = set(self._without.get(word, ()))
        for shorter in _deletions(word):
            if shorter in self._known:
                found.add(shorter)
            found.update(self._without.get(shorter, ()))
        # A changed first or last letter makes another word ("informed", "informes"), not a slip.
        ends = word[0], word[-1]
        near = [known for known in found if (known[0], known[-1]) == ends and _meant(known, word)]
        # What says something alone is meant rather than a word of some phrase.
        return min(near, key=lambda known: (known not in self._alone, known), default=None)


def _meant(known: str, word: str) -> bool:
    """One slip apart; in a short word not by another letter in its place."""
    long = min(len(known), len(word)) >= MIN_MISSPELT
    slipped = len(known) != len(word) or sorted(known) == sorted(word)
    return (long or slipped) and OSA.distance(known, word) == 1


def _deletions(word: str) -> set[str]:
    return {word[:index] + word[index + 1 :] for index in range(len(word))}
