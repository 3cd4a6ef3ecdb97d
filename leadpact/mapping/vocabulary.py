"""Words for canonical values ("Llamada" is a call), and for yes and no, in three languages.

Not here: words for column headers (propose.py), status values (config/words.yaml).
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from config.document import read_yaml

WORDS = Path(__file__).resolve().parent / "vocabulary.yaml"
YES = frozenset(
    ("true", "t", "yes", "y", "1", "1.0", "x", "si", "s", "sim", "v", "verdadero", "verdadeiro", "on", "✓", "✔")
)
NO = frozenset(("false", "f", "no", "n", "0", "0.0", "nao", "falso", "off"))


def fold(text: str) -> str:
    """Lower case, no accents, single spaces; `_` and `-` are spaces: `Correo_Electrónico` → correo electronico."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(letters.replace("_", " ").replace("-", " ").split())


@functools.cache
def vocabulary(column: str) -> Mapping[str, str]:
    """Folded word → canonical value of `column`; empty for a column without a vocabulary."""
    words: Mapping[str, Mapping[str, list[str]]] = _words()
    return {fold(word): value for value, known in words.get(column, {}).items() for word in known}


@functools.cache
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    found: Mapping[str, Mapping[str, list[str]]] = read_yaml(WORDS.read_text(encoding="utf-8"), WORDS.name)
    return found


def flag(text: str) -> bool | None:
    """Yes or no in English, Spanish or Portuguese; null for anything else."""
    word = fold(text)
    return True if word in YES else False if word in NO else None
