"""Files somebody names, read up to a size: what is longer is not read to its end, be it a device that has none.

Not here: what a file means (document.py and the other readers), files of a CRM's export (connectors/files).
"""

from __future__ import annotations

from pathlib import Path


def within(path: Path, most: int) -> bytes | None:
    """The bytes of a file; null where there are more than `most`. Raises OSError."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    return data if len(data) <= most else None
