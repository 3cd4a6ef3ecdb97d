"""The lines of docs/operations.md are lines that work: commands parse, units and cron lines are well formed."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from leadpact.cli import build
from leadpact.digest.settings import parsed
from leadpact.language import Language

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, flags=re.DOTALL)
COMMANDS = sorted({line.strip() for line in re.findall(r"-m leadpact ([^\n`>|]+)", TEXT)})
FIELD = re.compile(r"(\*|\d+)(/\d+)?")


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_parses(line: str) -> None:
    words = shlex.split(re.sub(r"\$\([^)]*\)| 2$|\)+$", "", line).replace("]", ""))
    assert build(Language("en")).parse_args(words).command == words[0]


def test_there_are_such_lines() -> None:
    assert {"tick", "backup", "doctor", "sync"} <= {line.split()[0] for line in COMMANDS}


def test_cron_lines() -> None:
    lines = [line for kind, block in BLOCKS if not kind for line in block.splitlines() if "cd /srv" in line]
    assert len(lines) >= 4
    for line in lines:
        *fields, command = line.split(maxsplit=5)
        assert all(FIELD.fullmatch(one) for one in fields), line
        assert not re.search(r"(?<!\\)%", command), "cron ends a command at a % that is not escaped"
        assert shlex.split(command.replace("$(", "").replace(")", ""))


def test_units() -> None:
    units = [block for kind, block in BLOCKS if kind == "ini"]
    assert len(units) == 3
    for text in units:
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)
        assert set(unit) - {"DEFAULT"} <= {"Unit", "Service", "Timer", "Install"}
        if "Service" in unit:
            command = unit["Service"]["ExecStart"].split()
            assert command[0].startswith("/"), "systemd takes absolute paths only"
            assert unit["Service"].get("Type", "simple") in ("simple", "oneshot")
        else:
            assert set(unit["Timer"]) <= {"OnCalendar", "Persistent", "RandomizedDelaySec"}


def test_the_example_of_a_digest_is_one() -> None:
    (text,) = [block for kind, block in BLOCKS if kind == "toml"]
    found = parsed(tomllib.loads(text)["digest"])
    assert [one.audience for one in found.channels] == ["owner", "manager", "leaders"]
    assert found.channels[0].personal and found.channels[1].team == "sales"
    commented = (ROOT / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8").partition("# [digest]")
    example = tomllib.loads("\n".join(line.removeprefix("# ") for line in (commented[1] + commented[2]).splitlines()))
    assert len(parsed(example["digest"]).channels) == 2
