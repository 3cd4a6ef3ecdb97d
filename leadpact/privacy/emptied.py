"""What is left of a forgotten record, table by table: the journey stays, whose it was does not.

Left: the key (another one where the id itself named the person), statuses and owners with their
times, touches with kind, direction, time and who did them, deals with their amounts, source,
campaign, country. Gone: name, e-mail, phone, company, address in the CRM, every mapped field,
changes of any other field, subjects and outcomes of touches, and any text that names the person.

Not here: who was forgotten (tombstones.py), writing a generation anew (mirrors.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadpact.model import RECORD, is_custom

# changes of these make the journey; of any other field they are values of the person
JOURNEY_FIELDS = ("status", "owner", "owner_id", "condition")
PERSONAL = tuple(column.name for column in RECORD.columns if column.personal)
_ALWAYS = {"record": (*PERSONAL, "url"), "activity": ("subject", "outcome")}
# what groups numbers stays, unless somebody wrote the person into it
_UNLESS_NAMED = ("source", "campaign", "country", "preferred_channel", "record_type", "end_reason")
_POINTERS = {"converted_to": "'contact'", "merged_into": "p.object"}


def concerns(columns: Iterable[str]) -> bool:
    """Whether rows with these columns are about records."""
    return {"object", "record_id"} <= set(columns)


def select(table: str, columns: Iterable[str], *, source: str = "page") -> str:
    """All rows of `source`, a canonical table about records, with those in `forgotten` emptied. Parameter: $key."""
    names = list(columns)
    told = {name: _cell(table, name, names) for name in names}
    joins = [f"LEFT JOIN forgotten f ON f.hash = {_hash('p.object', 'p.record_id')}"]
    for name, object in (*_POINTERS.items(), ("person_id", "")):
        if table == "record" and name in names:
            hashed = _hash(object, f"p.{name}") if object else "sha256($key || ':' || p.person_id)"
            joins.append(f"LEFT JOIN forgotten f_{name} ON f_{name}.hash = {hashed}")
            alias = f"f_{name}.alias" if object else "split_part(p.person_id, ':', 1) || ':' || f_person_id.alias"
            told[name] = f'coalesce({alias}, p."{name}")'
    cells = ", ".join(f'{cell} AS "{name}"' for name, cell in told.items())
    fields = ", ".join(f"'{name}'" for name in JOURNEY_FIELDS)
    kept = f" WHERE f.hash IS NULL OR p.field IN ({fields})" if table == "field_change" else ""
    return f"SELECT {cells} FROM {source} p {' '.join(joins)}{kept}"  # noqa: S608 - names of the house


def _cell(table: str, name: str, there: Sequence[str]) -> str:
    own = f'p."{name}"'
    if name == "record_id":
        return f"coalesce(f.alias, {own})"
    if name in _ALWAYS.get(table, ()) or is_custom(name):
        return f"CASE WHEN f.hash IS NULL THEN {own} END"
    if table == "record" and name in _UNLESS_NAMED:
        return f"CASE WHEN f.hash IS NULL OR NOT ({_names(own, there)}) THEN {own} END"
    if (table, name) == ("campaign_touch", "response"):
        return f"CASE WHEN f.hash IS NULL OR NOT contains({own}, '@') THEN {own} END"
    if (table, name) == ("activity", "activity_id"):
        made = f"'forgotten-' || left(sha256($key || {own}), 16)"
        return f"CASE WHEN f.hash IS NOT NULL AND contains({own}, '@') THEN {made} ELSE {own} END"
    return own


def _names(column: str, there: Sequence[str]) -> str:
    """Whether a text holds an address, or the record's own name, address or phone."""
    own = [f"(length(trim(p.{of})) > 2 AND contains(lower({column}), lower(trim(p.{of}))))"
           for of in ("name", "email", "phone") if of in there]  # fmt: skip
    return " OR ".join(f"coalesce({one}, false)" for one in (f"contains({column}, '@')", *own))


def _hash(object: str, record_id: str) -> str:
    return f"sha256($key || ':' || {object} || ':' || {record_id})"
