"""What a page holds while it runs: reader, connection, pact, tables, and results already computed.

Not here: how it is opened (frame.py), what is drawn (charts.py, tables.py, filters.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from ui import embedded, errors, explain, exports, links, registry, sources, state, warm, workers
from ui.access import Visitor
from ui.asked import Asked
from ui.exports import Told
from ui.turns import Run, Turns

DATED = ("today", "funnel", "velocity", "sla")  # pages whose figures need to know when a status changed
MOST_RESULTS = 5_000  # of all sessions; their bytes are bounded too (config.toml: server.maxCacheDataSize)
# the pages whose results are there already keep their pace beside what is computed
_turns = Turns(max(2, os.cpu_count() or 2))


@dataclass
class Page:
    """One run of one page. `opened` is null before the first sync (`ready` is false then).

    `told` is what the page says of its numbers: it goes with every file made of them.
    """

    name: str
    lang: Language
    visitor: Visitor
    workspace: Workspace
    connections: Mapping[str, Connection]
    connection: Connection
    used: PactInUse
    opened: Analysis | None
    told: Told = field(default_factory=Told)
    met: dict[str, Any] = field(default_factory=dict)
    run: Run = field(default_factory=Run)

    @property
    def embedded(self) -> bool:
        """Whether the page is drawn inside another one, a CRM's."""
        return embedded.on()

    @property
    def ready(self) -> bool:
        return self.opened is not None

    @property
    def analysis(self) -> Analysis:
        """The tables, pact and moment this page shows. Only where `ready`."""
        if self.opened is None:
            raise RuntimeError("this page was opened without data: ask page.ready first")
        return self.opened

    @property
    def undated(self) -> bool:
        """Whether what this page shows needs dates of status changes, and the source gives none."""
        return self.opened is not None and self.opened.tables.history == "none" and self.name in DATED

    def reopened(self) -> Analysis:
        """The same data again, for another thread: what is read when somebody clicks on a download."""
        one = self.analysis
        again = self.workspace.analyse(
            one.connection, pact=one.used, as_of=one.as_of, where=one.conditions, generation=one.generation
        )
        return again.between(*one.tables.clocked)

    def between(self, start: date | None, end: date | None) -> None:
        """From here on the page shows only the clocks that started on days `[start, end)`."""
        self.opened = self.analysis.between(start, end)

    def key(self, what: str) -> str:
        """The key of a widget of this page."""
        return f"_{self.name}_{what}"

    def text(self, key: str, **params: Any) -> str:
        """The text under `page.<name>.<key>`."""
        return self.lang(f"page.{self.name}.{key}", **params)

    def now(self) -> datetime:
        return sources.now()

    def cached(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """`function(tables, pact, as_of, *args)`, computed once per data, pact, moment and filters."""
        return self._kept(Asked(function, args, options))

    def cached_whole(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """`function(analysis, *args)`, computed once like `cached`."""
        return self._kept(Asked(function, args, options, whole=True))

    def _kept(self, asked: Asked) -> Any:
        home = self.workspace.home.resolve()

        def keep(one: Analysis, run: Run | None = None) -> Any:
            key = (str(home), repr(one.cache_key), asked.name, repr(asked.given))
            return _remember(*key, run or Run(), lambda: workers.computed(home, one, asked, behind=run is None))

        # what warm.py keeps outlives the page: it must hold nothing of the page, its run or its data
        warm.asked(self.workspace, self.analysis, asked, keep)
        self.run.wanted = get_run_yield_check()
        with st.spinner(self.lang("ui.computing")):
            return keep(self.analysis, self.run)

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """`compute()`, called once in this run of the page: what is not of the data and may change by the next."""
        if name not in self.met:
            self.met[name] = compute()
        return self.met[name]

    def empty(self, key: str, action: str | None = None, **params: Any) -> None:
        """An empty state: what there is not, why, and what to do about it: a page, or the filters taken off.

        That the source gives no history of statuses is said by itself: most pages are empty for that alone.
        """
        with st.container(border=True):
            st.markdown(errors.plain(self.lang(key, **params)))
            if self.undated:
                st.caption(errors.plain(self.lang("ui.empty.no_history")))
                action = "connection"
            with st.container(horizontal=True, vertical_alignment="center"):
                names = [name for name in registry.entry(self.name).filters
                         if name in state.NARROWING and state.read(name) is not None]  # fmt: skip
                if names:
                    number = self.met["empties"] = self.met.get("empties", 0) + 1
                    st.button(self.lang("ui.filter.reset"), key=self.key(f"empty_{number}"), on_click=state.forget,
                              args=(names,), icon=":material/filter_alt_off:")  # fmt: skip
                if action is not None and registry.entry(action).exists:
                    self.link(action)

    def link(self, name: str, label: str | None = None, **values: str) -> None:
        """As `links.to`."""
        links.to(self.lang, name, label, **values)

    def footer(self, **facts: Any) -> None:
        """Explain this number: what every figure on the page was computed under."""
        explain.footer(self, facts)

    def __enter__(self) -> Page:
        exports.begin(self.told)
        explain.begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False  # nothing happened, or Streamlit ends the run in its own way
        errors.show(self.lang, error, self.name)
        return True


@st.cache_data(max_entries=MOST_RESULTS, show_spinner=False)
def _remember(home: str, data: str, function: str, arguments: str, _run: Run, _compute: Callable[[], Any]) -> Any:
    """One result per home, data, function and arguments."""
    if _run.wanted is None and workers.background():
        return _compute()  # by a process that gives way by itself
    with _turns.turn(function, _run):
        return _compute()
