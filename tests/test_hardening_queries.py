"""Values are parameters, whatever they say: filters, searches, ids and texts over every engine and language of queries.

A value means itself: it finds the records that hold it letter by letter and no others. What stands in
SOQL and in Airtable's formulas is read back by readers that know nothing of how it was written.

Not here: the code that puts queries together (test_hardening_code.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyairtable.formulas import EQ, OR, RECORD_ID, to_formula_str

from config import comments, trail, versions
from config.errors import LeadPactError
from connectors.salesforce.fetch import listed
from leadpact import trail as reading
from leadpact.errors import Misconfigured
from leadpact.mapping.document import is_slug
from leadpact.metrics import person, person_ids
from leadpact.store import quoted
from leadpact.workspace import Analysis
from tests.apptest import prepare, settle_company, visit
from tests.hostile_worlds import HELD
from tests.rows import Rows, lead
from tests.salesforce.soql import parse
from tests.worlds import NOW, World, pact
from ui import registry

EVIL = [
    *HELD, "'", "''", '"', "\\'", "\\", "';", "' OR '1'='1", "'); DROP TABLE crm.record; --",
    '"; DROP TABLE record; --', "1; ATTACH 'x' AS y", "%", "_", "%_%", "a%", "--", "/* */", "$1", ":x", "?", "{x}",
    "a\x00b", "\u2019 OR \u20181\u2019=\u20181", "\uff07", "x" * 20_000, "NULL", "null", "None", "\n", "a\r\nb",
    "%00", "\\x00", "\\n",
]  # fmt: skip
VALUES = list(dict.fromkeys(EVIL))
_SIGNS = st.text(st.sampled_from("'\"\\%_;-\x00$?{}() "), max_size=12)
ANY = st.one_of(st.sampled_from(VALUES), st.text(max_size=40), _SIGNS)
UNHURRIED = settings(deadline=None, max_examples=6)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """A record for every value, holding it as source, name and id."""
    made = World(tmp_path_factory.mktemp("queries"))
    people = [lead(f"r{n}", source=value, name=value, company=f"C{n}", status="MQL") for n, value in enumerate(VALUES)]
    made.sync(Rows(record=people, owner=[{"owner_id": "u", "name": "';--", "team": "%"}]))
    return made.analyse()


def ids(table: Any) -> set[str]:
    return set(table.select("record_id").execute()["record_id"])


def held(opened: Analysis, column: str, value: str) -> set[str]:
    """Who holds the value, found without any query."""
    frame = opened.tables.record.select("record_id", column).execute()
    return {key for key, one in zip(frame["record_id"], frame[column], strict=True) if one == value}


@pytest.mark.parametrize("value", VALUES[::12])
def test_a_filter_finds_what_holds_the_value_and_nothing_else(value: str, opened: Analysis) -> None:
    found = ids(opened.tables.where({"source": value}).record)
    if value:  # an empty one asks for the records where it is unknown
        assert found == held(opened, "source", value)


@UNHURRIED
@given(value=ANY)
def test_whatever_a_filter_says_it_is_a_value(value: str, opened: Analysis) -> None:
    found = ids(opened.tables.where({"source": value, "status": "MQL"}).record)
    unknown = ids(opened.tables.record.filter(ibis._.source.isnull()))
    assert found == (held(opened, "source", value) if value else unknown)


FIELDS = ["x'; DROP", "source; --", '"source"', "__class__", "count", "filter", "execute", "schema", "record_id OR 1=1",
          "", "f_x'", "source\x00", "Source "]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_one_of_the_records_or_refused(field: str, tmp_path: Path, opened: Analysis) -> None:
    with pytest.raises((Misconfigured, KeyError, AttributeError, ibis.common.exceptions.IbisTypeError)):
        opened.tables.where({field: "x"})


@UNHURRIED
@given(value=ANY)
def test_a_search_looks_for_its_letters(value: str, opened: Analysis) -> None:
    found = person.find(opened.tables, value, 1000).execute()
    if value.strip() in ("%", "_", "?", ".", "*", "%_%"):
        names = opened.tables.record.select("name").execute()["name"]
        assert len(found) <= sum(value.strip() in str(name) for name in names)
    keys = person_ids.named(opened.tables, "lead", value).execute()
    assert set(keys["record_id"]) <= ids(opened.tables.record)


def test_no_table_is_gone_after_all_that(opened: Analysis) -> None:
    assert len(ids(opened.tables.record)) == len(VALUES)


# -- the database of what must not be lost -------------------------------------------------------


@UNHURRIED
@given(texts=st.lists(ANY, min_size=1, max_size=4))
def test_the_database_keeps_and_finds_texts_as_they_are(texts: list[str], opened: Analysis) -> None:
    engine = _engine()
    for text in texts:
        with contextlib.suppress(LeadPactError):  # an empty one, or one that is too long
            comments.add(engine, path="stages", text=text, author=text, now=NOW)
    with engine.connect() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(trail.audit_trail)).scalar()
    for text in texts:
        lines = reading.page(engine, reading.Asked(action=text, actor=text))
        assert all(line.actor.lower() == text.strip().lower() for line in lines) or not text
        assert reading.count(engine, reading.Asked(action="%")) == 0, "a percent sign is no pattern"
    assert before == reading.count(engine)


_ENGINES: list[Any] = []


def _engine() -> Any:
    if not _ENGINES:
        import tempfile

        space = World(Path(tempfile.mkdtemp(prefix="leadpact-queries-"))).workspace
        versions.save(space.database, pact(), author="a", message="", now=NOW)
        _ENGINES.append(space.database)
    return _ENGINES[0]


# -- other languages of queries ------------------------------------------------------------------


@UNHURRIED
@given(values=st.lists(ANY, min_size=1, max_size=5))
def test_a_text_in_soql_is_read_back_as_it_was(values: list[str]) -> None:
    plain = [value for value in values if value.isprintable()]
    if plain:
        query = parse(f"SELECT Id FROM Lead WHERE Status IN ({listed(plain)})")
        assert query.where is not None and list(_literals(query.where)) == plain


def _literals(condition: Any) -> Iterator[str]:
    """The texts of a parsed condition, in their order."""
    for value in vars(condition).values():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            said = getattr(one, "value", one)
            if isinstance(said, str) and said not in ("Status", "IN", "in", "Lead"):
                yield said


@UNHURRIED
@given(value=ANY)
def test_a_text_in_a_formula_is_read_back_as_it_was(value: str) -> None:
    formula = to_formula_str(OR(EQ(RECORD_ID(), value), EQ(RECORD_ID(), "rec1")))
    assert formula.count("RECORD_ID()") == 2 + value.count("RECORD_ID()")
    inside, outside = _split(formula)
    assert inside == [value, "rec1"] and set(outside) <= set("OR(RECORD_ID()=, )")


def _split(formula: str) -> tuple[list[str], str]:
    """The quoted texts of a formula, unescaped, and what stands around them."""
    inside, outside, text, at = [], "", None, 0
    while at < len(formula):
        sign = formula[at]
        if text is None:
            text, outside = ("", outside) if sign == "'" else (None, outside + sign)
        elif sign == "\\":
            at += 1
            text += formula[at]
        elif sign == "'":
            inside.append(text)
            text = None
        else:
            text += sign
        at += 1
    return inside, outside


@given(st.text(max_size=30))
def test_a_path_in_sql_is_one_literal(name: str) -> None:
    said = quoted(Path("/home") / name.replace("\x00", "").replace("/", "-"))
    assert said[0] == said[-1] == "'" and "'" not in said[1:-1].replace("''", "")


@given(st.text(max_size=30))
def test_a_column_of_the_company_is_letters_digits_and_lines(name: str) -> None:
    assert not is_slug(name) or set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert not is_slug(f'f_x"{name}')


# -- what stands in an address -------------------------------------------------------------------

LINKS = ["' OR 1=1; --", "%_\\", "<script>", "../../x", "x" * 5000, "{{7*7}}", "-1", "\u202e", json.dumps({"a": [1]})]


def links(page: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_company(home)
    prepare(home, monkeypatch)
    entry = registry.entry(page)
    names = {*entry.filters, "object", "record", "view", "as_of", "connection", "code", "me", "lang"}
    for evil in LINKS:
        at = visit(page, **{"lang": "en", **dict.fromkeys(names - {"lang", "connection"}, evil)})
        assert not at.exception, evil


@pytest.mark.thorough
@pytest.mark.parametrize("page", [entry.name for entry in registry.registered()])
def test_an_address_of_anything_opens_every_page(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links(page, tmp_path / "home", monkeypatch)
