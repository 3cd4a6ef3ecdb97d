"""The guides say what the screens say: bold words are texts of the app, and what a role may do is what the code allows.

Not here: links and commands of all documents (test_docs.py), the contributor's examples (test_docs_examples.py).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from config.members import ROLES
from leadpact.language import Language, catalogue
from tests.conftest import ROOT
from ui import access
from ui.registry import PAGES

GUIDES = ROOT / "docs" / "guides"
FOR = ("revops", "meeting", "leaders", "administrator")
ENDINGS = {"en": ".md", "es": ".es.md"}
HERE = {"en": {"bold", "field history tracking"}, "es": {"negrita", "historial de campos"}}  # words that are no label

# what a row of the administrator's table is about; figures are for everybody who is let in
ROWS = [
    [],
    [access.SEE_PEOPLE, access.SEE_CONTACT],
    [access.SET_ASIDE, access.COMMENT, access.EDIT_PACT, access.PUBLISH_PACT, access.FACILITATE],
    [access.VOTE],
    [access.SIGN_MARKETING],
    [access.SIGN_SALES],
    [access.SYNC, access.CONNECT, access.EDIT_MAP, access.WRITE_CRM, access.MAKE_FIELDS, access.WRITING_OFF],
    [access.WRITING_ON, access.MANAGE_PEOPLE, access.FORGET],
]


def read(name: str, lang: str) -> str:
    return (GUIDES / f"{name}{ENDINGS[lang]}").read_text(encoding="utf-8")


@cache
def said(lang: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The texts of the app in one language: those without and those with placeholders."""
    plain, patterns = set(), []
    for entry in catalogue(lang).values():
        for form in entry if isinstance(entry, tuple) else (entry,):
            if "{" not in form:
                plain.add(form)
            elif len(form) < 80 and sum(map(len, parts := re.split(r"\{\w*\}", form))) >= 8:  # says something itself
                patterns.append(re.compile(".+".join(map(re.escape, parts))))
    return frozenset(plain), tuple(patterns)


def labels(text: str) -> list[str]:
    """What stands in bold, on one line."""
    return [" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]


@pytest.mark.parametrize("lang", ENDINGS)
@pytest.mark.parametrize("name", FOR)
def test_every_word_in_bold_stands_on_a_screen(name: str, lang: str) -> None:
    plain, patterns = said(lang)
    found = labels(read(name, lang))
    assert len(found) > 5
    unknown = [one for one in found if one not in plain | HERE[lang] and not any(it.fullmatch(one) for it in patterns)]
    assert unknown == [], "renamed on the screen, or not a label of it"


@pytest.mark.parametrize("lang", ENDINGS)
def test_what_a_guide_looks_for_on_a_page_is_of_that_page(lang: str) -> None:
    """`**Funnel** → **Leaks**`: the second is a text of the page called by the first."""
    titles = {catalogue(lang)[f"page.{page.name}.title"]: page.name for page in PAGES}
    pairs = [
        pair
        for name in FOR
        for pair in re.findall(r"\*\*([^*]+)\*\* → \*\*([^*]+)\*\*", " ".join(read(name, lang).split()))
    ]
    assert len(pairs) > 10
    for title, wanted in pairs:
        texts = {text for key, text in catalogue(lang).items() if key.startswith(f"page.{titles[title]}.")}
        assert wanted in texts, f"{title} has no {wanted}"


@pytest.mark.parametrize("name", FOR)
def test_both_languages_tell_the_same(name: str) -> None:
    """The same steps, labels, tables, commands and links: only the words differ."""
    english, spanish = read(name, "en"), read(name, "es")
    for pattern in (r"^## ", r"^\d+\. ", r"^- ", r"^\| ", r"-m leadpact [a-z-]+", r"\]\("):
        count = [len(re.findall(pattern, text, re.MULTILINE)) for text in (english, spanish)]
        assert count[0] == count[1], pattern
    keys = {lang: {text: key for key, text in catalogue(lang).items() if isinstance(text, str)} for lang in ENDINGS}
    assert len(labels(english)) == len(labels(spanish))
    for one, other in zip(labels(english), labels(spanish), strict=True):
        if one in keys["en"] and other in keys["es"]:
            twins = {Language("es")(key) for key, text in catalogue("en").items() if text == one}
            assert other in twins, f"{one} is not called {other}"


@pytest.mark.parametrize("lang", ENDINGS)
def test_the_table_of_roles_is_what_the_code_allows(lang: str) -> None:
    table = read("administrator", lang).split("<!-- roles: begin -->")[1].split("<!-- roles: end -->")[0]
    head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line]
    assert tuple(head[1:]) == ROLES
    assert len(rows) == len(ROWS)
    for row, acts in zip(rows, ROWS, strict=True):
        written = {role for role, cell in zip(ROLES, row[1:], strict=True) if cell}
        assert all(access.MAY[act] == written for act in acts), row[0]
        assert acts or written == set(ROLES)
    assert {act for acts in ROWS for act in acts} == set(access.MAY), "an act no row of the table tells of"


def test_every_guide_is_there_in_the_languages_it_should_be() -> None:
    assert {path.name for path in GUIDES.glob("*.md")} == {
        "contributor.md", *(f"{name}{ending}" for name in FOR for ending in ENDINGS.values()),
    }  # fmt: skip
    assert all(len(Path(path).read_text(encoding="utf-8").splitlines()) < 180 for path in GUIDES.glob("*.es.md"))
