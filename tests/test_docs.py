"""Documentation that cannot drift: generated pages are current, commands of the README exist."""

from __future__ import annotations

import re
from pathlib import Path

from leadpact.cli import build
from leadpact.help_pages import PAGE, page
from leadpact.language import Language

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_of_the_command_line_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m leadpact.help_pages"


def test_every_command_in_the_readme_parses() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"-m leadpact ([^\n`]+)", text)
    assert len(lines) >= 3
    for line in lines:
        build(Language("en")).parse_args(line.split())


def test_every_file_the_readme_names_exists() -> None:
    for readme in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", readme.read_text(encoding="utf-8")):
            assert (readme.parent / target).exists(), f"{readme.name}: {target}"


def test_make_test_is_what_ci_runs() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\ntest:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_requirements_are_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                assert "==" in line, line
