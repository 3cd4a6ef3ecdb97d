"""How the app is served and what it is made of: Streamlit's protections are on, every dependency is pinned.

Not here: whether the server keeps to it (test_hardening_browser.py), known faults of dependencies
(`make audit-dependencies`).
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)(\s*;.+)?")


@pytest.mark.parametrize(("section", "option", "wanted"), [
    ("server", "enableCORS", True),  # else any site's page may open a session over a reader's network
    ("server", "enableXsrfProtection", True),
    ("server", "enableStaticServing", False),
    ("client", "allowedOrigins", []),
    ("client", "showErrorDetails", "none"),
    ("client", "showErrorLinks", False),
    ("client", "disableDataExport", True),  # Streamlit's own export runs formulas
    ("client", "toolbarMode", "minimal"),
    ("browser", "gatherUsageStats", False),
])  # fmt: skip
def test_streamlits_protections_are_said(section: str, option: str, wanted: Any) -> None:
    assert CONFIG[section][option] == wanted


@pytest.mark.parametrize(
    ("option", "most"), [("maxUploadSize", 250), ("maxMessageSize", 200), ("maxWidgetStateSize", 25)]
)
def test_what_comes_and_goes_is_bounded(option: str, most: int) -> None:
    assert 0 < CONFIG["server"][option] <= most


def test_every_option_is_one_streamlit_knows() -> None:
    """A protection with a mistake in its name protects nothing."""
    from streamlit import config

    known = set(config.get_config_options())
    flat = {f"{section}.{option}" for section in ("server", "client", "browser", "global", "runner", "logger")
            for option in CONFIG.get(section, {})}  # fmt: skip
    assert flat <= known


def _lines(file: str) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement.strip(), maxsplit=1)[0]).lower()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-spark.txt"])
def test_every_dependency_is_pinned_to_one_version(file: str) -> None:
    assert [line for line in _lines(file) if not _PINNED.fullmatch(line) and not line.startswith(("-r ", "-c "))] == []
    assert not re.search(r"^\s*(--?(index-url|extra-index-url|trusted-host|find-links)|https?:|git\+)",
                         (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip


def test_what_is_installed_is_what_the_project_asks_for() -> None:
    wanted = {_name(one) for one in PROJECT["dependencies"]}
    extra = {_name(one) for one in PROJECT["optional-dependencies"]["dev"]}
    assert wanted <= {_name(line) for line in _lines("requirements.txt")}
    assert wanted | extra <= {_name(line) for line in _lines("requirements-dev.txt")} | {
        _name(line) for line in _lines("requirements.txt")
    }
    versions: dict[str, set[str]] = {}
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in _lines(file):
            found = _PINNED.fullmatch(line)
            if found and not found[3]:
                versions.setdefault(_name(found[1]), set()).add(found[2])
    assert {name: said for name, said in versions.items() if len(said) > 1} == {}


def test_a_version_the_project_names_is_the_one_that_is_pinned() -> None:
    pinned = {_name(found[1]): found[2] for line in _lines("requirements.txt") if (found := _PINNED.fullmatch(line))}
    for one in PROJECT["dependencies"]:
        if "==" in one:
            assert pinned[_name(one)] == one.split("==")[1].split(";")[0].strip()


def test_what_is_installed_only_for_tests_is_not_what_the_app_needs() -> None:
    runtime = {_name(line) for line in _lines("requirements.txt")}
    assert runtime.isdisjoint({"pytest", "hypothesis", "playwright", "pip-audit", "oidc-provider-mock", "trustme"})
