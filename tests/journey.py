"""What the journeys have in common: acting as a person does, in either language, and the pictures for docs/journeys.

Pictures are taken only with LEADPACT_RECORD=1, of the very run that is asserted:

    LEADPACT_RECORD=1 python -m pytest tests/test_journey_repair.py

Words on the screen are looked up in the catalogues, so a better wording breaks no journey.

Not here: the browser and the server (browsing.py), the journeys (test_journey_*.py).
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from leadpact.language import Language
from tests.browsing import WAIT, Page, expect
from tests.conftest import ROOT

RECORD = os.environ.get("LEADPACT_RECORD") == "1"
FOLDER = ROOT / "docs" / "journeys"
BROWSER = {"en": "en-US", "es": "es-ES"}
DESK = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
MOST_BYTES, COLOURS = 120_000, 96


@dataclass
class Story:
    """One journey: the person's language, and the pictures its page shows, in their order."""

    name: str
    pictures: Sequence[str] = ()
    lang: str = "en"

    def say(self, key: str, **params: Any) -> str:
        """What the screen says under this key."""
        return Language(self.lang)(key, **params)

    def picture(self, page: Page, name: str, at: Any = None, *, above: int = 90) -> None:
        """What is on the screen, or on it once `at` is `above` pixels below its upper edge."""
        if not RECORD or name not in self.pictures:
            return
        settled(page)
        if at is not None:
            at.evaluate(f"one => {{ one.scrollIntoView({{block: 'start'}}); {_MAIN}.scrollBy(0, -{above}) }}")
        page.mouse.move(300, 890)  # where nothing answers to it
        page.wait_for_timeout(700)  # charts draw themselves
        image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
        target = FOLDER / self.name / f"{self.pictures.index(name) + 1:02d}-{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
        assert target.stat().st_size < MOST_BYTES, f"{target.name} is too large for a page of the docs"


_MAIN = "document.querySelector('[data-testid=stMain]')"


def settled(page: Page) -> None:
    """No run is under way: a click now meets the page it sees."""
    page.wait_for_timeout(300)
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible(timeout=WAIT)


def press(page: Page, name: str, *, exact: bool = True) -> None:
    """Clicks the first button that can be seen under this name."""
    page.get_by_role("button", name=name, exact=exact).filter(visible=True).first.click(timeout=WAIT)
    settled(page)


def part(page: Page, name: str) -> None:
    """Turns to a part of the page; its icon is in the name of the button."""
    found = page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name))
    found.filter(visible=True).first.click(timeout=WAIT)
    settled(page)


def follow(page: Page, name: str) -> None:
    """A link to another page, in the page itself."""
    page.get_by_test_id("stMain").get_by_role("link", name=name).first.click(timeout=WAIT)
    settled(page)


def turn_to(page: Page, name: str) -> None:
    """Another page of the app, by the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click(timeout=WAIT)
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible(timeout=WAIT)
    settled(page)


def write(page: Page, label: str, text: str) -> None:
    """Types into a field, and leaves it."""
    one = page.get_by_role("textbox", name=label).filter(visible=True).first
    one.fill(text, timeout=WAIT)
    one.blur()
    settled(page)


def wait_for(page: Page, text: str | re.Pattern[str]) -> Any:
    """The first place where this can be read."""
    found = page.get_by_text(text).filter(visible=True).first
    expect(found).to_be_visible(timeout=WAIT)
    return found
