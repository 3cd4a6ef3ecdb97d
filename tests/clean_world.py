"""A company whose lead process is in order, for rules that must not cry wolf: in the words of audit_cases.py."""
# ruff: noqa: E501, a row of a world stays on its line

from __future__ import annotations

from typing import Any


def clean() -> dict[str, Any]:
    """A company whose process is in order: signed, reviewed, named by states, worked in time."""
    status_map = {
        "lead": {"Unknown": "unknown", "Subscriber": "subscriber", "MQL": "mql", "Accepted": "sal", "Customer": "customer",
                 "Re-Market": "remarket", "Disqualified": "disqualified", "Spam": "spam"},
        "contact": {"SQL": "sal", "Customer": "customer", "Renewal": "renewal", "Re-Market": "remarket"},
        "opportunity": {"created": "sal", "won": "customer", "lost": "remarket"},
    }  # fmt: skip
    whole = {"email": "x@example.com", "company": "Acme", "country": "MX", "owner_id": "sara", "f_budget": "10"}
    known = {"Unknown": {"owner_id": "mar"}, "Subscriber": {"email": "x@example.com", "owner_id": "mar"}}
    paths = {
        "Unknown": ["Unknown"],
        "Subscriber": ["Subscriber"],
        "MQL": ["Subscriber", "MQL"],
        "Accepted": ["Subscriber", "MQL", "Accepted"],
        "Customer": ["Subscriber", "MQL", "Accepted", "Customer"],
        "Re-Market": ["Subscriber", "MQL", "Accepted", "Re-Market"],
        "Disqualified": ["Subscriber", "MQL", "Accepted", "Disqualified"],
        "Spam": ["Spam"],
    }
    leads: dict[str, Any] = {}
    history: dict[str, Any] = {}
    contacts: dict[str, Any] = {}
    touches: list[dict[str, Any]] = []
    for name, path in paths.items():
        for n in range(4):
            key = f"{name}-{n}"
            leads[key] = {"status": name, **known.get(name, whole)}
            history[key] = [[f"2026-02-{20 + step:02}T1{n}:0{step}", value] for step, value in enumerate(path)]
            if "MQL" in path:
                touches.append({"record_id": key, "kind": "call", "direction": "outbound", "actor_id": "sara",
                                "at": f"2026-02-21T1{n}:30"})  # fmt: skip
    for name in status_map["contact"]:
        key = f"contact-{name}"
        leads[f"lead-{name}"] = {"status": "Accepted", **whole, "condition": "inactive", "converted_to": key,
                                 "converted_at": "2026-02-22T12:00"}  # fmt: skip
        contacts[key] = {"status": name, **whole}
        history[f"lead-{name}"] = [[f"2026-02-{20 + n}T10:00", value] for n, value in enumerate(paths["Accepted"])]
        steps = [
            "SQL",
            *(["Customer"] if name in ("Customer", "Renewal") else []),
            *([] if name == "Customer" else [name]),
        ]
        history[key] = [[f"2026-02-22T1{2 + n}:00", value] for n, value in enumerate(dict.fromkeys(steps))]
        touches.append({"record_id": f"lead-{name}", "kind": "call", "direction": "outbound", "actor_id": "sara",
                        "at": "2026-02-21T11:00"})  # fmt: skip
    return {
        "journeys": True,
        "as_of": "2026-02-24",
        "version": 1,
        "in_force": True,
        "reviewed_at": "2026-01-10",
        "pact": {
            "status_map": status_map,
            "flow": [["unknown", "subscriber"], ["subscriber", "mql"], ["mql", "sal"], ["sal", "customer"],
                     ["sal", "remarket"], ["sal", "disqualified"], ["customer", "renewal"]],
            "sales_ready": {
                "all": [{"field": "email", "op": "filled"}, {"field": "company", "op": "filled"}],
                "opportunity": [{"id": "budget", "question": "Is there a budget?", "field": "f_budget"}],
            },
            "routing": [{"when": [{"field": "country", "op": "eq", "value": "MX"}], "to": "Sara"}],
            "review": {"scoring_every_days": 90, "definition_every_days": 180},
        },
        "leads": leads,
        "contacts": contacts,
        "history": history,
        "activities": touches,
        "opportunities": [],
        "owners": {"sara": {"name": "Sara", "team": "sales", "is_active": True}, "mar": {"name": "Mar", "team": "marketing", "is_active": True}},
        "picklist": {object: [{"value": value} for value in names] for object, names in status_map.items() if object != "opportunity"},
    }  # fmt: skip
