"""A baseline: the findings a company has accepted for now, so that a job fails on new ones only.

It is the document of `audit --json`, or the shorter one that `--write-baseline` writes: findings
in a stable order without their texts, good to keep beside the code. A finding is known if the
baseline has its identity, however many records it concerns now; one whose severity rose is
`worse`, and counts as a new one does.

Not here: what was set aside until a day (suppression.py), runs in pact.db (findings_log.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from config.bounded import within
from leadpact.audit.findings_log import Extent
from leadpact.audit.identity import Identity, worse
from leadpact.audit.rule import Finding
from leadpact.errors import Misconfigured

State = Literal["new", "worse", "known"]
STATES: tuple[State, ...] = ("new", "worse", "known")
SAID = ("code", "name", "severity", "object", "value", "record_type", "records")
KEPT = ("connection", "pact", "as_of", "where", "not_checked")
MAX_BYTES = 100_000_000


@dataclass(frozen=True)
class Accepted:
    """One finding of a baseline."""

    identity: Identity
    severity: str
    records: int


@dataclass(frozen=True)
class Baseline:
    """The findings accepted, by fingerprint. `lacked`: what a rule could not look at then, by code."""

    accepted: Mapping[str, Accepted]
    lacked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def state(self, finding: Finding) -> State:
        """What the baseline makes of a finding of today."""
        identity = Identity.of(finding)
        known = self.accepted.get(identity.fingerprint) or self.accepted.get(identity.wider.fingerprint)
        if known is None:
            return "new"
        return "worse" if worse(finding.severity, known.severity) else "known"

    def resolved(self, found: Iterable[Finding], ran: Extent) -> list[Accepted]:
        """What is not found any more, of the rules that ran with at least what they had then.

        `found`: all findings, set aside or not.
        """
        now = {key for one in map(Identity.of, found) for key in (one.fingerprint, one.wider.fingerprint)}
        gone = [one for key, one in self.accepted.items() if key not in now and self._looked(one.identity.code, ran)]
        return sorted(gone, key=lambda one: one.identity.place)

    def _looked(self, code: str, ran: Extent) -> bool:
        return code in ran.checked and ran.partly.get(code, frozenset()) <= self.lacked.get(code, frozenset())


def written(document: Mapping[str, Any]) -> str:
    """The baseline of an audit's document, as text for a file: the same findings give the same text."""
    findings = [{name: one[name] for name in SAID if name in one} for one in document["findings"]]
    findings.sort(key=lambda one: tuple(str(one.get(name) or "") for name in SAID))
    kept = {name: document[name] for name in KEPT if name in document}
    return json.dumps({**kept, "findings": findings}, ensure_ascii=False, indent=1) + "\n"


def read(path: Path, *, connection: str, pact: str, where: Mapping[str, str]) -> Baseline:
    """The baseline in a file, for an audit of this connection, pact (by name) and conditions.

    Raises Misconfigured where it cannot be read, is no baseline, or is of something else.
    """
    document = _document(path)
    heading = document.get("pact")
    if not isinstance(heading, dict) or not isinstance(document.get("findings"), list):
        raise Misconfigured("baseline.not_one", path=str(path))
    for what, wanted, found in (
        ("connection", connection, document.get("connection", connection)),
        ("pact", pact, heading.get("name")),
    ):
        if found != wanted:
            raise Misconfigured("baseline.other", path=str(path), what=what, found=str(found)[:80], wanted=wanted)
    if (document.get("where") or {}) != dict(where):
        raise Misconfigured("baseline.other_where", path=str(path))
    accepted = [_accepted(path, place, one) for place, one in enumerate(document["findings"], start=1)]
    return Baseline({one.identity.fingerprint: one for one in accepted}, _lacked(document.get("not_checked")))


def _document(path: Path) -> dict[str, Any]:
    try:
        raw = within(path, MAX_BYTES)
    except FileNotFoundError:
        raise Misconfigured("baseline.no_file", path=str(path)) from None
    except OSError as error:
        raise Misconfigured("baseline.unreadable", path=str(path), problem=error.strerror or "") from None
    if raw is None:
        raise Misconfigured("baseline.not_one", path=str(path))
    try:
        found = json.loads(raw)  # of bytes: in whatever Unicode a shell has redirected it
    except (ValueError, RecursionError):
        raise Misconfigured("baseline.not_json", path=str(path)) from None
    if not isinstance(found, dict):
        raise Misconfigured("baseline.not_one", path=str(path))
    return found


def _lacked(given: Any) -> dict[str, frozenset[str]]:
    """What is not said was there."""
    rows = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return {
        str(one.get("code")): frozenset(map(str, one["needs"])) for one in rows if isinstance(one.get("needs"), list)
    }


def _accepted(path: Path, place: int, one: Any) -> Accepted:
    given = one if isinstance(one, dict) else {}
    parts = [given.get(name) for name in ("object", "value", "record_type")]
    code, records = given.get("code"), given.get("records", 0)
    if not isinstance(code, str) or not code or any(part is not None and not isinstance(part, str) for part in parts):
        raise Misconfigured("baseline.bad_finding", path=str(path), number=place)
    counted = isinstance(records, int) and not isinstance(records, bool)
    return Accepted(Identity(code, *parts), str(given.get("severity", "")), records if counted else 0)
