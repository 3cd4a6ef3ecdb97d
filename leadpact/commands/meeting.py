"""The command `meeting`: sessions of both teams, their votes and minutes, without a browser.

What nobody has revealed is not told here either: the same reading serves the page.

Not here: the meeting itself (leadpact/meeting), what the command may be asked (meeting_arguments.py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.meeting import agreement, differ, kept, minutes, sessions
from leadpact.meeting.codes import as_code
from leadpact.meeting.facts import TEAMS, Meeting, Tally
from leadpact.meeting.kept import Refused
from leadpact.meeting.said import called


def meeting(context: Context, args: argparse.Namespace) -> Result:
    """One of the actions."""
    return ACTIONS[args.action](context, args)


def listed(context: Context, args: argparse.Namespace) -> Result:
    """Every meeting, the newest first."""
    say, engine = context.say, context.workspace.database
    found = sessions.every(engine)
    people = {one.id: len(kept.people(engine, one.id)) for one in found}
    document = {"meetings": [{**_standing(context, one), "people": people[one.id]} for one in found]}
    rows = [
        [
            one.code,
            one.title,
            say(f"meeting.state.{_state(context, one)}"),
            say.moment(one.opened_at),
            one.facilitator,
            say.number(people[one.id]),
        ]
        for one in found
    ]
    columns = [say(f"meeting.col.{name}") for name in ("code", "title", "state", "opened", "facilitator", "people")]
    return Result(document, [Section("", columns, rows)] if rows else [], [] if rows else [say("cli.no_meetings")])


def show(context: Context, args: argparse.Namespace) -> Result:
    """How one meeting stands, as far as it was revealed."""
    say = context.say
    record = _read(context, args.code)
    one, found = record.meeting, differ.in_order(record.criteria)
    judged = agreement.agreement(record.leads)
    document = {
        **_standing(context, one),
        "agenda": [{"step": step, "minutes": length} for step, length in one.agenda],
        "step": one.agenda[one.step][0] if one.started_at else None,
        "people": [
            {"name": each.name, "team": each.team, "email": each.email, "in_room": minutes.in_room(each, one)}
            for each in record.people
        ],
        "decisions": [each.text for each in record.notes if each.kind == "decision"],
        "parked": [{"text": each.text, "settled": each.settled} for each in record.notes if each.kind == "parked"],
        "criteria": [_criterion(say, each) for each in record.criteria],
        "review": {"kappa": judged.kappa, "low": judged.low, "high": judged.high, "leads": judged.leads,
                   "both_good": judged.both_good, "both_not": judged.both_not,
                   "only_marketing": judged.only_marketing, "only_sales": judged.only_sales},
        "outcome": one.outcome,
        "sheet": one.sheet,
    }  # fmt: skip
    rows = [
        [called(say, each.item), *(_mean(say, each.sides[team]) for team in TEAMS), say.percent(each.difference, 0)]
        for each in found
    ]
    columns = [say("meeting.col.criterion"), *(say(f"team.{team}") for team in TEAMS), say("meeting.col.difference")]
    notes = [f"{one.title} · {say(f'meeting.state.{_state(context, one)}')}"]
    notes += [] if rows else [say("meeting.min.not_revealed")]
    return Result(document, [Section("", columns, rows)] if rows else [], notes)


def export(context: Context, args: argparse.Namespace) -> Result:
    """The minutes as Markdown, shown or written to a file."""
    record = _read(context, args.code)
    zone = context.workspace.pact_in_use(record.meeting.connection).pact.zone
    text = minutes.markdown(context.say, record, zone)
    document = {**_standing(context, record.meeting), "minutes": text}
    if args.out is None:
        return Result(document, plain=text)
    args.out.write_text(text, encoding="utf-8")
    return Result(document, notes=[context.say("cli.minutes_written", file=str(args.out))])


def _read(context: Context, code: str) -> minutes.Record:
    """Everything of the meeting with this code. Whoever can read the home need not guess: no limit here."""
    wanted = as_code(code)
    found = next((one for one in sessions.every(context.workspace.database) if one.code == wanted), None)
    if found is None:
        raise Refused("meeting.no_such_code")
    return minutes.read(context.workspace.database, found)


def _state(context: Context, one: Meeting) -> str:
    if one.closed_at is not None:
        return "closed"
    return "open" if one.is_open(context.now) else "expired"


def _standing(context: Context, one: Meeting) -> dict[str, Any]:
    moments = ("opened_at", "expires_at", "started_at", "closed_at")
    times = {name: None if (at := getattr(one, name)) is None else at.isoformat() + "Z" for name in moments}
    return {"code": one.code, "title": one.title, "connection": one.connection, "mode": one.mode,
            "facilitator": one.facilitator, "state": _state(context, one), **times}  # fmt: skip


def _criterion(say: Language, one: Tally) -> dict[str, Any]:
    """One criterion; means and votes are null until it is revealed."""
    standing = differ.standing(one)
    sides = None if standing is None else {team: standing.sides[team].mean for team in TEAMS}
    votes = None if one.values is None else {
        team: {str(value): n for value, n in sorted(one.values[team].items())} for team in TEAMS
    }  # fmt: skip
    return {
        "criterion": called(say, one.item), "category": one.item.category, "when": one.item.detail.get("when"),
        "round": one.item.round, "voted": dict(one.voted), "votes": votes, "means": sides,
        "difference": None if standing is None else standing.difference,
    }  # fmt: skip


def _mean(say: Language, side: differ.Side) -> str:
    return "–" if side.mean is None else f"{say.number(side.mean, 1)} ({side.n})"


ACTIONS = {"list": listed, "show": show, "export": export}
COMMANDS = {"meeting": meeting}
