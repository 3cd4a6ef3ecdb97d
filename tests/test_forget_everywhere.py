"""Forgetting at length: killed at any step, an id that is an address, the figures before and after, the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadpact.backup import backup
from leadpact.metrics import sla
from leadpact.privacy import forget, tombstones
from leadpact.workspace import Workspace
from tests import forgettable
from tests.command import called, document
from tests.forgettable import ACTOR, CONNECTION, EMAIL, NOW, company, her, holding, synced

without_derived, original, space = forgettable.without_derived, forgettable.original, forgettable.space


def test_the_numbers_stay_and_so_does_everybody_else(space: Workspace) -> None:
    def numbers() -> tuple[object, ...]:
        one = space.analyse(CONNECTION)
        policies = sla.compliance(one.tables, one.pact, one.as_of)
        journeys = one.tables.journey.order_by("person_id").drop("campaign").to_pyarrow().to_pylist()
        spells = one.tables.spell.order_by("person_id", "n").to_pyarrow().to_pylist()
        bob = one.tables.record.filter(one.tables.record.record_id == "bob").to_pyarrow().to_pylist()
        drop = {"campaign"}
        return (policies, journeys, [{k: v for k, v in row.items() if k not in drop} for row in spells], bob)

    before = numbers()
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert numbers() == before
    record = space.analyse(CONNECTION).tables.record
    (ana,) = record.filter(record.record_id == "ana").to_pyarrow().to_pylist()
    assert (ana["status"], ana["source"], ana["country"], ana["owner_id"]) == ("Working", "Web", "ES", "u1")
    assert [ana[name] for name in ("name", "email", "phone", "company", "url", "campaign", "f_notes")] == [None] * 7


def test_an_id_that_is_an_address_gets_another_one_everywhere(tmp_path: Path) -> None:
    space = synced(tmp_path / "home", her_id=EMAIL)
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.sync(company(her_id=EMAIL), CONNECTION, now=NOW)
    space.database.dispose()
    assert holding(space.home) == []
    one = space.analyse(CONNECTION)
    record = one.tables.record.filter(one.tables.record.object == "lead").order_by("record_id")
    (bob, alias) = record.record_id.execute().tolist()
    assert bob == "bob" and alias.startswith("forgotten-")
    assert one.tables.spell.filter(one.tables.spell.record_id == alias).count().execute() == 3
    both = one.tables.record.filter(one.tables.record.record_id.isin(["ana-c", alias]))
    assert both.person_id.execute().tolist() == ["contact:ana-c"] * 2


STEPS = (
    "leadpact.privacy.files.clean", "leadpact.privacy.homes.rewrite_backup", "leadpact.privacy.mirrors.rewrite",
    "leadpact.store.Mirror.publish", "leadpact.privacy.mirrors.only", "leadpact.privacy.forget.compact",
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_is_finished_by_the_next_run(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "backups" / "one.tar.gz"
    file.parent.mkdir()
    backup(space.home, None, file, now=NOW)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            forget.forget(space, her(space), backups=[file], **ACTOR)  # type: ignore[arg-type]
    assert len(forget.pending(space.database)) == 1
    if step == STEPS[0]:
        space.sync(company(), CONNECTION, now=NOW)  # a sync finishes it first
    else:
        forget.resume(space, NOW)
    assert forget.pending(space.database) == []
    space.database.dispose()
    assert holding(space.home) == [] and holding(file.parent) == []


def test_a_dry_run_changes_nothing_and_says_the_same(space: Workspace) -> None:
    seen = forget.look(space, her(space))
    assert holding(space.home) and tombstones.of(space.database, CONNECTION) == tombstones.NOBODY
    done = forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert (seen.mirror, seen.database, seen.records) == (done.mirror, done.database, done.records)


def test_on_the_command_line(space: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "backups" / "one.tar.gz"
    file.parent.mkdir()
    backup(space.home, None, file, now=NOW)
    home = ["--home", str(space.home)]
    whom = ["forget", "--object", "lead", "--record", "ana", "--backup", str(file), "--json"]
    dry = document(called(capsys, *home, *whom))
    assert not dry["erased"] and dry["connections"][0]["mirror"]["record"] == 2 and holding(space.home)
    assert called(capsys, *home, *whom, "--yes")[0] == 2  # nobody named
    done = document(called(capsys, *home, *whom, "--yes", "--as", "admin@acme.example"))
    assert done["erased"] and done["connections"][0]["backups"] == {str(file): 2}
    space.database.dispose()
    assert holding(space.home) == [] and holding(file.parent) == []
    assert called(capsys, *home, "forget", "--email", EMAIL)[0] == 2  # nobody has it any more
    assert called(capsys, *home, "forget", "--email", EMAIL, "--person", "lead:ana")[0] == 2
