"""What the process answers a browser that speaks to it without a page; how long files can be fetched.

Not here: the same over a real websocket (test_browser_sign_in_attacks.py).
"""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from ui import wire

SESSION = SimpleNamespace(id="one")


def asked(kind: str) -> BackMsg:
    message = BackMsg()
    if kind in ("deferred_file", "install_skills", "dismiss_skills_nudge"):
        getattr(message.backend_operation_request, kind).SetInParent()
    elif kind in ("rerun_script", "file_urls_request"):
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return message


def test_only_what_the_pages_need_is_answered() -> None:
    answered: list[BackMsg] = []
    answer = wire._answering(lambda _, message: answered.append(message))
    kinds = [one.name for one in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]
    assert {"clear_cache", "load_git_info", "debug_shutdown_runtime"} <= set(kinds)
    for kind in [
        *set(kinds) - {"backend_operation_request"},
        "deferred_file",
        "install_skills",
        "dismiss_skills_nudge",
    ]:
        before = len(answered)
        answer(SESSION, asked(kind))
        needed = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "deferred_file"}
        assert (len(answered) > before) == (kind in needed), kind
    answer(SESSION, BackMsg())
    assert len(answered) == 5


def test_an_upload_is_kept_only_for_a_session_that_a_page_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    keep = wire._keeping(lambda _, session_id, file: kept.append(session_id))
    monkeypatch.setattr(wire, "_admitted", set())
    monkeypatch.setattr(wire, "get_script_run_ctx", lambda: SimpleNamespace(session_id="one"))
    keep(None, "one", b"")
    assert kept == []
    with wire.letting_in():
        pass
    keep(None, "one", b"")
    keep(None, "another", b"")
    assert kept == ["one"]
    with pytest.raises(SystemExit), wire.letting_in():  # the door is drawn, and the run stops
        raise SystemExit
    keep(None, "one", b"")
    assert kept == ["one"]


def test_a_file_is_there_long_enough_to_be_fetched_and_not_much_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: "one")
    sweep: Any = wire._sparing(inspect.unwrap(MediaFileManager.remove_orphaned_files))
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    offer = files.add_deferred(lambda: b"names of people", "text/csv", "1.2", "people.csv")
    made = files.execute_deferred(offer).rpartition("/")[2].partition(".")[0]
    files.clear_session_refs("one")
    for _ in range(50):  # the runs of other people within the half minute
        now[0] += 0.5
        sweep(files)
    assert files.read_file(made) is not None
    with pytest.raises(Exception, match="not found"):  # what would make it again is gone at once
        files.execute_deferred(offer)
    for _ in range(2):
        now[0] += wire.KEPT_SECONDS
        sweep(files)
    assert files.read_file(made) is None
