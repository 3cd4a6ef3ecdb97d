"""The small language of lexicon entries, expanded into plain phrases.

`contactad(o|a|os|as)` is four words; `(|the) number` is two phrases; `<document> sent`
names a group of words. Commas separate entries of one line.

Not here: where entries come from (lexicon.py), how phrases are found (matcher.py).
"""

from __future__ import annotations

import re

from leadpact.audit.classifier.text import fold

MAX_PHRASES = 1_000
MAX_WORDS = 8
_WORD = re.compile(r"<[a-z_]+>|[^\W_]+")
_MARKS = re.compile(r"([()|])")


class PatternError(ValueError):
    """An entry that cannot be read; the message is a catalogue key's last part."""


def entries(line: str) -> list[str]:
    """The entries of one line, without blanks."""
    return [entry.strip() for entry in line.split(",") if entry.strip()]


def expand(entry: str) -> list[tuple[str, ...]]:
    """Every phrase an entry stands for, as folded words; `<group>` stays one word.

    Raises PatternError: "brackets" (not closed, or a bar outside of them),
    "too_many" (over MAX_PHRASES), "too_long" (over MAX_WORDS words), "empty".
    """
    texts = _alternatives(entry)
    phrases: list[tuple[str, ...]] = []
    for text in texts:
        words = tuple(_WORD.findall(fold(text.replace("'", ""))))
        if not words:
            raise PatternError("empty")
        if len(words) > MAX_WORDS:
            raise PatternError("too_long")
        if words not in phrases:
            phrases.append(words)
    return phrases


def _alternatives(entry: str) -> list[str]:
    """The texts an entry stands for: brackets hold choices, parted by bars, also nested."""
    # A frame is one open bracket: the choices done, and the texts of the choice being read.
    done: list[list[str]] = [[]]
    texts: list[list[str]] = [[""]]
    for mark in _MARKS.split(entry):
        if mark == "(":
            done.append([])
            texts.append([""])
        elif mark == "|" and len(done) > 1:
            done[-1].extend(texts[-1])
            texts[-1] = [""]
        elif mark == ")" and len(done) > 1:
            choices = done.pop() + texts.pop()
            texts[-1] = [before + choice for before in texts[-1] for choice in choices]
        elif mark in ("|", ")"):
            raise PatternError("brackets")
        else:
            texts[-1] = [before + mark for before in texts[-1]]
        if len(done[-1]) + len(texts[-1]) > MAX_PHRASES:
            raise PatternError("too_many")
    if len(done) > 1:
        raise PatternError("brackets")
    return texts[0]
