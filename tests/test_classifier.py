"""The classifier on written values: every kind and language, the hard classes, messy picklists."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from leadpact.audit.classifier import KINDS, Verdict, classify, explained
from leadpact.language import Language

GOLDEN = Path(__file__).parent / "golden" / "classifier"
LANGUAGES = ("en", "es", "pt")


def golden() -> list[tuple[str, str, str]]:
    """Language, kind and value of every golden case."""
    cases: list[tuple[str, str, str]] = []
    for language in LANGUAGES:
        for path in sorted(GOLDEN.glob(f"{language}*.yaml")):
            document = YAML(typ="safe", pure=True).load(path)
            cases.extend((language, kind, value) for kind, values in document.items() for value in values)
    return cases


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_golden_values_are_read_as_written(language: str, kind: str) -> None:
    values = [value for spoken, meant, value in golden() if (spoken, meant) == (language, kind)]
    assert values
    assert {value: classify(value).kind for value in values} == dict.fromkeys(values, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Contacted", "action"),
        ("Contactado", "action"),
        ("Contatado", "action"),
        ("Not Contacted", "state"),
        ("Open - Not Contacted", "mixed"),
        ("Working", "state"),
        ("In Progress", "vague"),
        ("Proposta", "state"),
        ("Proposta enviada", "action"),
        ("Wrong number", "action"),
        ("Bad data", "reason"),
        ("Not interested", "reason"),
        ("Waiting for documents", "state"),
        ("Pending call", "action"),
        ("Attempt 4-Not Contacted", "action"),
        ("Por asignar", "state"),
        ("Por asignar modelo", "action"),
        ("Discovery", "state"),
        ("Discovery Call Completed", "action"),
        ("Qualification call", "action"),
        ("Qualified - call", "mixed"),
        ("Credit check", "state"),
        ("Check credit", "action"),
        ("Drug test", "state"),
        ("Test lead", "obsolete"),
        ("Customer - Inactive", "state"),
        ("Contacted (inactive)", "obsolete"),
        ("Lost - Price", "reason"),
        ("Budget approved", "state"),
        ("Pending transfer", "state"),
        ("In transfer", "state"),
        ("Transfer in progress", "state"),
        ("Transfer", "action"),
        ("Not yet qualified", "state"),
        ("Wrong", "action"),
        ("Wrong size", "reason"),
        ("Too far", "reason"),
        ("HOA issue", "reason"),
        ("Issue", "vague"),
        ("Baja por impago", "reason"),
        ("Rechazado por ventas", "state"),
        ("Disqualified - Renter", "reason"),
        ("Purchased list", "source"),
        ("Bought elsewhere", "reason"),
        ("Duplicate contact", "reason"),
        ("Contacto duplicado", "reason"),
        ("Admissions team", "source"),
        ("Management review", "state"),
        ("No owner", "state"),
        ("Anúncio no Facebook", "source"),
        ("Transcript requested", "action"),
        ("Renewal requested", "action"),
        ("Refused call", "action"),
        ("Contracting", "state"),
    ],
)
def test_hard_classes(value: str, kind: str) -> None:
    assert classify(value).kind == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("notcontacted", "state"),
        ("NOCONTESTA", "action"),
        ("followup2", "action"),
        ("LostLead", "state"),
        ("Contated", "action"),
        ("Schedulled demo", "action"),
        ("Nao  Atende", "action"),
        ("Segumiento", "action"),
        ("No anwser", "action"),
        ("Llmada", "action"),
        ("Emaild", "action"),
        ("Tasked", "state"),
        ("Contracting", "state"),
        ("c/b 3pm", "action"),
        ("N/A", "vague"),
        ("Ｃｏｎｔａｃｔｅｄ", "action"),
        ("Con\u200btact\u200bed", "action"),
        ("Contacted\x00\x07", "action"),
        ("\u202eContacted\u202c", "action"),
        ("<b>Contacted</b><script>alert(1)</script>", "action"),
        ('=HYPERLINK("http://example.org/new","Contacted")', "action"),
        ("Sin inter&eacute;s", "reason"),
        ("😀😀", "vague"),
        ("", "vague"),
        ("None", "vague"),
        ("null", "vague"),
    ],
)
def test_written_forms(value: str, kind: str) -> None:
    assert classify(value).kind == kind


def test_right_to_left_text_is_a_guess_without_language() -> None:
    verdict = classify("لم يتم الاتصال")
    assert verdict.language is None
    assert verdict.confidence < 0.5


@pytest.mark.parametrize(
    ("value", "language"),
    [
        ("Left voicemail", "en"),
        ("Buzón de voz", "es"),
        ("Não atende", "pt"),
        ("Tentativa de contato", "pt"),
        ("Intento de contacto", "es"),
        ("MQL", None),
        ("Cliente", None),
        ("123", None),
    ],
)
def test_language(value: str, language: str | None) -> None:
    assert classify(value).language == language


def test_a_verdict_says_why() -> None:
    assert classify("Working - Contacted") == Verdict(
        value="Working - Contacted",
        kind="mixed",
        confidence=0.92,
        language="en",
        why=("working=state", "contacted=action", "rule:state_and_action"),
    )


def test_what_was_not_understood_lowers_the_confidence() -> None:
    plain, partly, nothing = (classify(value).confidence for value in ("Contacted", "Contacted Zyx", "Zyx Qwv"))
    assert plain > partly > nothing


@pytest.mark.parametrize("code", ["en", "es", "es_419"])
def test_every_reason_can_be_said(code: str) -> None:
    say = Language.of(code)
    for _, _, value in golden():
        assert all(say.text(text) for text in explained(classify(value)))
