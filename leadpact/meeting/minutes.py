"""The minutes: who was there, what was voted and decided, what is parked; as Markdown.

Everything people typed is escaped: no Markdown, no HTML of theirs is ever run. What was not
revealed is not in them.

Not here: the votes themselves (voting.py), the order of differences (differ.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from leadpact.language import Language
from leadpact.meeting import agreement, differ, event_sheet, kept, running, voting
from leadpact.meeting.facts import TEAMS, Meeting, Note, Person, Tally
from leadpact.meeting.said import called

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$^-])")
MOST_DIFFERENCES = 10


@dataclass(frozen=True)
class Record:
    """Everything the minutes are made of, read once."""

    meeting: Meeting
    people: Sequence[Person]
    notes: Sequence[Note]
    criteria: Sequence[Tally]
    leads: Sequence[Tally]


def read(engine: Engine, meeting: Meeting) -> Record:
    """What pact.db has of a meeting; values of what was not revealed are not read."""
    return Record(
        meeting,
        kept.people(engine, meeting.id),
        running.notes(engine, meeting.id),
        voting.tallies(engine, meeting.id, "criterion"),
        voting.tallies(engine, meeting.id, "lead"),
    )


def markdown(lang: Language, record: Record, zone: ZoneInfo) -> str:
    """The minutes as Markdown, with nothing in it that a reader's program would run."""
    one = record.meeting
    facts = [
        (lang("meeting.min.facilitator"), one.facilitator),
        (lang("meeting.min.opened"), _at(lang, one.opened_at, zone)),
    ]
    if one.started_at is not None:
        facts.append((lang("meeting.min.started"), _at(lang, one.started_at, zone)))
    if one.closed_at is not None:
        facts.append((lang("meeting.min.closed"), _at(lang, one.closed_at, zone)))
    facts.append((lang("meeting.min.mode"), lang(f"meeting.mode.{one.mode}")))
    blocks = [f"# {safe(one.title)}", _list([f"{safe(name)}: {safe(said)}" for name, said in facts])]
    blocks += _block(lang("meeting.min.decisions"), [safe(note.text) for note in _of(record, "decision")],
                     lang("meeting.min.no_decisions"))  # fmt: skip
    blocks += _people(lang, record)
    blocks += _criteria(lang, record)
    blocks += _review(lang, record)
    blocks += _outcome(lang, record)
    sheet = event_sheet.of(one.sheet)
    if sheet is not None and sheet.questions:
        lines = [f"{safe(each.question)} ({safe(each.field)}){' *' if each.must else ''}" for each in sheet.questions]
        blocks += _block(f"{lang('meeting.min.sheet')}: {sheet.source or '–'}", lines, "")
    parked = [
        f"{safe(note.text)}{' ✓ ' + lang('meeting.min.settled') if note.settled else ''}"
        for note in _of(record, "parked")
    ]
    blocks += _block(lang("meeting.min.parked"), parked, lang("meeting.min.nothing_parked"))
    return "\n\n".join(blocks) + "\n"


def safe(text: str) -> str:
    """The text as Markdown that shows it letter by letter on one line, in programs that render HTML too."""
    return _SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False)).replace("://", ":&#8203;//")


def in_room(person: Person, meeting: Meeting) -> bool:
    """Whether somebody was seen after the meeting began; else they voted beforehand only."""
    return meeting.started_at is not None and person.seen_at >= meeting.started_at


def _people(lang: Language, record: Record) -> list[str]:
    lines = []
    for team in TEAMS:
        mine = [one for one in record.people if one.team == team]
        there = [safe(one.name) for one in mine if in_room(one, record.meeting)]
        before = [safe(one.name) for one in mine if not in_room(one, record.meeting)]
        if there:
            lines.append(f"{lang(f'team.{team}')}: {', '.join(there)}")
        if before:
            lines.append(f"{lang(f'team.{team}')} ({lang('meeting.min.beforehand')}): {', '.join(before)}")
    if record.people and any(one.email is None for one in record.people):
        lines.append(f"*{lang('meeting.min.unchecked')}*")
    empty = "meeting.min.by_hands" if record.meeting.mode == "hands" else "meeting.min.nobody"
    return _block(lang("meeting.min.people"), lines, lang(empty))


def _criteria(lang: Language, record: Record) -> list[str]:
    found = differ.in_order(record.criteria)
    if not found:
        return _block(lang("meeting.min.votes"), [], lang("meeting.min.not_revealed"))
    head = [lang("meeting.min.criterion"), *(lang(f"team.{team}") for team in TEAMS), lang("meeting.min.difference")]
    rows = [
        [
            safe(called(lang, one.item)),
            *(_mean(lang, one.sides[team]) for team in TEAMS),
            lang.percent(one.difference, 0),
        ]
        for one in found
    ]
    return [f"## {lang('meeting.min.votes')}", lang("meeting.min.votes_said"), _table(head, rows)]


def _review(lang: Language, record: Record) -> list[str]:
    found = agreement.agreement(record.leads)
    if not found.leads:
        return []
    lines = [
        lang("meeting.min.judged", count=found.leads),
        lang("meeting.min.both", good=found.both_good, other=found.both_not,
             apart=found.only_marketing + found.only_sales),
    ]  # fmt: skip
    if found.kappa is None:
        lines.append(lang("meeting.min.no_kappa"))
    elif found.low is None:
        lines.append(lang("meeting.min.kappa", kappa=lang.number(found.kappa, 2)))
    else:
        said = {"kappa": found.kappa, "low": found.low, "high": found.high}
        lines.append(lang("meeting.min.kappa_between", **{k: lang.number(v, 2) for k, v in said.items()}))
    return _block(lang("meeting.min.review"), lines, "")


def _outcome(lang: Language, record: Record) -> list[str]:
    kept_outcome = record.meeting.outcome
    if not kept_outcome:
        return []
    rules = [str(each) for each in kept_outcome.get("rules", [])]
    musts = [str(each) for each in kept_outcome.get("musts", [])]
    lines = [lang("meeting.min.draft", draft=kept_outcome.get("draft", "–"), author=safe(str(kept_outcome["author"])))]
    lines += [f"{lang('meeting.min.rules')}: {', '.join(map(safe, rules))}"] if rules else []
    lines += [f"{lang('meeting.min.musts')}: {', '.join(map(safe, musts))}"] if musts else []
    return _block(lang("meeting.min.outcome"), lines, "")


def _mean(lang: Language, side: differ.Side) -> str:
    return "–" if side.mean is None else f"{lang.number(side.mean, 1)} ({side.n})"


def _of(record: Record, kind: str) -> list[Note]:
    return [one for one in record.notes if one.kind == kind]


def _at(lang: Language, at: datetime, zone: ZoneInfo) -> str:
    return lang.moment(at, zone)


def _block(title: str, lines: Sequence[str], empty: str) -> list[str]:
    return [f"## {safe(title)}", _list(lines) if lines else empty]


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
