"""The pact as a YAML 1.2 document: reading, writing, and errors that name path and remedy.

Not here: what is valid (schema.py), where versions are kept (versions.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, ScalarNode

from config.bounded import within
from config.errors import LeadPactError
from config.schema import Pact

MOST_CHARACTERS = 1_000_000  # of a file; a pact with a thousand rules has a fifth of it
MOST_BYTES = 4 * MOST_CHARACTERS
MOST_LEVELS = 30
MOST_NODES = 200_000  # with aliases written out
DEFAULTS = Path(__file__).resolve().parent / "defaults"


class _TextKeys(SafeConstructor):
    """Keys are text as written: `1`, `NO` and `true` are picklist values, not data types."""

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


class BadPact(LeadPactError):
    """The document cannot be used; `details` name each path and what to do."""


def read_yaml(text: str, source: str) -> Any:
    """The document as plain Python data; keys are text, a key given twice is an error.

    Raises BadPact naming `source` and the line where it is not YAML, and where it is too large,
    too deep, or would be too large with its aliases written out.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadPact("pact.too_large", source=source, most=MOST_CHARACTERS)
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _TextKeys
    try:
        _measure(text, source)
        return yaml.load(StringIO(text))
    except DuplicateKeyError as error:
        line = str(error.problem_mark.line + 1) if error.problem_mark else "?"
        raise BadPact("pact.key_twice", source=source, line=line) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = str(mark.line + 1) if mark else "?"
        raise BadPact("pact.not_yaml", source=source, line=line) from error
    except YAMLError as error:
        raise BadPact("pact.not_yaml", source=source, line="?") from error


def _measure(text: str, source: str) -> None:
    """Refuses what is too deep or too large, from the events alone: nothing is built yet."""
    sizes: dict[str, int | None] = {}  # nodes beneath an anchor, aliases written out; null until it ends
    open_nodes: list[tuple[str | None, int]] = []
    count = 0
    for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, AliasEvent):
            inside = sizes.get(str(anchor), 0)
            if inside is None:
                raise BadPact("pact.within_itself", source=source, line=str(event.start_mark.line + 1))
            count += inside
        elif isinstance(event, (SequenceStartEvent, MappingStartEvent)):
            open_nodes.append((anchor, count))
            count += 1
            if anchor is not None:
                sizes[anchor] = None
            if len(open_nodes) > MOST_LEVELS:
                raise BadPact("pact.too_deep", source=source, line=str(event.start_mark.line + 1), most=MOST_LEVELS)
        elif isinstance(event, (SequenceEndEvent, MappingEndEvent)):
            name, before = open_nodes.pop()
            if name is not None:
                sizes[name] = count - before
        elif isinstance(event, ScalarEvent):
            count += 1
            if anchor is not None:
                sizes[anchor] = 1
        if count > MOST_NODES:
            raise BadPact("pact.too_many", source=source, line=str(event.start_mark.line + 1), most=MOST_NODES)


def parse(document: Any, source: str = "pact") -> Pact:
    """The validated pact. Raises BadPact with one detail per fault."""
    if not isinstance(document, Mapping):
        raise BadPact("pact.not_a_document", source=source)
    try:
        return Pact.model_validate(document)
    except ValidationError as error:
        details = [_detail(dict(fault), document) for fault in error.errors()]
        raise BadPact("pact.invalid", details=_distinct(details), source=source) from None


def load(path: Path) -> Pact:
    """The pact in a YAML or JSON file. Raises BadPact, also where there is no such file."""
    document, _ = read_file(path)
    return parse(document, str(path))


def read_file(path: Path) -> tuple[Any, str]:
    """The plain document of a file, valid as a pact or not, and its text. Raises BadPact where it is none."""
    try:
        data = within(path, MOST_BYTES)
        if data is None:
            raise BadPact("pact.too_large", source=str(path), most=MOST_CHARACTERS)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise BadPact("pact.no_file", source=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadPact("pact.unreadable", source=str(path)) from error
    document = read_yaml(text, str(path))
    if not isinstance(document, Mapping):
        raise BadPact("pact.not_a_document", source=str(path))
    return document, text


def dump(pact: Pact) -> str:
    """The pact as YAML, options left at their default left out; `load` gives the same hash."""
    yaml = YAML()
    yaml.version = None
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(pact.model_dump(mode="json", exclude_defaults=True), out)
    return out.getvalue()


def default(language: str) -> Pact:
    """The default pact in a language, in English where there is none; its status map is empty until proposed."""
    wanted = language.split("_", maxsplit=1)[0]
    return load(next((file for file in DEFAULTS.glob("*.yaml") if file.stem == wanted), DEFAULTS / "en.yaml"))


def _distinct(details: list[LeadPactError]) -> list[LeadPactError]:
    seen: dict[str, LeadPactError] = {}
    for detail in details:
        seen.setdefault(str(detail), detail)
    return list(seen.values())


# pydantic's error type -> our key; every other type of pydantic's reads as "wrong type or form"
_KEYS = {
    "missing": "pact.fault.missing",
    "extra_forbidden": "pact.fault.unknown_key",
    "literal_error": "pact.fault.not_one_of",
    "string_pattern_mismatch": "pact.fault.form",
    "greater_than": "pact.fault.range",
    "greater_than_equal": "pact.fault.range",
    "less_than_equal": "pact.fault.range",
}


def _detail(fault: dict[str, Any], document: Mapping[str, Any]) -> LeadPactError:
    context = {name: value for name, value in (fault.get("ctx") or {}).items() if isinstance(value, (str, int, float))}
    params: dict[str, Any] = {"path": _path(fault["loc"], document), **context}
    if fault["type"].startswith("pact."):
        return LeadPactError(fault["type"], **params)
    key = _KEYS.get(fault["type"], "pact.fault.type")
    expected = str(context.get("expected", context.get("pattern", "")))
    return LeadPactError(key, path=params["path"], expected=expected)


def _path(location: tuple[Any, ...], document: Any) -> str:
    """`stages[2].kind`: positions in brackets, the names of a union's branches left out."""
    path, here = "", document
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
            here = here[step] if isinstance(here, (list, tuple)) and step < len(here) else None
        elif isinstance(here, Mapping) and (step in here or str(step).islower()):
            path += f".{step}" if path else str(step)
            here = here.get(step)
    return path or "–"
