"""Cells read as moments under one given form, a column at a time.

A form is an order of day, month and year, or a count of days or seconds. Separators, the
time of day, AM/PM, fractions and offsets are part of every form: they never mislead.

Not here: which form a column has (dates.py), the connection's time zone (zone.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Mask, Whole

FORMS = ("ymd", "dmy", "mdy", "month_name", "epoch", "epoch_ms", "excel")
SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1900, 2199  # beyond them a date is a typing error or a filler
EXCEL_ZERO = np.datetime64("1899-12-30").astype(np.int64)
_TWO_DIGIT_TURN = 69  # 69–99 are 19xx, 00–68 20xx, as POSIX has it

_TIME = (
    r"(?:[T ,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<p>[AaPp])\. ?[Mm]\.?| ?(?P<q>[AaPp])[Mm])?)?"
    r" ?(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_WEEKDAY = r"(?:[A-Za-zÀ-ÿ]{2,9}\.?,? )?"
_NUMBERS = r"[-/. ](?P<y>\d{4}|\d{2})"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|º|\.)?"
_NAME = r"(?P<n>[A-Za-zÀ-ÿ]{3,10})\.?"
_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "ymd": (
        rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}$",
        r"^(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2}))?(?P<z>Z)?$",
    ),
    "dmy": (rf"^{_WEEKDAY}(?P<d>\d{{1,2}})[-/. ](?P<m>\d{{1,2}}){_NUMBERS}{_TIME}$",),
    "mdy": (rf"^{_WEEKDAY}(?P<m>\d{{1,2}})[-/. ](?P<d>\d{{1,2}}){_NUMBERS}{_TIME}$",),
    "month_name": (
        rf"^{_WEEKDAY}{_DAY}[-/ ]?(?:de )?{_NAME},?[-/ ]?(?:del? )?(?P<y>\d{{4}}|\d{{2}}){_TIME}$",
        rf"^{_WEEKDAY}{_NAME}[- ]{_DAY},?[- ](?P<y>\d{{4}}|\d{{2}}){_TIME}$",
    ),
}
_PADDED = r"^\d{2}[-/.]\d{2}[-/.]\d{4}(?: \d{2}:\d{2}(?::\d{2})?)?$"
_COUNTS = r"^\d+(?:\.\d+)?$"
_MONTHS = (
    "jan|january|ene|enero|janeiro",
    "feb|february|febrero|fev|fevereiro",
    "mar|march|marzo|marco",
    "apr|april|abr|abril",
    "may|mayo|mai|maio",
    "jun|june|junio|junho",
    "jul|july|julio|julho",
    "aug|august|ago|agosto",
    "sep|sept|september|septiembre|setiembre|set|setembro",
    "oct|october|octubre|out|outubro",
    "nov|november|noviembre|novembro",
    "dec|december|dic|diciembre|dez|dezembro",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split("|")}
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@dataclass(frozen=True)
class Moments:
    """Cells as microseconds since 1970. `read` says which cells hold a moment of the form.

    `zoned` cells named their offset and `at` is UTC; for the others `at` is local time.
    """

    at: Whole
    read: Mask
    zoned: Mask

    @staticmethod
    def none(count: int) -> Moments:
        return Moments(np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.bool_))


def tidy(cells: pa.Array) -> pa.Array:
    """Cells without surrounding space; the narrow and fixed spaces of spreadsheets as plain ones."""
    trimmed = pc.utf8_trim_whitespace(cells)
    for odd in ("\u00a0", "\u202f"):
        if pc.any(pc.match_substring(trimmed, odd)).as_py():
            trimmed = pc.replace_substring(trimmed, odd, " ")
    return trimmed


def read(cells: pa.Array, form: str) -> Moments:
    """Trimmed text cells under one form; `iso` is `ymd`. Null cells are not read."""
    wanted = "ymd" if form == "iso" else form
    quick = _quick_iso(cells) if wanted == "ymd" else _quick_padded(cells, wanted) if wanted in ("dmy", "mdy") else None
    if quick is not None:
        return quick
    if wanted in ("epoch", "epoch_ms", "excel"):
        return _counted(cells, wanted)
    coded = tidy(cells).dictionary_encode(null_encoding="encode")
    places = coded.indices.to_numpy(zero_copy_only=False)
    once = _by_pattern(coded.dictionary, wanted)  # the same moment often comes many times
    return Moments(once.at[places], once.read[places], once.zoned[places])


def _by_pattern(cells: pa.Array, wanted: str) -> Moments:
    found = Moments.none(len(cells))
    for pattern in _PATTERNS[wanted]:
        _fill(found, cells, pattern)
    return found


def _quick_iso(cells: pa.Array) -> Moments | None:
    """A column wholly in ISO 8601, all with or all without offset, by Arrow's own cast."""
    for kind, zoned in ((pa.timestamp("us"), False), (pa.timestamp("us", "UTC"), True)):
        try:
            times = cells.cast(kind)
        except pa.ArrowInvalid:
            continue
        bare = (
            pc.not_equal(pc.utf8_slice_codeunits(cells, 13, 14), ":")
            if zoned
            else pc.equal(pc.binary_length(cells), 13)
        )
        if pc.any(bare).as_py():
            return None  # an hour without minutes: Arrow takes it, the pattern does not
        at = np.asarray(times.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        known = np.asarray(times.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        years = at // (366 * DAY) + 1970
        if len(at) and (years.min() < FIRST_YEAR or years.max() > LAST_YEAR):
            return None
        return Moments(at, known, np.full(len(at), zoned))
    return None


def _quick_padded(cells: pa.Array, form: str) -> Moments | None:
    """A column wholly in `26-02-2018 19:58:54` (or its first part), turned into ISO 8601."""
    if not pc.all(pc.fill_null(pc.match_substring_regex(cells, _PADDED), True)).as_py():
        return None
    first, second, year = (pc.utf8_slice_codeunits(cells, *ends) for ends in ((0, 2), (3, 5), (6, 10)))
    month, day = (second, first) if form == "dmy" else (first, second)
    clock = pc.utf8_slice_codeunits(cells, 10)
    return _quick_iso(pc.binary_join_element_wise(pc.binary_join_element_wise(year, month, day, "-"), clock, ""))


def _counted(cells: pa.Array, form: str) -> Moments:
    shaped = pc.fill_null(pc.match_substring_regex(cells, _COUNTS), False)
    numbers = pc.if_else(shaped, cells, None).cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
    if form == "excel":
        at = EXCEL_ZERO * DAY + np.round(numbers * 86_400_000).astype(np.int64) * 1000
    else:
        at = np.round(numbers * (SECOND if form == "epoch" else 1000)).astype(np.int64)
    known = np.asarray(shaped.to_numpy(zero_copy_only=False), np.bool_) & _sane(at)
    return Moments(np.where(known, at, 0), known, np.full(len(at), form != "excel"))


def _sane(at: Whole) -> Mask:
    years = at.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.asarray((years >= FIRST_YEAR) & (years <= LAST_YEAR), np.bool_)


def _fill(found: Moments, cells: pa.Array, pattern: str) -> None:
    """Reads the cells that fit `pattern` into `found`, validating each part."""
    rows = np.flatnonzero(~found.read)
    parts = pc.extract_regex(cells if len(rows) == len(cells) else cells.take(pa.array(rows)), pattern)
    fits = np.asarray(parts.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    rows = rows[fits]
    if not len(rows):
        return
    got = parts.filter(pa.array(fits))
    names = {got.type.field(place).name for place in range(got.type.num_fields)}
    year_text = got.field("y")
    year = _whole(year_text)
    short = pc.equal(pc.utf8_length(year_text), 2).to_numpy(zero_copy_only=False)
    year = np.where(short, np.where(year >= _TWO_DIGIT_TURN, 1900, 2000) + year, year)
    month = _month(got.field("n")) if "n" in names else _whole(got.field("m"))
    day, hour, minute, second = (
        _whole(got.field(name)) if name in names else np.zeros(len(rows), np.int64) for name in "dHMS"
    )
    good = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    good &= (day >= 1) & (day <= _month_days(year, np.where(good, month, 1))) & (minute < 60) & (second < 60)
    if "p" in names:
        half = pc.utf8_lower(pc.binary_join_element_wise(got.field("p"), got.field("q"), ""))
        hour, clock = _twelve_hours(hour, half)
        good &= clock
    good &= hour < 24
    fraction = _fraction(got.field("f")) if "f" in names else 0
    offset, zoned = _offset(got.field("z"))
    at = _days(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + fraction - offset
    found.at[rows[good]], found.zoned[rows[good]], found.read[rows[good]] = at[good], zoned[good], True


def _whole(texts: pa.Array) -> Whole:
    digits = pc.if_else(pc.equal(texts, ""), "0", texts)
    return np.asarray(digits.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)


def _month(names: pa.Array) -> Whole:
    coded = names.dictionary_encode()
    numbers = np.array([_MONTH.get(fold(name), 0) for name in coded.dictionary.to_pylist()], np.int64)
    return np.asarray(numbers[coded.indices.to_numpy(zero_copy_only=False)], np.int64)


def fold(text: str) -> str:
    """Lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _month_days(year: Whole, month: Whole) -> Whole:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return np.asarray(_DAYS[month] + ((month == 2) & leap), np.int64)


def _days(year: Whole, month: Whole, day: Whole) -> Whole:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) + day - 1, np.int64)


def _twelve_hours(hour: Whole, half: pa.Array) -> tuple[Whole, Mask]:
    after = pc.equal(half, "p").to_numpy(zero_copy_only=False)
    marked = after | pc.equal(half, "a").to_numpy(zero_copy_only=False)
    clock = np.asarray(~marked | ((hour >= 1) & (hour <= 12)), np.bool_)
    return np.asarray(np.where(marked, hour % 12 + np.where(after, 12, 0), hour), np.int64), clock


def _fraction(texts: pa.Array) -> Whole:
    return _whole(pc.utf8_slice_codeunits(pc.utf8_rpad(texts, 6, "0"), 0, 6))


def _offset(texts: pa.Array) -> tuple[Whole, Mask]:
    """Microseconds east of UTC, and whether the cell said so."""
    coded = texts.dictionary_encode()
    values = []
    for text in coded.dictionary.to_pylist():
        digits = re.sub(r"\D", "", text)
        size = (int(digits[:2]) * 60 + int(digits[2:] or 0)) * 60 * SECOND if digits else 0
        values.append((-size if text.startswith("-") else size, bool(text)))
    places = coded.indices.to_numpy(zero_copy_only=False)
    east = np.array([value for value, _ in values], np.int64)[places]
    return np.asarray(east, np.int64), np.array([said for _, said in values], np.bool_)[places]
