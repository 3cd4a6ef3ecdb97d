"""The YAML a pact came from, with its comments: kept by the document's hash, given back on export.

An edit of one part leaves the text of the others as it was. Where the file cannot be carried over,
the export is a plain one: never another document than the version says.

Not here: reading YAML (document.py), versions (versions.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from io import StringIO
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from sqlalchemy.engine import Connection, Engine

from config import versions
from config.diff import name_of
from config.document import BadPact, dump, parse, read_yaml
from config.merge import identity_of, same
from config.pact_tables import pact_source
from config.schema import Pact
from config.versions import Version


def keep(engine: Engine, pact: Pact, text: str, *, now: datetime) -> None:
    """Keeps the text a pact was read from; the newest text of the same document counts."""
    if "#" not in text:
        return  # without comments an export says it all
    with engine.begin() as connection:
        connection.execute(sa.delete(pact_source).where(pact_source.c.hash == pact.hash))
        connection.execute(pact_source.insert().values(hash=pact.hash, yaml=text, at=now))


def keep_for_draft(engine: Engine, document: Mapping[str, Any], text: str, *, now: datetime) -> None:
    """The same for a draft; an invalid one has no hash, and its text is not kept."""
    try:
        keep(engine, parse(document, "draft"), text, now=now)
    except BadPact:
        return


def export(engine: Engine, version: Version) -> str:
    """The version as YAML, with the comments of its own file or of its nearest ancestor's."""
    with engine.connect() as connection:
        known = {one.number: one for one in versions.read(connection, version.line)}
        here: Version | None = version
        while here is not None:
            text = _text(connection, here.hash)
            if text is not None:
                return _carried(text, version.pact) or dump(version.pact)
            here = known.get(here.parent) if here.parent is not None else None
    return dump(version.pact)


def _text(connection: Connection, hash: str) -> str | None:
    return connection.execute(sa.select(pact_source.c.yaml).where(pact_source.c.hash == hash)).scalar()


def _carried(text: str, pact: Pact) -> str | None:
    """The text with the pact's values in it; null where that does not give the same document."""
    try:
        before, after = _said(parse(read_yaml(text, "source"), "source")), _said(pact)
        yaml = YAML()
        yaml.width = 4096
        yaml.preserve_quotes = True
        yaml.indent(mapping=2, sequence=4, offset=2)
        found = yaml.load(StringIO(text))
        _into_map(found, before, after)
        out = StringIO()
        yaml.dump(found, out)
        return out.getvalue() if parse(read_yaml(out.getvalue(), "source"), "source").hash == pact.hash else None
    except (YAMLError, BadPact):
        return None


def _said(pact: Pact) -> dict[str, Any]:
    """The document as a person writes it: options at their default left out, 80 and not 80.0."""
    found: dict[str, Any] = _whole(pact.model_dump(mode="json", exclude_defaults=True))
    return found


def _whole(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _whole(one) for name, one in part.items()}
    if isinstance(part, list):
        return [_whole(one) for one in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _into_map(held: CommentedMap, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Changes in place what differs; what does not keeps its text and comments."""
    keys = {str(key): key for key in held}
    for name in before:
        if name not in after and name in keys:
            del held[keys[name]]
    for name, value in after.items():
        old = before.get(name)
        if name in before and same(old, value):
            continue
        there = held[keys[name]] if name in keys else None
        if isinstance(there, CommentedMap) and isinstance(old, Mapping) and isinstance(value, Mapping):
            _into_map(there, old, value)
        elif isinstance(there, CommentedSeq) and isinstance(old, list) and isinstance(value, list):
            _into_list(there, old, value)
        else:
            held[keys.get(name, name)] = value


def _into_list(held: CommentedSeq, before: list[Any], after: list[Any]) -> None:
    fields = identity_of(before, after)
    names = [[name_of(one, fields, at) if fields else json.dumps(one, sort_keys=True) for at, one in enumerate(side)]
             for side in (before, after)]  # fmt: skip
    old, new = names
    stay = [name for name in old if name in new]
    if len(held) != len(before) or stay != [name for name in new if name in old] or len(set(old)) != len(old):
        held[:] = after
        return
    for at in reversed(range(len(old))):
        if old[at] not in new:
            del held[at]
    for at, (name, value) in enumerate(zip(new, after, strict=True)):
        if name not in old:
            held.insert(at, value)
        elif fields and isinstance(held[at], CommentedMap):
            _into_map(held[at], before[old.index(name)], value)
