"""What pages hold: canonical tables, in the model's types and words, with keys that identify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from leadpact.connector import Page
from leadpact.mapping.document import is_slug
from leadpact.model import ACTIVITY_KINDS, ARROW, CONDITIONS, OBJECTS, TABLES, is_custom
from tests.contract.door import MANY
from tests.contract.suite import Trial, clause

DIRECTIONS = ("inbound", "outbound")


def known(trial: Trial) -> Iterator[Page]:
    """The pages of a full reading whose table there is."""
    return (page for page in trial.read().pages if page.table in TABLES)


@clause("pages.tables", "There is one schema in the house; a table it does not have reaches no analysis.")
def tables(trial: Trial) -> Iterator[str]:
    for name in {page.table for page in trial.read().pages} - set(TABLES):
        yield f"there is no table {name}"


@clause("pages.columns", "A page has all canonical columns, null where unknown, so that absent never means empty.")
def columns(trial: Trial) -> Iterator[str]:
    for page in known(trial):
        missing = set(TABLES[page.table].names) - set(page.rows.column_names)
        if missing:
            yield f"{page.table} lacks {sorted(missing)}"


@clause("pages.no_others", "Nothing but canonical columns: what the mirror computes is not the source's to say.")
def no_others(trial: Trial) -> Iterator[str]:
    for page in known(trial):
        table = TABLES[page.table]
        more = {name for name in page.rows.column_names if name not in table.names}
        extra = {name for name in more if not (table.custom and is_custom(name))}
        if extra:
            yield f"{page.table} does not have {sorted(extra)}"


@clause("pages.custom", "Custom fields are `f_<slug>` text, unique whatever the case: engines fold names.")
def custom(trial: Trial) -> Iterator[str]:
    for page in known(trial):
        own = [name for name in page.rows.column_names if is_custom(name)]
        for name in own:
            if not is_slug(name):
                yield f"{name} is no slug"
            if page.rows.schema.field(name).type != pa.string():
                yield f"{name} is not text"
        if len({name.casefold() for name in own}) < len(own):
            yield f"{page.table} has two custom columns of one name"


@clause("pages.types", "Every column has the model's type; a guess by a dataframe library differs from page to page.")
def types(trial: Trial) -> Iterator[str]:
    for page in known(trial):
        for column in TABLES[page.table].columns:
            at = page.rows.schema.get_field_index(column.name)
            found = page.rows.schema.field(at).type if at >= 0 else ARROW[column.kind]
            if found != ARROW[column.kind]:
                yield f"{page.table}.{column.name} is {found}, not {ARROW[column.kind]}"


@clause(
    "pages.bounded", "A page has 50,000 rows at most, so that memory does not grow with the company.", deeds=["crowd"]
)
def bounded(trial: Trial) -> Iterator[str]:
    trial.door.crowd()
    sizes = [(page.table, page.rows.num_rows) for page in trial.connect().extract().pages]
    total = Counter[str]()
    for table, size in sizes:
        total[table] += size
        if size > 50_000:
            yield f"a page of {table} has {size} rows"
    if max(total.values()) < MANY:
        raise AssertionError("the door did not fill a table")


@clause("pages.keys", "A row comes once: a key delivered twice is counted twice in every figure.")
def keys(trial: Trial) -> Iterator[str]:
    for name, rows in trial.read().rows.items():
        key = TABLES[name].key if name in TABLES else ()
        found = Counter(tuple(row.get(column) for column in key) for row in rows)
        twice = sum(1 for values, times in found.items() if times > 1 and None not in values[:2])
        if key and twice:
            yield f"{twice} keys of {name} come more than once"


@clause("pages.ids", "Ids are text as the source writes them: 007 is not 7, and no id has blanks around it.")
def ids(trial: Trial) -> Iterator[str]:
    for name, rows in trial.read().rows.items():
        for row in rows:
            for column in ("record_id", "owner_id", "opportunity_id", "converted_to", "merged_into"):
                value = row.get(column)
                if isinstance(value, str) and (not value or value != value.strip()):
                    yield f"{name}.{column} is blank or padded"
                    return
    held, records = trial.door.held(), trial.read().rows["record"]
    strange = {(row["object"], row["record_id"]) for row in records} - set(held)
    shortened = {record_id.lstrip("0") for _, record_id in held if record_id.startswith("0")}
    if any(record_id in shortened for _, record_id in strange):
        yield "ids have lost their leading zeros"


@clause(
    "pages.objects", "The key is (object, record_id) everywhere: an object other than lead or contact joins nothing."
)
def objects(trial: Trial) -> Iterator[str]:
    reading = trial.read()
    for name, rows in reading.rows.items():
        unknown = {row["object"] for row in rows if row.get("object") not in (*OBJECTS, None)}
        if unknown:
            yield f"{name} has objects that are neither lead nor contact"
    if any(object not in OBJECTS for object, _ in reading.deleted):
        yield "a deleted key is of neither lead nor contact"


@clause("pages.words", "Conditions, kinds and directions are the model's words, in its spelling: rules compare them.")
def words(trial: Trial) -> Iterator[str]:
    vocabulary = {
        ("record", "condition"): CONDITIONS,
        ("activity", "kind"): ACTIVITY_KINDS,
        ("activity", "direction"): (*DIRECTIONS, None),
    }
    rows = trial.read().rows
    for (table, column), known_words in vocabulary.items():
        if any(row.get(column) not in known_words for row in rows.get(table, [])):
            yield f"{table}.{column} holds words the model does not know"


@clause("pages.required", "What identifies a row or decides how it counts is filled.")
def required(trial: Trial) -> Iterator[str]:
    for name, rows in trial.read().rows.items():
        for column in TABLES[name].columns if name in TABLES else ():
            if column.required and any(row.get(column.name) is None for row in rows):
                yield f"{name}.{column.name} is empty"


@clause("pages.times", "Moments are UTC without a zone: an office's clock taken for UTC moves every deadline.")
def times(trial: Trial) -> Iterator[str]:
    records = trial.read().records
    for key, held in trial.door.held().items():
        found = records[key].get("created_at") if key in records else None
        if found is not None and held.created_at is not None and found.replace(tzinfo=None) != held.created_at:
            yield f"a record created at {held.created_at} UTC is said to be created at {found}"
            return
