"""A level in a phrase, and the catalogue of criteria as a document (docs/maturity.md and docs/maturity.es.md).

The document is written from the criteria (`python -m leadpact.maturity.words`), so it cannot drift.

Not here: the texts of the criteria (locales/*/LC_MESSAGES/findings.po).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leadpact.language import Language, Text
from leadpact.maturity.criteria import AREAS, LEVELS
from leadpact.maturity.scorecard import Area

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES = {"en": "maturity.md", "es": "maturity.es.md"}


def level(one: Area) -> Text:
    """`Level 2 of 4: agreed`, with how far it could be where something is unknown."""
    if one.level is None:
        return Text.of("maturity.level.nobody_knows", most=one.most)
    key = "maturity.level.perhaps" if one.most > one.least else "maturity.level"
    params = {"most": one.most} if one.most > one.least else {}
    return Text.of(key, level=one.least, name=Text.of(f"maturity.level.{one.least}"), **params)


def render(language: Language) -> str:
    """The whole document in one language, Markdown."""
    return "\n".join(_lines(language)) + "\n"


def _lines(language: Language) -> Iterator[str]:
    yield f"# {language('maturity.doc.title')}"
    yield ""
    yield language("maturity.doc.intro")
    yield ""
    yield language("maturity.doc.levels")
    yield ""
    for number in LEVELS:
        yield f"- {number}: {language(f'maturity.level.{number}')}"
    yield ""
    yield language("maturity.doc.unknown")
    for kind, areas in AREAS.items():
        yield ""
        yield f"## {language(f'maturity.{kind}')}"
        for name, criteria in areas.items():
            yield ""
            yield f"### {language(f'maturity.area.{name}')}"
            yield ""
            for one in criteria:
                yield f"- **{one.level}** {language(f'maturity.must.{one.key}')}"


def write(folder: Path = DOCS) -> None:
    """Writes the document in both languages."""
    for code, name in FILES.items():
        (folder / name).write_text(render(Language(code)), encoding="utf-8")


if __name__ == "__main__":
    write()
