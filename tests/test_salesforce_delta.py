"""A delta of Salesforce is a full reading by other means, whatever people did in between.

Not here: what things become (test_salesforce_reading.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.contract.suite import Row, laid_over
from tests.salesforce import fixtures
from tests.salesforce.asked import STAMPS, changes, read
from tests.salesforce.company import Company, company
from tests.salesforce.fixtures import serving
from tests.salesforce.org import START
from tests.salesforce.schema import Pick
from tests.salesforce.server import Server

acme, salesforce = fixtures.acme, fixtures.salesforce


def test_what_was_stamped_before_the_mark_and_seen_after_it_is_read(acme: Company, salesforce: Server) -> None:
    """A row carries the moment its transaction began, and shows when it ends."""
    base, org = read(salesforce), acme.org
    with org.at(START - timedelta(minutes=10)):
        org.update("Lead", acme.leads[0], Status="SQL")
        task = org.insert("Task", WhoId=acme.leads[0], Status="Completed", IsClosed=True, Priority="Normal")
    org.clock.advance(60)
    delta = read(salesforce, base.mark)
    assert delta.statuses["lead", acme.leads[0]] == "SQL"
    assert changes(delta, acme.leads[0])[-1]["to_value"] == "SQL"
    assert task in {row["activity_id"] for row in delta.rows["activity"]}
    assert not read(salesforce, base.mark, overlap_minutes=5).rows.get("activity")


def test_memberships_that_moved_with_a_merge_are_read_with_it(acme: Company, salesforce: Server) -> None:
    """Nobody says that a membership is stamped when its lead is merged away."""
    base, org = read(salesforce), acme.org
    org.clock.advance(3_600)
    org.merge("Lead", acme.leads[0], acme.leads[2])
    for key, row in list(org.rows["CampaignMember"].items()):
        if row["LeadId"] == acme.leads[0]:
            org.rows["CampaignMember"][key] = {**row, "LeadId": acme.leads[2], "LeadOrContactId": acme.leads[2]}
    over = laid_over(base, read(salesforce, base.mark))
    assert acme.leads[0] not in {row["record_id"] for row in over["campaign_touch"]}


def test_owners_are_people_and_queues(acme: Company, salesforce: Server) -> None:
    mapping = """
version: 1
tables:
- {source: User, to: owners, fields: {team: Department}, values: {team: {SDR: sdr, Sales: sales}}}
"""
    owners = {row["owner_id"]: row for row in read(salesforce, mapping=mapping).rows["owner"]}
    assert (owners[acme.queue]["is_queue"], owners[acme.queue]["name"]) == (True, "Unassigned leads")
    assert "All staff" not in {row["name"] for row in owners.values()}
    assert [owners[key]["team"] for key in acme.reps] == ["sdr", "sales", "sales"]
    assert [owners[key]["is_active"] for key in acme.reps] == [True, True, False]
    assert owners[acme.reps[0]]["is_queue"] is False


def people(org: Any, name: str) -> list[str]:
    return [key for key, row in org.rows[name].items() if not row.get("IsDeleted") and not row.get("IsConverted")]


def deeds(random: Random, made: Company) -> Iterator[Callable[[], Any]]:
    """Things people do in a CRM, at random."""
    org = made.org

    def one(name: str) -> str:
        return random.choice(people(org, name))

    def lead(**values: Any) -> Callable[[], Any]:
        return lambda: org.update("Lead", one("Lead"), **values)

    def any_of(name: str, **values: Any) -> Callable[[], Any]:
        return lambda: org.update(name, one(name), **values)

    def member() -> None:
        key = one("Lead")
        org.insert(
            "CampaignMember", CampaignId=made.campaign, LeadId=key, LeadOrContactId=key, Status="Sent", Type="Lead"
        )

    deals = {"StageName": "Closed Lost", "IsClosed": True}
    every = [
        lambda: org.insert("Lead", LastName=f"N{random.random()}", Company="New", RecordTypeId=made.business),
        lead(Status="MQL", MQL_Date__c=date(2026, 3, 1)), lead(Status="SQL", SQL_Date__c=org.clock()),
        lead(Status="New"), lead(SQL_Date__c=None), lead(Budget__c=12.5), lead(RecordTypeId=None),
        lead(OwnerId=random.choice(made.reps)),
        lambda: org.convert(one("Lead"), opportunity=random.random() < 0.5),
        lambda: org.merge("Lead", *random.sample(people(org, "Lead"), 2)), lambda: org.delete("Lead", one("Lead")),
        lambda: org.update("Lead", made.deleted, IsDeleted=False), any_of("Contact", Contact_Status__c="Customer"),
        lambda: org.delete("Contact", made.contacts[1]), any_of("Account", Name=f"Renamed {random.random()}"),
        lambda: org.insert("Task", WhoId=one("Lead"), Status="Completed", IsClosed=True, Priority="Normal"),
        any_of("Task", WhoId=None), any_of("Task", Status="Completed", IsClosed=True, CompletedDateTime=org.clock()),
        lambda: org.delete("Task", one("Task")), member, any_of("CampaignMember", Status="Responded"),
        lambda: org.delete("CampaignMember", one("CampaignMember")), any_of("Campaign", Name=f"Fair {random.random()}"),
        any_of("Opportunity", **deals), any_of("Opportunity", Amount=7),
        lambda: org.delete("Opportunity", one("Opportunity")),
        any_of("OpportunityContactRole", IsPrimary=False), any_of("OpportunityContactRole", ContactId=made.contacts[1]),
        any_of("User", IsActive=False), lambda: org.insert("Group", Name="Another queue", Type="Queue"),
        lambda: org.statuses(Pick("New", default=True), Pick("Working"), Pick("SQL"), Pick("Converted")),
    ]  # fmt: skip
    while True:
        yield random.choice(every)


@pytest.mark.parametrize("seed", range(3))
def test_a_mirror_of_deltas_is_that_of_a_full_reading(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random, made = Random(seed), company(leads=5)  # noqa: S311 - a test's own chance
    doing = deeds(random, made)
    with serving(Server(made.org, page_rows=3), monkeypatch) as server:
        base = read(server, mapping=STAMPS)
        for _ in range(2):
            for _ in range(12):
                made.org.clock.advance(random.choice([0, 1, 600, 4_000]))
                try:
                    next(doing)()
                except IndexError:
                    continue  # there is none of them left
            delta = read(server, base.mark, STAMPS)
            assert not delta.complete
            over = laid_over(base, delta)
            whole = read(server, mapping=STAMPS)
            anew = laid_over(whole, whole)
            for name in sorted({*over, *anew}):
                assert _sorted(over.get(name, [])) == _sorted(anew.get(name, [])), name
            base = whole


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)
