"""No name leads out of the home: of connections, uploads, files to download, pacts and records.

Not here: the members of a backup (test_backup.py), refusals in the form of the Connection page (test_pages_setup.py).
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from config import lines
from leadpact import settings
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.settings import Connection
from leadpact.store import NAME, Mirror
from leadpact.workspace import Workspace
from tests.command import called, exported
from tests.worlds import NOW
from ui import connection_store, exports

NAMES = [
    "../x", "..", ".", "", "/etc", "/usr/x", "a/b", "a\\b", "..\\x", "a\x00b", "\x00", "~", "~root", "-x", ".hidden",
    "a b", "x" * 81, "x" * 5000, "C:", "a:b", "a%2fb", "%2e%2e", "é", "a\nb", "a\tb", "$HOME", "`id`", "a;b",
    "CURRENT/..", "．．／x", "x\u202e", "*", "?",
]  # fmt: skip
SIGNS = st.text(st.sampled_from("./\\:~%$&;|<>\"'*?\x00\n\t abcsv.\u2025\u2024\uff0f\u202e"), max_size=30)


UNHURRIED = settings_of_hypothesis(deadline=None, max_examples=60)


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Workspace(tmp_path_factory.mktemp("paths")).database


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_is_a_folder_of_the_home_or_none(
    name: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "deep" / "home"
    home.mkdir(parents=True)
    with pytest.raises(Misconfigured):
        Mirror.of(home, name)
    with pytest.raises(Misconfigured):
        settings.keep(engine, Connection(name, "files", {"path": str(tmp_path)}), NOW)
    if name and "\x00" not in name and name.lower() == name and name != "-":
        monkeypatch.setenv(f"LEADPACT_{name}_TYPE", "files")
        with pytest.raises(Misconfigured):
            settings.connections(engine)
        monkeypatch.delenv(f"LEADPACT_{name}_TYPE")
    file = tmp_path / "secrets.toml"
    quoted = name.encode("unicode_escape").decode().replace('"', '\\"').replace("\\x", "\\u00")
    file.write_text(f'[connections."{quoted}"]\ntype = "files"\npath = "/etc"\n', encoding="utf-8")
    with pytest.raises(Misconfigured):
        settings.connections(engine, file)
    assert tree(tmp_path) == {"deep", "deep/home", "secrets.toml"}


@pytest.mark.parametrize("words", ["sync {}", "mapping {} --export", "audit --connection {}", "health {}"])  # fmt: skip
def test_a_command_makes_nothing_of_such_a_name(words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = exported(tmp_path, {"leads": "record_id,status\na,New\n"}, "")
    (tmp_path / "outside").mkdir()
    before = tree(tmp_path)
    for name in ("../outside", str(tmp_path / "outside"), "x\x00y"):
        code, _, told = called(capsys, *base, *(word.format(name) for word in words.split()))
        assert code in (1, 2), (words, name, told)
        assert "Traceback" not in told and "incident" not in told.lower()
    assert {one for one in tree(tmp_path) - before if not one.startswith("home")} == set()
    assert tree(tmp_path / "outside") == set()


@UNHURRIED
@given(SIGNS)
def test_an_upload_is_kept_in_its_folder_under_a_plain_name_or_not_at_all(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "uploads"
        try:
            kept = connection_store.store(own, name + ".csv", io.BytesIO(b"x"))
        except Misconfigured:
            assert tree(Path(folder)) <= {"uploads"}
        else:
            assert kept.parent == own and tree(Path(folder)) == {"uploads", f"uploads/{kept.name}"}


@UNHURRIED
@given(SIGNS)
def test_a_file_to_download_has_a_plain_name(key: str) -> None:
    assert set(exports.file_name(key)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@UNHURRIED
@given(st.text(max_size=90))
def test_a_name_of_a_connection_is_a_plain_one(name: str) -> None:
    try:
        folder = Mirror.of(Path("/home"), name).folder
    except LeadPactError:
        return
    assert folder.parent == Path("/home") and NAME.fullmatch(name) and name.isascii()


@UNHURRIED
@given(st.one_of(st.sampled_from(NAMES), st.text(max_size=80)))
def test_the_short_name_of_a_pact_is_a_plain_one(name: str) -> None:
    """It stands in addresses and in names of files; where no letter is left there is none."""
    with contextlib.suppress(LeadPactError):
        assert set(lines.slug_of(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.thorough
def test_ids_of_records_and_plans_name_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leads = "record_id,status\n" + "".join(f'"../../x{n}/\\..",New\n' for n in range(3)) + "/etc/passwd,New\n"
    base = exported(tmp_path, {"leads": leads}, "")
    assert called(capsys, *base, "sync", "acme")[0] == 0
    before = tree(tmp_path)
    for words in (("score", "--object", "lead", "--record", "../../x0/\\.."), ("remap", "show", "../../x"),
                  ("remap", "show", "/etc/passwd"), ("pact", "export", "--pact-name", "../../x"),
                  ("pact", "diff", "../1", "/etc/passwd")):  # fmt: skip
        _, _, told = called(capsys, *base, *words)
        assert "Traceback" not in told and "incident" not in told.lower(), (words, told)
    assert {one for one in tree(tmp_path) - before if not one.startswith("home/acme")} == set()
