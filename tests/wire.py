"""A browser that keeps to no rules: it speaks to the app over its websocket, whatever a page would have sent.

Not here: what is tried with it (test_browser_sign_in_attacks.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

QUIET, RUN = 2.0, 30.0  # seconds in which nothing comes: of a message, of a run of a page
LAST = ("script_finished", "backend_operation_response")


class Wire:
    """One connection; `seen` is all it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.seen, self.session = socket, b"", ""
        self.messages: list[ForwardMsg] = []

    def send(self, message: BackMsg) -> list[ForwardMsg]:
        """What comes back, until a run ends or nothing more comes."""
        self.socket.send(message.SerializeToString())
        found: list[ForwardMsg] = []
        quiet = RUN if message.WhichOneof("type") == "rerun_script" else QUIET
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                raw = self.socket.recv(timeout=quiet)
            except TimeoutError:
                break
            assert isinstance(raw, bytes)
            self.seen += raw
            one = ForwardMsg.FromString(raw)
            found.append(one)
            if one.WhichOneof("type") == "new_session":
                self.session = one.new_session.initialize.session_id
            if one.WhichOneof("type") in LAST and one.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                break
        self.messages += found
        return found

    def open(self, page: str = "", query: str = "", states: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Runs a page with these values of widgets by their id; all texts it answers with."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        for name, value in more.items():
            setattr(message.rerun_script, name, value)
        for id, value in (states or {}).items():
            state = message.rerun_script.widget_states.widgets.add(id=id)
            if value is True:
                state.trigger_value = True
            elif isinstance(value, list):
                state.string_array_value.data.extend(value)
            else:
                state.string_value = value
        return " ".join(text for one in self.send(message) for text in _texts(one)).replace("\\", "")

    def widgets(self) -> set[str]:
        """The ids of all widgets it was told of."""
        return {text for one in self.messages for text in _texts(one) if text.startswith("$$ID-")}


def _texts(message: Message) -> Iterator[str]:
    for _, value in message.ListFields():
        some = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
        for one in some:
            if isinstance(one, Message):
                yield from _texts(one)
            elif isinstance(one, str):
                yield one


@contextmanager
def spoken(url: str, cookies: Mapping[str, str] | None = None, session: str = "") -> Iterator[Wire]:
    """A connection with these cookies, asking to go on with a session where one is named."""
    known = dict(cookies or {})
    words = [Subprotocol(one) for one in ("streamlit", known.get("_streamlit_xsrf", "none"), session) if one]
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in known.items())}
    with connect(f"ws{url.removeprefix('http')}/_stcore/stream", subprotocols=words, origin=url,  # type: ignore[arg-type]
                 additional_headers=headers, max_size=None) as socket:  # fmt: skip
        yield Wire(socket)
