"""Logs: what happened, to which connection, how much and how long, as lines for people or for machines.

One mechanism for the command line and the app. Of an event only the fields in FIELDS are logged, of
an error its type and the lines it passed through: neither messages of exceptions nor those of
libraries, which may quote a record or a secret. LEADPACT_LOG=json (or `--log json`) gives one JSON
object a line on stderr; else only warnings and errors are written, as text.

Not here: what a person reads of an error (ui/errors.py, cli.py), the audit trail (config/trail.py).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

Form = Literal["text", "json"]
FORMS: tuple[Form, ...] = ("text", "json")
VARIABLE = "LEADPACT_LOG"
OURS = "leadpact"
# names and numbers; never a record's content, an address of a person, a filter or an option
FIELDS = frozenset({
    *("command", "connection", "mode", "generation", "counts", "calls", "seconds", "rejected", "findings"),
    *("plan", "run", "state", "exit_code", "error", "incident", "places", "page"),
})  # fmt: skip
_ROOT = Path(__file__).resolve().parent.parent
_log = logging.getLogger(OURS)


def begin(form: str | None = None, stream: TextIO | None = None) -> None:
    """Sends this process's logs to `stream` (stderr) in a form; null is what LEADPACT_LOG says, else text.

    Calling it again replaces what it did before, and nothing another library set up.
    """
    chosen = form or os.environ.get(VARIABLE, "")
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(former)
    handler = _Handler(stream)
    handler.setFormatter(_Json() if chosen == "json" else _Text())
    handler.setLevel(logging.INFO if chosen == "json" else logging.WARNING)
    root.addHandler(handler)
    _log.setLevel(logging.INFO)


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Logs that something happened. Raises ValueError for a field that is not in FIELDS."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"no field of a log: {sorted(unknown)}")
    known = {key: value for key, value in fields.items() if value is not None}
    text = " ".join([name, *(f"{key}={value}" for key, value in known.items())])
    _log.log(level, "%s", text, extra={"event": name, "fields": known})


def incident(error: BaseException, **fields: Any) -> str:
    """Logs an unexpected error, and gives the number a person can quote."""
    number = uuid.uuid4().hex[:8]
    told = {"error": type(error).__name__, "places": places(error), **fields}
    event("incident", logging.ERROR, incident=number, **told)
    return number


def places(error: BaseException) -> str:
    """The lines an error passed through, the innermost first: files and functions, no content."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _short(name: str) -> str:
    path = Path(name)
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


class _Handler(logging.StreamHandler[TextIO]):
    """Ours among the handlers of the process; without a stream of its own it writes to stderr as it is now."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream or sys.stderr)
        self._follows = stream is None

    def emit(self, record: logging.LogRecord) -> None:
        if self._follows:
            self.stream = sys.stderr
        super().emit(record)


def _said(record: logging.LogRecord) -> str:
    """What may be repeated of a record: our own words, of a library only where it stands."""
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        return record.getMessage()
    return f"at {_short(record.pathname)}:{record.lineno}"


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname} {record.name}: {_said(record)}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"time": at, "level": record.levelname.lower(), "logger": record.name}
        name, fields = getattr(record, "event", None), getattr(record, "fields", None)
        if isinstance(name, str) and isinstance(fields, Mapping):
            line |= {"event": name, **fields}
        else:
            line |= {"event": "message", "message": _said(record)}
        return json.dumps(line, ensure_ascii=False, default=str)
