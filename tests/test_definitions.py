"""What every number means: the document is the app's own texts, no field of an answer is left undefined, pages show it.

Not here: the numbers (the tests of each metric), the texts' languages (test_catalogues.py).
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from leadpact.cli import build
from leadpact.definitions import SECTIONS, of_page
from leadpact.definitions_page import DOCS, ENDINGS, render
from leadpact.language import LANGUAGES, Language
from leadpact.metrics.funnel import Funnel, Step
from leadpact.metrics.reach import Reached
from leadpact.metrics.sla import PolicyResult
from leadpact.metrics.velocity import StageVelocity
from tests.apptest import AppTest, words
from ui.registry import PAGES

NO_NUMBERS = {"group", "stage", "policy", "scope", "steps"}


@pytest.mark.parametrize("code", ENDINGS)
def test_the_document_is_current(code: str) -> None:
    written = (DOCS / f"metrics{ENDINGS[code]}").read_text(encoding="utf-8")
    assert written == render(Language(code)), "run python -m leadpact.definitions_page"


@pytest.mark.parametrize("answer", [Funnel, Step, StageVelocity, Reached, PolicyResult], ids=lambda it: it.__name__)
def test_every_number_of_an_answer_is_defined(answer: type) -> None:
    defined = {name for section in SECTIONS for one in section.definitions for name in one.fields}
    assert {field.name for field in fields(answer)} - NO_NUMBERS - defined == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_two_definitions_of_a_section_have_one_name(code: str) -> None:
    for section in SECTIONS:
        names = [Language(code)(one.name) for one in section.definitions]
        assert len(set(names)) == len(names)


def test_sections_name_pages_commands_and_documents_that_exist() -> None:
    parser = build(Language("en"))
    for section in SECTIONS:
        assert section.page in {None, *(page.name for page in PAGES)}
        assert all((DOCS / f"{name}.md").is_file() for name in section.read_on)
        for command in section.commands:
            with pytest.raises(SystemExit) as ended:
                parser.parse_args([*command.split(), "--help"])
            assert ended.value.code == 0


def test_a_page_says_its_own_words_first_and_a_page_without_numbers_none() -> None:
    assert [section.title for section in of_page("velocity")] == ["page.velocity.title", "means.counted"]
    assert of_page("connection") == []


def of_the_sla_page() -> None:
    """What a page does at its foot, without the page."""
    from types import SimpleNamespace

    from leadpact.language import Language
    from ui import definitions

    definitions.offer(SimpleNamespace(name="sla", lang=Language("es"), key=lambda name: f"_sla_{name}"))  # type: ignore[arg-type]


def test_a_button_opens_how_the_numbers_of_a_page_are_counted() -> None:
    at = AppTest.from_function(of_the_sla_page).run()
    at.button(key="_sla_means").click().run()
    assert not at.exception
    assert "justo en el objetivo es a tiempo" in words(at)
    assert "breached" not in words(at), "a formula in the names of --json is for the document"
