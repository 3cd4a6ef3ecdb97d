"""Links into the CRM, wherever people are listed: followed only where they lead to the connection's own CRM.

Any other address stands beside as text.

Not here: which address may be followed (leadpact/weblink.py).
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from leadpact import weblink
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui.page import Page

URL, TEXT = "url", "url_text"
_KEPT = "crm_hosts"


def allowed(page: Page) -> frozenset[str]:
    """The hosts a link of this page may lead to."""
    return page.once(_KEPT, lambda: _hosts(page))  # type: ignore[no-any-return]


def link(page: Page, value: object) -> str | None:
    """One address, where it may be followed."""
    return weblink.safe(value, allowed(page))


def _hosts(page: Page) -> frozenset[str]:
    known = weblink.hosts(page.connection)
    if known is not None:
        return known
    found: pd.DataFrame = page.cached_whole(_usual)
    return frozenset(host for host in found["host"] if weblink.fitting(page.connection, host))


def _usual(analysis: Analysis) -> Table:
    return weblink.usual(analysis.tables)


def parted(frame: pd.DataFrame, hosts: Collection[str]) -> pd.DataFrame:
    """A copy in which `url` holds only what may be followed, and `url_text` what may not, where there is any."""
    if URL not in frame:
        return frame
    safe = [weblink.safe(value, hosts) for value in frame[URL]]
    texts = [value if link is None and isinstance(value, str) and value.strip() else None
             for value, link in zip(frame[URL], safe, strict=True)]  # fmt: skip
    found = frame.assign(**{URL: pd.Series(safe, frame.index, dtype="object")})
    return found.assign(**{TEXT: texts}) if any(texts) else found
