"""What a finding rests on, in words: its evidence and the money beside it, for page and report.

Evidence a sentence of the finding says already is left out. Words for it are `ui.evidence.<name>`,
and `ui.evidence.<name>.<word>` for one of a few words.

Not here: the findings (rules), the sums (money.py), how it is laid out (ui, leadpact/report).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from leadpact.audit.deals import amounts_text
from leadpact.audit.money import Money
from leadpact.audit.rule import Finding
from leadpact.language import Language, Text

# the message says these, another place shows them, or nobody asks
UNTOLD = {
    *("records", "statuses", "people", "why", "near", "target", "stage", "confidence", "behaviour"),
    *("twin", "twin_stage"),
}
# words of these are of the trade or of the CRM's own lists, never of a person
WORDS = {
    "kind",
    "language",
    "history",
    "amount",
    "reasons",
    "sources",
    "record_types",
    "policies",
    "touches",
    "missing",
}
# said by the block on behaviour (behaviour_told.py), where a finding has one
BEHAVED = {"entries", "first_at", "last_at", "moves", "beside_share"}
MOST = 6  # entries of a mapping or a list; the rest is counted


def evidence(lang: Language, one: Finding, zone: ZoneInfo, *, impersonal: bool = False) -> list[str]:
    """Who, how many, since when: what the rule saw, a phrase each. Unknown parts are left out.

    `impersonal`: only numbers, days, and words that cannot name a person.
    """
    known = one.since is not None and one.evidence.get("first_at") != one.since
    told = [lang("page.findings.since", at=lang.day(local(one.since, zone).date()))] if known and one.since else []
    left_out = BEHAVED if one.evidence.get("behaviour") else ()
    for name, value in one.evidence.items():
        phrase = "" if name in left_out else _phrase(lang, zone, name, value)
        if phrase and (not impersonal or name in WORDS or not isinstance(value, (str, Mapping, Collection))):
            told.append(phrase)
    return told


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """A moment of the mirror (UTC without zone) as the wall clock in `zone`."""
    return at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)


def _phrase(lang: Language, zone: ZoneInfo, name: str, value: Any) -> str:
    key = f"ui.evidence.{name}"
    if value is None or name in UNTOLD or not lang.has(key) or (name, value) == ("frozen", 0):
        return ""
    said = _said(lang, zone, name, value)
    return f"{lang(key)}: {said}" if said else ""


def _said(lang: Language, zone: ZoneInfo, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return lang("ui.yes" if value else "ui.no")
    if isinstance(value, (int, float)):
        return lang.percent(value) if name.endswith("share") else lang.number(value, not float(value).is_integer())
    if isinstance(value, datetime):
        return lang.day(local(value, zone).date())
    if isinstance(value, Mapping):
        parts = [f"{_word(lang, name, inner)} {_said(lang, zone, name, number)}" for inner, number in value.items()]
        return _listed(lang, parts)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _listed(lang, [str(part) for part in value])
    return _word(lang, name, value)


def _word(lang: Language, name: str, value: Any) -> str:
    if value is None or value == "":
        return lang("ui.unknown")
    key = f"ui.evidence.{name}.{value}"
    return lang(key) if lang.has(key) else str(value)


def _listed(lang: Language, parts: list[str]) -> str:
    more = [lang("ui.evidence.more", count=len(parts) - MOST)] if len(parts) > MOST else []
    return ", ".join([*parts[:MOST], *more])


def money(lang: Language, found: Money) -> list[str]:
    """Open deals and won deals with their amounts by currency, and how many add none; empty without deals."""
    told = []
    for state in ("open", "won"):
        count = getattr(found, state)
        if count:
            amounts = {one.currency or "": getattr(one, state) for one in found.amounts if getattr(one, state)}
            said = amounts_text(amounts)
            deals = Text.of(f"audit.money.{state}", count=count)
            told.append(lang("audit.money.worth", deals=deals, amount=said) if said else lang.text(deals))
    if found.count_only:
        told.append(lang("audit.money.count_only", count=found.count_only))
    return told
