"""A loopback Airtable: http on 127.0.0.1, threaded, up in milliseconds, strict rather than kind.

    clock = Clock()                                   # moves only when somebody sleeps, or is told to
    base = Base("appLeadPactTrial0", "CRM", clock)
    leads = base.add_table("Leads", [Field("Name"), Field("Status", "singleSelect", choices=("New", "MQL"))])
    leads.add({"Name": "Ana", "Status": "New"})
    with Server(base, clock=clock) as server: ...     # server.url, server.token, server.seen

The parts: clock.py (time), fields.py (types and options), base.py (what a base holds, and hands to change it),
limits.py (5 requests a second, 30 s of refusal), server.py (sign-in, routing, faults), wire.py (bytes), formula.py
(filterByFormula), reading.py (the routes that read).

How to add to it, each in a file of its own:

- A route: `@route("PATCH", "/v0/{base}/{table}", scope="data.records:write")` above a function that takes a `Call`
  and returns what is sent as JSON; refuse with `raise Problem(422, "INVALID_REQUEST", "...")`. `call.base` and
  `call.table` are found for you (403 where they are not); `call.query` and `call.body` are what came. Import the
  module in ROUTE_MODULES of server.py. A literal path wins over one with `{…}`.
- A fault: `server.fault("cut_after", times=1, skip=2, method="PATCH", path="/Leads")`. Kinds: `status` (with `code`,
  `type`), `cut_before` (nothing was done), `cut_after` (done, and no answer), `truncate`, `garbage`, `slow` (seconds of
  real time, then the answer). `server.faults` is the list; `server.seen` is every request with its status.
- What happened in a base, for webhooks: `base.events`, one `Event` for each creation, change and deletion, in order,
  with the cells before and after; `base.listeners` are called with each as it happens.
- The schema under the connector's feet: `table.rename`, `field.name = …`, `table.retype`, `table.drop`.
"""

from tests.airtable.base import Base, Event, Record, Table
from tests.airtable.clock import Clock, RealClock
from tests.airtable.fields import Field
from tests.airtable.server import Call, Problem, Server, Token, route

__all__ = ["Base", "Call", "Clock", "Event", "Field", "Problem", "RealClock", "Record", "Server", "Table", "Token",
           "route"]  # fmt: skip
