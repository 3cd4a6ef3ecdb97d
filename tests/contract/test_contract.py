"""Every registered connector keeps the contract; every clause of it is broken by a connector made to.

Not here: the clauses (clauses/), the doors (doors.py), the broken connectors (broken_*.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from connectors import REGISTRY
from tests.contract import broken_pages, broken_reading, broken_words, broken_writing, clauses, document
from tests.contract.broken import BROKEN, Broken
from tests.contract.door import Door
from tests.contract.doors import DOORS
from tests.contract.sound_door import SoundDoor
from tests.contract.suite import CLAUSES, DEEDS, Clause

# imported for what they register
PARTS = (clauses, broken_pages, broken_reading, broken_writing, broken_words)
EVERY = [pytest.param(clause, id=name) for name, clause in CLAUSES.items()]
SLOW = {"pages.bounded"}  # 50,001 rows; asked of the connector that breaks it, not of all the others


@pytest.mark.parametrize("clause", EVERY)
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_registered_connector_keeps(door: type[Door], clause: Clause, tmp_path: Path) -> None:
    opened = door(tmp_path)
    if (why := clause.idle(opened)) is not None:
        pytest.skip(why)
    found = clause.complaints(opened)
    assert not found, f"{door.type} breaks {clause.name} ({clause.why}): " + "; ".join(found)


@pytest.mark.parametrize("clause", EVERY)
def test_the_sound_connector_keeps(clause: Clause, tmp_path: Path) -> None:
    door = SoundDoor(tmp_path)
    assert clause.idle(door) is None
    assert clause.complaints(door) == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_the_contract_catches(broken: Broken, tmp_path: Path) -> None:
    """By the clause it breaks, and by no other than cannot hold any more either."""
    caught = set()
    for number, clause in enumerate(CLAUSES.values()):
        door = SoundDoor(tmp_path / str(number), broken.maker)
        if clause.name in SLOW - {broken.breaks} or clause.idle(door) is not None:
            continue
        if clause.complaints(door):
            caught.add(clause.name)
    assert caught == {broken.breaks} | broken.also


def test_a_clause_nothing_violates_is_not_a_test() -> None:
    assert {broken.breaks for broken in BROKEN} == set(CLAUSES)
    assert len({broken.maker for broken in BROKEN}) == len(BROKEN)


def without_a_door(registered: Iterable[str]) -> str | None:
    """What to do for the adapters that no door leads past; null when there are none."""
    missing = sorted(set(registered) - {door.type for door in DOORS.values()})
    if not missing:
        return None
    return f"connectors.REGISTRY names {', '.join(missing)}: write a Door for it and add it to tests/contract/doors.py"


def test_every_adapter_of_the_registry_has_a_door() -> None:
    assert without_a_door(REGISTRY) is None, without_a_door(REGISTRY)
    assert {door.type for door in DOORS.values()} == set(REGISTRY)


def test_an_adapter_without_a_door_is_named() -> None:
    assert "hubspot" in str(without_a_door([*REGISTRY, "hubspot"]))


def test_what_a_door_cannot_do_is_counted() -> None:
    """Clauses that need such a deed ask nothing of the connector: each of these is a gap, with its reason."""
    gaps = {(name, deed) for name, door in DOORS.items() for deed in door.cannot}
    crowds = {("airtable", "crowd"), ("airtable, what changed", "crowd")}
    assert gaps == {("demo", "add"), ("demo", "spoil"), ("salesforce", "spoil"), *crowds}


@pytest.mark.parametrize("door", [*DOORS.values(), SoundDoor], ids=[*DOORS, "sound"])
def test_a_door_does_all_the_rest(door: type[Door]) -> None:
    done = {deed for deed in DEEDS if getattr(door, deed) is not getattr(Door, deed)}
    assert done == {*DEEDS} - set(door.cannot)
    assert all(door.cannot.values())


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_tells_the_truth(door: type[Door], tmp_path: Path) -> None:
    """What a door says of the source changes with what it does to it, so that clauses compare with something."""
    opened = door(tmp_path)
    keys = [key for key, held in opened.held().items() if held.open]
    leads = [key for key in keys if key[0] == "lead"]
    before = opened.held()[leads[0]].status
    wanted = next(status for status in opened.statuses("lead") if status != before)
    opened.change(leads[0], wanted)
    assert opened.held()[leads[0]].status == wanted != before
    opened.remove(leads[1])
    assert leads[1] not in opened.held()
    if "add" not in opened.cannot:
        assert opened.add() in opened.held()


def test_every_clause_says_why() -> None:
    for clause in CLAUSES.values():
        assert clause.why.endswith("."), clause.name
        assert len(clause.why) < 140, clause.name


def test_the_document_lists_the_clauses() -> None:
    written = document.PATH.read_text(encoding="utf-8")
    assert written == document.renewed(written), "run: python -m tests.contract.document"
    assert all(f"`{name}`" in written for name in CLAUSES)


def test_a_clause_missing_from_the_document_is_noticed() -> None:
    written = document.PATH.read_text(encoding="utf-8")
    line = next(line for line in written.splitlines() if "`pages.keys`" in line)
    assert document.renewed(written.replace(line + "\n", "")) == written
