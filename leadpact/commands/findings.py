"""Commands about single findings: set aside, bring back, list; and the findings from run to run.

Whoever can read the home is trusted here, and the audit trail says so.

Not here: the audit itself (audit.py), what the commands may be asked (findings_arguments.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from datetime import datetime
from typing import Any

from config.document import load
from leadpact.audit import suppression
from leadpact.audit.changes import Change, Standing, resolved
from leadpact.audit.findings_log import Series, history, line_of, recent
from leadpact.audit.identity import Identity
from leadpact.audit.registry import find
from leadpact.audit.suppression import Suppression
from leadpact.commands.audit import named
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured

MOST_NAMED = 10


def suppress(context: Context, args: argparse.Namespace) -> Result:
    """Sets one finding aside. What is not named is taken from the last audit, where that leaves no doubt."""
    say, database, connection = context.say, context.workspace.database, context.connection()
    used = context.workspace.pact_in_use(connection)
    runs = recent(database, Series(connection, line_of(used)), last=1)
    found = [seen.identity for run in runs for seen in run.found.values()]
    identity, known = _meant(_asked(args, find(args.code).code), found)
    zone = used.pact.zone
    done = suppression.set_aside(
        database, connection, identity, reason=args.reason, author=args.email, door="cli",
        now=context.now, zone=zone, until=args.until,
    )  # fmt: skip
    notes = [say("cli.suppressed_until", finding=_said(context, identity), until=say.day(done.until))]
    if not known:
        notes.append(say("cli.not_found_now"))
    return Result({**_shape(done), "found": known}, notes=notes)


def unsuppress(context: Context, args: argparse.Namespace) -> Result:
    """Ends a suppression before its day."""
    database, connection = context.workspace.database, context.connection()
    code = _code(args.code)
    there = [one.identity for one in suppression.every(database, connection)]
    identity, _ = _meant(_asked(args, code), there)
    was = suppression.bring_back(database, connection, identity, author=args.email, door="cli", now=context.now)
    return Result(_shape(was), notes=[context.say("cli.brought_back", finding=_said(context, identity))])


def suppressions(context: Context, args: argparse.Namespace) -> Result:
    """Everything set aside, also what has ended."""
    say, connection = context.say, context.connection()
    zone = context.workspace.pact_in_use(connection).pact.zone
    day = suppression.today(context.now, zone)
    found = suppression.every(context.workspace.database, connection)
    document = {
        "connection": connection,
        "suppressions": [{**_shape(one), "ended": not one.holds(day)} for one in found],
    }
    rows = [
        [one.identity.code, named(say, one.identity), one.reason, one.author, say.day(one.until),
         "–" if one.holds(day) else say("cli.ended")]
        for one in found
    ]  # fmt: skip
    columns = [
        say(f"cli.{name}") for name in ("code", "finding_about", "reason", "by_whom", "aside_until", "aside_standing")
    ]
    return Result(document, [Section("", columns, rows)], [] if rows else [say("cli.nothing_aside")])


def findings_history(context: Context, args: argparse.Namespace) -> Result:
    """The last runs kept: what was new, still there and resolved in each, and what stands now."""
    if args.last < 1:
        raise Misconfigured("cli.too_few_runs")
    say, connection = context.say, context.connection()
    used = context.workspace.pact_in_use(connection)
    line = load(args.pact).name if args.pact is not None else line_of(used)
    found = history(context.workspace.database, Series(connection, line), last=args.last)
    gone = resolved(found)
    document = {
        "connection": connection,
        "runs": [_run(one) for one in found],
        "findings": [_standing(one, state) for state in ("new", "still", "carried") for one in _last(found, state)],
        "resolved": [_standing(one, "resolved") for one in gone],
    }
    if not found:
        return Result(document, notes=[say("cli.no_runs")])
    zone = used.pact.zone
    rows = [
        [say.moment(one.run.as_of, zone), str(one.run.generation), *map(say.number, _counts(one)),
         ", ".join(one.run.not_checked) or "–"]
        for one in found
    ]  # fmt: skip
    names = ("run_at", "run_generation", "run_new", "run_still", "run_resolved", "run_unchecked")
    sections = [Section("", [say(f"cli.{name}") for name in names], rows)]
    if gone:
        table = [
            [
                one.identity.code,
                named(say, one.identity),
                say.moment(one.since, zone),
                say.moment(one.resolved_at, zone),
            ]
            for one in gone
        ]
        columns = [say(f"cli.{name}") for name in ("code", "finding_about", "stood_since", "resolved_at")]
        sections.append(Section(say("cli.resolved"), columns, table))
    return Result(document, sections)


def _code(text: str) -> str:
    """The rule's code; as written where no rule has it any more, for what was set aside may outlive its rule."""
    try:
        return find(text).code
    except Misconfigured:
        return text


def _asked(args: argparse.Namespace, code: str) -> Identity:
    return Identity(code, args.object, args.value, args.record_type)


def _meant(asked: Identity, found: Collection[Identity]) -> tuple[Identity, bool]:
    """The one identity asked for, and whether it is among those there are.

    Raises Misconfigured where what is said fits several, and none of them exactly.
    """
    if any(one.fingerprint == asked.fingerprint for one in found):
        return asked, True
    fits = [one for one in found if all(one.columns[name] == part for name, part in asked.columns.items() if part)]
    if len(fits) > 1:
        some = sorted(fits, key=lambda one: one.place)[:MOST_NAMED]
        said = "; ".join(" · ".join(part for part in one.place if part) for one in some)
        raise Misconfigured("suppression.which", code=asked.code, count=len(fits), findings=said)
    return (fits[0], True) if fits else (asked, False)


def _said(context: Context, identity: Identity) -> str:
    return f"{identity.code} {named(context.say, identity)}".strip()


def _shape(one: Suppression) -> dict[str, Any]:
    return {**one.identity.as_json(), "reason": one.reason, "author": one.author,
            "created_at": _iso(one.created_at), "until": one.until.isoformat()}  # fmt: skip


def _run(one: Change) -> dict[str, Any]:
    run = one.run
    new, still, gone = _counts(one)
    return {
        "generation": run.generation,
        "as_of": _iso(run.as_of),
        "pact": {"version": run.pact_version, "hash": run.pact_hash, "in_force": run.in_force},
        "first": one.first,
        "new": new,
        "still": still,
        "resolved": gone,
        "not_checked": list(run.not_checked),
    }


def _counts(one: Change) -> tuple[int, int, int]:
    return len(one.new), len(one.still), len(one.resolved)


def _last(found: list[Change], state: str) -> tuple[Standing, ...]:
    some: tuple[Standing, ...] = getattr(found[-1], state) if found else ()
    return some


def _standing(one: Standing, state: str) -> dict[str, Any]:
    shape = {
        **one.identity.as_json(),
        "severity": one.seen.severity,
        "records": one.seen.records,
        "state": state,
        "since": _iso(one.since),
        "first_seen": _iso(one.seen.first_seen),
        "last_seen": _iso(one.seen.last_seen),
    }
    return {**shape, "resolved_at": _iso(one.resolved_at)} if one.resolved_at is not None else shape


def _iso(moment: datetime) -> str:
    return moment.isoformat() + "Z"


COMMANDS = {
    "suppress": suppress,
    "unsuppress": unsuppress,
    "suppressions": suppressions,
    "findings-history": findings_history,
}
