"""One command for a timer: what is due is read, audited and told; one failure stops nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from leadpact import cli
from leadpact.commands import tick
from tests.command import called, document
from tests.mailboxes import webhook

LEADS = "record_id,status,owner_id,created_at\n1,New,u1,2026-01-01\n2,MQL,u1,2026-01-01\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("tick")
    (found / "export").mkdir()
    (found / "export" / "leads.csv").write_text(LEADS, encoding="utf-8")
    return found


def options(folder: Path, more: str = "") -> list[str]:
    secrets = folder / "secrets.toml"
    secrets.write_text(f'[connections.acme]\ntype = "files"\npath = "{folder / "export"}"\n{more}', encoding="utf-8")
    return ["--home", str(folder / "home"), "--secrets", str(secrets), "--json"]


def steps(found: Any) -> list[tuple[str, str, str]]:
    return [(one["step"], one["connection"], one["state"]) for one in found["steps"]]


def test_a_day_of_a_timer(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run: Callable[..., Any] = lambda *words, code=0: steps(document(called(capsys, "tick", *words), code))  # noqa: E731
    often = ("--every", "0.000001")
    with webhook() as hook:
        more = f'[digest.channels.b]\nurl = "json://127.0.0.1:{hook.port}/x"\n'
        more += 'audience = "leaders"\nkinds = ["findings"]\n'
        more += f'[connections.away]\ntype = "files"\npath = "{folder / "nowhere"}"\n'
        words = options(folder, more)
        away = ("sync", "away", "failed")  # what cannot be read stops nothing else
        first = [("sync", "acme", "done"), ("audit", "acme", "done"), ("digest", "acme", "done"), away]
        assert run(*words, code=3) == first
        assert len(hook.posts) == 1 and "STA" in hook.posts[0][1]["message"]
        assert run(*words, code=3) == [("sync", "acme", "not_due"), ("digest", "acme", "done"), away]
        assert len(hook.posts) == 1, "nobody is told twice"
    words = options(folder)
    assert run(*words) == [("sync", "acme", "not_due")]
    with FileLock(folder / "home" / "acme" / "writer.lock"):
        assert run(*often, *words) == [("sync", "acme", "busy")], "somebody is at it: no failure"

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("ana@acme.example")

    monkeypatch.setattr(tick, "synced", broken)
    code, out, err = called(capsys, "tick", *often, "--log", "json", *words)
    assert code == 1 and "incident" in json.loads(out)["steps"][0] and "ana@" not in out + err
    assert '"event": "tick"' in err


def test_what_is_asked_wrongly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = options(folder)
    assert called(capsys, "tick", "nobody", *words)[0] == 2
    assert called(capsys, "tick", "--every", "0", *words)[0] == 2
    words = options(folder, '[digest.channels.b]\nurl = "nosuch://x"\naudience = "leaders"\n')
    assert called(capsys, "tick", *words)[0] == 2, "told before anything is read"


@pytest.mark.parametrize(
    ("hours", "every", "expected"), [(0.89, 1, False), (0.9, 1, True), (23, 24, True), (21, 24, False)]
)
def test_a_timer_does_not_go_off_to_the_second(hours: float, every: float, expected: bool) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)

    class Mirror:
        def current(self) -> int:
            return 1

        def info(self) -> dict[str, str]:
            return {"as_of": (now - timedelta(hours=hours)).isoformat()}

    class Context:
        workspace = type("Space", (), {"mirror": lambda *_: Mirror()})()

    Context.now = now  # type: ignore[attr-defined]
    assert tick.due(Context(), "acme", every) is expected  # type: ignore[arg-type]


def test_the_command_is_there() -> None:
    assert {"tick", "digest"} <= set(cli.MODULES)
