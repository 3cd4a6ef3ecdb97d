"""Who does something to the CRM: nothing is planned, approved or written by nobody.

Not here: what a signed-in person may do (ui/access.py), the audit trail itself (config/trail.py).
"""

from __future__ import annotations

from leadpact.errors import Misconfigured


def named(actor: str) -> str:
    """The name as it goes on the record. Raises Misconfigured where nobody is named."""
    name = actor.strip()
    if not name:
        raise Misconfigured("writeback.no_author")
    return name
