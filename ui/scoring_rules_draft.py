"""What this session has edited of the scoring and not saved yet: the document it began from, and the edits.

The table's own memory is short (it forgets when the page is left), so every edit is copied here as it
is made. Where nothing is edited the newest draft is followed.

Not here: saving (scoring_rules_save.py), cells (scoring_rules_cells.py), drafts (config/drafts.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ui import scoring_rules_cells as cells
from ui.definition_draft import Standing

_KEPT = "_scoring_edited"
Rule = dict[str, Any]


@dataclass(frozen=True)
class Edited:
    """`base` are the rules the table was drawn with, `rules` those as edited so far.

    `document` is the whole pact as it was when the first edit was made, of `draft` (its id, null: a
    version or the proposal) at `revision`. `turn` counts the tables: another one begins anew. `form`
    is the position of the rule in the form, -1 for a new one, null for none.
    """

    document: Mapping[str, Any]
    draft: int | None
    revision: int
    base: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    caps: Mapping[str, float]
    threshold: float | None
    turn: int = 0
    form: int | None = None

    @property
    def sections(self) -> dict[str, Any]:
        """The sections of the document that differ, as they are now."""
        found: dict[str, Any] = {}
        scoring = dict(self.document.get("scoring") or {})
        own = {**scoring, "rules": list(self.rules), "groups": _groups(self.caps)}
        if not own["groups"]:
            own.pop("groups")
        if _text(own) != _text({**scoring, "rules": scoring.get("rules", [])}):
            found["scoring"] = own
        ready = dict(self.document.get("sales_ready") or {})
        if ready.get("threshold") != self.threshold:
            ready["threshold"] = self.threshold
            found["sales_ready"] = {name: value for name, value in ready.items() if value is not None}
        return found

    @property
    def now(self) -> dict[str, Any]:
        """The whole document with the edits."""
        return {**self.document, **self.sections}

    @property
    def touched(self) -> bool:
        return bool(self.sections)


def current(standing: Standing) -> Edited:
    """The edits of this session; begun anew where there are none and the document is another."""
    held: Edited | None = st.session_state.get(_KEPT)
    draft = (standing.draft.id, standing.draft.revision) if standing.draft else (None, 0)
    if held is not None and (held.touched or held.form is not None):
        return held
    if held is not None and (held.draft, held.revision) == draft and held.document == standing.document:
        return held
    return _begin(standing.document, *draft, turn=held.turn + 1 if held else 0)


def _begin(document: Mapping[str, Any], draft: int | None, revision: int, turn: int) -> Edited:
    scoring, ready = document.get("scoring") or {}, document.get("sales_ready") or {}
    rules = tuple(dict(one) for one in scoring.get("rules", []) if isinstance(one, Mapping))
    caps = {one["name"]: one["max_points"] for one in scoring.get("groups", [])
            if isinstance(one, Mapping) and {"name", "max_points"} <= set(one)}  # fmt: skip
    made = Edited(document, draft, revision, rules, rules, caps, ready.get("threshold"), turn)
    st.session_state[_KEPT] = made
    return made


def keep(edited: Edited) -> Edited:
    """Remembers them."""
    st.session_state[_KEPT] = edited
    return edited


def drop() -> None:
    """Forgets every edit; the page shows the draft as it is."""
    held: Edited | None = st.session_state.get(_KEPT)
    if held is not None:
        _begin(held.document, held.draft, held.revision, held.turn + 1)


def saved() -> None:
    """The edits are in the draft: what is shown next is the draft."""
    held: Edited | None = st.session_state.get(_KEPT)
    if held is not None:
        st.session_state[_KEPT] = replace(held, document={}, base=(), rules=(), caps={}, threshold=None, form=None)


def edit_cells(edits: Mapping[int, Mapping[str, Any]]) -> None:
    """What the table says was changed since it was drawn: by row, cells by column."""

    def apply(held: Edited) -> Edited:
        rules = list(held.base)
        for at, changes in edits.items():
            if at < len(rules):
                taken = [str(one.get("id")) for place, one in enumerate(rules) if place != at]
                rules[at] = cells.changed(rules[at], changes, taken)
        return replace(held, rules=tuple(rules))

    change(apply)


def put(at: int | None, rule: Rule) -> None:
    """A rule in the place of another, or at the end."""

    def apply(held: Edited) -> Edited:
        rules = list(held.rules)
        rules[len(rules) if at is None else at :] = [rule, *([] if at is None else rules[at + 1 :])]
        return _redrawn(replace(held, form=None), rules)

    change(apply)


def move(at: int, by: int) -> None:
    """A rule so many places down (or up)."""

    def apply(held: Edited) -> Edited:
        rules = list(held.rules)
        rules.insert(max(0, min(len(rules) - 1, at + by)), rules.pop(at))
        return _redrawn(held, rules)

    change(apply)


def remove(at: int) -> None:
    change(lambda held: _redrawn(held, [one for place, one in enumerate(held.rules) if place != at]))


def copy(at: int) -> None:
    """The same rule once more beneath it, under a name of its own."""

    def apply(held: Edited) -> Edited:
        rules = list(held.rules)
        name = cells.slug(str(rules[at].get("id") or "rule"), [str(one.get("id")) for one in rules])
        return _redrawn(held, [*rules[: at + 1], {**rules[at], "id": name}, *rules[at + 1 :]])

    change(apply)


def open_form(at: int | None) -> None:
    """The form for a rule (null: a new one); the table takes what was edited so far as its own."""
    change(lambda held: _redrawn(replace(held, form=-1 if at is None else at), held.rules))


def close_form() -> None:
    change(lambda held: replace(held, form=None))


def redraw() -> Edited | None:
    """The table is a new one (another page was open in between): it begins with the edits so far."""
    change(lambda held: _redrawn(held, held.rules))
    found: Edited | None = st.session_state.get(_KEPT)
    return found


def change(apply: Callable[[Edited], Edited]) -> None:
    held: Edited | None = st.session_state.get(_KEPT)
    if held is not None:
        st.session_state[_KEPT] = apply(held)


def _redrawn(held: Edited, rules: Sequence[Rule]) -> Edited:
    return replace(held, base=tuple(rules), rules=tuple(rules), turn=held.turn + 1)


def _groups(caps: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "max_points": most} for name, most in caps.items()]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
