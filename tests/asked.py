"""Where the app asks for a role: every call that asks, by the act it asks for, read from the code.

Not here: which roles may what (ui/access.py), what is held against it (test_access.py).
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from tests.conftest import ROOT
from ui import access

ACTS: Mapping[str, str] = {
    name: value for name, value in vars(access).items() if isinstance(value, str) and value in access.MAY
}
ASKS = {"acting", "named", "_named", "act", "_decide"}  # each hands its act to access.acting


def asked() -> dict[str, set[str]]:
    """For each act the places that ask for it and refuse, `ui/module.function`."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, call in _all():
        if _name(call.func) in ASKS:
            for act in _acts(call):
                found[act].add(place)
    return dict(found)


def called(names: Collection[str]) -> dict[str, set[str]]:
    """The places of ui and pages that call one of these, `module.function` as the code writes it."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, call in _all():
        for name in set(names) & _written(call):
            found[name].add(place)
    return dict(found)


@functools.cache
def _all() -> list[tuple[str, ast.Call]]:
    """Every call of ui and pages with the place it stands in."""
    return [
        (f"{folder}/{path.stem}.{function}", call)
        for folder in ("ui", "pages")
        for path in sorted((ROOT / folder).glob("*.py"))
        for function, call in _calls(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _written(call: ast.Call) -> set[str]:
    """What a call calls, and what it hands on to be called."""
    parts = [call.func, *call.args]
    return {ast.unparse(one) for one in parts if isinstance(one, ast.Attribute | ast.Name)}


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else str(getattr(node, "id", ""))


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the name of the outermost function it stands in."""
    for node in ast.iter_child_nodes(tree):
        name = node.name if isinstance(node, ast.FunctionDef) else "module"
        owner = node.body if isinstance(node, ast.ClassDef) else [node]
        for part in owner:
            place = part.name if isinstance(part, ast.FunctionDef) else name
            for one in ast.walk(part):
                if isinstance(one, ast.Call):
                    yield place, one


def _acts(call: ast.Call) -> Iterator[str]:
    found = [_name(one.value if isinstance(one, ast.Subscript) else one)
             for one in [*call.args, *(one.value for one in call.keywords)]]  # fmt: skip
    known = [ACTS[name] for name in found if name in ACTS]
    if "SIGNS" in found:  # by team
        known += [access.SIGN_MARKETING, access.SIGN_SALES]
    if not known and ast.unparse(call.func) in ("desk.act", "self.act"):
        known.append(access.WRITE_CRM)  # unless it says otherwise
    yield from known
