"""The picture of the README: Today on the demo company, in a real browser.

    python -m bench.screenshots

The company is the same each time; the picture changes only where the page does.

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
from tests.browsing import beside, browsed, heading, served
from tests.conftest import ROOT
from tests.journey import DESK, press, settled

PICTURE = ROOT / "docs" / "images" / "today.png"
UNTIL = datetime(2026, 3, 2, 9)
COMPANY = {"leads": 5000, "seed": 7, "until": UNTIL.isoformat()}
SECRETS = '[connections.demo]\ntype = "demo"\nleads = 5000\nseed = 7\nuntil = "2026-03-02T09:00:00"\n'
COLOURS, MOST_BYTES = 128, 150_000


def main() -> None:
    """Writes the picture and prints its size."""
    say = Language("en")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        Workspace(home).sync(Demo(COMPANY, state=home / "demo" / "state"), "demo", now=UNTIL + timedelta(minutes=5))
        work = beside(Path(folder) / "app", SECRETS)
        with served(work, home) as address, browsed(viewport=DESK) as page:
            page.goto(f"{address}/today")
            heading(page, say("page.today.title"))
            settled(page)
            press(page, say("page.today.guide.hide"))
            page.wait_for_timeout(3000)  # charts draw themselves
            shot = page.screenshot(animations="disabled", caret="hide")
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    if size >= MOST_BYTES:
        raise SystemExit(f"{PICTURE} has {size:,} bytes, more than {MOST_BYTES:,}: use fewer colours")
    print(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes")


if __name__ == "__main__":
    main()
