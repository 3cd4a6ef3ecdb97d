"""Words of a company's own: the lexicon files in its home, read with ours.

Every `lexicon/*.yaml` beneath LEADPACT_HOME counts, in order of name; the command line, the
audit and the pages read the same ones. An edited file is noticed by its time and size.

Not here: what a file may hold (files.py), which word wins (lexicon.py).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from leadpact.audit.classifier.lexicon import Lexicon, default_lexicon

FOLDER = "lexicon"
SUFFIXES = (".yaml", ".yml")
KEPT = 4  # homes, or states of one, whose words stay in memory


@dataclass(frozen=True)
class OwnWords:
    """Which files a home has, and their state when asked: path, time of change, size."""

    files: tuple[tuple[str, int, int], ...] = ()

    def lexicon(self) -> Lexicon:
        """Ours extended by these files. Raises LexiconError naming file, line and remedy."""
        return _read(self.files) if self.files else default_lexicon()


NO_WORDS = OwnWords()


def own_words(home: Path) -> OwnWords:
    """The lexicon files of a home as they are now; none where it has no such folder."""
    found = sorted(path for path in (home / FOLDER).glob("*") if path.suffix.lower() in SUFFIXES)
    return OwnWords(tuple((str(path), *_state(path)) for path in found if not path.name.startswith(".")))


def _state(path: Path) -> tuple[int, int]:
    """Time and size; a link that leads nowhere is read, and its reader says so."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=KEPT)
def _read(files: tuple[tuple[str, int, int], ...]) -> Lexicon:
    return Lexicon.load(*(path for path, _, _ in files))
