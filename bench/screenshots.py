"""The pictures of the README: Today on the demo company, in a real browser, in English and Spanish.

    python -m bench.screenshots

The company is the same each time; a picture changes only where the page does.

Not here: the pictures of the journeys (tests/journey.py).
"""

from __future__ import annotations

import io
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image

from connectors.demo import Demo
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.browsing import Page, beside, browsed, heading, served
from tests.conftest import ROOT
from tests.journey import BROWSER, DESK, press, settled

FOLDER = ROOT / "docs" / "images"
PICTURES = {"en": "today.png", "es": "today.es.png"}
UNTIL = datetime(2026, 3, 2, 9)
COMPANY = {"leads": 5000, "seed": 7, "until": UNTIL.isoformat()}
SECRETS = '[connections.demo]\ntype = "demo"\nleads = 5000\nseed = 7\nuntil = "2026-03-02T09:00:00"\n'
COLOURS, MOST_BYTES = 128, 150_000


def main() -> None:
    """Writes the picture in each language and prints its size."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        Workspace(home).sync(Demo(COMPANY, state=home / "demo" / "state"), "demo", now=UNTIL + timedelta(minutes=5))
        work = beside(Path(folder) / "app", SECRETS)
        with served(work, home) as address:
            for code, name in PICTURES.items():
                with browsed(BROWSER[code], viewport=DESK) as page:
                    save(shot(page, f"{address}/today", Language(code)), FOLDER / name)


def shot(page: Page, address: str, say: Language) -> bytes:
    """The page Today as it stands once the first steps are put away."""
    page.goto(address)
    heading(page, say("page.today.title"))
    settled(page)
    if page.get_by_role("button", name=say("page.today.guide.hide")).count():  # once put away they stay away
        press(page, say("page.today.guide.hide"))
    page.wait_for_timeout(3000)  # charts draw themselves
    return bytes(page.screenshot(animations="disabled", caret="hide"))


def save(picture: bytes, path: Path) -> None:
    """With few colours, for a page of the docs. Ends the program where that is not enough."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size >= MOST_BYTES:
        raise SystemExit(f"{path} has {size:,} bytes, more than {MOST_BYTES:,}: use fewer colours")
    print(f"{path.relative_to(ROOT)}: {size:,} bytes")


if __name__ == "__main__":
    main()
