"""A browser tab without a browser: it speaks Streamlit's own protocol and keeps what would be on screen.

Twenty Chromiums on two cores would measure Chromium. A tab sends what the frontend sends (a rerun with
query string, page, widget values and the messages it has cached) and reads every message of the run.

Not here: what the tabs do and what is measured (bench_sessions.py), what must not be seen (mixing.py).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

KEPT_MESSAGES = 400
LONGEST = 120.0
UNSEEN = frozenset({"plotly_chart.spec", "plotly_chart.config", "favicon.url"})  # read apart, or no text
EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN


@dataclass
class Run:
    """One run of a page as its tab saw it. Seconds from the request; `finished` is null where it never did."""

    page: str
    finished: float | None = None
    first: float | None = None  # until the first element
    size: int = 0  # bytes received
    errors: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  # field of an element → text
    query: str = ""
    began: float = field(default_factory=time.monotonic)


@dataclass
class Tab:
    """One session. `headers` go with the handshake: cookies of sign-in, and the browser's language."""

    server: str  # 127.0.0.1:8614
    locale: str = "en-US"
    headers: Mapping[str, str] = field(default_factory=dict)
    protocols: tuple[str, ...] = ("streamlit",)
    page: str = ""
    query: str = ""
    _socket: ClientConnection | None = None
    _hash: str = ""
    _cached: OrderedDict[str, ForwardMsg] = field(default_factory=OrderedDict)
    screen: dict[tuple[int, ...], Message] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # page → its hash

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            f"ws://{self.server}/_stcore/stream", subprotocols=[*self.protocols],  # type: ignore[list-item]
            additional_headers=dict(self.headers), max_size=None, compression=None, ping_timeout=None,
            origin=f"http://{self.server}",  # type: ignore[arg-type]
        )  # fmt: skip
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def open(self, page: str, **query: str) -> Run:
        """The page by its address, as a link from outside opens it."""
        self.page, self._hash, self.query = page, "", urlencode(query)
        return await self._run({})

    async def turn(self, page: str, **query: str) -> Run:
        """The page by its link in the sidebar: the session goes on."""
        self.page, self._hash, self.query = page, self.links.get(page, ""), urlencode(query)
        return await self._run({})

    async def change(self, key: str, value: str) -> Run:
        """Sets the widget with this key to one of its options, as shown; a press for a button."""
        widget = self._widget(key)
        return await self._run({widget.id: value}, widget, lambda: self._shows(key, value))

    async def storm(self, moves: list[tuple[str, str]], pause: float) -> Run:
        """Changes one after the other without waiting for the runs between: only the last has to finish."""
        for key, value in moves[:-1]:
            widget = self._widget(key)
            await self._send(self._asked({widget.id: value}, widget))
            await asyncio.sleep(pause)
        return await self.change(*moves[-1])

    def widgets(self) -> Iterator[Any]:
        """The choices, segmented controls and buttons on screen."""
        for one in self.screen.values():
            kind = one.WhichOneof("type")
            if kind in ("selectbox", "button_group", "button"):
                yield getattr(one, str(kind))

    def _widget(self, key: str) -> Any:
        return next(one for one in self.widgets() if one.id.endswith(f"-{key}"))

    def shown(self, key: str) -> str | None:
        """What a choice shows; null where there is none, or where it shows what it was made with."""
        found = next((one for one in self.widgets() if one.id.endswith(f"-{key}")), None)
        return found.raw_value if getattr(found, "set_value", False) else None

    def _shows(self, key: str, value: str) -> bool:
        """Whether the choice shows this: the run that has ended is of the last move, not of one before."""
        return self.shown(key) in (None, value)

    def values(self) -> dict[str, str]:
        """What the address says now."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    async def _run(self, values: Mapping[str, str], widget: Any = None, last: Callable[[], bool] = lambda: True) -> Run:
        began, run = time.perf_counter(), Run(self.page)
        await self._send(self._asked(values, widget))
        try:
            async with asyncio.timeout(LONGEST):
                await self._read(run, began, last)
        except TimeoutError:
            run.errors.append(f"no end within {LONGEST:.0f} s")
        run.query = self.query
        return run

    def _asked(self, values: Mapping[str, str], widget: Any) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self._hash, self.page
        state.cached_message_hashes.extend(self._cached)
        state.context_info.locale, state.context_info.timezone = self.locale, "Europe/Madrid"
        state.context_info.url = f"http://{self.server}/{self.page}"
        for name, value in values.items():
            one = state.widget_states.widgets.add(id=name)
            kind = type(widget).__name__
            if kind == "Button":
                one.trigger_value = True
            elif kind == "ButtonGroup":
                one.string_array_value.data.append(value)
            else:
                one.string_value = value
        return message

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self, run: Run, began: float, last: Callable[[], bool]) -> None:
        """Until the script has finished for good."""
        assert self._socket is not None
        while True:
            raw = await self._socket.recv()
            assert isinstance(raw, bytes)
            run.size += len(raw)
            message = self._whole(ForwardMsg.FromString(raw))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.screen, run.texts = {}, []
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash  # a new session's is of the app, not of the page
                self.links = {one.url_pathname: one.page_script_hash for one in message.navigation.app_pages}
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "page_config_changed":
                run.texts.append(("page_config.title", message.page_config_changed.title))
            elif kind == "delta":
                if run.first is None:
                    run.first = time.perf_counter() - began
                self._drawn(message, run)
            elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
                run.errors.append(message.session_event.script_compilation_exception.message)
            elif kind == "script_finished" and message.script_finished != EARLY and last():
                run.finished = time.perf_counter() - began
                return

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """The message, or the cached one it refers to."""
        if message.WhichOneof("type") == "ref_hash":
            found = ForwardMsg()
            found.CopyFrom(self._cached[message.ref_hash])
            found.metadata.CopyFrom(message.metadata)
            return found
        if message.metadata.cacheable:
            self._cached[message.hash] = message
            while len(self._cached) > KEPT_MESSAGES:
                self._cached.popitem(last=False)
        return message

    def _drawn(self, message: ForwardMsg, run: Run) -> None:
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "new_element":
            self.screen[path] = delta.new_element
        elif delta.WhichOneof("type") == "add_block":
            run.texts.extend(("block." + name, text) for name, text in texts_of(delta.add_block))
            return
        else:
            return
        kind = delta.new_element.WhichOneof("type")
        if kind == "exception":
            run.errors.append(f"{delta.new_element.exception.type}: {delta.new_element.exception.message}")
        elif kind == "alert" and delta.new_element.alert.format == 1:
            run.errors.append(delta.new_element.alert.body)
        run.texts.extend(texts_of(delta.new_element))


def texts_of(message: Message, inside: str = "") -> Iterator[tuple[str, str]]:
    """Every text of an element, by the field it is in: `markdown.body`, `selectbox.options`."""
    for spec, value in message.ListFields():
        name = f"{inside}.{spec.name}" if inside else spec.name
        several = value if spec.is_repeated else [value]
        if spec.type == spec.TYPE_STRING and name not in UNSEEN:
            yield from ((name, one) for one in several)
        elif spec.type == spec.TYPE_MESSAGE and not spec.message_type.GetOptions().map_entry:
            for one in several:
                yield from texts_of(one, name)
