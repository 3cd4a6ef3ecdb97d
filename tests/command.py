"""The command line as tests call it: a folder of files as the connection `acme`, and what a command answers.

Not here: what each command promises (test_cli.py and its neighbours).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main

Answer = tuple[int, str, str]  # code, stdout, stderr
Run = Callable[..., Answer]


def exported(folder: Path, files: Mapping[str, str], pact: str) -> list[str]:
    """Writes the files as CSV of `acme`, its secrets and `pact.yaml`; gives the options every command begins with."""
    export = folder / "export"
    export.mkdir()
    for name, text in files.items():
        (export / f"{name}.csv").write_text(text, encoding="utf-8")
    secrets = folder / "secrets.toml"
    secrets.write_text(f'[connections.acme]\ntype = "files"\npath = "{export}"\n', encoding="utf-8")
    (folder / "pact.yaml").write_text(pact, encoding="utf-8")
    return ["--home", str(folder / "home"), "--secrets", str(secrets)]


def called(capsys: pytest.CaptureFixture[str], *words: str) -> Answer:
    """What a command answers, usage errors included; what was said before it is not part of it."""
    capsys.readouterr()
    try:
        code = main(list(words))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out = capsys.readouterr()
    return code, out.out, out.err


def document(found: Answer, code: int = 0) -> Any:
    """The JSON on stdout of a command that ended with `code`."""
    assert found[0] == code, found[2]
    return json.loads(found[1])
