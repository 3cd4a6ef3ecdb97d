"""Digests: whether anybody is told anything, by channels that can be sent to; nothing is sent.

Not here: the settings themselves (digest/settings.py), sending (digest/sending.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from config.digest_tables import digest_sent
from leadpact import settings
from leadpact.digest import claims, sending
from leadpact.digest import settings as digests
from leadpact.doctor import stored
from leadpact.doctor.answers import Answer, Site
from leadpact.errors import Misconfigured


def look(site: Site) -> Iterator[Answer]:
    """The settings of digests, each channel's address, and notices a crash left in doubt."""
    try:
        found = digests.read(None if site.secrets == settings.SECRETS else site.secrets)
    except Misconfigured as error:
        yield Answer("digest", False, error.key, "doctor.digest.remedy", error.params)
        return
    if found is None:
        yield Answer("digest", None, "doctor.digest.none")
        return
    bad = [one.name for one in found.channels if not sending.readable(digests.tried(one))]
    told = {"count": len(found.channels), "channels": ", ".join(bad or [one.name for one in found.channels])}
    yield Answer("digest", not bad, "doctor.digest.unreadable" if bad else "doctor.digest.fine",
                 "doctor.digest.remedy", told)  # fmt: skip
    yield from _in_doubt(site)


def _in_doubt(site: Site) -> Iterator[Answer]:
    left = sa.or_(
        digest_sent.c.state == claims.UNKNOWN,
        sa.and_(digest_sent.c.state == claims.CLAIMED, digest_sent.c.at < site.now - claims.ABANDONED),
    )
    with stored.reading(site) as database:
        if not sa.inspect(database).has_table(digest_sent.name):  # of an earlier release
            return
        count = database.execute(sa.select(sa.func.count()).select_from(digest_sent).where(left)).scalar_one()
    yield Answer("digest_doubt", not count, "doctor.digest.doubt" if count else "doctor.digest.settled",
                 "doctor.digest.doubt.remedy", {"count": count})  # fmt: skip
