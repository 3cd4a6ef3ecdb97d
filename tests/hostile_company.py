"""A company whose every text is an attack: markup, scripts, links, Markdown, formats, each with a number of its own.

As rows of a CRM, as a pact, and as what colleagues write beside it.

Not here: what must become of them (test_hardening_markup.py, test_hardening_browser.py).
"""

# ruff: noqa: E501, a row of a world stays on its line

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from config import comments, drafts, versions
from config.document import BadPact, parse
from config.schema import Pact
from leadpact.workspace import Workspace
from tests.rows import Rows
from tests.worlds import SMALL

AS_OF = datetime(2026, 3, 2, 15, 0)
PEOPLE, OWNERS, WAYS = 36, 4, 3
# what each does where it is not text: runs, links, loads from elsewhere, formats, fills in
PARTS = (
    "<img src=x onerror=__pwned({n})>", "<script>__pwned({n})</script>", "[link{n}](javascript:__pwned({n}))",
    "![i](https://evil.example/{n}.png)", "**bold{n}**", "$latex{n}$", ":material/bomb:", ":red[red{n}]", "`code{n}`",
    '<a href="https://evil.example/{n}">a</a>', "<b>fat{n}</b>", "%{{y}} %s %(x)s", "{{{{7*7}}}} {{0}} ${{x}}",
    "%3Cscript%3E", "https://evil.example/{n}",
)  # fmt: skip
SHORT = 4  # parts in one text: longer ones are cut on many screens

# any of these in what is to be read as Markdown is markup, unless its first sign is written as itself
LIVE = re.compile(
    r"(?<!\\)(?:<img src|<script>__|\[link\d|!\[i\]|\*\*bold\d|\$latex\d|:material/bomb|:red\[red|`code\d|<a href=\"https://evil"
    r"|<b>fat\d|https\\?://evil)"
)


class Payloads:
    """One attack after the other: `next(payloads)`, each with a number of its own."""

    def __init__(self, first: int = 1) -> None:
        self._numbers = itertools.count(first)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number = next(self._numbers)
        picked = [PARTS[(number * SHORT + step) % len(PARTS)] for step in range(SHORT)]
        return f"Z{number} " + " ".join(picked).format(n=number)


def company() -> Rows:
    """Leads with every text of theirs hostile, moved through every hostile status, called, sold to and routed."""
    text = Payloads()
    statuses = [next(text) for _ in range(len(STAGES))]
    sources, campaigns, countries, types, reasons = ([next(text) for _ in range(WAYS)] for _ in range(5))
    days = [f"2026-0{1 + n // 28}-{1 + n % 28:02d}T09:00:00" for n in range(56)]
    record = [
        {
            "object": "lead", "record_id": f"r{n} {next(text)}" if n % 3 == 0 else f"r{n}", "condition": "active",
            "status": statuses[n % len(statuses)], "created_at": days[n % 20], "owner_id": f"u{n % OWNERS}",
            "source": sources[n % WAYS], "campaign": campaigns[n % WAYS], "country": countries[n % WAYS],
            "record_type": types[n % WAYS], "end_reason": reasons[n % WAYS], "f_industry": next(text),
            **{name: next(text) for name in ("name", "company", "email", "phone", "preferred_channel")},
            "url": ("javascript:__pwned(0)", f"https://evil.example/{n}", "data:text/html,<script>__pwned(0)</script>")[n % 3],
        }
        for n in range(PEOPLE)
    ]  # fmt: skip
    keys = [str(row["record_id"]) for row in record]
    order = statuses[1:5]
    changes = [
        {"object": "lead", "record_id": key, "field": "status", "from_value": was, "to_value": to, "evidence": "history",
         "at": days[n % 20 + 3 * step], "seq": step, "actor_id": f"u{n % OWNERS}"}
        for n, key in enumerate(keys)
        for step, (was, to) in enumerate(itertools.pairwise([None, *order[: 1 + n % 4], statuses[n % len(statuses)]]))
    ]  # fmt: skip
    return Rows(
        creation_logged=True,
        record=record,
        field_change=changes,
        activity=[
            {"activity_id": f"a{n}", "object": "lead", "record_id": key, "kind": ("call", "email", next(text))[n % 3],
             "at": days[n % 20 + 5], "completed": True, "actor_id": f"u{n % OWNERS}", "subject": next(text),
             "outcome": next(text), "direction": "outbound"}
            for n, key in enumerate(keys)
        ],
        opportunity=[
            {"opportunity_id": f"o{n} {next(text)}", "object": "lead", "record_id": key, "type": types[n % WAYS],
             "pipeline": next(text), "amount": 100.0 * n, "currency": next(text)[:40] if n % 5 == 0 else "EUR",
             "created_at": days[n + 4], "closed_at": days[n + 9], "is_won": n % 2 == 0, "is_closed": True,
             "owner_id": f"u{n % OWNERS}"}
            for n, key in enumerate(keys[:12])
        ],
        owner=[
            {"owner_id": f"u{n}", "name": next(text), "team": next(text), "is_active": n != 3, "is_queue": n == 2,
             "manager_id": "u0"}
            for n in range(OWNERS)
        ],
        status_value=[
            {"object": "lead", "value": value, "label": next(text), "is_active": n % 4 != 3, "position": n,
             "record_type": types[0] if n == 1 else None}
            for n, value in enumerate(statuses)
        ],
        campaign_touch=[
            {"object": "lead", "record_id": key, "campaign": campaigns[n % WAYS], "response": next(text), "at": days[n % 20]}
            for n, key in enumerate(keys)
        ],
    )  # fmt: skip


STAGES = SMALL["stages"]


def pact() -> Pact:
    """A whole pact in which every text that may be anything is an attack."""
    statuses = [str(row["value"]) for row in company().tables["status_value"]]
    keys = [str(stage["key"]) for stage in STAGES]
    plain = "text"
    condition = {"field": "country", "op": "eq", "value": plain}
    document: dict[str, Any] = {
        **SMALL,
        "stages": [{**stage, "meaning": plain, "buyer_step": plain, "content": [plain],
                    "requires": [{"field": "email", "op": "filled"}]} for stage in STAGES],
        "status_map": {"lead": dict(zip(statuses, keys, strict=True)), "contact": {},
                       "opportunity": {"created": "sal", "won": "customer"}},
        "flow": [["subscriber", "mql"], ["mql", "sal"]],
        "glossary": [{"term": plain, "meaning": plain}],
        "sales_ready": {"threshold": 10, "all": [{"field": "email", "op": "filled"}], "any": [condition],
                        "opportunity": [{"id": "budget", "question": plain, "field": "f_industry"}]},
        "scoring": {"rules": [
            {"id": "fit", "category": "fit", "when": {"field": "f_industry", "op": "contains", "value": plain}, "points": 5,
             "group": plain},
            {"id": "call", "category": "behaviour", "when": {"activity": "call", "subject": {"op": "contains", "value": plain}},
             "points": 5},
        ], "groups": [{"name": plain, "max_points": 7}]},
        "commitments": {"marketing": {"mql_per_month": 5, "accepted_rate": 0.5, "escalation": [{"at": 0.8, "tell": plain}]},
                        "sales": {"follow_up": "follow-up", "escalation": [{"at": 1, "tell": plain}]}},
        "routing": [{"when": [condition], "to": plain, "notify": plain, "channel": plain}],
        "review": {"scoring_every_days": 90},
        "signatories": {"marketing": [plain], "sales": [plain]},
        "content_map": [{"from": "subscriber", "to": "mql", "content": [plain]}],
        "lists": [{"id": "hot", "name": plain, "stages": ["mql"], "when": [condition], "assignee": plain, "campaign": plain}],
        "owners": {"stages": plain},
    }  # fmt: skip
    return parse(poisoned(document, Payloads(5000)))


def poisoned(document: dict[str, Any], text: Payloads) -> dict[str, Any]:
    """The document with every text replaced that may be anything; where that makes it invalid it stays."""
    found = copy.deepcopy(document)
    for path in list(_texts(found)):
        *above, last = path
        holder: Any = found
        for step in above:
            holder = holder[step]
        was, holder[last] = holder[last], next(text)
        try:
            parse(found)
        except BadPact:
            holder[last] = was
    return found


def _texts(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(part, str):
        yield path
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, one in items:
        if "field" not in path[-1:] and step not in ("field", "timezone", "language", "activity"):
            yield from _texts(one, (*path, step))


def settle(home: Path, connection: str = "acme") -> None:
    """The company synced into a home, with its pact, a draft of it, and what colleagues said."""
    space, text = Workspace(home), Payloads(8000)
    used = pact()
    version = versions.save(space.database, used, author=next(text), message=next(text), now=AS_OF)
    comments.add(space.database, path="stages.mql", text=next(text), author=next(text), now=AS_OF)
    draft = drafts.begin(space.database, author=next(text), now=AS_OF, base=version)
    assert draft
    space.sync(company(), connection, now=AS_OF)
