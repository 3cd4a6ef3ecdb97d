"""What the audit says: every rule has its texts, in every language, with the same placeholders."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from leadpact.audit import catalogue
from leadpact.audit.registry import every
from leadpact.audit.rule import FIXES, SEVERITIES, Rule
from leadpact.language import FOLDER, Language

PARTS = ("title", "reason", "bad", "good", "fix")
SAID = ("message", "suggestion")  # each may have variants, `message.unheld`
FILES = ("audit.po", "rules_*.po")


def own(language: str) -> dict[str, tuple[str, ...]]:
    """Key to its forms, of the audit's own catalogues."""
    paths = [path for pattern in FILES for path in sorted((FOLDER / language / "LC_MESSAGES").glob(pattern))]
    entries = []
    for path in paths:
        with path.open("rb") as file:
            entries += list(read_po(file, locale=language))
    found = {}
    for entry in entries:
        if entry.id:
            forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            found[entry.id[0] if isinstance(entry.id, tuple) else entry.id] = forms
    return found


TEXTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {code: own(code) for code in ("en", "es", "es_419")}


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.code)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_every_rule_says_what_why_and_how(rule: Rule, language: str, part: str) -> None:
    forms = TEXTS[language].get(f"rule.{rule.code}.{part}")
    assert forms and all(form.strip() for form in forms)


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.code)
@pytest.mark.parametrize("part", SAID)
def test_every_rule_has_a_message_and_a_suggestion(rule: Rule, part: str) -> None:
    key = f"rule.{rule.code}.{part}"
    assert any(name == key or name.startswith(f"{key}.") for name in TEXTS["en"])


def test_both_languages_have_the_same_keys_and_none_is_empty() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
    assert set(TEXTS["es_419"]) <= set(TEXTS["es"])
    assert all(form.strip() for texts in TEXTS.values() for forms in texts.values() for form in forms)


def placeholders(forms: tuple[str, ...]) -> list[set[str]]:
    return [{name for _, name, _, _ in string.Formatter().parse(form) if name is not None} for form in forms]


@pytest.mark.parametrize("language", ["es", "es_419"])
def test_placeholders_agree_with_english(language: str) -> None:
    for key, forms in TEXTS[language].items():
        assert placeholders(forms) == placeholders(TEXTS["en"][key]), key


def test_spanish_is_not_english() -> None:
    same = {key for key, forms in TEXTS["en"].items() if TEXTS["es"][key] == forms}
    # words both languages share, and frames without words
    assert same <= {"audit.records.lead", "audit.list", "audit.amount", "audit.severity.error", "rules.default"}


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.code)
def test_groups_needs_severities_and_fixes_have_names(rule: Rule) -> None:
    for language in ("en", "es"):
        for key in (
            f"audit.severity.{rule.severity}",
            f"audit.fix.{rule.fix}",
            *(f"audit.group.{name}" for name in rule.groups),
            *(f"audit.needs.{name}" for name in rule.needs),
        ):
            assert Language(language).has(key), key
    assert rule.severity in SEVERITIES
    assert rule.fix in FIXES


@pytest.mark.parametrize(("code", "name"), catalogue.FILES.items())
def test_the_catalogue_in_docs_is_current(code: str, name: str) -> None:
    written = (catalogue.DOCS / name).read_text(encoding="utf-8")
    assert written == catalogue.render(every(), Language(code)), "run: python -m leadpact.audit.catalogue"


def test_the_catalogue_writes_what_it_renders(tmp_path: Path) -> None:
    catalogue.write(tmp_path)
    for code, name in catalogue.FILES.items():
        document = (tmp_path / name).read_text(encoding="utf-8")
        assert document == catalogue.render(every(), Language(code))
        assert all(f"## {rule.code} · " in document for rule in every())


def test_a_missing_title_would_be_noticed() -> None:
    with pytest.raises(KeyError):
        Language("en")("rule.STA99.title")
