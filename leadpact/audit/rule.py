"""What an audit rule is: data plus one pure function, and what it hands back.

A rule's code never changes meaning and is never reused; its name may improve, the old one
becomes an alias. Texts live in the catalogues under the code: `rule.STA01.title`, `.reason`,
`.bad`, `.good`, `.message`, `.suggestion`, each of the last two with variants
(`rule.STA01.message.unheld`).

Not here: which rules exist (registry.py), how they are run (run.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from leadpact.audit.counts import NO_TYPE
from leadpact.audit.shown import harmless, shown
from leadpact.errors import Misconfigured
from leadpact.language import Text

Severity = Literal["error", "warning", "info"]
Fix = Literal["safe", "review", "none"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
FIXES: tuple[Fix, ...] = ("safe", "review", "none")
TYPE_RECORDS = "type_records"
HISTORY = "history"  # in `needs`: status history, from the source or seen between syncs


def milder(severity: Severity) -> Severity:
    """One step down; info stays info."""
    return SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]


@dataclass(frozen=True)
class Option:
    """One option of a rule, declared once: documentation and validation derive from it."""

    type: type[int] | type[float]
    default: float
    min: float | None = None
    max: float | None = None

    def checked(self, rule: str, name: str, value: Any) -> float:
        """The value in the option's type. Raises Misconfigured where it does not fit."""
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        if fits and self.type is int:
            fits = float(value).is_integer()
        low = fits and self.min is not None and value < self.min
        high = fits and self.max is not None and value > self.max
        if not fits or low or high:
            raise Misconfigured("audit.bad_option", rule=rule, option=name, range=self.range)
        return self.type(value)

    @property
    def range(self) -> str:
        """`1–365`, `≥ 1` or `-`: what the option may be."""
        if self.min is not None and self.max is not None:
            return f"{self.min}–{self.max}"
        if self.min is not None:
            return f"≥ {self.min}"
        return f"≤ {self.max}" if self.max is not None else "–"


# of every rule that judges by record type: with fewer records a type is not judged alone
FEWEST_OF_A_TYPE = Option(int, default=30, min=1)


@dataclass(frozen=True)
class Found:
    """What a check hands back: the raw part of a finding.

    `records` are concerned now; 0 where nobody holds the value. `severity` only where it
    differs from the rule's. `message` and `suggestion` name a variant of the text, empty for
    the main one; `params` fill both, besides `value` and `records`, which every text has.
    `record_type` is set where types differ (record_types.py), not by a check.
    """

    object: str | None = None
    value: str | None = None
    records: int = 0
    label: str | None = None
    severity: Severity | None = None
    since: datetime | None = None
    message: str = ""
    suggestion: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    record_type: str | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with its evidence, to be rendered in the reader's language.

    `value` is the raw status value, or the criterion (its field or id), stage or move the rule is about;
    null where it is about none (a blank status too). `records` are concerned at `as_of`.
    `since` (UTC): the first time it is known to have been so, null where that is not known.
    `record_type` is the one it holds for, where others are judged differently ("none": records
    without one); null where it holds for the whole object.
    """

    code: str
    name: str
    severity: Severity
    object: str | None
    value: str | None
    records: int
    message: Text
    suggestion: Text
    since: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    record_type: str | None = None

    @property
    def identity(self) -> str:
        """The same text for the same finding in every run: code, object (with the record type, if any), value."""
        of_type = "" if self.record_type is None else f"@{self.record_type.replace('%', '%25').replace(':', '%3A')}"
        return ":".join((self.code, f"{self.object or ''}{of_type}", self.value or ""))


@dataclass(frozen=True)
class NotChecked:
    """A rule that could not be checked, and what this CRM would have to give."""

    code: str
    name: str
    needs: tuple[str, ...]

    @property
    def message(self) -> Text:
        """`Not checked: this CRM gives no history.`"""
        missing = Text.of(f"audit.needs.{self.needs[0]}")
        for need in self.needs[1:]:
            missing = Text.of("audit.and", first=missing, second=Text.of(f"audit.needs.{need}"))
        return Text.of("audit.not_checked", missing=missing)


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue.

    `check(tables, pact, as_of, **options)` is pure and returns a sequence of Found; `tables`
    are leadpact.audit.facts.Facts. `people(tables, pact, as_of, found, **options)` gives the
    keys (object, record_id) behind one finding; without it, the records holding the value.
    `needs` are canonical tables or `history`; without those in `partly` it checks what it can.
    `fix`: `safe` may be approved in one go, `review` record by record, `none` is not for LeadPact
    to write. `per_record_type`: where an object has several record types, each is judged alone
    (record_types.py); has an option more.
    """

    code: str
    name: str
    severity: Severity
    groups: tuple[str, ...]
    fix: Fix
    check: Callable[..., Sequence[Found]]
    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    people: Callable[..., Any] | None = None
    per_record_type: bool = False

    def __post_init__(self) -> None:
        if self.per_record_type:
            object.__setattr__(self, "options", {**self.options, TYPE_RECORDS: FEWEST_OF_A_TYPE})

    def settings(self, given: Mapping[str, Any]) -> dict[str, float]:
        """Every option with its value: given or default. Raises Misconfigured for a bad one."""
        for name in given:
            if name not in self.options:
                known = ", ".join(sorted(self.options)) or "–"
                raise Misconfigured("audit.no_option", rule=self.code, option=name, known=known)
        return {
            name: option.checked(self.code, name, given.get(name, option.default))
            for name, option in self.options.items()
        }

    def finding(self, found: Found) -> Finding:
        """The finding, with its texts."""
        kind = found.object or "record"
        message = _key(self.code, "message", found.message)
        params = {
            "value": shown(found.value, found.label),
            "records": Text.of(f"audit.records.{kind}", count=found.records),
            **{name: harmless(part) for name, part in found.params.items()},
        }
        return Finding(
            code=self.code,
            name=self.name,
            severity=found.severity or self.severity,
            object=found.object,
            value=found.value,
            records=found.records,
            message=_of_type(Text(message, params), found.record_type),
            suggestion=Text(_key(self.code, "suggestion", found.suggestion), params),
            since=found.since,
            evidence=found.evidence,
            record_type=found.record_type,
        )


def _of_type(message: Text, record_type: str | None) -> Text:
    if record_type is None:
        return message
    if record_type == NO_TYPE:
        return Text.of("audit.without_record_type", message=message)
    return Text.of("audit.of_record_type", type=shown(record_type), message=message)


def _key(code: str, part: str, variant: str) -> str:
    return f"rule.{code}.{part}.{variant}" if variant else f"rule.{code}.{part}"
