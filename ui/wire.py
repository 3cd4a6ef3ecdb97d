"""What a browser may ask of this process besides runs of a page, and how long a file it made can be fetched.

Streamlit answers every browser that can reach it, also one where nobody has signed in: it would empty the
caches of everybody, tell of the repository it runs from, keep whatever is uploaded. Here only what the pages
need is answered, and nothing is kept for a session that no page has let in.

A file made at a click can be fetched by its address alone, which nobody can guess. It is there for half a
minute at least (else the runs of others could take it away before it is fetched) and a minute at most.

Not here: who is let in (access.py), who gets a file made (access.held).
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from leadpact import logs

ANSWERED = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"})
OPERATIONS = frozenset({"deferred_file"})  # of backend_operation_request: a file made at a click
KEPT_SECONDS = 30.0
_MOST = 10_000
_lock = threading.Lock()
_admitted: set[str | None] = set()


def begin() -> None:
    """Stands between Streamlit and every browser; once for a process."""
    AppSession.handle_backmsg = _answering(AppSession.handle_backmsg)  # type: ignore[method-assign]
    MemoryUploadedFileManager.add_file = _keeping(MemoryUploadedFileManager.add_file)  # type: ignore[method-assign]
    MediaFileManager.remove_orphaned_files = _sparing(  # type: ignore[method-assign]
        MediaFileManager.remove_orphaned_files
    )


@contextmanager
def letting_in() -> Iterator[None]:
    """Around the judgement of who asks: what a session uploads is kept while it was let in the last time."""
    context = get_script_run_ctx()
    session = None if context is None else context.session_id
    try:
        yield
    except BaseException:  # the door is drawn, or the run is stopped: nobody came in
        _admitted.discard(session)
        raise
    if session is not None:
        with _lock:
            if len(_admitted) >= _MOST and runtime.exists():
                _admitted.intersection_update(
                    one for one in list(_admitted) if runtime.get_instance().is_active_session(one or "")
                )
            _admitted.add(session)


def tidy() -> None:
    """Takes away the files that nobody can want any more."""
    if runtime.exists():
        runtime.get_instance().media_file_mgr.remove_orphaned_files()


def _answering(answer: Any) -> Any:
    """`AppSession.handle_backmsg`, for what the pages need, and a file by the session it was offered to."""

    @functools.wraps(answer)
    def answered(self: AppSession, message: Any) -> None:
        kind = asked = message.WhichOneof("type")
        own = True
        if kind == "backend_operation_request":
            asked = message.backend_operation_request.WhichOneof("payload")
            own = asked in OPERATIONS and _offered(self.id, message.backend_operation_request.deferred_file.file_id)
        if kind in ANSWERED and own:
            answer(self, message)
        else:
            logs.event("browser.unanswered", logging.WARNING, mode=str(asked))

    return answered


def _offered(session: str, file: str) -> bool:
    """Whether no other session was offered this file; one that is gone is told so by Streamlit."""
    entry = runtime.get_instance().media_file_mgr._deferred_callables.get(file) if runtime.exists() else None
    return entry is None or entry["session_id"] == session


def _keeping(keep: Any) -> Any:
    """`MemoryUploadedFileManager.add_file`, for sessions that a page has let in."""

    @functools.wraps(keep)
    def kept(self: MemoryUploadedFileManager, session_id: str, file: Any) -> None:
        if session_id in _admitted:
            keep(self, session_id, file)
        else:
            logs.event("browser.upload_dropped", logging.WARNING)

    return kept


def _sparing(sweep: Any) -> Any:
    """`MediaFileManager.remove_orphaned_files`, which takes a file away at its second sweep: not at every run."""
    last = [time.monotonic()]

    @functools.wraps(sweep)
    def swept(self: MediaFileManager) -> None:
        if time.monotonic() - last[0] >= KEPT_SECONDS:
            last[0] = time.monotonic()
            sweep(self)
        else:  # what would make files goes at once: it holds a page's results
            with self._lock:
                self._remove_orphaned_deferred_callables()

    return swept
