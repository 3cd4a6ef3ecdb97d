"""Forgetting in a process that is really killed (SIGKILL), at every place of it: the next run finishes.

Not here: interrupted within a process (test_forget_everywhere.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.database import FILE
from leadpact.backup import archive, backup
from leadpact.privacy import forget, tombstones
from leadpact.privacy.forget import Wanted
from leadpact.workspace import Workspace
from tests import forgettable
from tests.conftest import ROOT
from tests.forgettable import ACTOR, CANARY, CONNECTION, EMAIL, NOW, company, holding

without_derived, original = forgettable.without_derived, forgettable.original
# where it is killed: before this is called, or after it (or after its n-th call)
MOMENTS: Mapping[str, tuple[str, str]] = {
    "before anything is kept": ("after", "leadpact.privacy.rows.erase"),
    "before exports": ("before", "leadpact.privacy.files.clean"),
    "an export half written": ("after", "os.fdopen"),
    "a backup laid out": ("after", "leadpact.backup.archive.read 2"),
    "a backup packed": ("after", "leadpact.privacy.homes._pack"),
    "a backup in place": ("after", "leadpact.privacy.homes.rewrite_backup"),
    "a mirror half written": ("before", "leadpact.privacy.mirrors._rejects 2"),
    "a mirror written": ("before", "leadpact.store.Mirror.publish"),
    "a mirror that does not serve yet": ("after", "pathlib.Path.rename"),
    "earlier generations still there": ("before", "leadpact.privacy.mirrors.only 2"),
    "pages of the database still there": ("before", "leadpact.privacy.forget.compact"),
    "before it counts as done": ("after", "leadpact.privacy.forget.compact"),
}
# one process for all: it is forked before it opens anything, so that importing is paid for once
SCRIPT = """
    import importlib, os, signal, sys
    from pathlib import Path
    from leadpact.privacy import forget
    from leadpact.privacy.forget import Wanted
    from leadpact.workspace import Workspace
    from tests.forgettable import ACTOR, CONNECTION, EMAIL

    def armed(when, what):
        name, _, number = what.partition(" ")
        parts = name.split(".")
        for at in range(len(parts) - 1, 0, -1):
            try:
                owner = importlib.import_module(".".join(parts[:at]))
                break
            except ModuleNotFoundError:
                continue
        for part in parts[at:-1]:
            owner = getattr(owner, part)
        real, calls = getattr(owner, parts[-1]), []
        def called(*args, **options):
            calls.append(1)
            last = len(calls) == int(number or 1)
            if last and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            found = real(*args, **options)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return found
        setattr(owner, parts[-1], called)

    Workspace.prepared = lambda *_: lambda *_: None
    for line in sys.stdin:
        folder, when, what = line.rstrip("\\n").split("\\t")
        child = os.fork()
        if child == 0:
            space = Workspace(Path(folder) / "home")
            (found,) = forget.find(space, Wanted(email=EMAIL), [CONNECTION])
            armed(when, what)
            forget.forget(space, found, backups=[Path(folder) / "backups" / "one.tar.gz"], **ACTOR)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def killed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Path, int]]:
    """A folder with home and backup for every moment, in which forgetting was killed there; how the process ended."""
    whole = tmp_path_factory.mktemp("killed")
    first = whole / "first"
    shutil.copytree(original, first / "home")
    text = f"name;email\n{CANARY};{EMAIL}\nBob Other;bob@other.example\n"
    (first / "home" / "waiting.csv").write_text(text, encoding="utf-8")
    (first / "backups").mkdir()
    backup(first / "home", None, first / "backups" / "one.tar.gz", now=NOW)
    folders = {name: shutil.copytree(first, whole / name.replace(" ", "-")) for name in MOMENTS}
    asked = "".join(f"{folders[name]}\t{when}\t{what}\n" for name, (when, what) in MOMENTS.items())
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT)], cwd=ROOT, input=asked, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True)  # fmt: skip
    return {name: (Path(folders[name]), int(code)) for name, code in zip(MOMENTS, done.stdout.split(), strict=True)}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_is_killed_the_next_run_finishes(killed: Mapping[str, tuple[Path, int]], moment: str) -> None:
    folder, code = killed[moment]
    assert code == -signal.SIGKILL
    space = Workspace(folder / "home")
    waiting = forget.pending(space.database)
    if moment == next(iter(MOMENTS)):  # nothing was kept: nothing has happened, and it is asked for again
        assert waiting == [] and tombstones.of(space.database, CONNECTION) == tombstones.NOBODY
        (found,) = forget.find(space, Wanted(email=EMAIL), [CONNECTION])
        assert found.keys.keys() == {("lead", "ana"), ("contact", "ana-c")}
        forget.forget(space, found, backups=[folder / "backups" / "one.tar.gz"], **ACTOR)  # type: ignore[arg-type]
    elif moment == "a mirror half written":
        space.sync(company(), CONNECTION, now=NOW)  # a sync finishes it as well
    else:
        assert len(waiting) == 1
        forget.resume(space, NOW)
    assert forget.pending(space.database) == []
    space.database.dispose()
    assert holding(folder) == []
    assert sorted(path.name for path in (folder / "backups").iterdir()) == ["one.tar.gz"]
    assert not list((folder / "home" / CONNECTION).glob("*.partial*"))
    record = space.analyse(CONNECTION).tables.record
    (bob,) = record.filter(record.record_id == "bob").to_pyarrow().to_pylist()
    assert (bob["name"], bob["email"], bob["f_notes"]) == ("Bob Other", "bob@other.example", "kept")
    assert "bob@other.example" in (folder / "home" / "waiting.csv").read_text()
    archive.read(folder / "backups" / "one.tar.gz", folder / "laid")
    assert holding(folder / "laid") == [] and (folder / "laid" / FILE).exists()
