"""Drafts: edited by several at once without loss, published only when valid, kept when not.

Not here: versions and signatures (test_pact.py, test_signatures.py), the page (test_pages_definition.py).
"""

from __future__ import annotations

import copy
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from config import drafts, versions
from config.database import open_database
from config.document import BadPact
from config.drafts import Conflict, Draft
from config.errors import LeadPactError
from config.merge import ABSENT, merge
from config.pact_tables import pact_draft
from leadpact.language import Language
from tests.together import together
from tests.worlds import SMALL, pact

NOW = datetime(2026, 3, 1, 9)
HOURS = {"timezone": "UTC", "hours": {"mon": ["09:00-17:00"]}}
DOCUMENT: dict[str, Any] = {
    **SMALL,
    "scoring": {"rules": [{"id": f"r{n}", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": n}
                          for n in range(1, 5)]},
    "sales_ready": {"threshold": 100,
                    "all": [{"field": "email", "op": "filled"}, {"field": "company", "op": "filled"}]},
    "glossary": [{"term": "lead", "meaning": "a"}, {"term": "MQL", "meaning": "b"}],
    "calendars": {"office": HOURS, "shop": HOURS},
    "routing": [{"when": [], "to": "a"}, {"when": [], "to": "b"}, {"when": [], "to": "c"}],
    "flow": [["unknown", "mql"], ["mql", "sal"], ["sal", "customer"]],
    "review": {"scoring_every_days": 90, "definition_every_days": 180},
}  # fmt: skip
PARTS = [
    *(("stages", key) for key in ("unknown", "subscriber", "mql", "sal")),
    *(("rules", f"r{n}") for n in range(1, 5)),
    *(("lead", value) for value in ("MQL", "Working", "Spam")),
    *(("glossary", term) for term in ("lead", "MQL")),
    *(("calendars", name) for name in ("office", "shop")),
    *(("routing", to) for to in "abc"),
    *(("review", name) for name in ("scoring_every_days", "definition_every_days")),
    ("threshold", ""),
    ("all", "email"),
    ("all", "company"),
]
NAMES = {"stages": "key", "rules": "id", "glossary": "term", "routing": "to", "all": "field"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def begun(engine: Engine, document: dict[str, Any] | None = None) -> Draft:
    return drafts.begin(engine, author="ana@x.com", now=NOW, document=document or DOCUMENT)


def afresh(engine: Engine) -> Draft:
    """A draft of its own for an example; the one before may have stopped half-way."""
    before = drafts.newest(engine)
    if before is not None:
        drafts.discard(engine, before.id, author="ana", now=NOW)
    return begun(engine)


def edit(engine: Engine, draft: Draft, section: str, value: Any, author: str = "ana@x.com") -> Draft:
    return drafts.edit(engine, draft.id, section=section, value=value, expected=draft.revision, author=author, now=NOW)


def holder(document: dict[str, Any], kind: str) -> tuple[str, Any]:
    """The section a part belongs to, and what holds it there."""
    section = {"rules": "scoring", "lead": "status_map", "threshold": "sales_ready", "all": "sales_ready"}.get(
        kind, kind
    )
    part = document[section]
    return section, part[kind] if kind in ("rules", "lead", "all") else part


def touch(document: dict[str, Any], part: tuple[str, str], what: str, who: str) -> str:
    """Changes, removes or puts a neighbour beside one part, as `who`; the section it was in."""
    kind, name = part
    section, held = holder(document, kind)
    if kind == "threshold":
        held["threshold"] = 10 if who == "ana" else 20
    elif isinstance(held, dict):
        if what == "remove":
            del held[name]
        elif what == "add":
            held[f"{name}-{who}"] = copy.deepcopy(held[name])
        else:
            changed = {"lead": "subscriber" if who == "ana" else "customer", "review": 7 if who == "ana" else 8}
            held[name] = changed.get(kind) or {**held[name], "region": who}
    else:
        at = next(n for n, one in enumerate(held) if one[NAMES[kind]] == name)
        if what == "remove":
            del held[at]
        elif what == "add":
            held.insert(at + 1, {**held[at], NAMES[kind]: f"{name}-{who}"})
        else:
            field = {"stages": "label", "rules": "points", "glossary": "meaning", "routing": "notify", "all": "op"}[
                kind
            ]
            held[at] = {**held[at], field: {"rules": 77 if who == "ana" else 78}.get(kind, who)}
    return section


def content(document: dict[str, Any]) -> dict[str, Any]:
    """The document with lists as what is in them, whatever the order."""
    flat = copy.deepcopy(document)
    for kind in NAMES:
        _, held = holder(flat, kind)
        held.sort(key=repr)
    return flat


acts = st.sampled_from(["change", "remove", "add"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.tuples(st.sampled_from(PARTS), acts, st.sampled_from(["ana", "bob"])), unique_by=lambda one: one[0]
    )
)
def test_edits_of_different_parts_are_never_lost(engine: Engine, plan: list[tuple[Any, str, str]]) -> None:
    start = afresh(engine)
    both, sides = copy.deepcopy(DOCUMENT), {"ana": copy.deepcopy(DOCUMENT), "bob": copy.deepcopy(DOCUMENT)}
    touched: dict[str, set[str]] = {"ana": set(), "bob": set()}
    for part, what, who in plan:
        touch(both, part, what, who)
        touched[who].add(touch(sides[who], part, what, who))
    found = start
    for who, sections in touched.items():
        for section in sorted(sections):
            found = drafts.edit(engine, start.id, section=section, value=sides[who][section], expected=0, author=who,
                                now=NOW)  # fmt: skip
    assert content(found.document) == content(both)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from([one for one in PARTS if one[0] not in ("routing", "all")]), first=st.booleans(),
       removed=st.booleans())  # fmt: skip
def test_the_same_part_edited_twice_is_a_conflict_and_nothing_is_lost(
    engine: Engine, part: tuple[str, str], first: bool, removed: bool
) -> None:
    start = afresh(engine)
    ana, bob = copy.deepcopy(DOCUMENT), copy.deepcopy(DOCUMENT)
    section = touch(ana, part, "remove" if removed and part[0] != "threshold" else "change", "ana")
    touch(bob, part, "change", "bob")
    mine, theirs = (ana, bob) if first else (bob, ana)
    saved = edit(engine, start, section, theirs[section], "bob@x.com")
    with pytest.raises(Conflict) as caught:
        edit(engine, start, section, mine[section])
    told = caught.value
    assert (told.section, told.by, told.revision) == (section, "bob@x.com", 1)
    assert (told.base, told.mine, told.theirs) == (DOCUMENT[section], mine[section], theirs[section])
    assert told.clashes and drafts.find(engine, start.id) == saved
    settled = drafts.edit(
        engine, start.id, section=section, value=told.mine, expected=told.revision, author="ana", now=NOW
    )
    assert settled.document[section] == mine[section]


def test_the_order_of_stages_moved_by_one_keeps_what_the_other_added(engine: Engine) -> None:
    start = begun(engine)
    stages = DOCUMENT["stages"]
    extra = {"key": "sql", "label": "SQL", "kind": "sales"}
    edit(engine, start, "stages", [stages[1], stages[0], *stages[2:]])
    found = edit(engine, start, "stages", [*stages[:4], extra, *stages[4:]], "bob")
    keys = [stage["key"] for stage in found.document["stages"]]
    assert keys[:5] == ["subscriber", "unknown", "mql", "sal", "sql"]
    with pytest.raises(Conflict):
        edit(engine, start, "stages", [stages[2], stages[1], stages[0], *stages[3:]], "eve")


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ([1, 2, 3, 4], [0, 1, 2, 3], [0, 1, 2, 3, 4]),
        ([1, 2], [2, 3], [2]),
        ([1, 9, 3], [1, 2, 3], [1, 9, 3]),
        ([1, 9, 3], [1, 8, 3], None),
        ([1, 3], [1, 8, 3], None),
        ([3, 2, 1], [1, 2, 3, 4], [3, 4, 2, 1]),
        ([3, 2, 1], [2, 1, 3], None),
        ([1, 1, 2, 3], [1, 2, 3], [1, 1, 2, 3]),
    ],
)
def test_lists_of_nameless_items(mine: list[int], theirs: list[int], merged: list[int] | None) -> None:
    found = merge("flow", [1, 2, 3], mine, theirs)
    assert (found.value if not found.clashes else None) == merged


def test_an_edit_of_a_part_of_another_kind_is_a_conflict() -> None:
    assert merge("flow", [], [1], {"a": 1}).clashes
    assert merge("review", {"a": 1}, ABSENT, {"a": 2}).clashes
    assert merge("review", ABSENT, {"a": 1}, {"b": 2}).value == {"a": 1, "b": 2}
    assert merge("sales_ready", {"threshold": 100}, {"threshold": 100.0}, {"threshold": 80}).value == {"threshold": 80}
    assert merge("x", {"a": 1}, {"a": True}, {"a": 1}).value == {"a": True}


def test_several_sections_are_saved_together_or_not_at_all(engine: Engine) -> None:
    start = begun(engine)
    edit(engine, start, "name", "Other")
    with pytest.raises(Conflict):
        drafts.edit_many(
            engine, start.id, sections={"language": "es", "name": "Third"}, expected=0, author="b", now=NOW
        )
    assert "language" not in drafts.find(engine, start.id).document
    found = drafts.edit_many(
        engine, start.id, sections={"language": "es", "glossary": None}, expected=0, author="b", now=NOW
    )
    assert (found.revision, found.document["language"], "glossary" in found.document) == (2, "es", False)
    assert [(one.revision, one.section, one.author) for one in drafts.edits(engine, start.id)] == [
        (2, "glossary", "b"), (2, "language", "b"), (1, "name", "ana@x.com")
    ]  # fmt: skip


def test_there_is_one_open_draft_and_an_edit_that_changes_nothing_makes_no_revision(engine: Engine) -> None:
    start = begun(engine)
    assert drafts.begin(engine, author="bob", now=NOW) == start == drafts.newest(engine)
    with pytest.raises(LeadPactError, match="open_already"):
        begun(engine)
    assert edit(engine, start, "name", "Small").revision == 0
    drafts.discard(engine, start.id, author="ana", now=NOW)
    assert drafts.newest(engine) is None
    with pytest.raises(LeadPactError, match="closed"):
        edit(engine, start, "name", "Late")
    assert drafts.find(engine, start.id).document == DOCUMENT


def test_many_begin_and_edit_at_once(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)

    def work(who: int) -> None:
        draft = drafts.begin(engine, author=str(who), now=NOW)
        values = {**SMALL["status_map"], "lead": {**SMALL["status_map"]["lead"], f"Own {who}": "mql"}}
        drafts.edit(engine, draft.id, section="status_map", value=values, expected=0, author=str(who), now=NOW)

    assert together(*(partial(work, who) for who in range(6))) == []
    draft = drafts.newest(engine)
    assert draft is not None and draft.revision == 6
    assert {f"Own {who}" for who in range(6)} < set(draft.document["status_map"]["lead"])
    with engine.connect() as database:
        assert database.execute(sa.select(sa.func.count()).select_from(pact_draft)).scalar() == 1


def test_an_invalid_draft_is_kept_and_says_every_fault(engine: Engine) -> None:
    start = begun(engine)
    found = edit(engine, edit(engine, start, "timezone", "Mars/Base"), "review", {"scoring_every_days": 0})
    faults = drafts.faults(found.document)
    assert {fault.params["path"] for fault in faults} == {"timezone", "review.scoring_every_days"}
    assert drafts.faults(DOCUMENT) == []
    with pytest.raises(BadPact) as caught:
        drafts.publish(engine, start.id, expected=found.revision, author="ana", message="", now=NOW)
    assert len(caught.value.details) == 2
    assert drafts.newest(engine) == found


def test_publishing_makes_an_unsigned_version_and_closes_the_draft(engine: Engine) -> None:
    first = versions.save(engine, pact(), author="ana", message="first", now=NOW)
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        versions.sign(engine, first, email=email, team=team, door="cli", now=NOW)  # type: ignore[arg-type]
    draft = drafts.begin(engine, author="ana", now=NOW)
    assert (draft.base, draft.base_number, draft.seen) == (first.hash, 1, 1)
    with pytest.raises(LeadPactError, match="unchanged"):
        drafts.publish(engine, draft.id, expected=0, author="ana", message="", now=NOW)
    found = edit(engine, draft, "name", "Second")
    with pytest.raises(LeadPactError, match="edited_since"):
        drafts.publish(engine, draft.id, expected=0, author="ana", message="", now=NOW)
    made = drafts.publish(engine, draft.id, expected=found.revision, author="ana", message="second", now=NOW)
    assert (made.number, made.parent, made.pact.name, made.signatures) == (2, 1, "Second", ())
    assert versions.in_force(versions.history(engine)).number == 1  # type: ignore[union-attr]
    assert drafts.newest(engine) is None and drafts.find(engine, draft.id).state == drafts.PUBLISHED


def test_a_draft_that_a_version_overtook_is_not_published_over_it(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    draft = edit(engine, drafts.begin(engine, author="ana", now=NOW), "name", "Mine")
    versions.save(engine, pact(language="es"), author="bob", message="", now=NOW)
    with pytest.raises(LeadPactError, match="behind"):
        drafts.publish(engine, draft.id, expected=draft.revision, author="ana", message="", now=NOW)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (float("nan"), "draft.not_json"),
        ({1, 2}, "draft.not_json"),
        ("\ud800", "draft.not_json"),
        ("x" * 2_000_001, "draft.too_large"),
    ],
)
def test_what_is_no_plain_data_is_refused(engine: Engine, value: Any, key: str) -> None:
    draft = begun(engine)
    with pytest.raises(LeadPactError, match=key):
        edit(engine, draft, "glossary", value)


def test_what_is_nested_too_deep_is_refused(engine: Engine) -> None:
    draft, deep, deeper = begun(engine), [], []  # type: ignore[var-annotated]
    for _ in range(40):
        deep = [deep]
    for _ in range(100_000):
        deeper = [deeper]
    with pytest.raises(LeadPactError, match=r"draft\.too_deep"):
        edit(engine, draft, "glossary", deep)
    with pytest.raises(LeadPactError, match=r"draft\.not_json"):
        edit(engine, draft, "glossary", deeper)
    with pytest.raises(LeadPactError, match=r"draft\.no_section"):
        edit(engine, draft, "colour", 1)
    with pytest.raises(LeadPactError, match=r"draft\.no_revision"):
        drafts.edit(engine, draft.id, section="name", value="x", expected=9, author="a", now=NOW)


def test_a_conflict_is_told_in_both_languages(engine: Engine) -> None:
    start = begun(engine)
    edit(engine, start, "name", "Theirs", "bob@x.com")
    with pytest.raises(Conflict) as caught:
        edit(engine, start, "name", "Mine")
    for code in ("en", "es", "es_419"):
        assert "bob@x.com" in Language(code).error(caught.value)


def test_a_draft_catches_up_with_versions_saved_meanwhile(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    draft = edit(engine, drafts.begin(engine, author="ana", now=NOW), "name", "Mine")
    versions.save(engine, pact(language="es"), author="bob", message="", now=NOW)
    caught = drafts.catch_up(engine, draft.id, expected=draft.revision, author="ana", now=NOW)
    assert (caught.document["name"], caught.document["language"], caught.base_number) == ("Mine", "es", 2)
    made = drafts.publish(engine, draft.id, expected=caught.revision, author="ana", message="", now=NOW)
    assert (made.number, made.parent) == (3, 2)


@pytest.mark.parametrize(("prefer", "name"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_catching_up_with_a_clash_needs_somebody_to_decide(engine: Engine, prefer: Any, name: str) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    draft = edit(engine, drafts.begin(engine, author="ana", now=NOW), "name", "Mine")
    versions.save(engine, pact(name="Theirs"), author="bob", message="", now=NOW)
    with pytest.raises(Conflict):
        drafts.catch_up(engine, draft.id, expected=draft.revision, author="ana", now=NOW)
    assert drafts.newest(engine) == draft
    caught = drafts.catch_up(engine, draft.id, expected=draft.revision, author="ana", now=NOW, prefer=prefer)
    assert (caught.document["name"], caught.seen) == (name, 2)
