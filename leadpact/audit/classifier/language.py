"""Which language a value is written in, told from its words and letters.

Words shared by all (MQL, demo) say nothing; "Cliente" alone is Spanish and Portuguese, so
it cannot be told. Not here: what the words mean (lexicon.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from leadpact.audit.classifier.lexicon import Lexicon

# Letters and endings that only one of the languages has, with the weight of a known word.
LETTERS = {"ñ": "es", "¿": "es", "¡": "es", "ã": "pt", "õ": "pt", "ç": "pt", "ê": "pt", "ô": "pt", "â": "pt", "à": "pt"}
ENDINGS = (
    ("cion", "es"), ("ciones", "es"), ("dad", "es"), ("miento", "es"),
    ("cao", "pt"), ("coes", "pt"), ("dade", "pt"), ("mento", "pt"), ("agem", "pt"),
    ("ing", "en"), ("tion", "en"), ("ness", "en"), ("ship", "en"), ("ly", "en"),
)  # fmt: skip
ORDER = ("en", "es", "pt")
MIN_ENDING_WORD = 6


def guess(value: str, tokens: Sequence[str], lexicon: Lexicon) -> tuple[str | None, dict[str, int]]:
    """The language of a value, and the languages ranked (0 first) for choosing a reading.

    A word known in one language votes for it wholly, one known in two by halves. No vote,
    or a tie, is None.
    """
    votes: dict[str, float] = {}
    for token in tokens:
        known = lexicon.languages.get(token)
        if known:
            for language in known:
                votes[language] = votes.get(language, 0.0) + 1 / len(known)
        elif known is None and len(token) >= MIN_ENDING_WORD:
            for ending, language in ENDINGS:
                if token.endswith(ending):
                    votes[language] = votes.get(language, 0.0) + 0.5
    for char in value[:200].casefold():
        if char in LETTERS:
            votes[LETTERS[char]] = votes.get(LETTERS[char], 0.0) + 0.75
    ranked = sorted(votes, key=lambda code: (-votes[code], ORDER.index(code) if code in ORDER else len(ORDER), code))
    rank = {code: place for place, code in enumerate(ranked)}
    if not ranked or (len(ranked) > 1 and votes[ranked[0]] - votes[ranked[1]] < 0.01):
        return None, rank
    return ranked[0], rank
