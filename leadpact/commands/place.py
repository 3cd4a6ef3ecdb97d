"""Where an operator's command works: a home and its database, in a language, at a moment.

Cheaper to make than a Context: nothing of the analysis is imported, so that a probe can ask every
few seconds.

Not here: commands that read a connection or a pact (context.py).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadpact.language import Language

HOME = "LEADPACT_HOME"


@dataclass(frozen=True)
class Place:
    """`url` is DATABASE_URL where the company has one; `now` is UTC without zone."""

    home: Path
    url: str | None
    say: Language
    now: datetime

    @staticmethod
    def of(args: argparse.Namespace, say: Language, now: datetime) -> Place:
        home = Path(getattr(args, "home", None) or os.environ.get(HOME) or "data")
        return Place(home, os.environ.get("DATABASE_URL") or None, say, now)
