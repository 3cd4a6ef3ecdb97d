"""Which campaigns influenced which deals."""

from __future__ import annotations

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.pipeline import influences
from leadpact.metrics.pipeline_deals import deals
from tests.pipeline_worlds import NOW, asked, day, deal, of, told, touch
from tests.rows import Rows, contact, lead, moved
from tests.worlds import World


def test_influenced_by_two_campaigns_counts_once_in_the_total(world: World) -> None:
    touches = [touch("ana", "Webinar", 1), touch("ana", "Fair", 2), touch("ana", "Fair", 3), touch("bob", "Fair", 1)]
    history = {who: [(0, "MQL")] for who in ("ana", "bob", "eve")}
    of(world, history, [deal(who, who, 5) for who in history], touches)
    result = asked(world)
    assert result.line("influenced").deals == 2
    assert result.line("influenced").share == pytest.approx(2 / 3)
    assert [(one.group, one.deals, one.amount("EUR").open) for one in result.campaigns or ()] == [
        ("Fair", 2, 200),
        ("Webinar", 1, 100),
    ]


def test_a_response_after_the_close_influenced_nothing(world: World) -> None:
    history = {who: [(0, "MQL")] for who in ("at", "after", "open", "never")}
    rows = [
        deal("at", "at", 5, 8, True),
        deal("after", "after", 5, 8, True),
        deal("open", "open", 5),
        deal("never", "never", 5),
    ]
    of(world, history, rows, [touch("at", "Fair", 8), touch("after", "Fair", 8.001), touch("open", "Fair", 30)])
    assert {name: bool(row.influenced) for name, row in told(world).items()} == {
        "at": True, "after": False, "open": True, "never": False,
    }  # fmt: skip


def test_a_response_before_the_look_back_does_not_count(world: World) -> None:
    history = {who: [(0, "MQL")] for who in ("old", "edge")}
    of(world, history, [deal(who, who, 20) for who in history], [touch("old", "Fair", 9.9), touch("edge", "Fair", 10)])
    assert asked(world).line("influenced").deals == 2
    assert [name for name, row in told(world, lookback_days=10).items() if row.influenced] == ["edge"]
    with pytest.raises(Misconfigured):
        asked(world, lookback_days=-1)


def test_a_response_of_unknown_time_leaves_influence_unknown(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 5)], [touch("ana", "Fair", None)])
    result = asked(world)
    assert (result.line("influenced").deals, result.influence_unknown, result.campaigns) == (0, 1, ())


def test_a_response_of_the_lead_counts_for_the_converted_contacts_deal(world: World) -> None:
    records = [lead("ana", status="MQL", created_at=day(0), converted_to="ana-c", converted_at=day(4), source="Web"),
               contact("ana-c", status="SQL", created_at=day(4), source="Other")]  # fmt: skip
    changes = [*moved("ana", (day(0), "MQL")), *moved("ana-c", (day(4), "SQL"), object="contact")]
    deals_ = [deal("a", "ana-c", 5, object="contact")]
    given = {"record": records, "field_change": changes, "opportunity": deals_}
    world.sync(Rows(creation_logged=True, campaign_touch=[touch("ana", "Fair", 1)], **given), now=NOW)
    result = asked(world, by="source")
    assert result.line("sourced", "Web").deals == result.line("influenced", "Web").deals == 1
    row = told(world)["a"]
    assert (row.object, row.record_id) == ("contact", "ana-c")


def test_the_deals_behind_a_campaign_are_those_it_counts(world: World) -> None:
    history = {who: [(0, "MQL")] for who in ("ana", "bob")}
    of(world, history, [deal(who, who, 5) for who in history], [touch("ana", "Fair", 1), touch("ana", "Fair", 4)])
    found = world.analyse()
    rows = influences(deals(found.tables, found.pact, found.as_of), found.tables, found.as_of).execute()
    assert rows[["opportunity_id", "campaign", "responses"]].to_numpy().tolist() == [["ana", "Fair", 2]]
    assert rows["last_at"][0] == day(4)
