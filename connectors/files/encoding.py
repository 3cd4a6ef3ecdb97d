"""How a text file is written: its encoding, its delimiter, and its bytes as clean UTF-8.

The rule for the encoding: a byte order mark decides; else zero bytes in every second place
mean UTF-16; else the whole file is tried as UTF-8; else it is Windows-1252, or Latin-1 where
a byte has no meaning in it. A file that is UTF-8 but for a few broken characters stays UTF-8.

Not here: rows and cells (text.py), files that are not text (folder.py).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from connectors.files.bounds import Unpacked

CHUNK = 4 << 20
SAMPLE = 64 << 10
DELIMITERS = ",;\t|"
DAMAGED = "\ufffd"
MOSTLY = 0.1  # broken characters up to this share of the accented ones: damaged UTF-8, not Latin-1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


@dataclass(frozen=True)
class TextForm:
    """How to read one text file. `mark` bytes at its start are skipped."""

    encoding: str
    mark: int
    delimiter: str
    skip: int = 0  # lines before the header: `sep=;`, as Excel writes it


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when its name ends in .gz. Raises OSError; reading it, Unreadable as `bounds`."""
    if path.suffix.casefold() != ".gz":
        return path.open("rb")
    return cast("IO[bytes]", Unpacked(cast("IO[bytes]", gzip.open(path, "rb")), path))


def text_form(path: Path, encoding: str | None = None) -> TextForm:
    """Encoding and delimiter of a text file; `encoding`, where given, is taken as it is.

    The whole file is looked at, once for each version of it. Raises OSError, EOFError or
    zlib.error where the file cannot be read, LookupError on an unknown encoding.
    """
    seen = path.stat()
    return _text_form(path, encoding, (seen.st_mtime_ns, seen.st_size, seen.st_ino))


@lru_cache(maxsize=256)
def _text_form(path: Path, encoding: str | None, _version: tuple[int, int, int]) -> TextForm:
    with open_bytes(path) as file:
        head = file.read(SAMPLE)
    mark, found = next(((len(m), name) for m, name in _MARKS if head.startswith(m)), (0, None))
    chosen = found or encoding or _by_zeros(head) or _by_content(path)
    sample = codecs.getincrementaldecoder(chosen)("replace").decode(head[mark:]).replace("\0", "")
    first = sample.partition("\n")[0]
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == len("sep=") + 1:
        return TextForm(chosen, mark, first.strip()[-1], skip=1)
    if first.strip().casefold() == "sep=":  # sep=<tab>, stripped above
        return TextForm(chosen, mark, "\t", skip=1)
    return TextForm(chosen, mark, delimiter(sample, whole=len(head) < SAMPLE))


def _by_zeros(head: bytes) -> str | None:
    """UTF-16 without a mark: Latin text has a zero in every second byte."""
    if len(head) < 4:
        return None
    half = len(head) // 2
    even, odd = head[: half * 2 : 2].count(0) / half, head[1 : half * 2 : 2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _by_content(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    accented = damaged = 0
    undefined = False
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(chunk)
            accented += len(text) - len(text.encode("ascii", "ignore"))
            damaged += text.count(DAMAGED)
            undefined = undefined or any(byte in chunk for byte in _UNDEFINED_1252)
    if damaged <= accented * MOSTLY:
        return "utf-8"
    return "latin-1" if undefined else "cp1252"


def delimiter(sample: str, whole: bool) -> str:
    """The delimiter under which most rows are of one width, the header too, and wide at all.

    A file of one column has none and reads as comma-separated. `whole` says that the sample
    is the whole file; else its last, cut row is left out.
    """
    best, score = ",", (0.0, False, 0)
    for candidate in DELIMITERS:
        widths = _widths(sample, candidate, whole)
        usual, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
        found = (round(count / max(len(widths), 1), 2), widths[:1] == [usual], usual)
        if usual > 1 and found > score:
            best, score = candidate, found
    return best


def _widths(sample: str, candidate: str, whole: bool) -> list[int]:
    widths: list[int] = []
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=candidate)
    try:
        widths.extend(len(row) for row in rows if any(cell.strip() for cell in row))
    except csv.Error:  # a quote never closed: the rows before it are enough to tell
        return widths
    return widths if whole or len(widths) < 2 else widths[:-1]


def utf8_chunks(path: Path, form: TextForm) -> Iterator[bytes]:
    """The file as UTF-8 without mark and zero characters, in chunks of about CHUNK bytes.

    Broken characters become U+FFFD. Lines that end in a lone carriage return, as old
    spreadsheets write them, end in a line feed when the file has no line feed in its start.
    """
    decoder = codecs.getincrementaldecoder(form.encoding)("replace")
    plain = form.encoding == "utf-8"
    with open_bytes(path) as file:
        file.read(form.mark)
        first = True
        old_lines = False
        while chunk := file.read(CHUNK):
            held = decoder.getstate()[0]  # the start of a letter the last chunk ended in
            if plain and not held and chunk.isascii():
                clean = chunk
            else:
                text = decoder.decode(chunk)
                known = plain and DAMAGED not in text
                clean = (held + chunk).removesuffix(decoder.getstate()[0]) if known else text.encode()
            if b"\0" in clean:
                clean = clean.replace(b"\0", b"")
            if first:
                head = clean[:SAMPLE]
                old_lines, first = b"\n" not in head and b"\r" in head, False
            yield clean.replace(b"\r", b"\n") if old_lines else clean
        if rest := decoder.decode(b"", True):
            yield rest.encode()
