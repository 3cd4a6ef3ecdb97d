"""The worked examples of the contributor's guide: its files are written into a copy of the project, its commands run.

Not here: that links, labels and commands of the documents exist (test_docs.py, test_docs_guides.py).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

GUIDE = ROOT / "docs" / "guides" / "contributor.md"
COPIED = ("leadpact", "config", "connectors", "locales", "tests", "ui", "docs", "pyproject.toml")
PYTHON = ".venv/bin/python"
SECTIONS = ("A rule", "A metric", "A connector", "A language")


@dataclass(frozen=True)
class Block:
    """One fenced block: in which section, of what kind, and its lines."""

    section: str
    kind: str
    text: str


def blocks() -> list[Block]:
    """Every fenced block of the guide, in order."""
    found, section = [], ""
    pattern = re.compile(r"^## (?P<section>.+?)$|^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
    for match in pattern.finditer(GUIDE.read_text(encoding="utf-8")):
        section = match["section"] or section
        if match["text"] is not None:
            found.append(Block(section, match["kind"], match["text"]))
    return found


def place(block: Block, folder: Path) -> Path:
    """Writes a block where its first line says: a file, or lines below one of a file."""
    said, text = block.text.removeprefix("# ").split("\n", 1)
    name, _, line = said.partition(", below: ")
    path = folder / name
    if line:
        written = path.read_text(encoding="utf-8")
        assert written.count(f"{line}\n") == 1, f"{name} has no line, or several: {line}"
        text = written.replace(f"{line}\n", f"{line}\n{text}")
    else:
        assert not path.exists(), f"{name} is there already: the example would hide it"
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def commands(*sections: str) -> list[list[str]]:
    """The commands of these examples, in order, without the interpreter each begins with."""
    lines = [line for block in blocks() if block.section in sections and block.kind == "sh"
             for line in block.text.splitlines()]  # fmt: skip
    assert lines and all(line.startswith(f"{PYTHON} ") for line in lines)
    return [shlex.split(line)[1:] for line in lines]


def add(folder: Path, *sections: str) -> None:
    """Writes the files of these examples."""
    for block in blocks():
        if block.section in sections and block.kind != "sh":
            place(block, folder)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the files of every example but the language's, which begins with most texts missing."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():  # what another process is just compiling has a number at its end
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("*.pyc.*", "*.png"))
        else:
            shutil.copy2(source, folder / name)
    add(folder, *SECTIONS[:-1])
    return folder


def run(folder: Path, *words: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_every_kind_of_addition_has_files_texts_and_a_command() -> None:
    for section in SECTIONS:
        kinds = [block.kind for block in blocks() if block.section == section]
        assert {"python", "po", "sh"} <= set(kinds), section


def test_the_examples_are_in_the_style_of_the_house(copy: Path) -> None:
    new = [str(path) for path in copy.rglob("*.py") if not (ROOT / path.relative_to(copy)).exists()]
    changed = ["leadpact/definitions.py", "tests/every_metric.py", "tests/contract/doors.py"]
    assert len(new) == 5
    run(copy, "-m", "ruff", "check", "--quiet", *new, *changed)
    run(copy, "-m", "ruff", "format", "--check", "--quiet", *new, *changed)


# one process for all of them: most of the time of a short command is its start
TOGETHER = """
import runpy, sys, pytest
for module in sys.argv[1].split():
    runpy.run_module(module, run_name="__main__")
sys.exit(pytest.main(sys.argv[2:]))
"""


def test_a_rule_a_metric_and_a_connector_are_added_as_the_guide_says(copy: Path) -> None:
    """What writes documents first, then all tests."""
    modules, files, wanted = [], [], []
    for _, module, *words in commands(*SECTIONS[:-1]):
        if module == "pytest":
            at = words.index("-k")
            files += words[1:at]
            wanted.append(words[at + 1])
        else:
            modules.append(module)
    # 50,001 rows are asked of the example as of every other connector: in the contract's own tests, once it is real
    run(copy, "-c", TOGETHER, " ".join(modules), "-q", *files, "-k", f"not bounded and ({' or '.join(wanted)})")
    assert "STA99" in (copy / "docs" / "rules.es.md").read_text(encoding="utf-8")
    assert "Touched lately" in (copy / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_a_language_is_added_as_the_guide_says(copy: Path) -> None:
    add(copy, SECTIONS[-1])
    for words in commands(SECTIONS[-1]):
        run(copy, *words, "--noconftest")  # what every test may ask for takes seconds to import
