"""Taking suggested rules over into the open draft, one by one: the only way a suggestion is ever used.

Not here: which rules (suggest.py), how edits of several people merge (config/drafts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Engine

from config import drafts, versions
from config.draft_rows import Draft
from config.parts import ScoringRule
from config.schema import Pact
from leadpact.errors import Misconfigured


def take(
    engine: Engine, rules: Sequence[ScoringRule], used: Pact, *, author: str, now: datetime, pact: str = versions.FIRST
) -> Draft:
    """The open draft with these rules after its own; begun where there is none (from `used` without any version).

    A rule whose condition the draft has already is not added again: its points are set. Raises
    Misconfigured where nothing is to be taken, LeadPactError and Conflict as config/drafts.py says.
    """
    if not rules:
        raise Misconfigured("suggest.nothing_to_take")
    held = drafts.newest(engine, pact)
    if held is None:
        start = None if versions.history(engine, pact) else used.model_dump(mode="json", exclude_defaults=True)
        held = drafts.begin(engine, author=author, now=now, document=start, pact=pact)
    section = dict(held.document.get("scoring") or {})
    own = [dict(rule) for rule in section.get("rules") or []]
    for rule in rules:
        new = rule.model_dump(mode="json", exclude_defaults=True)
        same = next((at for at, one in enumerate(own) if one.get("when") == new["when"]), None)
        if same is None:
            own.append({**new, "id": _free(rule.id, {str(one.get("id")) for one in own})})
        else:
            own[same] = {**new, "id": own[same].get("id", rule.id)}
    section["rules"] = own
    return drafts.edit(
        engine, held.id, section="scoring", value=section, expected=held.revision, author=author, now=now
    )


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
