"""What a generation says of its own history, tables, syncs and rejected rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leadpact import coverage, rejected
from leadpact.connector import Extract, Page, Reject
from leadpact.workspace import Analysis
from tests.rows import Rows, contact, lead, moved, table
from tests.worlds import World

JAN, FEB = datetime(2026, 1, 1), datetime(2026, 2, 1)


def known(one: Analysis) -> dict[str, coverage.Known]:
    return {each.object: each for each in coverage.coverage(one.tables, one.info).known}


def evidence(one: Analysis) -> dict[tuple[str, str], coverage.Evidence]:
    return {(each.object, each.kind): each for each in coverage.coverage(one.tables, one.info).evidence}


def test_a_record_with_every_change_dated_is_known(world: World) -> None:
    changes = moved("ana", ("2026-01-05", "MQL"), ("2026-01-09", "Working"))
    world.sync(Rows(record=[lead("ana", status="Working", created_at="2026-01-05")], field_change=changes))
    found = known(world.analyse())["lead"]
    assert (found.records, found.known, found.incomplete, found.share) == (1, 1, 0, 1.0)


def test_an_unknown_start_a_missing_change_and_a_blank_status_are_told_apart(world: World) -> None:
    records = [
        lead("no-date", status="MQL"),  # it has a status, and nothing says since when
        lead("gap", status="Customer", created_at="2026-01-01"),  # its last change leads elsewhere
        lead("blank", created_at="2026-01-01"),
        lead("good", status="MQL", created_at="2026-01-01"),
    ]
    changes = moved("gap", ("2026-01-01", "MQL")) + moved("good", ("2026-01-01", "MQL"))
    world.sync(Rows(record=records, field_change=changes, creation_logged=True))
    found = known(world.analyse())["lead"]
    assert (found.records, found.known, found.unknown_start, found.gaps, found.without) == (4, 1, 1, 1, 1)
    assert found.known + found.incomplete + found.without == found.records
    assert found.share == 1 / 3
    kinds = evidence(world.analyse())
    assert kinds[("lead", "gap")].changes == 1 and kinds[("lead", "gap")].first_at is None
    assert kinds[("lead", "imputed")].records == 1


def test_a_start_unknown_and_a_change_missing_in_one_record_count_it_once(world: World) -> None:
    changes = [
        {"object": "lead", "record_id": "ana", "field": "status", "from_value": "New", "to_value": "MQL",
         "at": "2026-01-05", "seq": 1, "evidence": "history"},
    ]  # fmt: skip
    world.sync(Rows(record=[lead("ana", status="Customer")], field_change=changes))
    found = known(world.analyse())["lead"]
    assert (found.unknown_start, found.gaps, found.incomplete, found.known) == (1, 1, 1, 0)


def test_objects_are_told_apart_and_a_share_of_nothing_is_unknown(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL"), contact("ben")], field_change=[]))
    found = known(world.analyse())
    assert found["lead"].share == 0.0
    assert found["contact"].share is None and found["contact"].without == 1


def test_a_source_without_history_is_observed_from_the_second_sync_on(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL", created_at="2025-12-01")]), now=JAN)
    first = coverage.coverage(world.analyse().tables, world.analyse().info)
    assert first.history == "none" and known(world.analyse())["lead"].known == 0
    world.sync(Rows(record=[lead("ana", status="Working", created_at="2025-12-01")]), now=FEB)
    one = world.analyse()
    assert coverage.coverage(one.tables, one.info).history == "observed"
    seen = evidence(one)[("lead", "observed")]
    assert (seen.changes, seen.records, seen.first_at) == (1, 1, FEB)


def test_changes_of_other_fields_are_not_status_history(world: World) -> None:
    changes = [
        {"object": "lead", "record_id": "ana", "field": "owner_id", "from_value": "a", "to_value": "b",
         "at": "2026-01-05", "seq": 1, "evidence": "history"},
    ]  # fmt: skip
    world.sync(Rows(record=[lead("ana", status="MQL")], field_change=changes))
    assert set(evidence(world.analyse())) == {("lead", "imputed")}


def test_a_table_not_delivered_is_unknown_and_an_empty_one_is_none(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")], activity=[]))
    one = world.analyse()
    run = coverage.runs(world.workspace.mirror("small"))[0]
    counts = dict(coverage.delivered(run, one.info))
    assert counts["record"] == 1 and counts["activity"] == 0 and counts["opportunity"] is None
    assert counts["field_change"] == 1  # not delivered, and the start we do not know is a row all the same


def test_syncs_are_listed_newest_first_and_a_crashed_one_is_not(world: World) -> None:
    for at in (JAN, FEB):
        world.sync(Rows(record=[lead("ana", status="MQL")]), now=at)
    mirror = world.workspace.mirror("small")
    mirror.path(3).write_bytes(b"left by a crash")
    found = coverage.runs(mirror)
    assert [(run.generation, run.started_at, run.mode) for run in found] == [(2, FEB, "full"), (1, JAN, "full")]
    assert found[0].counts["record"] == 1


class Torn(Rows):
    """A source some of whose rows cannot be read."""

    rejects = (
        Reject("leads.csv", 7, "Fecha", "files.reject.bad_time", {"column": "Fecha"}, "7,=evil()", kept=True),
        Reject("leads.csv", 3, "Fecha", "files.reject.bad_time", {"column": "Fecha"}, "3,x", kept=True),
        Reject("leads.csv", 5, "id", "files.reject.missing", {"column": "id"}, ",blank", kept=False),
        Reject("old.csv", None, None, "files.problem.empty", {"file": "old.csv"}),
    )

    def extract(self, since: str | None = None) -> Extract:
        whole = super().extract(since)
        page = Page("record", table("record", []), rejects=self.rejects)
        return Extract(iter([*whole.pages, page]), whole.provided, whole.complete, whole.mark)


def torn(world: World) -> Any:
    world.sync(Torn(record=[lead("ana", status="MQL")]))
    return world.workspace.mirror("small")


def test_rejected_rows_are_counted_by_problem_what_is_lost_first(world: World) -> None:
    found = rejected.summary(torn(world), 1)
    assert [(each.problem, each.kept, each.rows, each.first_line, each.last_line) for each in found] == [
        ("files.reject.missing", False, 1, 5, 5),
        ("files.problem.empty", False, 1, None, None),
        ("files.reject.bad_time", True, 2, 3, 7),
    ]
    assert found[2].params == {"column": "Fecha"}


def test_rejected_rows_are_listed_by_line_without_their_content(world: World) -> None:
    mirror = torn(world)
    found = rejected.listed(mirror, 1, 3)
    assert [each.line for each in found] == [3, 5, 7]
    assert all(each.raw is None for each in found)
    assert [each.raw for each in rejected.every(mirror, 1)] == ["3,x", ",blank", "7,=evil()", None]
