"""A rule as cells of the table, and cells as the rule of the document. Pure: no widgets, nothing kept.

What somebody typed and is no rule yet stays in the document as it is, so that its fault can be told.

Not here: the table (scoring_rules_table.py), what is kept of edits (scoring_rules_draft.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, get_args

from config.parts import Op
from leadpact.scoring.conditions import number_of
from ui.scoring_words import ACTIVITY

COLUMNS = ("id", "on", "op", "value", "points", "per", "max_points", "within_days", "half_life_days", "group")
NUMBERS = ("points", "max_points", "half_life_days")
OPS: tuple[str, ...] = get_args(Op)
NO_VALUE, MANY = ("filled", "empty"), ("in", "not_in", "between")
BETWEEN = "; "  # between several values: a comma is part of many

Rule = Mapping[str, Any]


def cells(rule: Rule) -> dict[str, Any]:
    """The rule of a document as one row; what is missing is null."""
    when = rule.get("when")
    when = when if isinstance(when, Mapping) else {}
    activity = "activity" in when and "field" not in when
    test = when.get("subject") if activity else when
    test = test if isinstance(test, Mapping) else {}
    on = f"{ACTIVITY}{when.get('activity')}" if activity else when.get("field")
    return {
        "id": _text(rule.get("id")),
        "on": _text(on),
        "op": _text(test.get("op")),
        "value": said(test.get("value")),
        "per": _text(rule.get("per")) or "once",
        "within_days": _number(when.get("within_days")) if activity else None,
        "group": _text(rule.get("group")),
        **{name: _number(rule.get(name)) for name in NUMBERS},
    }


def changed(rule: Rule, edits: Mapping[str, Any], taken: Collection[str] = ()) -> dict[str, Any]:
    """The rule after these edits of its cells. Values nobody touched stay as they were written.

    `taken` are the names of the other rules: a new one gets another name.
    """
    row = {**cells(rule), **edits}
    on = str(row["on"] or "").strip()
    activity = on.startswith(ACTIVITY)
    known = rule.get("when") if isinstance(rule.get("when"), Mapping) else {}
    old = (known.get("subject") if activity else known) or {}  # type: ignore[union-attr]
    test = _test(row, old if isinstance(old, Mapping) else {}, activity=activity)
    when: dict[str, Any]
    if activity:
        when = {"activity": on.removeprefix(ACTIVITY)}
        when |= {"subject": test} if test else {}
        when |= {"within_days": _plain(row["within_days"])} if row["within_days"] is not None else {}
    else:
        when = {"field": on, **test}
    was = rule.get("category")
    same = was in ("fit", "behaviour") and ("activity" in (known or {})) == activity
    name = str(row["id"] or "")
    found: dict[str, Any] = {
        "id": name if name == rule.get("id") else slug(name, taken),
        "category": was if same else "behaviour" if activity else "fit",
        "when": when,
    }
    found |= {name: _plain(row[name]) for name in NUMBERS if row[name] is not None}
    if row["per"] and row["per"] != "once":
        found["per"] = row["per"]
    if str(row["group"] or "").strip():
        found["group"] = str(row["group"]).strip()
    return found


def _test(row: Mapping[str, Any], old: Rule, *, activity: bool) -> dict[str, Any]:
    op = row["op"]
    if not op:
        return {}
    if op in NO_VALUE:
        return {"op": op}
    if not activity or str(row["value"] or "").strip():
        same = old.get("op") == op and said(old.get("value")) == (row["value"] or None)
        return {"op": op, "value": old.get("value") if same else typed(op, str(row["value"] or ""), old.get("value"))}
    return {"op": op}


def typed(op: str, text: str, before: Any = None) -> Any:
    """What was typed as a value: a list for tests that take one; a number where it is written plainly."""
    known = before if isinstance(before, list) else [before]
    scalars = {_said(one): one for one in known if one is not None}
    parts = [part.strip() for part in text.split(";")] if op in MANY else [text.strip()]
    values = [scalars.get(part, _scalar(part)) for part in parts if part]
    return values if op in MANY else values[0] if values else None


def said(value: Any) -> str | None:
    """A value as people type it."""
    if value is None:
        return None
    return BETWEEN.join(_said(one) for one in value) if isinstance(value, list) else _said(value)


def slug(name: str, taken: Collection[str] = ()) -> str:
    """A name as the pact takes it: letters without accents, digits, `-` and `_`, and not one that is taken."""
    plain = unicodedata.normalize("NFKD", name.strip())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_")[:70]
    plain = plain if plain and plain[0].isalpha() else f"rule-{plain}".rstrip("-")
    number, found = 1, plain
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found


def _scalar(text: str) -> Any:
    """`100` is a number, `007` and an id of 16 digits are text."""
    number = number_of(text)
    if number is None or not number.is_integer() or str(int(number)) != text:
        return text
    return int(number)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _plain(value: Any) -> Any:
    """10.0 as 10: it is read by people."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
