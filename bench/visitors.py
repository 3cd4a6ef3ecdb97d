"""What a person at a tab does: opens pages, moves filters, hesitates, moves again before the page is there.

Each visitor has a language, a pact and an owner to look at of its own, so that whatever leaks shows.

Not here: the protocol (tabs.py), what is measured (bench_sessions.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import identity, mixing
from bench.session_home import PACTS
from bench.tabs import Run, Tab

# how often a page is opened: dashboards first, settings seldom
PAGES = {"today": 26, "funnel": 24, "velocity": 12, "sla": 12, "findings": 8, "scoring": 4, "definition": 4,
         "fixes": 3, "person": 3, "meeting": 2, "connection": 2}  # fmt: skip
VIEWS = {"funnel": ("flow", "trends", "leaks", "cohorts", "pipeline"), "velocity": ("ageing", "engines", "reach"),
         "sla": ("response", "waiting", "bands")}  # fmt: skip
MOVES = {"funnel": ("window", "by", "owner", "source", "team", "mode"), "velocity": ("by", "owner", "source", "team"),
         "sla": ("by", "owner", "source", "team"), "findings": ("severity",)}  # fmt: skip
CONDITIONS = ("owner", "team", "source", "country")
PINNED = "2026-10-15"  # a moment no sync changes: what is seen at it can be repeated word for word


@dataclass
class Visitor:
    """One of the sessions. `runs` are (what was done, run), in order."""

    number: int
    server: str
    think: float
    seed: int
    runs: list[tuple[str, Run]] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    kept: dict[str, Run] = field(default_factory=dict)  # address → the last run of a pinned view

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed}/{self.number}")  # noqa: S311 - the same course in every run
        self.lang = "es" if self.number % 2 else "en"
        self.pact = list(PACTS)[self.number % len(PACTS)]
        self.pinned = self.number % 4 == 0
        self.page, self.email = "today", identity.address_of(self.number)

    async def stay(self, until: Callable[[], bool]) -> None:
        """Comes, works until it is time, and leaves; now and then the browser is closed and opened again."""
        await asyncio.sleep(self.random.random() * self.think)
        while not until():
            headers, protocols = identity.signed_in(self.server, self.email)
            async with Tab(self.server, headers=headers, protocols=protocols) as tab:
                query = {"lang": self.lang, "pact": self.pact}
                if self.pinned:
                    query["as_of"] = PINNED
                self.page = self._page()
                self.note("open", await tab.open(self.page, **query), tab)
                for _ in range(self.random.randint(12, 40)):
                    await asyncio.sleep(self.random.expovariate(1 / self.think))
                    if until():
                        return
                    await self._act(tab)

    async def _act(self, tab: Tab) -> None:
        what = self.random.random()
        moves = [name for name in MOVES.get(self.page, ()) if self._options(tab, name)]
        if moves and what < 0.08:
            storm = self._storm(tab, moves)
            self.note("storm", await tab.storm(storm, 0.15), tab)
        elif moves and what < 0.5:
            name = self.random.choice(moves)
            self.note(
                "filter", await tab.change(f"_{self.page}_{name}", self.random.choice(self._options(tab, name))), tab
            )
        else:
            self.page = self._page()
            query = {name: value for name, value in tab.values().items() if name in ("lang", "pact", "as_of")}
            if self.random.random() < 0.25 and self.page in VIEWS:
                query["view"] = self.random.choice(VIEWS[self.page])
            if self.random.random() < 0.2 and self.page in MOVES and self.page != "findings":
                query["window" if self.page == "funnel" else "by"] = "90" if self.page == "funnel" else "source"
            self.note("page", await tab.turn(self.page, **query), tab)

    def _storm(self, tab: Tab, moves: list[str]) -> list[tuple[str, str]]:
        """Four moves; what the last one chooses is shown at no time before, so that its run is known by it."""
        made: list[tuple[str, str]] = []
        for name in self.random.choices(moves, k=4):
            key = f"_{self.page}_{name}"
            made.append((key, self.random.choice(self._options(tab, name))))
        last = made[-1][0]
        seen = {tab.shown(last), *(value for key, value in made[:-1] if key == last)}
        new = [one for one in self._options(tab, last.removeprefix(f"_{self.page}_")) if one not in seen]
        return [*made[:-1], (last, self.random.choice(new))] if new else made[:1]

    def _page(self) -> str:
        return self.random.choices(list(PAGES), list(PAGES.values()))[0]

    def _options(self, tab: Tab, name: str) -> list[str]:
        """What the choice offers, without what other visitors look at: of owners, each has one of its own."""
        found = next((one for one in tab.widgets() if one.id.endswith(f"-_{self.page}_{name}")), None)
        options = list(getattr(found, "options", []))
        if name == "owner" and len(options) > 1:
            return [options[0], options[1 + self.number % (len(options) - 1)]]
        return options[:6]

    def note(self, what: str, run: Run, tab: Tab) -> None:
        """Keeps a run, and what it shows that it must not."""
        self.runs.append((what, run))
        asked = tab.values()
        held = {name: asked[name] for name in CONDITIONS if name in asked}
        signs = mixing.seen(run, lang=self.lang, pact=self.pact, email=self.email, conditions=held)
        self.mixed += [f"visitor {self.number}: {one}" for one in signs]
        if asked.get("lang") != self.lang or asked.get("pact") != self.pact:
            self.mixed.append(f"visitor {self.number}: address {run.query} of {self.lang}/{self.pact}")
        if asked.get("as_of") == PINNED and not run.errors and run.page in MOVES:
            self.kept[f"{run.page}?{run.query}"] = run
