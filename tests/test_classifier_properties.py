"""The classifier on any text at all: it never fails, never depends on dress, stays linear."""

from __future__ import annotations

import itertools
import json
import string
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.audit.classifier import KINDS, LexiconError, classify, default_lexicon, explained, matcher
from leadpact.audit.classifier.files import read_file
from leadpact.audit.classifier.text import MAX_CHARS, MAX_TOKENS
from leadpact.language import Language
from tests.test_classifier import golden

VALUES = [value for _, _, value in golden() if value.strip()]
# Values whose words are told apart by capitals alone cannot survive a change of case.
SPACED = [value for value in VALUES if not any(a.islower() and b.isupper() for a, b in itertools.pairwise(value))]
NUMBERINGS = ["1 - ", "02. ", "0.0 ", "3) ", "(4) ", "5: ", "1.2 - ", "07 – "]
messy = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\u202e\u200d\ufeff<>&;=+-–/→|()[]{}'\"🔥✅ ")), max_size=400
)


@given(messy)
@settings(max_examples=200, deadline=None)
def test_any_text_gets_a_verdict(value: str) -> None:
    verdict = classify(value)
    assert verdict.value == value
    assert verdict.kind in KINDS
    assert 0 <= verdict.confidence <= 1
    assert verdict.language in ("en", "es", "pt", None)
    assert verdict.why[-1].startswith("rule:")
    assert classify(value) == verdict


@given(
    st.lists(st.sampled_from(sorted(default_lexicon().languages)), max_size=12), st.sampled_from([" ", " - ", "/", "_"])
)
@settings(max_examples=150, deadline=None)
def test_any_mixture_of_known_words_gets_a_verdict(words: list[str], separator: str) -> None:
    assert classify(separator.join(words)).kind in KINDS


@given(st.sampled_from(SPACED), st.sampled_from([str.upper, str.lower, str.swapcase]))
@settings(deadline=None)
def test_case_does_not_matter(value: str, change: Callable[[str], str]) -> None:
    changed = change(value)
    if not any(a.islower() and b.isupper() for a, b in itertools.pairwise(changed)):
        assert classify(changed).kind == classify(value).kind


@given(st.sampled_from(VALUES), st.text(st.sampled_from(" \t\n\r\u00a0\u2003"), max_size=5))
@settings(deadline=None)
def test_surrounding_space_does_not_matter(value: str, space: str) -> None:
    assert classify(f"{space}{value}{space}").kind == classify(value).kind


@given(st.sampled_from(VALUES), st.sampled_from(NUMBERINGS))
@settings(deadline=None)
def test_numbering_does_not_matter(value: str, numbering: str) -> None:
    assert classify(numbering + value).kind == classify(value).kind


@given(st.sampled_from([value for value in VALUES if value.isascii() and value.replace(" ", "").isalpha()]))
@settings(deadline=None)
def test_underscores_do_not_matter(value: str) -> None:
    assert classify(value.replace(" ", "_")).kind == classify(value).kind


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the steps of the search for phrases: work, not seconds."""
    count = [0]
    original = matcher._longest

    def counted(*args: object, **options: object) -> object:
        count[0] += 1
        return original(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(matcher, "_longest", counted)
    yield count


@pytest.mark.parametrize(
    "unit", ["not contacted ", "no no ", "de la de la no ", "a ", "open - ", "<a<a", "((((", "' - "]
)
def test_work_grows_no_faster_than_the_text(unit: str, steps: list[int]) -> None:
    work = []
    for size in (250, 500, 1_000, 2_000, 4_000, 1_000_000):
        steps[0] = 0
        assert classify((unit * (size // len(unit) + 1))[:size]).kind in KINDS
        work.append(steps[0] / min(size, MAX_CHARS))
    assert max(work) <= 30
    assert steps[0] <= 200 * MAX_TOKENS


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "\x00", "\ud800", "🔥🔥🔥", "—", "=1+1", "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "<b", "&amp;&lt;",
        "<script>alert(1)</script>", "لم يتم الرد", "לא עונה", "\u202eelbahcaer toN", "連絡済み", "x" * 255, "é" * 256,
        "a b " * 500, "Contacted " * 40, "('" * 200, "%s%n", "{value}", "../../etc/passwd", "'; DROP TABLE lead; --",
        "1", "12/05/2024",
    ],
)  # fmt: skip
def test_hostile_values_get_a_verdict_and_reasons_that_can_be_said(value: str) -> None:
    verdict = classify(value)
    assert (verdict.value, verdict.kind in KINDS) == (value, True)
    said = [Language.of(code).text(text) for code in ("en", "es") for text in explained(verdict)]
    assert all(said)


# What a lexicon file could hold, well formed or not.
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12))
bodies = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
keys = st.sampled_from(["values", "spellings", "fillers", "language", "action", "state", "vague", "Hero Agent"])


@given(st.one_of(st.text(max_size=80), st.dictionaries(keys, bodies, max_size=5).map(json.dumps)))
@settings(max_examples=150, deadline=None)
def test_any_text_as_a_lexicon_file_loads_or_is_refused_with_its_place(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ours.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            assert set(read_file(path, 1).values.values()) <= set(KINDS)
        except LexiconError as error:
            for code in ("en", "es"):
                assert str(path) in Language.of(code).error(error)
            assert all(fault.params["line"] >= 1 for fault in error.details)
        assert path.read_bytes() == text.encode("utf-8", "surrogatepass")


def test_long_values_are_read_from_their_beginning() -> None:
    filler = "z" * 300
    assert classify(f"Contacted {filler}").kind == "action"
    assert classify("Contacted " + " ".join(string.ascii_lowercase * 40)).kind == "action"
