"""Pairs of values that differ in one word: by a slip of the pen, or by its abbreviation.

Words are compared through what is left of them without one letter (deletion neighbourhoods, as
in SymSpell, W. Garbe), so no value is compared with every other.

Not here: words that mean the same (synonyms.yaml), what is done with a pair (likeness.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from leadpact.audit.classifier import default_lexicon
from leadpact.audit.likeness_words import Key, Worded, stem

SHORTEST_TYPO = 8  # shorter words one letter apart are often different words
SHORTEST_KNOWN = 6  # of a word the dictionary knows and one it does not
LONGEST = 40
SHORTEST_CUT, FEWEST_CUT = 3, 3  # letters of an abbreviation, and letters it leaves out
Place = tuple[Key, str]


def mistyped(values: Mapping[str, Worded]) -> Iterator[tuple[str, str]]:
    """Pairs with one word a letter apart, all others the same.

    Two words the dictionary knows are two words ("contact", "contract"). Where it knows one,
    six letters are enough; where it knows none, it takes eight.
    """
    near: dict[Place, list[tuple[str, str]]] = {}
    for value, own in values.items():
        for at, word in enumerate(own.plain):
            if SHORTEST_KNOWN <= len(word) <= LONGEST and word.isalpha():
                rest = _rest(own, at)
                for left in {word, *(word[:cut] + word[cut + 1 :] for cut in range(1, len(word)))}:
                    near.setdefault((rest, left), []).append((value, word))
    told = set()
    for those in near.values():
        for place, (one, first) in enumerate(those):
            for other, second in those[place + 1 :]:
                pair = (one, other) if one < other else (other, one)
                if one != other and pair not in told and _slip(first, second):
                    told.add(pair)
                    yield pair


def _slip(one: str, other: str) -> bool:
    known = [word in default_lexicon().languages for word in (one, other)]
    shortest = SHORTEST_KNOWN if any(known) else SHORTEST_TYPO
    ends = one[0] == other[0] and one[-1] == other[-1]  # other ends make another word, or another code
    if all(known) or not ends or stem(one) == stem(other) or min(len(one), len(other)) < shortest:
        return False
    return OSA.distance(one, other, score_cutoff=1) == 1


def abbreviated(values: Mapping[str, Worded]) -> Iterator[tuple[str, str]]:
    """Pairs where one has a word with a dot that the other has in full ("Cust." and "Customer").

    Only where the full word is the only one there is, and the dotted one is no word itself.
    """
    dotted = [
        (value, own, at, word)
        for value, own in values.items()
        for at, word in enumerate(own.plain)
        if word in own.dotted and len(word) >= SHORTEST_CUT and word not in default_lexicon().languages
    ]
    if not dotted:
        return
    whole: dict[Place, list[tuple[str, str]]] = {}
    for value, own in values.items():
        for at, word in enumerate(own.plain):
            whole.setdefault((_rest(own, at), word[:SHORTEST_CUT]), []).append((value, word))
    for value, own, at, short in dotted:
        long = [
            (other, word)
            for other, word in whole.get((_rest(own, at), short[:SHORTEST_CUT]), [])
            if word.startswith(short) and len(word) >= len(short) + FEWEST_CUT
        ]
        if len({stem(word) for _, word in long}) == 1:
            yield from ((value, other) for other, _ in long)


def _rest(own: Worded, at: int) -> Key:
    """The other words, in an order of their own."""
    return tuple(sorted(stem(word) for place, word in enumerate(own.plain) if place != at))
