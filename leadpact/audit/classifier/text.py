"""From a raw picklist value to plain words: segments of lower-case tokens.

Picklists hold numbering ("02. Contacted"), codes ("followup_2", "NotContacted"), emojis,
HTML, formulas, control and bidirectional characters. Nothing is interpreted or executed;
what is not a letter or a digit only separates words.

Not here: what a word means (lexicon.py), what the words together mean (decide.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

# Longer text is not a status; the bound keeps every later step bounded too.
MAX_CHARS = 2_000
MAX_TOKENS = 120

# Only names HTML has: "<Qualified>" is a word in pointed brackets.
_TAG = re.compile(
    r"</?(?:a|b|big|body|br|center|code|div|em|font|form|h[1-6]|hr|html|i|iframe|img|input|li|link|meta|object|ol|p|pre"
    r"|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|tr|u|ul|video)\b[^<>]*>",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s\"'<>,;)]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMBER = re.compile(r"[#x]?\d+(?:st|nd|rd|th|er|era|ero|do|da|ro|ra|to|ta|o|a|x)?")
_PIECE = re.compile(r"\d+|\D+")
# A spaced dash, or any of these, ends a segment: a phrase never reaches across.
_HARD = re.compile(r"\s[-‐-―−~]+(?=\s)|[–—―→⇒➔➜➡»›«‹|/\\()\[\]{}:;,+=<>!¡?¿•·…]|->|--+|__+|\.(?=\s|$)|\s&(?=\s)")
_APOSTROPHES = str.maketrans("’‘´`ʼ", "'''''")


@dataclass(frozen=True)
class Segment:
    """Words between two hard separators; `bracketed` when they stood in brackets."""

    tokens: tuple[str, ...]
    bracketed: bool = False


@dataclass(frozen=True)
class Plain:
    """A value as words.

    `numbered`: a number (attempt, position, day) was left out. `key`: the folded text,
    for values judged as a whole.
    """

    segments: tuple[Segment, ...]
    numbered: bool
    key: str

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(token for segment in self.segments for token in segment.tokens)


def fold(text: str) -> str:
    """Lower case without accents, compatibility forms or invisible characters.

    Control characters and pictures become spaces; direction marks and joiners vanish.
    """
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(char)
        if category == "Cc" or (category in ("So", "Sk", "Co", "Cn", "Cs") and char not in "→➔➜➡"):
            kept.append(char if char == "`" else " ")
        elif category not in ("Mn", "Me", "Cf"):
            kept.append(char)
    return "".join(kept).casefold()


def split_words(text: str) -> str:
    """A space where lower case meets upper case: "NotContacted", "CRMLead"; "SQLs" stays."""
    kept: list[str] = []
    for index, char in enumerate(text):
        if index and char.isupper():
            after_lower = text[index - 1].islower()
            following = text[index + 1 : index + 3]
            starts_word = text[index - 1].isupper() and len(following) == 2 and following.isalpha()
            if after_lower or (starts_word and following.islower()):
                kept.append(" ")
        kept.append(char)
    return "".join(kept)


def plain(value: str, spellings: re.Pattern[str] | None = None, replaced: Mapping[str, str] | None = None) -> Plain:
    """The words of one value.

    `spellings` finds written forms whose separators belong to them ("f/u", "n/a", "c/"),
    and `replaced` says what each stands for. Numbers are left out, so that neither a
    numbering prefix nor an attempt count changes the reading.
    """
    text = value[:MAX_CHARS].translate(_APOSTROPHES)
    if "&" in text:
        text = html.unescape(text)
    text = fold(split_words(_URL.sub(" ", _TAG.sub(" ", text))))
    key = " ".join(text.split()) or " ".join(value[:MAX_CHARS].split())  # a picture alone is its own key
    text = _DOTTED.sub(lambda match: match.group().replace(".", ""), text)
    if spellings is not None and replaced is not None:
        text = spellings.sub(lambda match: f" {replaced[match.group()]} ", text)
    segments: list[Segment] = []
    numbered, start, depth, room = False, 0, 0, MAX_TOKENS
    for match in (*_HARD.finditer(text), None):
        end = match.start() if match else len(text)
        tokens, had_number = _tokens(text[start:end], room)
        numbered = numbered or had_number
        room -= len(tokens)
        if tokens:
            segments.append(Segment(tuple(tokens), bracketed=depth > 0))
        if match:
            start = match.end()
            depth = max(0, depth + (match.group() in "([{") - (match.group() in ")]}"))
    return Plain(tuple(segments), numbered, key)


def _tokens(text: str, room: int) -> tuple[list[str], bool]:
    tokens: list[str] = []
    numbered = False
    for match in _TOKEN.finditer(text):
        if len(tokens) >= room:
            break
        word = match.group().replace("'", "")
        if _NUMBER.fullmatch(word):
            numbered = True
        elif word.isalpha() or word in MIXED:
            tokens.append(word)
        else:
            pieces = [piece for piece in _PIECE.findall(word) if piece.isalpha()]
            numbered = True
            tokens.extend(pieces)
    return tokens, numbered


# Words that hold a digit; every other digit is a count, a position or a date.
MIXED = frozenset({"b2b", "b2c", "b2g", "1on1", "o365", "w9"})
