"""Companies nobody would want to meet, for the whole audit: values, names and fields that try to break it.

Each is a case in the words of audit_cases.py.
"""
# ruff: noqa: E501, a row of a world stays on its line

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.clean_world import clean

STRANGE = (
    "x" * 255,
    "é" * 255,
    "ا" * 255,
    "اتصال هاتفي",
    "השאיר הודעה",
    "\u202egpj.exe",
    "Left\x00voicemail\x1b[31m",
    "line\nbreak\tand tab\r",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.com")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "{0.__class__} {value} {records} %s %(x)s",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "' OR 1=1; --",
    '"; DROP TABLE record; --',
    "a%b_c\\",
    "📞",
    "👩\u200d💻 contacted",
    "\ufeffMQL",
    "MQL\u200b",
    "\u200b",
    "\u3000",
    "\u00a0",
    "\t",
    "",
    "MQL",
    "mql ",
    "Ｍ Ｑ Ｌ",
    "ΣΑΣ",
    "İstanbul",
    "ß",
    "SS",
    "a:b",
    "a:b:c",
    "%3A",
    "none",
    "null",
    "None",
    "NaN",
    "NULL",
    "true",
    "0",
    "-1",
    "1e309",
    "2026-02-30",
    "unmapped",
    "(deleted)",
    "*bold* _x_ `code` [a](javascript:alert(1)) :red[x] $x^2$ # h",
    "| a | b |",
    "Café",
    "Cafe\u0301",
    "CAFÉ",
)
HELD = tuple(dict.fromkeys(STRANGE))
MANY = tuple(f"{number} - Left voicemail {number}" for number in range(200)) + tuple(
    f"Zustand {number:03}" for number in range(200)
)

STAGES = [
    {"key": "unknown", "label": "{value} <b>", "kind": "untouched"},
    {"key": "subscriber", "label": "=1+1", "kind": "nurture", "requires": [{"field": "email", "op": "filled"}]},
    {"key": "mql", "label": "\u202eLQM", "kind": "qualified", "requires": [{"field": "f_x", "op": "ne", "value": "{x}"}]},
    {"key": "sal", "label": "ا" * 255, "kind": "sales", "requires": [{"field": "company", "op": "contains", "value": "%"}]},
    {"key": "customer", "label": "won", "kind": "won"},
    {"key": "renewal", "label": "renewal", "kind": "retained"},
    {"key": "remarket", "label": "remarket", "kind": "recycled"},
    {"key": "disqualified", "label": "disqualified", "kind": "disqualified"},
    {"key": "spam", "label": "spam", "kind": "invalid"},
]  # fmt: skip
KEYS = [stage["key"] for stage in STAGES]
HOSTILE_PACT: dict[str, Any] = {
    "name": "<b>{name}</b> =1+1 \u202e",
    "stages": STAGES,
    "status_map": {
        "lead": {value: KEYS[n % len(KEYS)] for n, value in enumerate(HELD) if n % 3 and value.strip()},
        "contact": {value: KEYS[-1 - n % len(KEYS)] for n, value in enumerate(HELD) if n % 4 and value.strip()},
        "opportunity": {"created": "sal", "won": "customer", "lost": "remarket"},
    },
    "flow": [["subscriber", "mql"], ["mql", "sal"]],
    "sla": [
        {"id": "first", "starts": "unknown", "stops": {"activities": ["call"]}, "target": {"hours": 1}},
        {"id": "follow-up", "starts": "mql", "stops": {"stages": ["sal"], "activities": ["call"]}, "target": {"hours": 1}},
    ],
    "sales_ready": {
        "threshold": 10,
        "all": [{"field": "<script>", "op": "filled"}, {"field": "company", "op": "starts", "value": "="}],
        "any": [{"field": "country", "op": "in", "value": ["MX", "' OR 1=1"]}, {"field": "f_x", "op": "gt", "value": "NaN"}],
        "opportunity": [
            {"id": "budget", "question": "{0.__class__} <b>?</b> \u202e", "field": "f_x"},
            {"id": "nobody", "question": "=1+1"},
        ],
    },
    "scoring": {
        "rules": [
            {"id": "fit", "category": "fit", "when": {"field": "f_x", "op": "between", "value": ["a", "{"]}, "points": 5},
            {"id": "church", "category": "fit", "when": {"field": "f_religion", "op": "filled"}, "points": 5},
            {"id": "visit", "category": "behaviour", "when": {"activity": "=web{}"}, "points": 5, "half_life_days": 3},
            {"id": "call", "category": "behaviour", "when": {"activity": "call", "subject": {"op": "contains", "value": "%_{"}},
             "points": 5, "per": "occurrence", "max_points": 10},
        ]
    },
    "routing": [{"when": [{"field": "country", "op": "eq", "value": "MX"}], "to": "<b>{to}</b> =1+1"}],
    "review": {"scoring_every_days": 1, "definition_every_days": 1},
}  # fmt: skip


def hostile() -> dict[str, Any]:
    """Every strange value as status, name, source, owner, field, activity and deal, on leads and contacts."""
    every = list(enumerate([*HELD, *MANY]))
    text = {n: HELD[n % len(HELD)] for n, _ in every}
    leads = {
        f"lead {n} {text[n][:3]}{{}}": {
            "status": value, "name": text[n], "source": text[(n + 1) % len(HELD)], "email": text[(n + 2) % len(HELD)],
            "company": text[(n + 3) % len(HELD)], "country": text[(n + 4) % len(HELD)], "owner_id": f"u{n % 5}",
            "end_reason": text[(n + 5) % len(HELD)], "f_x": text[(n + 6) % len(HELD)], "f_religion": text[n],
            "record_type": HELD[n % 3] if n < 90 else None, "created_at": f"2026-01-{1 + n % 28:02}T10:0{n % 10}",
            **({"converted_to": f"contact {n}", "converted_at": "2026-02-01"} if n % 7 == 0 and n < len(HELD) else {}),
            **({"condition": ("inactive", "deleted")[n % 2]} if n % 11 == 0 else {}),
        }
        for n, value in every
    }  # fmt: skip
    contacts = {f"contact {n}": {"status": value, "f_x": value, "owner_id": "u9"} for n, value in enumerate(HELD)}
    names = list(leads)
    return {
        "journeys": True,
        "version": 2,
        "in_force": True,
        "reviewed_at": "2025-01-01",
        "pact": HOSTILE_PACT,
        "leads": leads,
        "contacts": contacts,
        "history": {
            names[n]: [["2026-01-02", HELD[(n + 1) % len(HELD)]], ["2026-01-03T10:00", None], ["2026-01-03T10:00", value]]
            for n, value in every
            if n % 2
        },
        "activities": [
            {"record_id": names[n], "kind": ("call", "EMAIL", text[n] or "call")[n % 3], "at": f"2026-02-{1 + n % 20:02}",
             "direction": text[n], "subject": text[n], "actor_id": f"u{n % 5}", "outcome": text[n]}
            for n, _ in every
        ],
        "opportunities": [
            {"object": "lead", "record_id": names[n], "is_closed": n % 3 == 0, "is_won": n % 6 == 0, "amount": 10.5 * n,
             "currency": text[n], "type": text[n], "created_at": "2026-01-05", "closed_at": "2026-02-01", "f_x": text[n]}
            for n in range(len(HELD))
        ],
        "owners": {f"u{n}": {"name": HELD[n * 4], "team": HELD[n], "is_active": bool(n % 2), "is_queue": n == 4} for n in range(5)},
        "picklist": {
            "lead": [{"value": value, "label": text[n], "is_active": bool(n % 5)} for n, value in every if value.strip() and n % 2],
            "contact": [{"value": value, "label": f"<i>{value}</i>"} for value in HELD[:20] if value.strip()],
        },
    }  # fmt: skip


def codes() -> dict[str, Any]:
    """The picklist's API names are codes, what they mean is in their labels; no contact object."""
    labels = {
        "10": "New",
        "20": "Left voicemail",
        "30": "MQL",
        "40": "zz_Old - do not use",
        "50": "Left Voicemail",
        "MQL": "30",
    }
    return {
        "journeys": True,
        "pact": {"status_map": {"lead": {"10": "subscriber", "30": "mql", "20": "sal"}}},
        "leads": {f"lead-{n}": list(labels)[n % 6] for n in range(24)},
        "history": {},
        "activities": [],
        "opportunities": [],
        "owners": {},
        "picklist": {"lead": [{"value": value, "label": label} for value, label in labels.items()]},
    }  # fmt: skip


def one_value(object: str = "leads") -> dict[str, Any]:
    """Every record says the same, and only one object is there."""
    return {"journeys": True, object: {f"one-{n}": "MQL" for n in range(3)}, "history": {}, "activities": [],
            "opportunities": [], "owners": {}, "picklist": {object[:-1]: ["MQL"]}}  # fmt: skip


def nothing() -> dict[str, Any]:
    """Every table is given, and all are empty."""
    return {"journeys": True, "leads": {}, "contacts": {}, "history": {}, "activities": [], "opportunities": [],
            "owners": {}, "picklist": {}}  # fmt: skip


WORLDS: Mapping[str, Any] = {
    "hostile": hostile,
    "codes": codes,
    "one_value": one_value,
    "contacts_only": lambda: one_value("contacts"),
    "nothing": nothing,
    "clean": clean,
}
