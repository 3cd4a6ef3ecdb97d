"""Every text of the files connector and the mapping is there, in English and Spanish, with the same places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadpact.language import catalogue

ROOT = Path(__file__).resolve().parent.parent
KEY = re.compile(r'"((?:files|mapping)(?:\.[a-z_]+)+)"')
MADE = (
    {
        f"files.problem.is_{kind}"
        for kind in ("html", "json", "workbook", "old_workbook", "parquet", "packed", "binary", "text")
    }
    | {f"files.reject.bad_{kind}" for kind in ("text", "flag", "whole", "number", "time")}
    | {f"mapping.why.{why}" for why in ("name", "similar", "content", "key", "own", "standard")}
    | {f"files.no_{table}" for table in ("leads", "activities")}
)


def used() -> set[str]:
    sources = [*(ROOT / "connectors" / "files").glob("*.py"), *(ROOT / "leadpact" / "mapping").glob("*.py")]
    return {key for path in sources for key in KEY.findall(path.read_text(encoding="utf-8"))} | MADE


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_key_has_a_text(lang: str) -> None:
    assert used() - set(catalogue(lang)) == set()


def test_no_text_is_left_over() -> None:
    own = re.compile(r"files\.|mapping\.(not_|invalid|no_file|unreadable|fault\.|why\.)")
    assert {key for key in catalogue("en") if own.match(key)} - used() == set()


def test_both_languages_fill_in_the_same_places() -> None:
    english, spanish = catalogue("en"), catalogue("es")
    for key in used():
        pairs = (
            [(english[key], spanish[key])]
            if isinstance(english[key], str)
            else list(zip(english[key], spanish[key], strict=True))
        )
        for ours, theirs in pairs:
            assert set(re.findall(r"{(\w+)}", ours)) == set(re.findall(r"{(\w+)}", theirs)), key
            assert ours.strip()
            assert theirs.strip()
