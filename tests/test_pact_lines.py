"""Several pacts side by side: scopes share no record, each has its own versions, and one of them computes."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from config import drafts, lines, versions
from config.database import open_database
from config.errors import LeadPactError
from config.scopes import overlap
from config.versions import Version
from leadpact import versus
from leadpact.workspace import Workspace
from tests.rows import Rows, lead
from tests.worlds import World, pact

NOW = datetime(2026, 3, 1, 9)
B2B, B2C = {"record_type": ["B2B"]}, {"record_type": ["B2C"]}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def save(engine: Engine, line: str, name: str, scope: dict[str, list[str]]) -> Version:
    return versions.save(engine, pact(name=name, scope=scope), author="ana@x.com", message="", now=NOW, line=line)


def both(engine: Engine, version: Version) -> Version:
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        version = versions.sign(engine, version, email=email, team=team, door="cli", now=NOW)  # type: ignore[arg-type]
    return version


VALUES = ["a", "b", "c"]
scopes = st.dictionaries(
    st.sampled_from(["x", "y"]), st.lists(st.sampled_from(VALUES), unique=True, min_size=1), max_size=2
)


@given(scopes, scopes)
def test_scopes_overlap_exactly_where_a_record_is_in_both(
    one: dict[str, list[str]], other: dict[str, list[str]]
) -> None:
    def holds(scope: dict[str, list[str]], record: dict[str, str]) -> bool:
        return all(record[field] in values for field, values in scope.items())

    records = [dict(zip("xy", values, strict=True)) for values in itertools.product([*VALUES, "other"], repeat=2)]
    shared = [record for record in records if holds(one, record) and holds(other, record)]
    found = overlap(one, other)
    assert (found is not None) is bool(shared)
    if found is not None:
        assert any(found.items() <= record.items() for record in shared)


def test_each_pact_has_versions_numbers_and_signatures_of_its_own(engine: Engine) -> None:
    first = both(engine, save(engine, "main", "B2B pact", B2B))
    second = save(engine, "b2c", "B2C pact", B2C)
    third = save(engine, "b2c", "B2C pact", {"record_type": ["B2C", "Partner"]})
    assert [(one.line, one.number, one.parent) for one in (first, second, third)] == [
        ("main", 1, None), ("b2c", 1, None), ("b2c", 2, 1)
    ]  # fmt: skip
    assert versions.in_force(versions.history(engine)) == first
    assert versions.in_force(versions.history(engine, "b2c")) is None
    assert [line.slug for line in lines.every(engine)] == ["main", "b2c"]
    assert lines.find(engine, "b2c PACT").slug == "b2c"
    with pytest.raises(LeadPactError, match="no_line"):
        lines.find(engine, "b2")


def test_pacts_that_share_a_record_are_refused_naming_both_and_a_value(engine: Engine) -> None:
    save(engine, "main", "B2B pact", B2B)
    with pytest.raises(LeadPactError) as caught:
        save(engine, "other", "Other", {"record_type": ["B2C", "B2B"], "country": ["MX"]})
    assert caught.value.key == "pact.scopes_overlap"
    assert caught.value.params == {"name": "Other", "other": "B2B pact", "value": "record_type = B2B, country = MX"}
    with pytest.raises(LeadPactError, match="name_taken"):
        save(engine, "other", " b2b  PACT", B2C)
    draft = drafts.begin(engine, author="ana", now=NOW, document={**pact().model_dump(mode="json")}, pact="other")
    with pytest.raises(LeadPactError, match="scopes_overlap"):
        drafts.publish(engine, draft.id, expected=0, author="ana", message="", now=NOW)
    assert [line.slug for line in lines.every(engine) if line.versions] == ["main"]


def test_a_pact_comes_into_force_only_beside_pacts_that_leave_its_records_alone(engine: Engine) -> None:
    whole = both(engine, save(engine, "main", "Everything", {}))
    save(engine, "main", "Everything", B2B)
    second = save(engine, "b2c", "B2C pact", B2C)
    versions.sign(engine, second, email="ana@x.com", team="marketing", door="cli", now=NOW)
    with pytest.raises(LeadPactError, match="scopes_overlap"):
        versions.sign(engine, second, email="bob@x.com", team="sales", door="cli", now=NOW)
    assert versions.in_force(versions.history(engine)) == whole
    both(engine, versions.find(engine, "2"))
    signed = versions.sign(engine, second, email="bob@x.com", team="sales", door="cli", now=NOW)
    assert signed.signed_by_both


def test_a_retired_pact_leaves_its_records_to_others(engine: Engine) -> None:
    save(engine, "main", "B2B pact", B2B)
    with pytest.raises(LeadPactError, match="last_line"):
        lines.retire(engine, "main", author="ana", now=NOW)
    save(engine, "b2c", "B2C pact", B2C)
    lines.retire(engine, "b2c", author="ana", now=NOW)
    assert save(engine, "main", "B2B pact", {"record_type": ["B2B", "Partner"]}).number == 2
    with pytest.raises(LeadPactError, match="line_retired"):
        save(engine, "b2c", "B2C again", B2C)
    assert len(versions.history(engine, "b2c")) == 1


def test_which_pact_computes_and_what_none_governs(world: World) -> None:
    kinds = ["B2B", "B2B", "B2C", "Partner"]
    rows = Rows(record=[lead(f"l{number}", status="MQL", record_type=kind) for number, kind in enumerate(kinds)])
    space = world.workspace
    save(space.database, "main", "B2B pact", B2B)
    save(space.database, "b2c", "B2C pact", B2C)
    space.sync(rows, "small", now=NOW)
    assert len(list((space.home / "small").glob("derived-*.duckdb"))) == 2
    used = {name: Workspace(space.home, name).pact_in_use("small") for name in (None, "b2c", "B2C pact")}
    assert [(one.line, one.pact.name) for one in used.values()] == [("main", "B2B pact"), *2 * [("b2c", "B2C pact")]]
    tables = space.analyse("small").tables
    share = versus.shares(tables, [one.pact for one in space.pacts_in_use("small")])
    assert (share.of, share.none, share.more, share.whole) == ((2, 1), 1, 0, 4)
    sides = [versus.under(space, "small", one) for one in space.pacts_in_use("small")]
    assert [next(s.converted for s in side.funnel.steps if s.stage == "mql") for side in sides] == [2, 1]
