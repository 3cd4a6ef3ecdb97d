"""A loopback Salesforce: the REST, Bulk 2.0 and sign-in endpoints the connector speaks to, over https.

It is strict rather than kind: it refuses what the real one refuses, in the real one's words as far
as we know them, and lacks what the real one lacks (`LeadHistory` has no `SystemModstamp`).

    from tests.salesforce import faults, fixtures
    acme, salesforce = fixtures.acme, fixtures.salesforce  # pytest finds them here

    def test_something(acme, salesforce):
        client = Salesforce(**salesforce.settings)           # instance_url, session_id
        acme.org.update("Lead", acme.leads[0], Status="MQL")  # somebody works in the CRM
        acme.org.clock.advance(60)                            # the server's own clock
        acme.org.hide("Lead", "Email")                        # field-level security
        salesforce.faults.add(r"GET .*/queryAll", faults.status(503), nth=2, times=1)

- **The org** (org.py): `insert`, `update`, `touch`, `delete`, `purge`, `merge`, `convert`, `hide`, `show`,
  `drop` (a field), `retype` (a field), `statuses`; `at(moment)` for what happened in the past.
  Rows are dicts by Id in `org.rows["Lead"]`, with Python dates and naive UTC moments; never change one in
  place (`org.update` does it properly: history, `SystemModstamp`). The clock stands still until moved.
- **The company** (company.py): `company()` gives an org with one of everything, and who is who.
- **Sign-in**: `settings` for a session; by name, since `fixtures.serving` leads `login.salesforce.com`,
  `test.…` and the org's own domain (`server.domain`) to the loopback port: `domain=server.domain` with
  CONSUMER_KEY and CONSUMER_SECRET, USERNAME with PASSWORD and SECURITY_TOKEN, or
  `privatekey_file=access.private_key_file(tmp_path)` (all in access.py). `server.access.expire()` ends sessions.
- **Paging**: `Server(org, page_rows=3, bulk_rows=5, bulk_polls=0)`; `server.requests` is the log,
  `server.calls("/queryAll")` counts, `server.api_used` and `api_allowed` are the quota.
- **Faults** (faults.py): `server.faults.add(pattern, fault, nth=1, times=1, body=None)`; the pattern is
  searched in `METHOD /path?query`. Faults: `status(429, retry_after=…)`, `quota()`, `expired()`, `stall(…)`,
  `cut(after_work=…)`, `torn()`, `shortened()`, `garbled()`, `spoiled(change)`, `lost_locator()`, `failed_job()`,
  `meanwhile(act)` (anything happens in the org at that moment). A new one is a subclass of `Fault`.
- **The oracle** (oracle.py): `differences(mirror, org)` names every row a mirror lacks or has too many. The `home`
  fixture (house.py) is a home with the company published once, its org on a server, and `busy_day(company)` to
  catch up with. Tables of any size are made as they are looked at (many.py), and served from a process of its own
  (large.py) for bench/bench_salesforce.py.
- **Routes** (answers.py): a module of its own registers with

      @route("PATCH", "/composite/sobjects")         # below /services/data/vNN.0; "//…" is from the root
      def update_collection(request: Request) -> Answer:
          given = request.json()                      # refuses what is not JSON
          row = request.org.rows["Lead"].get(key)     # request.org, request.user, request.server, request.named
          raise Refusal(400, "INVALID_FIELD", "…")    # a REST error: [{message, errorCode}]
          return Answer(200, [...])                   # JSON; bytes with `kind=` are sent as they are

  and is imported in server.py beside `bulk` and `rest` so that its routes are known. Routes check the session
  and count a call; `open=True` ones do neither (SOAP carries its session in the envelope:
  `request.server.access.who(token)` is the user or None; login.fault makes a SOAP fault).

Not here: the tests of the connector (tests/test_salesforce_*.py).
"""

from tests.salesforce.company import Company, company
from tests.salesforce.org import START, Org
from tests.salesforce.server import Server

__all__ = ["START", "Company", "Org", "Server", "company"]
