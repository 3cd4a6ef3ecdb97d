"""The catalogues: complete in every language, each text used, each used text there, each region its own words.

Not here: what single texts say (test_audit_texts.py), how they are read (leadpact/language.py).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.audit.registry import every
from leadpact.language import FOLDER, LANGUAGES, Entry, Language, catalogue, fallback, missing
from tests.catalogue_keys import found
from tests.catalogue_sets import AT_LEAST, BUILT, COMPOSED, NO_KEYS, ON_RECORD, OPEN, UNSAID

ENGLISH, SPANISH, LATIN = (catalogue(code) for code in ("en", "es", "es_419"))
PART = "[A-Za-z0-9_]+"
PARTS = sorted(path.name for path in (FOLDER / "en" / "LC_MESSAGES").glob("*.po"))

# the same word in both languages, a name, or a frame without words
SHARED = {
    "diff.comma", "diff.no", "diff.of", "diff.percent", "diff.route", "diff.set",
    "audit.amount", "audit.list", "audit.records.lead", "audit.severity.error", "cli.progress", "severity.error",
    "team.marketing", "page.definition.team.marketing", "page.sla.title", "setup.col.hash", "setup.col.id",
    "setup.col.pipeline", "setup.col.url", "setup.field.pipeline", "setup.object.lead", "setup.objects.lead",
    "setup.target.leads", "setup.type.airtable", "setup.type.salesforce", "ui.col.url", "ui.hours", "ui.no",
    "sla.minutes", "page.today.policy", "report.t.policy", "ui.export.csv", "ui.export.xlsx", "ui.object.lead",
    "page.fixes.count.lead", "role.marketing", "role.revops", "sign.account", "setup.col.roles",
    "member.col.roles", "page.people.roles",
}  # fmt: skip

# as Spain says it, as Latin America says it instead; the first nine are of the glossary
REGIONAL = [
    (r"descualific", r"descalific"),
    (r"(?<!des)cualific", r"(?<!des)calific"),
    (r"laborable", r"hábil"),
    (r"propietari[oa]", r"responsable"),
    (r"\b(origen|orígenes)\b", r"\bfuentes?\b"),
    (r"\bmadura(ción|r)", r"\bnutri"),
    (r"\bañ[aá]d", r"\bagr[eé]g"),
    (r"\bfestiv", r"\bferiad"),
    (r"\bimportes?\b", r"\bmontos?\b"),
    (r"\bsolap", r"\btraslap"),
    (r"\b(vuestr[oa]s?|vosotr[oa]s)\b|[a-z][áé]is\b", None),
]
ONLY_LATIN = r"descalific|(?<!des)\bcalific|\bhábil(es)?\b|\bferiad|\bmontos?\b|\btraslap|\bagreg(a|ar|ue|uen)\b"


def forms(entry: Entry) -> tuple[str, ...]:
    return entry if isinstance(entry, tuple) else (entry,)


def names(text: str) -> set[str]:
    """The placeholders of one text. Raises ValueError where it is no format string."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def matching(pattern: str) -> set[str]:
    """The keys that a pattern with `{}` can become."""
    regex = re.compile(re.escape(pattern).replace(r"\{\}", PART))
    return {key for key in ENGLISH if regex.fullmatch(key)}


# what is in the catalogues


def test_english_and_spanish_have_the_same_keys() -> None:
    assert set(ENGLISH) == set(SPANISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_lacks_a_text(language: str) -> None:
    lacks = sorted(missing(language))
    assert lacks == [], f"{language} says {len(lacks)} of {len(ENGLISH)} texts in English, the first: {lacks[0]}"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("es", "es"), ("es-ES", "es"), ("es-MX", "es_419"), ("es_419", "es_419"), ("en-GB", "en"), ("fr", "en"),
     (None, "en"), ("pt-BR", "en"), ("../en", "en")],
)  # fmt: skip
def test_a_reader_gets_the_nearest_language(wanted: str | None, code: str) -> None:
    assert Language.of(wanted).code == code


def test_latin_america_only_differs() -> None:
    assert set(LATIN) <= set(SPANISH)
    assert [key for key in LATIN if LATIN[key] == SPANISH[key]] == []
    assert fallback("es_419") == ("es_419", "es", "en")


@pytest.mark.parametrize("language", ["es", "es_419"])
def test_parts_are_the_same_files(language: str) -> None:
    files = {path.name for path in (FOLDER / language / "LC_MESSAGES").glob("*.po")}
    assert files == set(PARTS) if language == "es" else files <= set(PARTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, entry in catalogue(language).items() if not all(form.strip() for form in forms(entry))] == []


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.po")), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_key_stands_twice(path: Path) -> None:
    keys = re.findall(r'^msgid "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z_]*(\.[A-Za-z0-9_]+)+", key) for key in keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_both_forms_and_their_count(language: str) -> None:
    """One and many, in both languages; a text that counts has forms in all of them."""
    for key, entry in catalogue(language).items():
        assert isinstance(entry, tuple) == isinstance(ENGLISH[key], tuple), key
        if isinstance(entry, tuple):
            assert len(entry) == 2, key
            assert "count" in names(entry[1]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree_with_english(language: str) -> None:
    for key, entry in catalogue(language).items():
        assert [names(form) for form in forms(entry)] == [names(form) for form in forms(ENGLISH[key])], key
        assert all(name.isidentifier() for form in forms(entry) for name in names(form)), key


def test_no_english_is_left_in_spanish() -> None:
    same = {key for key in ENGLISH if ENGLISH[key] == SPANISH[key]}
    assert same - SHARED == set(), "translate it, or add it to SHARED where both languages have the same word"
    assert SHARED - same == set(), "no longer the same in both languages: take it out of SHARED"


# what the code says


def begins_like_a_key(text: str) -> bool:
    return text.split(".", maxsplit=1)[0] in {key.split(".")[0] for key in ENGLISH}


def test_every_key_in_the_code_has_a_text() -> None:
    rules = {name for rule in every() for name in (rule.name, *rule.aliases)}
    missing = {
        key: sorted(places)
        for key, places in found().literal.items()
        if begins_like_a_key(key) and key not in ENGLISH and key not in rules and key not in {*NO_KEYS, *ON_RECORD}
    }
    assert missing == {}


def test_what_is_handed_to_a_language_or_an_error_has_a_text() -> None:
    """Whatever it begins with: a part nobody has a catalogue for would pass the test above."""
    assert {key: sorted(places) for key, places in found().said.items() if key not in ENGLISH} == {}
    assert len(found().said) > 300


def test_every_built_key_is_listed_with_what_it_may_be() -> None:
    built = {pattern for pattern in found().built if begins_like_a_key(pattern) and pattern not in NO_KEYS}
    assert built - set(BUILT) - set(OPEN) == set(), "say in tests/catalogue_sets.py what `{}` may be"
    assert set(OPEN) <= built, "no code builds these any more"
    assert not set(BUILT) & set(OPEN)


def listed() -> Iterator[str]:
    for pattern, parts in [*BUILT.items(), *AT_LEAST.items()]:
        for part in parts:
            yield pattern.format(*([part] if isinstance(part, str) else part))


def test_every_listed_key_has_a_text() -> None:
    assert [key for key in listed() if key not in ENGLISH] == []


def test_what_a_page_says_has_a_text() -> None:
    assert {
        short: sorted(places) for short, places in found().short.items() if not matching(f"page.{{}}.{short}")
    } == {}


def test_every_text_is_used() -> None:
    """By its key, or built: then what varies stands in the code as a word of its own, or in a listed set."""
    said = {key for key in ENGLISH if key in found().literal} | set(listed())
    for short in found().short:
        said |= spoken(f"page.{{}}.{short}")
    for pattern in OPEN:
        said |= spoken(pattern)
    unused = set(ENGLISH) - said
    assert unused - set(UNSAID) == set()
    assert set(UNSAID) <= unused, "used now: take it out of UNSAID"


def spoken(pattern: str) -> set[str]:
    """The keys of an open pattern whose varying parts the code names."""
    regex = re.compile(re.escape(pattern).replace(r"\{\}", f"({PART})"))
    fits = ((key, regex.fullmatch(key)) for key in ENGLISH)
    composed = pattern in COMPOSED
    return {key for key, match in fits if match and all(named(part, composed) for part in match.groups())}


def named(part: str, composed: bool) -> bool:
    """Whether the code has the word, or, where parts are composed, makes it of two (`reason` + `_unheld`)."""
    words, breaks = found().words, [at for at, letter in enumerate(part) if letter == "_" and composed]
    halves = (({part[:at], part[: at + 1]}, {part[at:], part[at + 1 :]}) for at in breaks)
    return part in words or any(first & words and second & words for first, second in halves)


def test_exceptions_are_counted() -> None:
    assert (len(OPEN), len(NO_KEYS), len(UNSAID), len(SHARED)) == (27, 14, 3, 41)
    assert all([*OPEN.values(), *NO_KEYS.values(), *UNSAID.values()])


def test_a_text_is_given_what_it_names() -> None:
    """A call with the key written out hands over every placeholder of the text."""
    short = {
        f"{place}: {key}": sorted(wanted - given)
        for place, key, given in found().calls
        if key in ENGLISH and (wanted := set().union(*(names(form) for form in forms(ENGLISH[key])))) - given
    }
    assert short == {}


# each region's words


@pytest.mark.parametrize(("spain", "latin"), REGIONAL, ids=[spain for spain, _ in REGIONAL])
def test_spains_words_have_latin_americas_beside_them(spain: str, latin: str | None) -> None:
    said = {key: entry for key, entry in SPANISH.items() if says(spain, entry)}
    assert {key: entry for key, entry in said.items() if key not in LATIN} == {}, "needs a text in es_419"
    assert {key: entry for key, entry in LATIN.items() if says(spain, entry)} == {}
    assert latin is None or {key: LATIN[key] for key in said if not says(latin, LATIN[key])} == {}


def says(words: str, entry: Entry) -> bool:
    return any(re.search(words, form, re.IGNORECASE) for form in forms(entry))


def test_spain_is_not_told_in_latin_americas_words() -> None:
    assert {key: entry for key, entry in SPANISH.items() if says(ONLY_LATIN, entry)} == {}


def test_the_words_of_the_glossary_reach_the_reader() -> None:
    spain, latin, english = Language.of("es-ES"), Language.of("es-MX"), Language.of("en")
    assert [say("stage_kind.qualified") for say in (spain, latin, english)] == [
        "cualificado",
        "calificado",
        "qualified",
    ]
    assert [say("stage_kind.disqualified") for say in (spain, latin)] == ["descualificado", "descalificado"]
    assert [say("ui.dim.owner") for say in (spain, latin)] == ["Propietario", "Responsable"]
    assert "laborables" in spain("pact.sla_without_calendar", name="x")
    assert "hábiles" in latin("pact.sla_without_calendar", name="x")
