"""Runs that go on when a page is left: a thread of the server applies, and pages look how far it is.

One run to a connection. What it has done stands in the journal, so that every session, and a server
started anew, sees the same; only the rate, the time left and an error are told by the thread itself.
A server that ends asks its runs to stop between two batches, and waits for them a while.

Not here: applying (leadpact/writeback/applying.py), how it is drawn (fixes_progress.py).
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from leadpact import logs
from leadpact.errors import Busy, LeadPactError
from leadpact.writeback.target import Progress, Target, Watch

ENDING_SECONDS = 20.0
AT_ONCE = 0.7  # what is refused, or done, sooner than this is told with the click that began it


@dataclass
class Run:
    """One plan being applied. `error` is what ended it, where something did."""

    plan: int
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    error: Exception | None = None
    thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    @property
    def watch(self) -> Watch:
        """Hands on how far it is. A wait ends at once where somebody asks to stop between batches."""
        return Watch(progress=self._tell, cancel=self.stop.is_set)

    def _tell(self, one: Progress) -> None:
        self.progress = one


_RUNS: dict[str, Run] = {}
_ALONE = threading.Lock()


def start(target: Target, plan: int, work: Callable[[Watch], object]) -> Run:
    """Does `work` in a thread of its own. Raises Busy while another run of this connection goes on.

    Waits a moment, and raises what ended the run within it.
    """
    with _ALONE:
        other = _RUNS.get(_place(target))
        if other is not None and other.alive:
            raise Busy("writeback.busy", connection=target.connection.name)
        run = Run(plan)
        run.thread = threading.Thread(target=_whole, args=(run, work), name=f"apply-{plan}", daemon=True)
        _RUNS[_place(target)] = run
        run.thread.start()
    run.thread.join(AT_ONCE)
    if not run.alive and run.error is not None:
        raise run.error
    return run


def of(target: Target, plan: int) -> Run | None:
    """The last run of this plan in this server, going on or ended; null where there was none."""
    run = _RUNS.get(_place(target))
    return run if run is not None and run.plan == plan else None


def now(target: Target) -> Run | None:
    """The run that goes on over this connection; null where there is none."""
    run = _RUNS.get(_place(target))
    return run if run is not None and run.alive else None


def _place(target: Target) -> str:
    return str(target.folder.resolve())


def _whole(run: Run, work: Callable[[Watch], object]) -> None:
    try:
        work(run.watch)
    except LeadPactError as error:
        run.error = error
    except Exception as error:  # noqa: BLE001 - a thread has nobody above it: the page tells it, the log has its place
        run.error = error
        logs.incident(error, plan=run.plan)


@atexit.register
def _end() -> None:
    """The server ends: every run stops after its batch, so that nothing is left in doubt."""
    going = [run for run in list(_RUNS.values()) if run.alive]
    for run in going:
        run.stop.set()
    for run in going:
        if run.thread is not None:
            run.thread.join(ENDING_SECONDS)
