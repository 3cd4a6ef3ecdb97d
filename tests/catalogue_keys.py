"""Which catalogue keys the code uses: written out, or built from a part that varies.

A key is any text in code that looks like one (`funnel.no_leads`) and begins like one of the
catalogues' keys. Keys of a page are said short, `page.text("empty")`, and looked for on every page.

Not here: what the varying parts may be (catalogue_sets.py), the catalogues (leadpact/language.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("app.py", "pages", "ui", "leadpact", "connectors", "config")
KEY = re.compile(r"[a-z][a-z_]*(\.[A-Za-z0-9_{}]+)+")
FIRST_ERROR = "config/errors.py"  # where LeadPactError is
SAYS = {"say", "lang", "language"}  # names that a session's Language goes by


@dataclass
class Found:
    """`literal` and `built` are keys and patterns (`table.{}`), with the places they stand at.

    `short` are keys and patterns said by `page.text`, without their page. `said` are literals
    handed straight to a Language, a Text or an error; `calls` such calls, with the names of
    what they hand over. `words` are all words of the code: its literals and its own names.
    """

    literal: dict[str, set[str]] = field(default_factory=dict)
    built: dict[str, set[str]] = field(default_factory=dict)
    short: dict[str, set[str]] = field(default_factory=dict)
    said: dict[str, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    calls: list[tuple[str, str, set[str]]] = field(default_factory=list)


@cache
def found() -> Found:
    """Everything the code says by key."""
    result = Found()
    for path in files():
        module = ast.parse(path.read_text(encoding="utf-8"))
        place = str(path.relative_to(ROOT))
        inside = {id(part) for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in node.values}
        short = {id(node) for node in _short(module)}
        for node in ast.walk(module):
            where = f"{place}:{getattr(node, 'lineno', 0)}"
            text = _text(node) if id(node) not in inside else None
            if text is None:
                continue
            if id(node) in short:
                result.short.setdefault(text, set()).add(where)
            elif KEY.fullmatch(text):
                (result.built if "{}" in text else result.literal).setdefault(text, set()).add(where)
        for call, node in _said(module, place):
            result.said.setdefault(node.value, set()).add(f"{place}:{node.lineno}")
            if all(keyword.arg for keyword in call.keywords):
                given = {str(keyword.arg) for keyword in call.keywords}
                result.calls.append((f"{place}:{node.lineno}", node.value, given))
        result.words |= set(_words(module))
    return result


def files() -> Iterator[Path]:
    for name in CODE:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _text(node: ast.AST) -> str | None:
    """A literal, or an f-string with `{}` for each part that varies."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _short(module: ast.Module) -> Iterator[ast.AST]:
    """The keys handed to `page.text`, also where one of two is chosen."""
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "text"
            and ast.unparse(node.func.value) != "sa"  # SQL
            and node.args
        ):
            yield from _choices(node.args[0])


def _words(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            yield from node.value.split(".")
        elif isinstance(node, (ast.Attribute, ast.keyword, ast.Name, ast.arg)):
            yield str(next(getattr(node, name) for name in ("attr", "arg", "id") if hasattr(node, name)))


def _said(module: ast.Module, place: str) -> Iterator[tuple[ast.Call, ast.Constant]]:
    names = errors()[place]
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args and _says(node.func, names):
            for choice in _choices(node.args[0]):
                if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                    yield node, choice


def _says(func: ast.expr, errors: frozenset[str]) -> bool:
    if isinstance(func, ast.Attribute):
        receiver = func.value
        return func.attr in SAYS or (func.attr == "of" and isinstance(receiver, ast.Name) and receiver.id == "Text")
    return isinstance(func, ast.Name) and (func.id in SAYS or func.id in errors)


@cache
def errors() -> Mapping[str, frozenset[str]]:
    """By file, the names that mean LeadPactError or a class made from it: defined there, or imported.

    Read from the code, so that it does not depend on what has been imported by other tests.
    """
    imports: dict[str, list[ast.ImportFrom]] = {}
    classes: dict[str, list[ast.ClassDef]] = {}
    for path in files():
        place, nodes = str(path.relative_to(ROOT)), list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        imports[place] = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module is not None]
        classes[place] = [node for node in nodes if isinstance(node, ast.ClassDef)]
    known: dict[str, set[str]] = {place: set() for place in imports}
    known[FIRST_ERROR].add("LeadPactError")
    before = -1
    while before != (count := sum(map(len, known.values()))):
        before = count
        for place, own in known.items():
            for one in imports[place]:
                module = str(one.module).replace(".", "/")
                there = known.get(f"{module}.py", known.get(f"{module}/__init__.py", set()))
                own |= {alias.asname or alias.name for alias in one.names if alias.name in there}
            for kind in classes[place]:
                if own & {base.id for base in kind.bases if isinstance(base, ast.Name)}:
                    own.add(kind.name)
    return {place: frozenset(names) for place, names in known.items()}


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    else:
        yield node
