"""Which finding is which, from run to run: code, object, value, and record type where it has one.

Severity, numbers and words may change and it stays the same finding; that is what a
suppression, the history of findings, a baseline and SARIF go by.

Not here: what a finding is (rule.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from leadpact.audit.rule import SEVERITIES, Finding


@dataclass(frozen=True)
class Identity:
    """The same in every run for the same finding. Null where a finding is not about one."""

    code: str
    object: str | None = None
    value: str | None = None
    record_type: str | None = None

    @staticmethod
    def of(finding: Finding) -> Identity:
        return Identity(finding.code, finding.object, finding.value, finding.record_type)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex of the parts, whatever characters a value holds; empty and null are one."""
        return hashlib.sha256(json.dumps(list(self.columns.values())).encode()).hexdigest()

    @property
    def columns(self) -> dict[str, str | None]:
        """Its parts as any database takes them; read back they have the same fingerprint."""
        parts = {"code": self.code, "object": self.object, "value": self.value, "record_type": self.record_type}
        return {name: storable(part) if part else None for name, part in parts.items()}

    @property
    def wider(self) -> Identity:
        """The same of the whole object: what is said of that holds for each of its record types."""
        return replace(self, record_type=None) if self.record_type else self

    def as_json(self) -> dict[str, Any]:
        """Its parts; `record_type` only where it has one."""
        found = {"code": self.code, "object": self.object, "value": self.value}
        return {**found, "record_type": self.record_type} if self.record_type else found

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What lists are ordered by."""
        return (self.code, self.object or "", self.value or "", self.record_type or "")


def storable(text: str) -> str:
    """The text as any database takes it: no null character, no half of a character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def by_fingerprint(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """The findings by fingerprint; of several of one identity the worst, then that of most records."""
    found: dict[str, Finding] = {}
    for one in findings:
        key = Identity.of(one).fingerprint
        if key not in found or _rank(one) < _rank(found[key]):
            found[key] = one
    return found


def worse(severity: str, before: str) -> bool:
    """The severity is above the one before. A severity nobody knows is the mildest."""
    return _level(severity) < _level(before)


def _level(severity: str) -> int:
    known: tuple[str, ...] = SEVERITIES
    return known.index(severity) if severity in known else len(known)


def _rank(finding: Finding) -> tuple[int, int]:
    return (_level(finding.severity), -finding.records)
