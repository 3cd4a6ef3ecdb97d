"""The company's lead process: stages, picklists, sources and the probabilities behind them.

These are the model's parameters; truth.py publishes them. The expected pact at the end is
the one under which the truth is told.

Not here: how a path is drawn from them (journeys.py), who works here (staff.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

STAGES = (
    "subscriber",
    "mql",
    "sal",
    "sql",
    "opportunity",
    "customer",
    "renewal",
    "remarket",
    "disqualified",
    "spam",
)
SUBSCRIBER, MQL, SAL, SQL, DEAL, WON, RENEWAL, REMARKET, DISQUALIFIED, SPAM = range(10)
FUNNEL = STAGES[: WON + 1]
UNMAPPED = -1


@dataclass(frozen=True)
class Value:
    """A status value: its true kind, its stage under the expected pact, where it is offered.

    `lead` and `contact` are "active", "retired" or "" (not in that picklist).
    """

    text: str
    kind: str
    stage: int = UNMAPPED
    lead: str = ""
    contact: str = ""


VALUES = (
    Value("New", "state", SUBSCRIBER, "active"),
    Value("Subscriber", "state", SUBSCRIBER, "active", "active"),
    Value("Nurture", "state", SUBSCRIBER, "active"),
    Value("Nutrición", "state", SUBSCRIBER, "active"),
    Value("Webinar", "source", SUBSCRIBER, "active"),
    Value("Email Sent", "action", SUBSCRIBER, "active"),
    Value("Pendiente", "vague", SUBSCRIBER, "active"),
    Value("MQL", "state", MQL, "active", "active"),
    Value("Attempted to Contact", "action", MQL, "active"),
    Value("Contacted", "action", MQL, "active"),
    Value("Contactado", "action", MQL, "active"),
    Value("Left Voicemail", "action", MQL, "active"),
    Value("Buzón de voz", "action", MQL, "active"),
    Value("No contesta", "action", MQL, "active"),
    Value("Follow-up Call", "action", MQL, "active"),
    Value("SAL", "state", SAL, "active", "active"),
    Value("Working", "state", SAL, "active"),
    Value("In Progress", "vague", SAL, "active"),
    Value("Working - Contacted", "mixed", SAL, "active"),
    Value("SQL", "state", SQL, "active", "active"),
    Value("Customer", "state", WON, "active", "active"),
    Value("Re-Market", "state", REMARKET, "active", "active"),
    Value("Disqualified", "state", DISQUALIFIED, "active", "active"),
    Value("Descartado", "state", DISQUALIFIED, "active"),
    Value("Sin presupuesto", "reason", DISQUALIFIED, "active"),
    Value("Spam", "state", SPAM, "active"),
    Value("Waiting List", "state", SUBSCRIBER, "active"),  # nobody ever holds it
    Value("Open", "state", SUBSCRIBER, "retired"),
    Value("Abierto", "state", SUBSCRIBER, "retired"),
    Value("zz_Old - do not use", "obsolete", UNMAPPED, "retired"),
    Value("Open - Legacy", "obsolete", UNMAPPED, "retired"),
    Value("Junk (old)", "obsolete", UNMAPPED, "retired"),
    Value("En revisión", "state", UNMAPPED),  # held, though no picklist defines it
    Value("Active", "vague", UNMAPPED, "", "active"),
    Value("Renewal", "state", RENEWAL, "", "active"),
    Value("Former Customer", "state", REMARKET, "", "active"),
    Value("Prospect (old)", "obsolete", UNMAPPED, "", "retired"),
)
TEXTS = tuple(value.text for value in VALUES)
CODE = {text: code for code, text in enumerate(TEXTS)}
STAGE_OF = np.array([value.stage for value in VALUES], dtype=np.int64)
RETIRED_LEAD = np.array([value.lead == "retired" for value in VALUES])
RETIRED_CONTACT = np.array([value.contact == "retired" for value in VALUES])
OPEN_RETIRED_DAYS = 300  # "Open" and "Abierto" left the picklist that long before `until`


@dataclass(frozen=True)
class Source:
    """A source: its share of leads and the true chance of each step, given the one before.

    `spam` is the share that never was a lead (outside every denominator). `pace` stretches
    the days Sales takes. `bought_days` dates the import of a bought list before `until`.
    """

    name: str
    share: float
    mql: float
    sal: float
    sql: float
    deal: float
    won: float
    spam: float = 0.0
    pace: float = 1.0
    bought_days: int = 0

    @property
    def steps(self) -> tuple[float, ...]:
        return (self.mql, self.sal, self.sql, self.deal, self.won)


SOURCES = (
    Source("Organic Search", 0.26, 0.66, 0.64, 0.58, 0.84, 0.40, spam=0.04),
    Source("Paid Search", 0.22, 0.60, 0.55, 0.50, 0.80, 0.32, spam=0.07),
    Source("LinkedIn Ads", 0.15, 0.56, 0.52, 0.46, 0.80, 0.28, spam=0.04),
    Source("Eventos", 0.15, 0.62, 0.56, 0.52, 0.82, 0.34, spam=0.02),
    Source("Referidos", 0.10, 0.85, 0.78, 0.70, 0.88, 0.50, spam=0.01),
    Source("Partner", 0.12, 0.72, 0.62, 0.56, 0.84, 0.38, spam=0.01, pace=2.4),
    Source("Lista Expo Manufactura", 0.06, 0.03, 0.40, 0.35, 0.70, 0.20, bought_days=410),
    Source("DataBridge Contacts Q2", 0.04, 0.025, 0.35, 0.30, 0.70, 0.20, bought_days=240),
    Source("Base comprada CDMX", 0.03, 0.02, 0.35, 0.30, 0.70, 0.20, bought_days=130),
    Source("US Industrial Directory", 0.02, 0.03, 0.40, 0.35, 0.70, 0.20, bought_days=40),
    Source("Prospección (Ventas)", 0.0, 1.0, 0.92, 0.90, 0.95, 0.33),
)
SOURCE_NAMES = tuple(source.name for source in SOURCES)
LISTS = tuple(code for code, source in enumerate(SOURCES) if source.bought_days)
INBOUND = tuple(code for code, source in enumerate(SOURCES) if source.share and not source.bought_days)
PROSPECTING = len(SOURCES) - 1
EVENTS, PARTNER = SOURCE_NAMES.index("Eventos"), SOURCE_NAMES.index("Partner")
SLOW_SOURCE = SOURCE_NAMES[PARTNER]
STEP_CHANCE = np.array([source.steps for source in SOURCES])
SPAM_CHANCE = np.array([source.spam for source in SOURCES])
PACE = np.array([source.pace for source in SOURCES])

CAMPAIGNS = (
    "SEO: trazabilidad",
    "Google Ads MX - ERP",
    "Google Ads US - MES",
    "LinkedIn ABM US",
    "LinkedIn LatAm",
    "Expo Manufactura",
    "Webinar Trazabilidad",
    "Customer Referral Program",
    "Partner co-marketing",
)
CAMPAIGNS_OF = ((0,), (1, 2), (3, 4), (5, 6), (7,), (8,), (), (), (), (), ())  # by source
NO_CAMPAIGN = 0.3  # share of leads whose campaign nobody filled in

FOLLOW_UP_HOURS = 48
TOUCHES = ("call", "email", "meeting")
MATURE_DAYS = 180  # longer than any journey from entry to won: the caps of journeys.py add up to less
FORGOTTEN_DAYS = 90


def expected_map(place: str) -> dict[str, str]:
    """Value to stage for `lead` or `contact`, as the truth is told; unmapped values are left out."""
    return {value.text: STAGES[value.stage] for value in VALUES if value.stage != UNMAPPED and getattr(value, place)}


def expected_pact() -> dict[str, Any]:
    """A whole pact document: action values belong to the stage they were tried in, not to a stage of their own.

    Only opportunities of type `new` are events of a lead; renewals and upsells are not.
    """
    kinds = (
        "nurture",
        "qualified",
        "sales",
        "sales",
        "sales",
        "won",
        "retained",
        "recycled",
        "disqualified",
        "invalid",
    )
    labels = (
        "Subscriber",
        "MQL",
        "Accepted by Sales",
        "SQL",
        "Opportunity",
        "Customer",
        "Up for renewal",
        "Re-Market",
        "Disqualified",
        "Not a lead",
    )
    stages = zip(STAGES, labels, kinds, strict=True)
    return {
        "name": "Demo company: the truth",
        "language": "en",
        "timezone": "America/Mexico_City",
        "stages": [
            {"key": "unknown", "label": "Unknown", "kind": "untouched"},
            *({"key": key, "label": label, "kind": kind} for key, label, kind in stages),
        ],
        "status_map": {
            "lead": expected_map("lead"),
            "contact": expected_map("contact"),
            "opportunity": {"created": "opportunity", "won": "customer", "lost": "remarket"},
        },
        "opportunities": {"types": ["new"]},
        "sla": [
            {
                "id": "mql-follow-up",
                "starts": "mql",
                "stops": {"stages": ["sal", "sql"], "activities": list(TOUCHES)},
                "target": {"hours": FOLLOW_UP_HOURS, "clock": "elapsed"},
            }
        ],
    }
