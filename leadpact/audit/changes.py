"""What changed from one audit to the next: found for the first time, still there, resolved.

A pure fold over runs in order. A rule that was not checked in a run neither resolves nor
renews its findings: they are carried, as last seen. Nor does one that was checked in part, with
less than when it found them. A finding that comes back is new again.

Not here: where runs are kept (findings_log.py), what was set aside (suppression.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from leadpact.audit.identity import Identity, worse


@dataclass(frozen=True)
class Seen:
    """One finding in one run. `first_seen` and `last_seen` (UTC) are of all runs kept or forgotten."""

    identity: Identity
    severity: str
    records: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Run:
    """One audit made for the record. `found` is by fingerprint.

    `checked` are the rules that ran; of them `partly` those that lacked something, with what.
    """

    number: int
    generation: int
    as_of: datetime
    ran_at: datetime
    pact_version: int | None
    pact_hash: str
    in_force: bool
    checked: frozenset[str]
    not_checked: tuple[str, ...]
    found: Mapping[str, Seen]
    partly: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lacked(self, code: str) -> frozenset[str]:
        """What a rule that ran could not look at."""
        return self.partly.get(code, frozenset())


@dataclass(frozen=True)
class Standing:
    """A finding as a run left it. `since` (UTC): the run it is known from without a break.

    `resolved_at` is the run that did not find it any more, null while it stands. `before` are
    severity and records in the run before, null where it is new. `lacked` is what the rule could
    not look at when it was last seen.
    """

    seen: Seen
    since: datetime
    resolved_at: datetime | None = None
    before: tuple[str, int] | None = None
    lacked: frozenset[str] = frozenset()

    @property
    def identity(self) -> Identity:
        return self.seen.identity

    @property
    def worse(self) -> bool:
        """Its severity rose since the run before."""
        return self.before is not None and worse(self.seen.severity, self.before[0])


@dataclass(frozen=True)
class Change:
    """A run against the ones before: `new` and `still` are all it found, `resolved` what it did
    not find any more, `carried` what stood before and was not checked."""

    run: Run
    new: tuple[Standing, ...] = ()
    still: tuple[Standing, ...] = ()
    resolved: tuple[Standing, ...] = ()
    carried: tuple[Standing, ...] = ()
    first: bool = False


def changes(runs: Sequence[Run], *, first: bool = True) -> list[Change]:
    """One change a run, for runs in order. In the first run everything is new.

    Where there were runs before these (`first` false), the first one only says what stood.
    """
    found: list[Change] = []
    standing: dict[str, Standing] = {}
    for place, run in enumerate(runs):
        beginning = place == 0 and not first
        one = _begun(run) if beginning else _change(standing, run, first=place == 0)
        standing = {after.identity.fingerprint: after for after in (*one.new, *one.still, *one.carried)}
        found.append(one)
    return found


def _begun(run: Run) -> Change:
    return Change(run, still=_ordered([_stands(run, seen, seen.first_seen) for seen in run.found.values()]))


def _change(standing: Mapping[str, Standing], run: Run, *, first: bool) -> Change:
    new, still = [], []
    for key, seen in run.found.items():
        before = standing.get(key)
        if before is None:
            new.append(_stands(run, seen, run.as_of))
        else:
            still.append(_stands(run, seen, before.since, (before.seen.severity, before.seen.records)))
    gone = [one for key, one in standing.items() if key not in run.found]
    resolved = [replace(one, resolved_at=run.as_of) for one in gone if _looked(run, one)]
    carried = [one for one in gone if not _looked(run, one)]
    return Change(run, _ordered(new), _ordered(still), _ordered(resolved), _ordered(carried), first)


def _stands(run: Run, seen: Seen, since: datetime, before: tuple[str, int] | None = None) -> Standing:
    return Standing(seen, since, before=before, lacked=run.lacked(seen.identity.code))


def _looked(run: Run, one: Standing) -> bool:
    """The run checked the rule with at least what it had when it found this."""
    code = one.identity.code
    return code in run.checked and run.lacked(code) <= one.lacked


def _ordered(some: Sequence[Standing]) -> tuple[Standing, ...]:
    return tuple(sorted(some, key=lambda one: one.identity.place))


def resolved(found: Sequence[Change]) -> list[Standing]:
    """What was resolved and stayed so: once each, the last resolved first."""
    gone: dict[str, Standing] = {}
    for one in found:
        for back in (*one.new, *one.still):
            gone.pop(back.identity.fingerprint, None)
        for went in one.resolved:
            gone[went.identity.fingerprint] = went
    return sorted(gone.values(), key=lambda one: one.resolved_at or one.since, reverse=True)
