"""The event sheet: what Sales wants to know of a person met at an event.

It becomes the form to fill in there, a CSV template that a connection of files reads, and the
must-haves of that source in the draft.

Not here: the page (ui/meeting_event.py), reading files (connectors/files).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, select_autoescape

from config.schema import Pact
from leadpact.audit import protected
from leadpact.export import to_csv
from leadpact.language import Language
from leadpact.meeting.kept import Refused
from leadpact.meeting.said import field as field_name
from leadpact.model import RECORD, is_custom

Answer = Literal["text", "yes_no", "number", "day"]
ANSWERS: tuple[str, ...] = get_args(Answer)
FIRST = ("name", "company", "email", "phone", "country")
FIXED = ("record_id", "source", "created_at")  # columns of every template
MOST_QUESTIONS, LONGEST = 30, 300


@dataclass(frozen=True)
class Question:
    """One line of the form. `field` is the column its answer goes to; `must`: nobody is handed over without it."""

    question: str
    field: str
    answer: str = "text"
    must: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole form. `source` is what the CRM calls people met there."""

    source: str
    questions: tuple[Question, ...]

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "questions": [asdict(one) for one in self.questions]}


def first(lang: Language, pact: Pact) -> Sheet:
    """A form to begin with: who they are, what the pact asks of an opportunity, and whether we may write."""
    asked = [Question(field_name(lang, name), name, "text", name in ("name", "email")) for name in FIRST]
    asked += [
        Question(one.question, one.field or f"f_{slug(one.id)}", "text", False) for one in pact.sales_ready.opportunity
    ]
    asked += [
        Question(lang("meeting.sheet.interest"), "f_interest", "text", True),
        Question(lang("meeting.sheet.next_step"), "f_next_step", "text", False),
        Question(lang("meeting.sheet.consent"), "f_consent", "yes_no", True),
    ]
    own = {one.field: one for one in reversed(asked)}
    return Sheet("", tuple(one for one in asked if own[one.field] is one))


def made(source: str, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """The sheet from what people typed, a row a question; rows without a question are left out.

    A field nobody named gets one made from the question. Raises Refused for a field twice, one that
    every template has already, a kind of answer there is not, or too many questions.
    """
    questions: list[Question] = []
    for row in rows:
        text = " ".join(str(row.get("question") or "").split())[:LONGEST]
        if not text:
            continue
        name = column(str(row.get("field") or "") or text)
        answer = str(row.get("answer") or "text")
        if answer not in ANSWERS:
            raise Refused("meeting.sheet.bad_answer", answer=answer, known=", ".join(ANSWERS))
        if name in FIXED or any(one.field == name for one in questions):
            raise Refused("meeting.sheet.field_twice", field=name)
        questions.append(Question(text, name, answer, bool(row.get("must"))))
    if len(questions) > MOST_QUESTIONS:
        raise Refused("meeting.sheet.too_many", most=MOST_QUESTIONS)
    return Sheet(" ".join(source.split())[:120], tuple(questions))


def of(kept: Mapping[str, Any] | None) -> Sheet | None:
    """The sheet as a meeting keeps it; null where there is none."""
    if not kept:
        return None
    return Sheet(str(kept["source"]), tuple(Question(**one) for one in kept["questions"]))


def column(text: str) -> str:
    """The column a field's name means: one of the house's, or `f_<slug>`."""
    plain = text.strip()
    known = {one.name for one in RECORD.columns}
    if plain.casefold() in known:
        return plain.casefold()
    return plain.casefold() if is_custom(plain.casefold()) else f"f_{slug(plain)}"


def slug(text: str) -> str:
    """`¿Presupuesto anual?` → presupuesto_anual."""
    letters = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:40].strip("_") or "answer"


def sensitive(sheet: Sheet) -> list[tuple[str, str]]:
    """Questions about protected data (question, kind of data): to be taken out, or to be very sure of."""
    found = [(one.question, protected.of_field([one.field, one.question])) for one in sheet.questions]
    return [(question, what.category) for question, what in found if what is not None]


def template(sheet: Sheet) -> str:
    """The CSV to fill in, saved as `leads.csv` in the folder of a files connection: the header alone.

    Columns are called as the connection of files knows them, so that nothing has to be mapped.
    """
    return to_csv([*FIXED, *(one.field for one in sheet.questions)], [])


def musts(sheet: Sheet) -> list[dict[str, Any]]:
    """The must-haves for people of this source, as the pact writes them; they bind nobody else."""
    where = {"field": "source", "op": "eq", "value": sheet.source}
    return [{"field": one.field, "op": "filled", "where": where} for one in sheet.questions if one.must]


def sections(document: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """`sales_ready` with the must-haves of this source, instead of those it had; empty where nothing changes."""
    ready: dict[str, Any] = dict(document.get("sales_ready") or {})
    before: list[Mapping[str, Any]] = list(ready.get("all") or [])
    after = [*(dict(one) for one in before if not _of_source(one, sheet.source)), *musts(sheet)]
    return {} if after == before else {"sales_ready": {**ready, "all": after}}


def _of_source(one: Mapping[str, Any], source: str) -> bool:
    where = one.get("where") or {}
    value = str(where.get("value"))
    return where.get("field") == "source" and where.get("op") == "eq" and value.casefold() == source.casefold()


def form(lang: Language, sheet: Sheet, title: str) -> str:
    """The form as a page to print: one HTML file that loads nothing from anywhere."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent), autoescape=select_autoescape(default=True)
    )
    return pages.get_template("sheet.html.j2").render(
        sheet=sheet, title=title, code=lang.code[:2], intro=lang("meeting.sheet.intro", source=sheet.source or "–"),
        musts=lang("meeting.sheet.musts"), yes=lang("ui.yes"), no=lang("ui.no"),
    )  # fmt: skip
