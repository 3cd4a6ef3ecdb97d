"""A choice is not lost to the run before it, which Streamlit leaves going until it next looks at the session.

Not here: choices made quickly in a served app (test_sessions.py), pages that move with the URL (test_pages_*.py).
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from ui import state

PATIENCE = 0.5


class Address(dict[str, str]):
    """The URL of one run."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)


class Stopped(Exception):
    """What ends a run that is not wanted any more."""


class Session(dict[str, Any]):
    """What two runs of a session share. The run before can be stopped, and held up in front of its next change."""

    def __init__(self, **values: Any) -> None:
        super().__init__(values)
        self.before: threading.Thread | None = None
        self.stopped = False
        self.held_up, self.go = threading.Event(), threading.Event()

    def _looked_at(self) -> None:
        if threading.current_thread() is self.before and self.stopped:
            raise Stopped

    def pop(self, name: str, *default: Any) -> Any:
        self._looked_at()
        return super().pop(name, *default)

    def __setitem__(self, name: str, value: Any) -> None:
        self._looked_at()
        if threading.current_thread() is self.before and name == "kept_team":
            self.held_up.set()
            self.go.wait(PATIENCE)
        super().__setitem__(name, value)


def test_a_default_chosen_while_the_run_before_goes_on_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    session, addresses = Session(widget=state._DEFAULT), threading.local()

    class Runs:
        session_state = session

        @property
        def query_params(self) -> Address:
            own: Address = addresses.own
            return own

    monkeypatch.setattr(state, "st", Runs())

    def before() -> None:
        addresses.own = Address(team="sales")
        state.settle(("team",))

    def after() -> None:
        addresses.own = Address(team="sales")  # the browser does not know yet
        state._copy("widget", "team", lambda chosen: None if chosen == state._DEFAULT else str(chosen))
        state.settle(("team",))
        assert addresses.own == {} and state.read("team") is None

    session.before = threading.Thread(target=before)
    session.before.start()
    assert session.held_up.wait(PATIENCE)
    session.stopped = True
    faults: list[BaseException] = []

    def watched() -> None:
        try:
            after()
        except BaseException as error:  # noqa: BLE001 - told by the thread that tests
            faults.append(error)

    chosen = threading.Thread(target=watched)
    chosen.start()
    chosen.join(PATIENCE / 5)
    session.go.set()
    for thread in (session.before, chosen):
        thread.join(10 * PATIENCE)
        assert not thread.is_alive()
    assert not faults
    assert state.read("team") is None


def test_a_run_that_is_stopped_changes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    session.before, session.stopped = threading.current_thread(), True
    address = Address(team="sales")
    monkeypatch.setattr(state, "st", SimpleNamespace(session_state=session, query_params=address))
    with pytest.raises(Stopped):
        state.settle(("team",))
    assert dict(session) == {} and address == {"team": "sales"}
    session.stopped = False
    state.settle(("team",))  # and nothing is held after it
    assert session == {"kept_team": "sales"}
