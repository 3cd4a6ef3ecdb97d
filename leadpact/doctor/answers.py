"""What `doctor` looks at, and what it answers: one shape for everything.

Not here: the questions (their own modules), how answers are shown (commands/doctor.py, ui/connection_doctor.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from leadpact.language import Language

Connect = Callable[..., Any]


@dataclass(frozen=True)
class Answer:
    """One thing looked at. `ok` null: it cannot be told here, and nothing need be done about it.

    `message` and `remedy` are catalogue keys with their `params`; `about` is the connection it
    concerns, null for the installation. No secret and no record's content.
    """

    name: str
    ok: bool | None
    message: str
    remedy: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    about: str | None = None

    def as_json(self, say: Language) -> dict[str, Any]:
        """DESIGN 8's `{name, ok, message, remedy}`, and the connection; a remedy only where one is needed."""
        remedy = say(self.remedy, **self.params) if self.remedy and self.ok is False else None
        return {"name": self.name, "connection": self.about, "ok": self.ok,
                "message": say(self.message, **self.params), "remedy": remedy}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """An installation. `url` is DATABASE_URL or null, `secrets` the file of settings, there or not.

    `connect` makes an adapter (the registry's). `now` is UTC at `began`, a moment of the monotonic
    clock, so that later moments are known without asking the wall clock.
    """

    home: Path
    url: str | None
    secrets: Path
    root: Path
    now: datetime
    connect: Connect
    began: float = field(default_factory=time.monotonic)

    @property
    def moment(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began)
