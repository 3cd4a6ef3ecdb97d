"""A first status map for values nobody has mapped yet, by the words in them.

A proposal is a draft for people to correct: a value that names no stage stays unmapped.

Not here: what kind of value it is (leadpact/audit/classifier), the map in force (schema.py).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from config.document import read_yaml
from config.schema import Pact

WORDS = Path(__file__).resolve().parent / "words.yaml"
OBSOLETE = {
    "old",
    "legacy",
    "obsolete",
    "obsoleto",
    "obsoleta",
    "deprecated",
    "zz",
    "zzz",
    "antiguo",
    "antigo",
    "viejo",
}
NEGATION = {"not", "no", "nao", "sin", "sem", "never", "un", "former", "ex", "lost"}


def words(value: str) -> tuple[str, ...]:
    """The value's words without case, accents, numbering or punctuation: `2. Re-Market` → re, market."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", value)
    plain = unicodedata.normalize("NFKD", spaced.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    found = re.findall(r"[a-z]+|\d+", letters)
    return tuple(word for word in found if not word.isdigit())


@functools.cache
def _phrases() -> tuple[tuple[tuple[str, ...], str], ...]:
    stages: Mapping[str, list[str]] = read_yaml(WORDS.read_text(encoding="utf-8"), WORDS.name)
    phrases = [(words(phrase), stage) for stage, texts in stages.items() for phrase in texts]
    return tuple(sorted(phrases, key=lambda item: -len(item[0])))


def propose_stage(value: str) -> str | None:
    """The default stage the value most likely means; null when its words name none.

    A value obsolete by its own wording, and one that negates the word found, are left alone.
    """
    found = words(value)
    if not found or OBSOLETE & set(found):
        return None
    for phrase, stage in _phrases():
        for start in range(len(found) - len(phrase) + 1):
            if found[start : start + len(phrase)] == phrase:
                negated = start > 0 and found[start - 1] in NEGATION
                return None if negated else stage
    return None


def propose(pact: Pact, values: Mapping[str, Iterable[str]]) -> Pact:
    """The pact with a proposed map for `values` (raw status values by object).

    What the pact maps already is kept; optional stages that no value names are left out.
    """
    keys = {stage.key for stage in pact.stages}
    proposed: dict[str, dict[str, str]] = {}
    for object in ("lead", "contact"):
        mapped = dict(pact.status_map.of(object))
        for value in values.get(object, ()):
            stage = propose_stage(value)
            if value not in mapped and stage in keys:
                mapped[value] = str(stage)
        proposed[object] = mapped
    status_map = pact.status_map.model_copy(update=proposed)
    used = {*proposed["lead"].values(), *proposed["contact"].values()}
    named = {key for _, key in pact.stage_names() if not _.startswith("status_map.")}
    stages = [stage for stage in pact.stages if not stage.optional or stage.key in used | named]
    return Pact.model_validate(pact.model_copy(update={"status_map": status_map, "stages": stages}).model_dump())
