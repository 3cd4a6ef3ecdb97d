"""Publishing: whole generations or none, one writer, crashes, deltas, observed history."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leadpact.connector import Capabilities, Extract, Page, Reject
from leadpact.errors import Busy, Misconfigured, NoMirror, SourceRefused, SourceUnreachable
from leadpact.store import Mirror
from tests.rows import Rows, contact, lead, moved, table
from tests.worlds import NOW, World

ROOT = Path(__file__).resolve().parent.parent
LATER = NOW + timedelta(days=1)


def statuses(world: World) -> dict[str, str | None]:
    rows = world.analyse().tables.record.execute().to_dict("records")
    return {row["record_id"]: row["status"] if isinstance(row["status"], str) else None for row in rows}


def changes(world: World, record_id: str) -> list[tuple[Any, ...]]:
    change = world.analyse().tables.field_change
    found = change.filter(change.record_id == record_id).order_by("at", "seq").to_pyarrow().to_pylist()
    return [(row["from_value"], row["to_value"], row["at"], row["evidence"]) for row in found]


class Failing(Rows):
    """Delivers its records and then loses the link."""

    def extract(self, since: str | None = None) -> Extract:
        def pages() -> Iterator[Page]:
            yield Page("record", table("record", self.tables["record"]))
            raise SourceUnreachable("store.no_mirror", connection="small")

        return Extract(pages=pages(), provided=frozenset({"record"}), complete=True, mark=lambda: None)


class Delta(Rows):
    """A source that delivers only what a test puts into `changed`, after the first time."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        super().__init__(creation_logged=True, **tables)
        self.can = Capabilities(history=True, incremental=True, deletions=True)
        self.changed: dict[str, list[dict[str, Any]]] = {}
        self.gone: list[tuple[str, str]] = []
        self.asked: list[str | None] = []

    def extract(self, since: str | None = None) -> Extract:
        self.asked.append(since)
        rows = self.tables if since is None else self.changed
        pages = [Page(name, table(name, part)) for name, part in rows.items()]
        if since is not None and self.gone:
            pages.append(Page("record", table("record", []), deleted=self.gone))
        return Extract(iter(pages), frozenset(self.tables), since is None, lambda: f"mark-{len(self.asked)}",
                       creation_logged=True)  # fmt: skip


def test_a_failed_sync_leaves_the_last_generation_serving(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    with pytest.raises(SourceUnreachable):
        world.sync(Failing(record=[lead("bob", status="MQL")]), now=LATER)
    assert world.workspace.mirror("small").current() == 1
    assert statuses(world) == {"ana": "MQL"}
    world.sync(Rows(record=[lead("bob", status="MQL")]), now=LATER)
    assert statuses(world) == {"bob": "MQL"}


def test_a_source_that_became_empty_publishes_nothing(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    with pytest.raises(SourceRefused):
        world.sync(Rows(record=[]), now=LATER)
    assert statuses(world) == {"ana": "MQL"}


KILLED = """
    import os, signal, sys
    from datetime import datetime
    from pathlib import Path
    from leadpact.connector import Extract, Page
    from tests.rows import Rows, lead, table
    from tests.worlds import World

    class Dies(Rows):
        def extract(self, since=None):
            def pages():
                yield Page("record", table("record", [lead(f"x{n}", status="MQL") for n in range(2000)]))
                if sys.argv[2] == "reading":
                    os.kill(os.getpid(), signal.SIGKILL)
            return Extract(pages(), frozenset({"record"}), True, lambda: None)

    world = World(Path(sys.argv[1]))
    if sys.argv[2] == "deriving":
        import leadpact.workspace
        leadpact.workspace.build = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[2] == "publishing":
        real = Path.rename
        def renamed(self, target):
            found = real(self, target)
            if "crm-" in self.name:
                os.kill(os.getpid(), signal.SIGKILL)
            return found
        Path.rename = renamed
    world.sync(Dies(record=[]), now=datetime(2026, 3, 2))
"""


@pytest.mark.parametrize("moment", ["reading", "deriving", "publishing"])
def test_a_kill_at_any_moment_leaves_a_whole_generation(world: World, moment: str) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    home = world.workspace.home
    script = [sys.executable, "-c", textwrap.dedent(KILLED), str(home), moment]
    done = subprocess.run(script, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert statuses(world) == {"ana": "MQL"}
    world.sync(Rows(record=[lead("bob", status="Working")]), now=LATER)
    assert statuses(world) == {"bob": "Working"}
    assert not list((home / "small").glob("*.partial"))


def test_a_second_writer_is_refused_and_a_reader_is_not(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    mirror = world.workspace.mirror("small")
    with mirror.writer():
        hold = [sys.executable, "-c", textwrap.dedent(f"""
            from pathlib import Path
            from leadpact.errors import Busy
            from leadpact.store import Mirror
            try:
                with Mirror(Path({str(mirror.folder)!r})).writer():
                    print("written")
            except Busy as error:
                print(error.key)""")]  # fmt: skip
        done = subprocess.run(hold, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "store.busy"
        assert statuses(world) == {"ana": "MQL"}
    assert issubclass(Busy, Exception)


def test_a_reader_keeps_its_generation_while_a_sync_publishes(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    before = world.analyse()
    for day in range(1, 4):
        world.sync(Rows(record=[lead("bob", status="MQL")]), now=NOW + timedelta(days=day))
    assert before.tables.record.execute()["record_id"].tolist() == ["ana"]
    assert statuses(world) == {"bob": "MQL"}
    assert len(list(world.workspace.mirror("small").folder.glob("crm-*.duckdb"))) <= 2


def test_a_delta_brings_only_what_changed(world: World) -> None:
    source = Delta(
        record=[lead("ana", status="MQL"), lead("bob", status="MQL")],
        field_change=moved("ana", (NOW, "MQL")) + moved("bob", (NOW, "MQL")),
    )
    assert world.sync(source).mode == "full"
    source.changed = {
        "record": [lead("ana", status="Working")],
        "field_change": [{**moved("ana", (NOW, "MQL"), (LATER, "Working"))[1]}],
    }
    source.gone = [("lead", "bob")]
    done = world.sync(source, now=LATER)
    assert (done.mode, source.asked) == ("delta", [None, "mark-1"])
    rows = {row["record_id"]: row for row in world.analyse().tables.record.to_pyarrow().to_pylist()}
    assert rows["ana"]["status"] == "Working"
    assert (rows["bob"]["condition"], rows["bob"]["email"]) == ("deleted", None)
    assert [to for _, to, _, _ in changes(world, "ana")] == ["MQL", "Working"]
    assert world.sync(source, now=LATER, full=True).mode == "full"


def test_the_same_delta_twice_changes_nothing(world: World) -> None:
    source = Delta(record=[lead("ana", status="MQL")], field_change=moved("ana", (NOW, "MQL")))
    world.sync(source)
    source.changed = {"record": [lead("ana", status="MQL")], "field_change": moved("ana", (NOW, "MQL"))}
    for day in (1, 2):
        done = world.sync(source, now=NOW + timedelta(days=day))
    assert (done.counts["record"], done.counts["field_change"]) == (1, 1)


def test_a_record_sent_twice_is_kept_once_as_it_was_last(world: World) -> None:
    done = world.sync(Rows(record=[lead("ana", status="MQL"), lead("bob"), lead("ana", status="Working")]))
    assert done.counts["record"] == 2
    assert statuses(world)["ana"] == "Working"


def test_a_deleted_record_keeps_its_key_and_loses_its_personal_fields(world: World) -> None:
    gone = lead("ana", status="MQL", condition="deleted", email="ana@example.com", name="Ana", company="Ana SL")
    world.sync(Rows(record=[gone, lead("bob")]))
    row = next(r for r in world.analyse().tables.record.to_pyarrow().to_pylist() if r["record_id"] == "ana")
    assert (row["email"], row["name"], row["company"], row["status"]) == (None, None, None, "MQL")


def test_a_change_between_two_syncs_is_observed_and_outlives_the_mirror(world: World) -> None:
    created = NOW - timedelta(days=30)
    world.sync(Rows(record=[lead("ana", status="MQL", created_at=created)]))
    world.sync(Rows(record=[lead("ana", status="Working", created_at=created)]), now=LATER)
    expected = [(None, "MQL", None, "imputed"), ("MQL", "Working", LATER, "observed")]
    assert sorted(changes(world, "ana"), key=lambda row: row[3]) == expected
    shutil.rmtree(world.workspace.mirror("small").folder)
    again = NOW + timedelta(days=2)
    world.sync(Rows(record=[lead("ana", status="Working", created_at=created)]), now=again, full=True)
    assert sorted(changes(world, "ana"), key=lambda row: row[3]) == expected
    world.sync(Rows(record=[lead("ana", status="Customer", created_at=created)]), now=again + timedelta(days=1))
    assert [to for _, to, _, evidence in changes(world, "ana") if evidence == "observed"] == ["Working", "Customer"]


def test_a_record_created_between_two_syncs_is_known_from_its_creation(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    born = NOW + timedelta(hours=5)
    world.sync(Rows(record=[lead("ana", status="MQL"), lead("bob", status="MQL", created_at=born)]), now=LATER)
    assert changes(world, "bob") == [(None, "MQL", born, "observed")]
    assert changes(world, "ana") == [(None, "MQL", None, "imputed")]


def test_history_the_source_tells_is_not_observed_again(world: World) -> None:
    first = Rows(creation_logged=True, record=[lead("ana", status="MQL")], field_change=moved("ana", (NOW, "MQL")))
    world.sync(first, now=NOW + timedelta(hours=1))
    second = Rows(
        creation_logged=True,
        record=[lead("ana", status="Working")],
        field_change=moved("ana", (NOW, "MQL"), (LATER, "Working")),
    )
    world.sync(second, now=LATER + timedelta(hours=1))
    assert [evidence for *_, evidence in changes(world, "ana")] == ["created", "history"]


def test_two_connections_never_touch_each_other(world: World) -> None:
    one, other = Rows(record=[lead("ana", status="MQL")]), Rows(record=[contact("c1", status="SQL")])
    world.workspace.sync(one, "one", now=NOW)
    world.workspace.sync(other, "other", now=NOW)
    assert world.workspace.analyse("one").tables.record.execute()["record_id"].tolist() == ["ana"]
    assert world.workspace.analyse("other").tables.record.execute()["record_id"].tolist() == ["c1"]
    assert sorted(world.workspace.synced()) == ["one", "other"]


@pytest.mark.parametrize("name", ["../else", "", "a/b", ".hidden", "x" * 81])
def test_a_name_that_could_leave_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured):
        Mirror.of(tmp_path, name)


def test_reading_before_the_first_sync_names_the_remedy(world: World) -> None:
    with pytest.raises(NoMirror):
        world.analyse()


def test_rejected_rows_are_kept_for_the_list_and_the_download(world: World) -> None:
    class Listing(Rows):
        def extract(self, since: str | None = None) -> Extract:
            page = Page("record", table("record", self.tables["record"]),
                        rejects=[Reject("leads.csv", 7, "created_at", "x.y", {}, "ana;31/31/2026", True)])  # fmt: skip
            return Extract(iter([page]), frozenset({"record"}), True, lambda: None)

    done = world.sync(Listing(record=[lead("ana")]))
    assert done.rejected == 1
    with world.workspace.mirror("small").open() as connection:
        rows = connection.execute("SELECT source, line, column_name, raw, kept FROM crm.reject").fetchall()
    assert rows == [("leads.csv", 7, "created_at", "ana;31/31/2026", True)]


def test_an_edit_of_the_pact_that_leaves_the_map_alone_builds_nothing_anew(world: World) -> None:
    from tests.worlds import pact

    world.sync(Rows(record=[lead("ana", status="MQL")]))
    folder = world.workspace.mirror("small").folder
    world.analyse(pact())
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("derived-*.duckdb")}
    world.analyse(pact(name="Renamed", sla=[]))
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("derived-*.duckdb")} == before
    for number in range(5):
        world.analyse(pact(status_map={"lead": {f"V{number}": "mql"}}))
        time.sleep(0.01)
    assert len(list(folder.glob("derived-*.duckdb"))) <= 3


def test_times_are_utc_and_as_of_is_when_reading_began(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]), now=datetime(2026, 3, 1, 8, 30))
    assert world.analyse().as_of == datetime(2026, 3, 1, 8, 30)
