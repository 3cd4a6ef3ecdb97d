"""The mapping document as YAML 1.2: reading, writing, and errors that name path and remedy.

Not here: what is valid (document.py), whether the source has it (check.py).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from config.bounded import within
from config.document import MOST_BYTES, BadPact, read_yaml
from config.errors import LeadPactError
from leadpact.errors import BadMapping
from leadpact.mapping.document import MappingDocument

Notes = Mapping[tuple[str | int, ...], str]


def parse(document: Any, source: str = "mapping") -> MappingDocument:
    """The validated mapping. Raises BadMapping with one detail per fault."""
    if not isinstance(document, Mapping):
        raise BadMapping("mapping.not_a_document", source=source)
    try:
        return MappingDocument.model_validate(document)
    except ValidationError as error:
        details = {str(detail): detail for detail in (_detail(dict(fault)) for fault in error.errors())}
        raise BadMapping("mapping.invalid", details=tuple(details.values()), source=source) from None


@functools.lru_cache(maxsize=16)  # a connector is made for every page, and reading YAML takes longer than the rest
def loads(text: str, source: str = "mapping") -> MappingDocument:
    """The mapping in a YAML text. Raises BadMapping, with the line where it is not YAML."""
    try:
        document = read_yaml(text, source)
    except BadPact as error:
        raise BadMapping("mapping.not_yaml", source=source, line=error.params.get("line", "?")) from error
    return parse(document, source)


def load(path: Path) -> MappingDocument:
    """The mapping in a YAML or JSON file. Raises BadMapping, also where there is no such file."""
    try:
        data = within(path, MOST_BYTES)
        if data is None:
            raise BadMapping("file.too_large", source=str(path), megabytes=MOST_BYTES // 1_000_000)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise BadMapping("mapping.no_file", source=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadMapping("mapping.unreadable", source=str(path)) from error
    return loads(text, str(path))


def dumps(document: MappingDocument, notes: Notes | None = None) -> str:
    """The mapping as YAML, empty parts left out; `loads` gives the same document.

    `notes` are comments by path, e.g. `("tables", 0, "fields", "status")`: why it was proposed.
    """
    plain = document.model_dump(mode="json", exclude_defaults=True)
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(
        _commented({"version": document.version, **plain}, (), {**_labels(plain, document), **(notes or {})}), out
    )
    return out.getvalue()


def _labels(plain: Mapping[str, Any], document: MappingDocument) -> dict[tuple[str | int, ...], str]:
    """What people call the tables and columns named by ids, as comments beside them."""
    if not document.labels:
        return {}
    found: dict[tuple[str | int, ...], str] = {}

    def look(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, str) and value in document.labels:
            found[path] = document.labels[value]
        parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        for step, part in parts:
            look(part, (*path, step))

    look(plain.get("tables", []), ("tables",))
    return found


def _commented(value: Any, path: tuple[str | int, ...], notes: Notes) -> Any:
    if isinstance(value, Mapping):
        mapping = CommentedMap()
        for key, part in value.items():
            mapping[key] = _commented(part, (*path, key), notes)
            if (*path, key) in notes:
                mapping.yaml_add_eol_comment(notes[(*path, key)], key)
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_commented(part, (*path, place), notes) for place, part in enumerate(value))
        if value and not isinstance(value[0], (Mapping, list)):
            # within brackets `?0` is read as a key, and written without quotes all the same
            sequence[:] = [SingleQuotedScalarString(one) if str(one).startswith("?") else one for one in sequence]
            sequence.fa.set_flow_style()
        return sequence
    return value


# pydantic's error type -> our key; every other type of pydantic's reads as "wrong type or form"
_KEYS = {
    "missing": "mapping.fault.missing",
    "extra_forbidden": "mapping.fault.unknown_key",
    "literal_error": "mapping.fault.not_one_of",
    "string_too_short": "mapping.fault.empty",
}


def _detail(fault: dict[str, Any]) -> LeadPactError:
    context: dict[str, Any] = {
        name: value for name, value in (fault.get("ctx") or {}).items() if isinstance(value, (str, int))
    }
    path = _path(fault["loc"])
    if fault["type"].startswith("mapping."):
        return LeadPactError(fault["type"], path=path, **context)
    key = _KEYS.get(fault["type"], "mapping.fault.type")
    return LeadPactError(key, path=path, expected=str(context.get("expected", "")))


_BRANCHES = {"bool", "int", "float", "str", "constrained-str"}


def _path(location: tuple[Any, ...]) -> str:
    """`tables[2].fields.status`: positions in brackets, the names of a union's branches left out."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step not in _BRANCHES:
            path += f".{step}" if path else str(step)
    return path or "–"
