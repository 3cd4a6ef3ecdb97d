"""Velocity and reach: open cases, skipped stages, competing ends, and the real data's answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.document import parse
from connectors import connect
from leadpact.errors import Misconfigured
from leadpact.mapping import dumps, propose
from leadpact.metrics.funnel import Scope, conversion
from leadpact.metrics.reach import reach
from leadpact.metrics.velocity import StageVelocity, velocity
from leadpact.settings import Connection
from tests.rows import Rows, lead, moved
from tests.worlds import World

START = datetime(2026, 1, 1)
AS_OF = START + timedelta(days=100)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def of(world: World, histories: dict[str, list[tuple[Any, str]]], **records: Any) -> None:
    rows = [lead(w, status=s[-1][1], created_at=s[0][0], **records.get(w, {})) for w, s in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=AS_OF)


def stages(world: World, by: str | None = None) -> dict[tuple[str | None, str], StageVelocity]:
    found = world.analyse()
    result = velocity(found.tables, found.pact, found.as_of, by=by)
    return {(one.group, one.stage): one for one in result.stages}


def test_those_still_there_count_as_at_least_this_long(world: World) -> None:
    """1, 2, 3 days and three still there: finished ones alone would say 2."""
    histories = {f"r{n}": [(day(0), "MQL"), (day(n), "Working")] for n in (1, 2, 3)}
    histories |= {f"open{n}": [(day(0), "MQL")] for n in range(3)}
    of(world, histories)
    mql = stages(world)[None, "mql"]
    assert (mql.n, mql.n_open, mql.p25_days, mql.median_days, mql.p75_days) == (6, 3, 2, 3, None)


def test_a_skipped_stage_has_no_spell_and_no_zero_days(world: World) -> None:
    of(world, {"ana": [(day(0), "Subscriber"), (day(5), "Working")]})
    assert (None, "mql") not in stages(world)


def test_a_spell_of_no_length_counts(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(0), "Working")]})
    assert stages(world)[None, "mql"].median_days == 0


def test_end_stages_and_unmapped_values_are_there(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(1), "Limbo"), (day(3), "Customer")]})
    found = stages(world)
    assert found[None, "unmapped"].median_days == 2
    assert (found[None, "customer"].n, found[None, "customer"].n_open) == (1, 1)


def test_spells_of_unknown_start_are_left_out_and_counted(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=day(0)), lead("bob", status="MQL", created_at=day(0))]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("ana", (day(0), "MQL"))), now=AS_OF)
    found = world.analyse()
    result = velocity(found.tables, found.pact, found.as_of)
    assert (result.unknown, result.coverage, result.stages[0].n) == (1, 0.5, 1)


def test_a_spell_of_unknown_start_is_unknown_also_once_it_has_ended(world: World) -> None:
    rows = [lead("ana", status="Working")]
    move = {"object": "lead", "record_id": "ana", "field": "status", "from_value": "MQL", "to_value": "Working"}
    change = {**move, "at": day(5), "seq": 0, "evidence": "history"}
    world.sync(Rows(creation_logged=True, record=rows, field_change=[change]), now=AS_OF)
    found = world.analyse()
    result = velocity(found.tables, found.pact, found.as_of)
    assert [(one.stage, one.n) for one in result.stages] == [("sal", 1)]
    assert (result.unknown, result.coverage) == (1, 0.5)


def test_groups_add_up(world: World) -> None:
    histories = {f"r{n}": [(day(0), "MQL"), (day(n + 1), "Working")] for n in range(6)}
    of(world, histories, **{f"r{n}": {"source": ["a", None][n % 2]} for n in range(6)})
    split = stages(world, by="source")
    assert split["a", "mql"].n + split[None, "mql"].n == stages(world)[None, "mql"].n


def probabilities(world: World, stage: str, days: list[float], **more: Any) -> list[float | None]:
    found = world.analyse(more.pop("used", None), as_of=more.pop("as_of", None))
    return [one.probability for one in reach(found.tables, found.pact, found.as_of, stage=stage, days=days).reach]


def test_losses_compete_and_are_not_censored(world: World) -> None:
    """Of four, one lost on day 1, one reached on day 2, two on day 3: 1/4, then 3/4; not 1 (1 − KM)."""
    histories: dict[str, list[tuple[Any, str]]] = {
        "lost": [(day(0), "MQL"), (day(1), "Disqualified")],
        "two": [(day(0), "MQL"), (day(2), "Working")],
        "three": [(day(0), "MQL"), (day(3), "Working")],
        "also": [(day(0), "MQL"), (day(3), "Customer")],
    }
    of(world, histories)
    assert probabilities(world, "sal", [1, 2, 3]) == pytest.approx([0, 0.25, 0.75])


def test_nothing_is_said_past_the_last_time_seen(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL")], "bob": [(day(0), "MQL"), (day(2), "Working")]})
    assert probabilities(world, "sal", [30, 365])[1] is None


@pytest.mark.parametrize(("stage", "days"), [("unknown", [7]), ("sal", []), ("sal", [0])])
def test_a_question_that_cannot_be_is_refused(world: World, stage: str, days: list[float]) -> None:
    of(world, {"ana": [(day(0), "MQL")]})
    with pytest.raises(Misconfigured):
        probabilities(world, stage, days)


def load(world: World, folder: Path) -> None:
    """A folder of real data through the files connector by the mapping it proposes, no code."""
    settings = Connection("real", "files", {"path": str(folder)})
    bare = connect(settings, state=world.workspace.home / "state")
    mapping = dumps(propose(bare.describe()).document)  # type: ignore[attr-defined]
    world.workspace.sync(connect(settings, state=world.workspace.home / "state", mapping=mapping), "small",
                         now=datetime(2026, 1, 1))  # fmt: skip


OFFERS = {
    "name": "Offers",
    "timezone": "UTC",
    "stages": [
        {"key": "selected", "label": "S", "kind": "nurture"},
        {"key": "created", "label": "C", "kind": "qualified"},
        {"key": "sent", "label": "T", "kind": "sales"},
        {"key": "sent_back", "label": "B", "kind": "sales"},
        {"key": "accepted", "label": "A", "kind": "won"},
        {"key": "cancelled", "label": "X", "kind": "recycled"},
        {"key": "declined", "label": "D", "kind": "disqualified"},
    ],
    "status_map": {
        "lead": {
            "O_SELECTED": "selected",
            "O_CREATED": "created",
            "O_SENT": "sent",
            "O_SENT_BACK": "sent_back",
            "O_ACCEPTED": "accepted",
            "O_CANCELLED": "cancelled",
            "O_DECLINED": "declined",
        }
    },
}


def test_the_offers_give_the_reference_answers(world: World, shared_data: Path) -> None:
    load(world, shared_data / "bpic12_offers")
    offers = parse(OFFERS)
    last = datetime.fromisoformat("2012-03-14T14:50:59.683000")
    found = world.analyse(offers, as_of=last)
    seen = {one.stage: one for one in velocity(found.tables, offers, last).stages}
    assert {
        key: (seen[key].n, seen[key].n_open) for key in ("sent", "sent_back", "cancelled", "accepted", "declined")
    } == {
        "sent": (7030, 241),
        "sent_back": (3454, 89),
        "cancelled": (3655, 1640),
        "accepted": (2243, 2243),
        "declined": (802, 802),
    }
    assert seen["sent"].median_days == pytest.approx(7.972129, abs=1e-6)
    assert seen["sent_back"].median_days == pytest.approx(3.872237, abs=1e-6)
    assert seen["cancelled"].median_days == pytest.approx(0.00002, abs=1e-5)
    assert seen["accepted"].median_days is None


STAGES = [{"key": "mql", "label": "M", "kind": "qualified"}, {"key": "won", "label": "W", "kind": "won"}]
MAP = {"lead": {"MQL": "mql"}, "opportunity": {"won": "won"}}
OLIST = parse({"name": "Olist", "timezone": "UTC", "stages": STAGES, "status_map": MAP})


def test_olist_gives_the_reference_answers(world: World, shared_data: Path) -> None:
    load(world, shared_data / "olist")
    found = probabilities(world, "won", [30, 60, 90], used=OLIST, as_of=datetime(2018, 3, 31, 23, 59, 59))
    assert found == pytest.approx([0.055819, 0.06704, 0.070329], abs=1e-6)


ORIGINS = {
    "organic_search": (2296, 271),
    "paid_search": (1586, 195),
    "social": (1350, 75),
    "unknown": (1099, 179),
    "direct_traffic": (499, 56),
    "email": (493, 15),
    "referral": (284, 24),
}


@pytest.mark.parametrize("folder", ["olist", "olist_damaged"])
def test_olist_gives_the_funnel_of_the_worked_example(world: World, shared_data: Path, folder: str) -> None:
    load(world, shared_data / folder)
    found = world.analyse(OLIST)
    whole = conversion(found.tables, OLIST, found.as_of, Scope()).steps[-1]
    assert (whole.entered, whole.converted, whole.rate_of_first) == (8000, 842, 0.10525)
    split = conversion(found.tables, OLIST, found.as_of, Scope(by="source")).steps
    won = {one.group: (one.entered, one.converted) for one in split if one.stage == "won"}
    assert {name: won[name] for name in ORIGINS} == ORIGINS
    assert won[None] == (60, 14)
    early = world.analyse(OLIST, as_of=datetime(2018, 3, 31, 23, 59, 59))
    step = conversion(early.tables, OLIST, early.as_of, Scope(window_days=90)).steps[-1]
    assert (step.entered, step.pending) == (5345, 3025)
