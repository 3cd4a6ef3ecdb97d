"""`doctor`: everything an installation stands on, looked at once; nothing is written and nothing mended.

One look that fails stops no other: it is an answer of its own. No secret and no record's content
is in any of them.

Not here: a monitor's cheap question (leadpact/health.py), how answers are shown (commands/doctor.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from leadpact import logs
from leadpact.doctor import connected, machine, places, signing, stored, telling
from leadpact.doctor.answers import Answer, Site
from leadpact.errors import LeadPactError

__all__ = ["Answer", "Site", "examine", "well"]

Look = Callable[[Site], Iterator[Answer]]
LOOKS: Sequence[tuple[str, Look]] = (
    ("machine", machine.look),
    ("places", places.look),
    ("store", stored.look),
    ("sign_in", signing.look),
    ("digest", telling.look),
    ("clock", connected.database_clock),
)


def examine(site: Site, names: Sequence[str] = (), *, offline: bool = False) -> Iterator[Answer]:
    """Every answer, as it comes. `names`: these connections and their mirrors only, with the installation.

    Raises Misconfigured for a name there is not, before anything is asked.
    """
    broken: Answer | None = None
    found = {}
    try:
        found = connected.known(site)
    except Exception as error:  # noqa: BLE001 - told as an answer, with where it happened in the log
        broken = _failed("settings", error)
    chosen = connected.chosen(found, names) if broken is None else {}
    for name, look in LOOKS:
        for answer in guarded(name, look, site):
            if answer.about is None or not names or answer.about in names:
                yield answer
    if broken is not None:
        yield broken
    yield from guarded("connections", lambda one: connected.look(one, chosen, offline=offline), site)


def guarded(name: str, look: Look, site: Site) -> Iterator[Answer]:
    """The answers of one look, and of its failure where it fails."""
    try:
        yield from look(site)
    except Exception as error:  # noqa: BLE001 - one bad look stops no other
        yield _failed(name, error)


def _failed(name: str, error: Exception) -> Answer:
    if isinstance(error, LeadPactError):
        return Answer(name, False, error.key, "doctor.settings.remedy", {"name": name, **error.params})
    number = logs.incident(error)
    return replace(
        Answer(name, False, "doctor.broken", "doctor.broken.remedy"), params={"incident": number, "name": name}
    )


def well(answers: Sequence[Answer]) -> bool:
    """Whether nothing needs attention."""
    return all(answer.ok is not False for answer in answers)
