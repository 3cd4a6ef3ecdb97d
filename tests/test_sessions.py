"""Several people at once in one process: none sees another's, nothing is left open, nothing is done twice.

Not here: moving on after a sync (test_sessions_warm.py), what modules keep (test_sessions_code.py), how fast
it is (bench/bench_sessions.py).
"""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path

import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from bench import identity, mixing, served
from bench.session_home import PACTS
from bench.tabs import Run, Tab
from config import versions
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, SECRETS, prepare, settle_company, visit
from tests.worlds import pact
from ui import page as pages
from ui import turns

VISITORS = 4
STEPS = ("person", "funnel")


def _pacts(home: Path) -> None:
    """Two pacts that share no record, each named by a word that stands nowhere else."""
    for line, source in (("main", "Web"), ("quartz", "Feria")):
        made = pact(name=PACTS[line][0], scope={"source": [source]})
        versions.save(Workspace(home).database, made, author="a", message="", now=AS_OF, line=line)


def _published(home: Path) -> None:
    """The next generation, of the same rows."""
    mirror = Workspace(home).mirror("acme")
    mirror.publish(mirror.draft(mirror.current()))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = prepare(tmp_path / "home", monkeypatch)
    settle_company(found)
    return found


class _Visitor:
    """One of the people: language, pact, role and filter of its own."""

    def __init__(self, number: int, server: str) -> None:
        self.number, self.server = number, server
        self.lang, self.line = ("en", "es")[number % 2], ("main", "quartz")[number // 2 % 2]
        self.email = identity.address_of(number)
        self.found: list[Run] = []
        self.signs: list[str] = []

    def tab(self) -> Tab:
        headers, protocols = identity.signed_in(self.server, self.email)
        return Tab(self.server, headers=headers, protocols=protocols)

    async def stay(self) -> None:
        async with self.tab() as tab:
            await tab.open("person", lang=self.lang, pact=self.line)
            asked = {"source": ("Web", "Feria")[self.number // 2 % 2]}
            for name in STEPS:
                query = asked if name == "funnel" else {}
                self._note(await tab.turn(name, lang=self.lang, pact=self.line, **query), tab)
            window = next(one for one in tab.widgets() if one.id.endswith("-_funnel_window"))
            self._note(await tab.storm([("_funnel_window", window.options[at]) for at in (1, 2)], 0.03), tab)

    def _note(self, run: Run, tab: Tab) -> None:
        held = {name: value for name, value in tab.values().items() if name in ("owner", "team", "source", "country")}
        self.signs += mixing.seen(run, lang=self.lang, pact=self.line, email=self.email, conditions=held)
        self.found.append(run)


def test_people_of_other_languages_pacts_roles_and_filters_do_not_meet(home: Path, tmp_path: Path) -> None:
    _pacts(home)
    identity.admit(home, VISITORS, AS_OF)

    async def everybody(server: str) -> list[tuple[_Visitor, Run]]:
        people = [_Visitor(number, server) for number in range(VISITORS)]
        await asyncio.gather(*(one.stay() for one in people))
        alone = []
        for one in people[1:3]:  # what the last page showed while the others were there, asked for by nobody else
            async with one.tab() as tab:
                alone.append((one, await tab.open(one.found[-1].page, **mixing.parse(one.found[-1].query))))
        return alone

    (tmp_path / "work").mkdir()
    with served.started(tmp_path / "work", home, lambda address: identity.settings(address) + SECRETS) as server:
        alone = asyncio.run(everybody(server.address))
        said = server.said()
    assert len(alone) == 2
    for one, again in alone:
        assert one.signs == [] and len(one.found) == len(STEPS) + 1
        assert [text for run in one.found for text in run.errors] == []
        assert mixing.differences(one.found[-1].texts, again.texts) == []
        title = next(text for name, text in one.found[0].texts if name == "page_config.title")
        assert title.startswith({"en": "Person", "es": "Persona"}[one.lang])
        assert any(one.email in text.replace("\\", "") for run in one.found for _, text in run.texts)
    assert said == {}


def test_a_sign_of_another_session_is_noticed() -> None:
    foreign = Language("es")("setup.read_only.help")
    run = Run("funnel", texts=[("markdown.body", "Only people with a record where Source = Feria."),
                               ("caption.body", "visitor\\-001@bench\\.example"), ("badge", "Pact Quartz · version 1"),
                               ("caption.body", foreign)])  # fmt: skip
    found = mixing.seen(run, lang="en", pact="main", email=identity.address_of(0), conditions={"source": "Web"})
    for word in ("another visitor", "another pact", "text of another language"):
        assert sum(word in one for one in found) == 1
    assert sum("conditions" in one for one in found) == 1


def test_a_first_number_many_ask_for_is_computed_once() -> None:
    begun, computed = threading.Barrier(8), []

    def compute() -> int:
        computed.append(1)
        return 7

    def ask() -> None:
        begun.wait()
        assert pages._remember("home", "data", "function", "arguments", turns.Run(), compute) == 7

    pages._remember.clear()
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert computed == [1]


def test_no_more_is_computed_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_turns", turns.Turns(2))
    going, most, enough = [0], [0], threading.Event()

    def compute() -> int:
        going[0] += 1
        most[0] = max(most[0], going[0])
        enough.wait(0.05)
        going[0] -= 1
        return 1

    pages._remember.clear()
    asked = [("home", "data", "f", str(n), turns.Run(), compute) for n in range(6)]
    threads = [threading.Thread(target=pages._remember, args=one) for one in asked]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [2]


def test_a_run_stopped_anywhere_leaves_nothing_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = visit("funnel")
    whole = DeltaGenerator._enqueue
    space = Workspace(home)
    choose, stops = random.Random(8), 0  # noqa: S311 - the same places in every run

    for after in choose.sample(range(1, 60), 5):
        left = [after]

        def stopped(self: DeltaGenerator, *args: object, left: list[int] = left, **options: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise StopException
            return whole(self, *args, **options)  # type: ignore[arg-type]

        with monkeypatch.context() as here:
            here.setattr(DeltaGenerator, "_enqueue", stopped)
            visit("funnel", again=at, lang=choose.choice(["en", "es"]))
        stops += left[0] <= 0
        pool = pages.sources._workspace(str(home.resolve())).database.pool
        assert pool.checkedout() == 0  # type: ignore[attr-defined]
        with space.mirror("acme").writer():
            versions.save(space.database, pact(name=f"After {after}"), author="a", message="", now=AS_OF)
    assert stops == 5
    assert not visit("funnel", again=at).exception


def test_a_generation_that_goes_gives_way_and_stays_for_who_reads_it(home: Path) -> None:
    space = Workspace(home)
    reader = space.analyse("acme")
    before = reader.tables.record.count().execute()
    for _ in range(2):
        _published(home)
    assert not space.mirror("acme").path(reader.generation).exists()
    assert reader.tables.record.count().execute() == before
    again = space.analyse("acme", generation=reader.generation)
    assert again.generation == space.mirror("acme").current() != reader.generation
    assert again.tables.record.count().execute() == before
