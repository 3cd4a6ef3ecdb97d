"""User text: catalogues of keys, one folder a language, and numbers and dates in its manner.

English is the source. A language is added by adding its folder; one with a region holds only what
differs there and falls back to the language itself (`es_419`, Latin America, to `es`, Spain), and
everything to English. Every part of the product has a catalogue file of its own
(`locales/<language>/LC_MESSAGES/<part>.po`); they are read together, without a build step.

A key that no catalogue knows raises: a missing text is a bug the tests find, not a blank.
Nothing here is process-wide; each session holds its own `Language`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_decimal_symbol, get_group_symbol

from config.errors import LeadPactError

FOLDER = Path(__file__).resolve().parent.parent / "locales"
SOURCE = "en"
LANGUAGES = tuple(sorted(folder.parent.name for folder in FOLDER.glob("*/LC_MESSAGES")))  # en, es, es_419
MOST_WRITTEN = 20_000  # numbers whose text is remembered, of all readers
SPOKEN = tuple(code for code in LANGUAGES if "_" not in code)  # what is offered; a region comes with the reader

Entry = str | tuple[str, ...]


@functools.cache
def fallback(language: str) -> tuple[str, ...]:
    """Where a text is looked for, in this order: `es_419`, `es`, `en`."""
    return tuple(dict.fromkeys((language, language.split("_", maxsplit=1)[0], SOURCE)))


@functools.cache
def missing(language: str) -> frozenset[str]:
    """The keys this language has no text for and says in English."""
    own: set[str] = set()
    for code in fallback(language):
        own |= set(catalogue(code)) if code != SOURCE or language == SOURCE else set()
    return frozenset(set(catalogue(SOURCE)) - own)


@functools.cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Every text of one language folder, by key; plural texts as a tuple of forms.

    Raises ValueError where two files of the folder define the same key.
    """
    texts: dict[str, Entry] = {}
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            entries = read_po(file, locale=language)
        for message in entries:
            if not message.id:
                continue
            plural = isinstance(message.id, (tuple, list))
            key = str(message.id[0] if plural else message.id)
            if key in texts:
                raise ValueError(f"{path}: {key} is defined twice")
            forms = message.string or ""
            texts[key] = tuple(map(str, forms)) if isinstance(forms, (tuple, list)) else forms
    return texts


@dataclass(frozen=True)
class Text:
    """A text to be shown later, in the reader's language: a key and its parameters.

    A parameter that is itself a Text is rendered in the same language; a tuple is a list of them.
    """

    key: str
    params: Mapping[str, Any]

    @staticmethod
    def of(key: str, **params: Any) -> Text:
        return Text(key, params)


@dataclass(frozen=True)
class Language:
    """One language as a reader sees it. `code` is one of LANGUAGES."""

    code: str

    @staticmethod
    def of(wanted: str | None) -> Language:
        """The language nearest to a browser tag or an option: `es-MX` is es_419, `fr` is en."""
        tag = (wanted or SOURCE).replace("_", "-").lower()
        spoken = tag.split("-")[0]
        if spoken == "es" and tag not in ("es", "es-es"):
            return Language("es_419")  # Spanish anywhere but in Spain is nearer to Latin America's
        exact = next((code for code in LANGUAGES if code.lower().replace("_", "-") == tag), None)
        return Language(exact or (spoken if spoken in LANGUAGES else SOURCE))

    @property
    def locale(self) -> Locale:
        return _locale(self.code)

    @property
    def spoken(self) -> str:
        """The language without its region, as it is offered: `es` for es_419."""
        return self.code.split("_")[0]

    @property
    def separators(self) -> str:
        """The decimal sign and the sign between thousands, in this order: `.,` in English and Latin America."""
        return f"{get_decimal_symbol(self.locale)}{get_group_symbol(self.locale)}"

    def has(self, key: str) -> bool:
        return any(key in catalogue(code) for code in fallback(self.code))

    def __call__(self, key: str, **params: Any) -> str:
        """The text under `key` with its parameters filled in.

        A `count` parameter chooses the plural form. Raises KeyError on an unknown key.
        """
        for code in fallback(self.code):
            entry = catalogue(code).get(key)
            if entry:
                break
        else:
            raise KeyError(f"no text for {key!r} in {self.code}")
        if isinstance(entry, tuple):
            form = 0 if params.get("count") == 1 else 1
            entry = entry[min(form, len(entry) - 1)]
        return entry.format(**{name: self._shown(value) for name, value in params.items()})

    def text(self, text: Text) -> str:
        return self(text.key, **text.params)

    def error(self, error: LeadPactError) -> str:
        """The error and its details, a line each."""
        return "\n".join([self(error.key, **error.params), *(f"• {self.error(detail)}" for detail in error.details)])

    def together(self, parts: Iterable[Text | str]) -> str:
        """All of these, as a sentence says it: `a, b y c`."""
        return str(format_list([str(self._shown(one)) for one in parts], locale=self.locale))

    def number(self, value: float | int | None, digits: int = 0) -> str:
        return "–" if value is None else _number(self.code, value, digits)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share as a percentage; unknown is a dash, never 0 %."""
        return "–" if value is None else _percent(self.code, value, digits)

    def day(self, value: date | None) -> str:
        return "–" if value is None else str(format_date(value, "medium", locale=self.locale))

    def moment(self, value: datetime | None, zone: tzinfo | str = "UTC") -> str:
        """A moment in the given zone; a datetime without zone is taken as UTC."""
        if value is None:
            return "–"
        tz = ZoneInfo(zone) if isinstance(zone, str) else zone
        aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
        return str(format_datetime(aware.astimezone(tz), "medium", locale=self.locale))

    def _shown(self, value: Any) -> Any:
        if isinstance(value, Text):
            return self.text(value)
        if isinstance(value, tuple):
            return ", ".join(str(self._shown(one)) for one in value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.day(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        return self.number(value, 0 if float(value).is_integer() else 1)


@functools.cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


# a page writes hundreds of numbers, and most of them again when it is drawn again
@functools.lru_cache(maxsize=MOST_WRITTEN, typed=True)
def _number(code: str, value: float | int, digits: int) -> str:
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return str(format_decimal(round(value, digits), format=pattern, locale=_locale(code)))


@functools.lru_cache(maxsize=MOST_WRITTEN, typed=True)
def _percent(code: str, value: float, digits: int) -> str:
    pattern = _locale(code).percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("#,##0", f"#,##0.{'0' * digits}")
    return str(format_percent(value, format=pattern, locale=_locale(code)))
