"""Leaks: lost from which stage, against the period before, at equal age, with the people."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leadpact.metrics.funnel import Scope
from leadpact.metrics.leaks import Leak, Leaks, Reason, behind, largest, leaks
from leadpact.metrics.leaks_rows import stands
from tests.funnels import Histories, day, tables_of, went
from tests.test_cli import document, run  # noqa: F401 - a fixture
from tests.worlds import pact

SECOND = Scope(start=date(2026, 1, 31), end=date(2026, 3, 2), window_days=10)


def of(histories: Histories, scope: Scope = SECOND, *, as_of: float = 70, **more: Any) -> Leaks:
    return leaks(tables_of(histories, **more), pact(), day(as_of), scope)


def leak(found: Leaks, stage: str, group: str | None = None) -> Leak:
    return next(one for one in found.leaks if one.stage == stage and one.group == group)


def lost(first: float, gone: int, of_all: int, after: float = 3, end: str = "Disqualified") -> Histories:
    """`of_all` MQLs from day `first` on; the first `gone` are lost `after` days later."""
    return {
        f"r{first:g}-{n}": went(first + n % 5, (after, end)) if n < gone else went(first + n % 5) for n in range(of_all)
    }


def test_how_many_more_were_lost_than_the_last_period_leads_to_expect() -> None:
    found = leak(of({**lost(0, 10, 50), **lost(31, 30, 60)}), "mql")
    assert (found.entered, found.lost, found.entered_before, found.lost_before) == (60, 30, 50, 10)
    assert (found.rate, found.rate_before, found.expected, found.excess) == (0.5, 0.2, 12, 18)
    assert found.clear and found.gap is not None and found.gap.difference == pytest.approx(0.3)


def test_the_stage_that_lost_most_beyond_its_rate_comes_first() -> None:
    histories = {**lost(0, 30, 60), **lost(31, 30, 60)}
    histories |= {f"b{n}": went(1, (1, "Working")) for n in range(40)}
    histories |= {f"n{n}": went(32, (1, "Working"), *([(2, "Re-Market")] if n < 20 else [])) for n in range(40)}
    found = of(histories)
    assert [one.stage for one in found.leaks] == ["sal", "mql"]
    assert (leak(found, "sal").lost, leak(found, "sal").excess) == (20, 20)


def test_lost_from_the_last_stage_it_stood_in_and_only_from_there() -> None:
    found = of({"ana": went(35, (1, "Working"), (2, "MQL"), (5, "Disqualified")), "eve": went(35, (1, "Working"))})
    assert (leak(found, "mql").lost, leak(found, "mql").entered) == (1, 2)  # came back: once, from its first entry
    assert (leak(found, "sal").lost, leak(found, "sal").entered) == (0, 2)


def test_a_win_is_no_loss_and_what_never_was_a_lead_counts_nowhere() -> None:
    found = of({"ana": went(35, (1, "Customer")), "spam": went(35, (1, "Spam")), "eve": went(35)})
    assert (leak(found, "mql").entered, leak(found, "mql").lost, found.invalid) == (2, 0, 1)


def test_a_value_no_stage_claims_between_does_not_hide_the_loss() -> None:
    assert leak(of({"ana": went(35, (1, "Limbo"), (2, "Disqualified"))}), "mql").lost == 1


def test_exactly_the_days_is_lost_within_them_and_later_is_not() -> None:
    assert leak(of({"at": went(35, (10, "Disqualified")), "late": went(35, (10.01, "Disqualified"))}), "mql").lost == 1


def test_journeys_that_have_not_had_the_days_are_on_neither_side_of_the_rate() -> None:
    found = of({**lost(31, 0, 10), "young": went(59.5, (1, "Disqualified"))}, as_of=69)
    assert (leak(found, "mql").entered, leak(found, "mql").lost, leak(found, "mql").young) == (10, 0, 1)
    assert found.young == 1


def test_nothing_before_is_no_leak() -> None:
    found = leak(of(lost(31, 10, 40)), "mql")
    assert (found.rate_before, found.expected, found.excess, found.gap) == (None, None, None, None)
    assert not found.clear


def test_where_they_went_and_why() -> None:
    histories = {**lost(0, 1, 4), **lost(31, 2, 4), **lost(36, 1, 2, end="Re-Market")}
    told = {who: {"end_reason": "no budget"} for who in ("r31-0", "r31-1", "r0-0")}
    found = leak(of(histories, **told), "mql")
    assert found.reasons == (Reason("disqualified", "no budget", 2, 1), Reason("remarket", None, 1, 0))


def test_unknown_times_are_left_out_and_counted() -> None:
    from tests.engine import company
    from tests.funnels import rows_of
    from tests.rows import lead

    source = rows_of(lost(31, 1, 4))
    source.tables["record"].append(lead("old", status="MQL", created_at=day(0)))
    found = leaks(company(source, pact()), pact(), day(70), SECOND)
    assert (found.unknown, found.coverage) == (1, 0.8)


def test_groups_add_up_and_their_order_is_by_excess() -> None:
    histories = {**lost(0, 10, 40), **lost(31, 24, 40)}
    sources = {who: {"source": ["web", "fair", None][int(who.rsplit("-", 1)[1]) % 3]} for who in histories}
    whole, split = of(histories, **sources), of(histories, Scope(**{**vars(SECOND), "by": "source"}), **sources)
    assert {one.group for one in split.leaks} == {"web", "fair", None}
    for name in ("entered", "lost", "entered_before", "lost_before"):
        assert sum(getattr(one, name) for one in split.leaks) == getattr(leak(whole, "mql"), name)
    assert [one.excess for one in split.leaks] == sorted((one.excess for one in split.leaks), reverse=True)


def test_the_largest_leak_is_told_only_where_it_is_clear() -> None:
    """The last 90 days against the 90 before, lost within 30 days of coming to a stage."""
    before = {**lost(0, 10, 60)}
    assert largest(tables_of({**before, **lost(100, 40, 60)}), pact(), day(160)) == leak(
        leaks(tables_of({**before, **lost(100, 40, 60)}), pact(), day(160)), "mql"
    )
    assert largest(tables_of({**before, **lost(100, 11, 60)}), pact(), day(160)) is None
    assert largest(tables_of({**before, **lost(100, 0, 60)}), pact(), day(160)) is None  # fewer is no leak
    assert largest(tables_of({"cold": [(day(0), "Unknown")]}), pact(), day(160)) is None


def test_the_people_behind() -> None:
    tables = tables_of({**lost(0, 2, 5), **lost(31, 3, 6)}, **{"r31-0": {"source": "web"}})

    def count(part: str, group: str | None = None, scope: Scope = SECOND) -> int:
        return int(behind(tables, pact(), day(70), scope, "mql", part, group).count().execute())

    assert [count(part) for part in ("lost", "entered", "lost_before", "entered_before")] == [3, 6, 2, 5]
    split = Scope(**{**vars(SECOND), "by": "source"})
    assert (count("lost", "web", split), count("lost", "", split)) == (1, 2)


def test_a_first_spell_without_a_date_is_unknown_even_when_the_stage_is_entered_again() -> None:
    from tests.engine import company
    from tests.funnels import rows_of
    from tests.rows import lead, moved

    source = rows_of({"ana": went(35)})
    source.creation_logged = False
    source.tables["record"].append(lead("old", status="MQL"))
    again = moved("old", (day(40), "Working"), (day(45), "MQL"))
    source.tables["field_change"] += [
        row | {"evidence": "history", "from_value": row["from_value"] or "MQL"} for row in again
    ]
    found = leaks(company(source, pact()), pact(), day(70), SECOND)
    assert (leak(found, "mql").entered, found.unknown) == (1, 1)


def test_the_owner_is_the_one_at_the_entry_to_the_stage() -> None:
    from tests.engine import company
    from tests.funnels import rows_of

    source = rows_of({"ana": went(35, (2, "Working"), (4, "Disqualified"))}, ana={"owner_id": "late"})
    source.tables["field_change"].append(
        {"object": "lead", "record_id": "ana", "field": "owner_id", "from_value": "early", "to_value": "late",
         "at": day(36), "seq": 9, "evidence": "history"}
    )  # fmt: skip
    found = leaks(company(source, pact()), pact(), day(70), Scope(**{**vars(SECOND), "by": "owner"}))
    assert {(one.stage, one.group) for one in found.leaks} == {("mql", "early"), ("sal", "late")}


def test_a_pact_with_nothing_before_the_win_loses_nobody() -> None:
    used = pact(
        stages=[{"key": "won", "label": "Won", "kind": "won"}], status_map={"lead": {"Customer": "won"}}, sla=[]
    )
    found = leaks(tables_of({"ana": [(day(35), "Customer")]}, used), used, day(70), SECOND)
    assert found.leaks == ()


def test_nobody_gives_no_leaks() -> None:
    found = of({"cold": [(day(0), "Unknown")]})
    assert (found.leaks, found.coverage, found.young) == ((), None, 0)
    assert stands(tables_of({"cold": [(day(0), "Unknown")]}), pact(), day(70), SECOND).count().execute() == 0


def test_the_command(run: Any, tmp_path: Path) -> None:  # noqa: F811
    run("sync", "acme")
    file = tmp_path / "leaks.csv"
    options = ("--pact", "pact.yaml", "--from", "2026-01-05", "--window", "5", "--as-of", "2026-02-01")
    found = document(run("leaks", "--json", *options, "--explain", str(file)))
    assert set(found) == {"pact", "as_of", "period", "before", "within_days", "coverage", "young", "unknown",
                          "invalid", "leaks"}  # fmt: skip
    mql = next(one for one in found["leaks"] if one["stage"] == "mql")
    assert (mql["entered"], mql["lost"], mql["rate_before"], mql["gap"]) == (3, 0, None, None)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert sum(row["stage"] == "mql" and row["part"] == "counted" for row in rows) == 3
    assert "Perdidos desde" in run("--lang", "es", "leaks", *options)[1]
