"""Where an operator's command works: a home and its database, in a language, at a moment.

Cheaper to make than a Context: nothing of the analysis is imported, so that a probe can ask every
few seconds.

Not here: commands that read a connection or a pact (context.py).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from leadpact.language import Language

HOME = "LEADPACT_HOME"


@dataclass(frozen=True)
class Place:
    """`url` is DATABASE_URL where the company has one; `now` is UTC without zone.

    `connect` makes an adapter: only the door (cli.py) knows them. `secrets` is the file asked for.
    """

    home: Path
    url: str | None
    say: Language
    now: datetime
    connect: Callable[..., Any]
    secrets: Path | None = None

    @staticmethod
    def of(args: argparse.Namespace, say: Language, now: datetime, connect: Callable[..., Any]) -> Place:
        home = Path(getattr(args, "home", None) or os.environ.get(HOME) or "data")
        url = os.environ.get("DATABASE_URL") or None
        return Place(home, url, say, now, connect, getattr(args, "secrets", None))
