"""What could be voted on: the criteria the pact has, and the fields and behaviours the data has.

Left out are keys, what says how a lead ended, the CRM's own score, and protected data about people
(audit/protected.py).

Not here: the votes (voting.py), how an item is called (said.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.audit import protected
from leadpact.audit.scored import CRM_SCORES
from leadpact.meeting.facts import NewItem
from leadpact.meeting.outcome import same
from leadpact.model import TOUCH_KINDS, is_custom
from leadpact.tables import Table, Tables, is_blank
from leadpact.workspace import Analysis

PLAIN = ("email", "phone", "company", "country", "preferred_channel", "source", "campaign")
BEHAVIOURS = ("web_visit", "form", "event")
WITHIN_DAYS = 90
LEAST_FILLED = 0.01  # below it nobody could be told by the field
MOST_VALUES, MOST_LISTED, MOST_RESPONSES = 50, 20, 6
WORDS: Mapping[str, tuple[str, ...]] = {
    "events": ("event", "events", "evento", "eventos", "feria", "ferias", "fair", "expo", "webinar", "congreso"),
    "web": ("web", "website", "page", "pages", "url", "utm", "landing", "visit", "visits", "pagina", "sitio"),
    "responses": ("campaign", "source", "medium", "newsletter", "response", "form", "campana", "origen", "fuente",
                  "respuesta", "formulario"),
}  # fmt: skip
OF_ACTIVITY: Mapping[str, str] = {"web_visit": "web", "form": "responses", "event": "events", "meeting": "events"}


def of_pact(pact: Pact) -> list[NewItem]:
    """Every scoring rule and must-have of the pact, to be voted on again."""
    found = [_rule(one) for one in pact.scoring.rules]
    there = [one.detail["when"] for one in found]
    for must in pact.sales_ready.all:
        when = must.model_dump(mode="json", exclude_none=True)
        if not any(same(when, other) for other in there):
            found.append(NewItem("criterion", category(when), _key(when), must.field, {"when": when, "must": True}))
    return found


def of_data(tables: Tables, pact: Pact) -> list[NewItem]:
    """The fields of the records that are filled in at all, and the kinds of behaviour there are.

    `detail`: `when` (the condition it would be; null where the pact cannot test it), `filled` (share
    of the records, 0 to 1), `values` (the most common ones, where there are few).
    """
    record = tables.record.filter((tables.record.condition != "deleted") | tables.record.condition.isnull())
    names = [name for name in record.columns if _useful(name, pact)]
    numbers = _numbers(record, names)
    found = []
    for name in names:
        filled, distinct = numbers[name]
        if filled < LEAST_FILLED:
            continue
        when = {"field": name, "op": "filled"}
        few = 1 < distinct <= MOST_VALUES and name not in ("email", "phone", "company")
        detail: dict[str, Any] = {"when": when, "filled": round(filled, 4)}
        if few:
            detail["values"] = _values(record, name)
        found.append(NewItem("criterion", category(when), _key(when), name, detail))
    return [*found, *_behaviours(tables), *_responses(tables)]


def offered(one: Analysis) -> list[NewItem]:
    """Both, of the data and pact of an analysis."""
    return together(of_pact(one.pact), of_data(one.tables, one.pact))


def usual(found: Iterable[NewItem], most: int) -> list[str]:
    """The keys of at most so many to begin with: the pact's own, then what is about nothing the pact asks for already.

    Two criteria on nearly the same thing, “form in the last 180 days” and “in the last 90”, cost a vote and split it.
    """
    every = list(found)
    asked = {_about(one) for one in every if _of_the_pact(one)}
    own = [one.key for one in every if _of_the_pact(one)]
    return [*own, *(one.key for one in every if not _of_the_pact(one) and _about(one) not in asked)][:most]


def _of_the_pact(one: NewItem) -> bool:
    return "rule" in one.detail or "must" in one.detail


def _about(one: NewItem) -> str:
    """The field or the kind of activity; a criterion no rule can ask for is about itself."""
    when = one.detail.get("when") or {}
    return str(when.get("field") or when.get("activity") or one.key).removeprefix("f_").casefold()


def without_data() -> list[NewItem]:
    """What can be voted on before anything was read."""
    fields = [{"field": name, "op": "filled"} for name in PLAIN]
    found = [NewItem("criterion", category(when), _key(when), when["field"], {"when": when}) for when in fields]
    return [*found, *map(behaviour, BEHAVIOURS)]


def together(first: Iterable[NewItem], more: Iterable[NewItem]) -> list[NewItem]:
    """All of them, each condition once: the pact's own before the data's."""
    found = list(first)
    for one in more:
        when = one.detail.get("when")
        if not any(same(when, other.detail.get("when") or {}) for other in found if when):
            found.append(one)
    return found


def behaviour(kind: str, within_days: float = WITHIN_DAYS) -> NewItem:
    """One kind of activity in the last days."""
    when = {"activity": kind, "within_days": within_days}
    return NewItem("criterion", category(when), _key(when), kind, {"when": when})


def test(field: str, op: str, value: Any = None) -> NewItem:
    """One condition of a field, checked as the pact checks it. Raises pydantic's ValidationError."""
    when = Condition.model_validate({"field": field, "op": op, "value": value}).model_dump(
        mode="json", exclude_none=True
    )
    return NewItem("criterion", category(when), _key(when), field, {"when": when})


def own(text: str) -> NewItem:
    """A criterion in people's own words, which no field can decide yet."""
    plain = " ".join(text.split())[:200]
    return NewItem("criterion", "own", f"own:{plain.casefold()}", plain, {"when": None})


def category(when: Mapping[str, Any]) -> str:
    """Demographics, web, campaign responses or events: by the kind of activity, or by the field's name."""
    if "activity" in when:
        return OF_ACTIVITY.get(str(when["activity"]), "responses")
    words = set(protected.plain(str(when["field"])))
    return next((name for name, own_words in WORDS.items() if words & set(own_words)), "demographics")


def _rule(one: ScoringRule) -> NewItem:
    when = one.when.model_dump(mode="json", exclude_none=True)
    return NewItem("criterion", category(when), f"rule:{one.id}", one.id,
                   {"when": when, "rule": one.id, "points": one.points})  # fmt: skip


def _useful(name: str, pact: Pact) -> bool:
    if is_score(name, pact):
        return False
    return (name in PLAIN or is_custom(name)) and protected.of_field([name]) is None


def is_score(name: str, pact: Pact) -> bool:
    """Whether a column holds the CRM's own score: it would only be judged by itself."""
    own = pact.scoring.crm_field
    return name in CRM_SCORES or (own is not None and name.removeprefix("f_") == own.removeprefix("f_"))


def _numbers(record: Table, names: list[str]) -> dict[str, tuple[float, int]]:
    """Share filled in and number of distinct values of each column; one query."""
    if not names:
        return {}
    asked: dict[str, Any] = {}
    for place, name in enumerate(names):
        column = record[name]
        empty = is_blank(column) if column.type().is_string() else column.isnull()
        asked |= {f"filled_{place}": (~empty).cast("float64").mean(), f"distinct_{place}": column.nunique()}
    row = record.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return {
        name: (float(row[f"filled_{place}"] or 0.0), int(row[f"distinct_{place}"] or 0))
        for place, name in enumerate(names)
    }


def _values(record: Table, name: str) -> list[str]:
    told = record.filter(record[name].notnull()).mutate(value=record[name].cast("string").strip())
    told = told.filter(told.value != "")
    counted = told.group_by("value").aggregate(n=told.count())
    rows = counted.order_by(counted.n.desc(), "value").limit(MOST_LISTED).to_pyarrow().to_pylist()
    return [str(row["value"]) for row in rows]


def _behaviours(tables: Tables) -> list[NewItem]:
    """Kinds of activity that leads themselves do; calls and mails are mostly ours."""
    if "activity" not in tables.provided:
        return []
    kinds = tables.activity.select("kind").distinct().to_pyarrow()["kind"].to_pylist()
    return [behaviour(kind) for kind in sorted(filter(None, kinds)) if kind not in TOUCH_KINDS and kind != "other"]


def _responses(tables: Tables) -> list[NewItem]:
    """The most common campaign responses: worth a vote, though no rule can ask for them yet."""
    if "campaign_touch" not in tables.provided:
        return []
    touch = tables.campaign_touch.filter(tables.campaign_touch.response.notnull())
    counted = touch.group_by("response").aggregate(n=touch.count())
    rows = counted.order_by(counted.n.desc(), "response").limit(MOST_RESPONSES).to_pyarrow().to_pylist()
    return [
        NewItem("criterion", "responses", f"response:{row['response']}", str(row["response"]),
                {"when": None, "response": str(row["response"])})
        for row in rows
    ]  # fmt: skip


def _key(when: Mapping[str, Any]) -> str:
    return ":".join(str(value).casefold() for _, value in sorted(when.items(), key=lambda pair: pair[0]))
