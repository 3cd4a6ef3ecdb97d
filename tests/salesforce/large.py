"""A large org, served from a process of its own: `python -m tests.salesforce.large LEADS`.

Not here: how rows are made when they are looked at (many.py), what is measured (bench/bench_salesforce.py).
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta

from tests.salesforce.many import Made
from tests.salesforce.objects import STATUSES
from tests.salesforce.org import START, Org
from tests.salesforce.server import Server

MOVES = ("New", "Working", "MQL", "SQL", "Working")


def large_org(leads: int) -> Org:
    """An org of `leads` leads, five rows of history each, and fifty people who own them."""
    org = Org(START)
    org.statuses(*STATUSES)
    reps = [org.insert("User", LastName=f"Rep {n}", IsActive=True, TimeZoneSidKey="UTC") for n in range(50)]
    begin, minute = START - timedelta(days=700), timedelta(minutes=1)

    def created(n: int) -> datetime:
        return begin + n % 900_000 * minute

    lead = {
        "Id": lambda n: f"00Q5e{n:010d}EAA", "IsDeleted": False, "IsConverted": False, "HasOptedOutOfEmail": False,
        "Newsletter__c": False, "Status": MOVES[-1], "OwnerId": lambda n: reps[n % 50],
        "FirstName": lambda n: f"P{n}", "LastName": lambda n: f"Pérez {n % 977}",
        "Name": lambda n: f"P{n} Pérez {n % 977}",
        "Company": lambda n: f"Company {n % 9_999} S.A.", "Email": lambda n: f"p{n}@example.com",
        "Phone": lambda n: f"+52 55 {n:08d}", "Country": lambda n: ("MX", "ES", "AR")[n % 3],
        "LeadSource": lambda n: ("Web", "Event", "Partner")[n % 3], "Industry": lambda n: ("Banking", "Retail")[n % 2],
        "CreatedDate": created, "SystemModstamp": lambda n: created(n) + 300 * minute,
        "LastModifiedDate": lambda n: created(n) + 300 * minute, "CreatedById": lambda n: reps[n % 50],
    }  # fmt: skip
    history = {
        "Id": lambda n: f"0175e{n:010d}AAA", "LeadId": lambda n: f"00Q5e{n // 5:010d}EAA", "IsDeleted": False,
        "Field": lambda n: "Status" if n % 5 else "created", "DataType": "Text",
        "OldValue": lambda n: MOVES[n % 5 - 1] if n % 5 else None,
        "NewValue": lambda n: MOVES[n % 5] if n % 5 else None,
        "CreatedDate": lambda n: created(n // 5) + n % 5 * 60 * minute, "CreatedById": lambda n: reps[n % 50],
    }  # fmt: skip
    org.rows["Lead"] = Made(leads, lead)
    org.rows["LeadHistory"] = Made(5 * leads, history)
    return org


def serve(leads: int) -> None:
    """Answers until its input ends; a line of input sets the rate and tells the jobs and calls since the last."""
    with Server(large_org(leads), bulk_polls=0) as server:
        _say({"bundle": server.bundle, "settings": server.settings})
        for line in sys.stdin:
            megabytes = float(line)
            server.bulk_rate = megabytes * 1e6 or None
            told = {"jobs": list(server.jobs.done), "calls": server.api_used}
            server.jobs.held.clear()
            server.jobs.done.clear()
            server.locators.clear()
            server.requests.clear()
            server.api_used = 0
            _say(told)


def _say(document: object) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
