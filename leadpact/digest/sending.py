"""Handing a message to e-mail, Slack, Teams or anything else Apprise knows.

The URL holds secrets: of a failure only that it failed is known here, and Apprise's own words go to
no log (logs.py keeps the place of a library's message, never the message).

Not here: what is said (compose.py), what a failure means (claims.py).
"""

from __future__ import annotations

from typing import Any

from leadpact import logs
from leadpact.digest.compose import Message


def send(url: str, message: Message) -> bool:
    """Whether the message was taken. A URL nobody can read is a failure like any other."""
    import apprise  # noqa: PLC0415 - only a digest that is sent pays for it

    plugin = _plugin(apprise, url)
    if plugin is None:
        return False
    one = apprise.Apprise(asset=plugin.asset)
    one.add(plugin)
    form, body = _form(apprise, plugin, message)
    try:
        return bool(one.notify(body=body, title=message.subject, body_format=form))
    except Exception as error:  # noqa: BLE001 - one channel that breaks stops no other
        logs.incident(error)
        return False


def readable(url: str) -> bool:
    """Whether Apprise knows what to do with a URL. Sends nothing."""
    import apprise  # noqa: PLC0415

    return _plugin(apprise, url) is not None


def _plugin(apprise: Any, url: str) -> Any:
    asset = apprise.AppriseAsset(app_id="LeadPact", app_desc="LeadPact", app_url="", image_url_mask="",
                                 image_url_logo="", async_mode=False, secure_logging=True)  # fmt: skip
    try:
        return apprise.Apprise.instantiate(url, asset=asset)
    except Exception as error:  # noqa: BLE001 - its words may quote the URL
        logs.incident(error)
        return None


def _form(apprise: Any, plugin: Any, message: Message) -> tuple[Any, str]:
    """The form a service takes first; plain text where it takes that at all, but for mail."""
    given = plugin.notify_format
    forms = list(given) if isinstance(given, (tuple, list)) else [given]
    kinds = apprise.NotifyFormat
    if forms[0] == kinds.HTML:
        return kinds.HTML, message.html
    return (kinds.TEXT, message.text) if kinds.TEXT in forms else (kinds.MARKDOWN, message.markdown)
