"""Documentation that cannot drift: commands parse, links, pictures and files exist, the README leads to all of it.

Not here: what generated pages say (beside what generates them), the guides' labels (test_docs_guides.py).
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from leadpact.cli import build
from leadpact.help_pages import PAGE, page
from leadpact.language import Language

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
COMMAND = re.compile(r"^ *(?:\$ )?(?:\.venv/bin/)?python -m leadpact (?P<words>[^\n|<…]+?)(?: *[|>].*)?$", re.MULTILINE)


def commands(text: str) -> list[str]:
    """What follows `python -m leadpact` on lines of their own, an ended line with its next one."""
    return [found["words"] for found in COMMAND.finditer(text.replace("\\\n", " "))]


def links(text: str) -> list[str]:
    """Targets within the project; what stands in code is no link."""
    plain = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", plain) if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """What `#…` may name: headings as GitHub spells them, and ids written out."""
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


def test_the_page_of_the_command_line_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m leadpact.help_pages"


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_command_a_document_shows_parses(path: Path) -> None:
    """A line of a shell block, or an indented one; what stands for something else is written as a word (HASH)."""
    parser = build(Language("en"))
    wrong = []
    for line in commands(path.read_text(encoding="utf-8")):
        try:
            parser.parse_args(shlex.split(line, comments=True))
        except SystemExit as ended:
            wrong += [line] if ended.code else []
    assert wrong == []


def test_commands_are_found_where_documents_have_them() -> None:
    found = {name: len(commands(path.read_text(encoding="utf-8"))) for name, path in zip(NAMES, DOCUMENTS, strict=True)}
    assert found["README.md"] >= 5
    assert found["docs/repair.md"] >= 10
    assert sum(found.values()) > 100


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    wrong = []
    for target in links(path.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        found = there.exists() and there.is_relative_to(ROOT)
        if not found or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            wrong.append(target)
    assert wrong == []


def test_every_document_is_reached_from_the_readme() -> None:
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path not in seen and path.suffix == ".md":
            seen.add(path)
            targets = (target.partition("#")[0] for target in links(path.read_text(encoding="utf-8")))
            ahead += [(path.parent / name).resolve() for name in targets if name]
    assert set(DOCUMENTS) - seen == set(), "name it in the README's tables"
    named = {(ROOT / target.partition("#")[0]).resolve() for target in links((ROOT / "README.md").read_text("utf-8"))}
    assert {path for path in DOCUMENTS if path.parent == ROOT / "docs"} <= named, "in the README itself"


def test_every_picture_is_in_some_document_and_small() -> None:
    shown = {
        (path.parent / target).resolve() for path in DOCUMENTS for target in links(path.read_text(encoding="utf-8"))
    }
    for picture in (ROOT / "docs").rglob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name
        assert picture in shown, f"no document shows {picture.name}"


def test_modules_and_files_a_document_names_are_there() -> None:
    """`leadpact/sync.py`, `tests/golden/…`: what stands in code and looks like a path of the project."""
    wrong = []
    for path in set(DOCUMENTS) - {ROOT / "docs" / "guides" / "contributor.md"}:  # it names files to be made
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"`((?:leadpact|ui|pages|config|connectors|tests|bench|locales|docs)/[\w./-]+)`", text):
            if not (ROOT / name).exists():
                wrong.append(f"{path.name}: {name}")
        for name in re.findall(r"-m ((?:leadpact|bench|tests)\.[\w.]+)", text):
            if not (ROOT / f"{name.replace('.', '/')}.py").exists():
                wrong.append(f"{path.name}: {name}")
    assert wrong == []


def test_the_drawing_of_the_house_names_every_package() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = [path.parent.name for path in (ROOT / "leadpact").glob("*/__init__.py")]
    assert len(packages) > 8
    assert [name for name in packages if f"`leadpact/{name}`" not in text] == []


def test_make_test_is_what_ci_runs() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\ntest:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_requirements_are_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                assert "==" in line, line
