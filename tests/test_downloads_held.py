"""Every file the app offers is made at the click, for somebody who may still be here: read from the code.

Not here: what `access.held` refuses (test_access.py), what is in the files.
"""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT

# files that need not be held, `folder/module.function`, each with its reason; none so far
OPEN: dict[str, str] = {}


def offered(code: str) -> list[tuple[str, bool]]:
    """For every download button of a module its function, and whether its file is made by `access.held`."""
    found: list[tuple[str, bool]] = []
    if "download_button" not in code:
        return found
    for part in ast.parse(code).body:
        for one in ast.walk(part):
            if isinstance(one, ast.Call) and ast.unparse(one.func).endswith("download_button"):
                data = next((word.value for word in one.keywords if word.arg == "data"), None)
                held = isinstance(data, ast.Call) and ast.unparse(data.func) == "access.held"
                found.append((getattr(part, "name", "module"), held))
    return found


def test_every_download_is_held_or_listed_with_its_reason() -> None:
    found = [
        (f"{folder}/{path.stem}.{place}", held)
        for folder in ("ui", "pages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for place, held in offered(path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 15, "the buttons are found"
    assert {place for place, held in found if not held} == set(OPEN)


@pytest.mark.parametrize(("call", "held"), [
    ("st.download_button('x', data=access.held(lambda: b''))", True),
    ("st.download_button('x', data=lambda: b'')", False),
    ("st.sidebar.download_button('x', data=b'')", False),
    ("st.download_button('x', b'')", False),
    ("place.download_button('x', data=made(access.held))", False),
])  # fmt: skip
def test_a_new_one_that_is_not_held_is_found(call: str, held: bool) -> None:
    assert offered(f"def part():\n    {call}") == [("part", held)]
