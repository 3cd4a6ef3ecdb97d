"""The definitions of the numbers as a document: docs/metrics.md and docs/metrics.es.md.

Written from the texts the app shows (`python -m leadpact.definitions_page`), so it cannot drift.

Not here: the definitions (definitions.py), how far intervals can be trusted (docs/numbers-tested.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leadpact.definitions import SECTIONS, STANDS_FOR, Definition, Section
from leadpact.language import Language

DOCS = Path(__file__).resolve().parents[1] / "docs"
ENDINGS = {"en": ".md", "es": ".es.md"}
COMMAND = "python -m leadpact.definitions_page"
TRUST = "numbers-tested"


def render(language: Language) -> str:
    """The whole document in one language, Markdown."""
    return "\n".join(_lines(language)) + "\n"


def text(one: Definition, language: Language) -> str:
    """How a number is counted, with N for days and the like where a page fills in its own."""
    return language(one.text, **STANDS_FOR)


def _lines(language: Language) -> Iterator[str]:
    yield f"# {language('means.title')}"
    yield ""
    yield language("means.intro")
    yield ""
    yield language("means.trust", document=_link(TRUST)) + " " + language("means.generated", command=COMMAND)
    for section in SECTIONS:
        yield ""
        yield from _section(section, language)


def _section(section: Section, language: Language) -> Iterator[str]:
    yield f"## {language(section.title)}"
    yield ""
    if section.page is not None:
        said = [language("means.page", page=language(f"page.{section.page}.title"))]
        said.append(language("means.commands", commands=", ".join(f"`{name}`" for name in section.commands)))
        said.append(language("means.beside", documents=", ".join(map(_link, section.read_on))))
        yield " ".join(said)
        yield ""
    for one in section.definitions:
        yield f"- **{language(one.name)}**: {text(one, language)}"
        if one.formula:
            yield f"  - {language('means.formula', formula=f'`{one.formula}`')}"
        if one.fields:
            yield f"  - {language('means.in_json', names=', '.join(f'`{name}`' for name in one.fields))}"


def _link(document: str) -> str:
    return f"[{document}]({document}.md)"


def write(folder: Path = DOCS) -> None:
    """Writes the document in both languages."""
    for code, ending in ENDINGS.items():
        (folder / f"metrics{ending}").write_text(render(Language(code)), encoding="utf-8")


if __name__ == "__main__":
    write()
