"""Pacts against each other on the command line: what differs, what each gives, and who governs what.

Not here: differences in words (leadpact/pact_diff.py), totals under a pact (leadpact/versus.py).
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable

from config import lines, versions
from config.diff import changes
from config.document import parse
from leadpact import versus
from leadpact.commands.context import Context
from leadpact.commands.funnel import scope_of
from leadpact.commands.pact_drafts import read_document
from leadpact.commands.result import Result, Section
from leadpact.pact_diff import by_section, differences, headline
from leadpact.pact_in_use import PactInUse, computing
from leadpact.scoring.score import LIGHTS
from leadpact.versus import Side


def diff(context: Context, args: argparse.Namespace) -> Result:
    """Two of: a version, `draft`, a YAML file. Without the second: against what computes now."""
    say = context.say
    a, before = read_document(context, args.a)
    b, after = read_document(context, args.b) if args.b else _current(context)
    found = differences(before, after)
    document = {
        "a": int(a) if a.isdigit() else a,
        "b": int(b) if b.isdigit() else b,
        "summary": headline(found, say),
        "sections": [{"title": title, "lines": lines} for title, lines in by_section(found, say)],
        "changes": [one.as_json() for one in changes(before, after)],
    }
    rows = [
        [title if at == 0 else "", text] for title, texts in by_section(found, say) for at, text in enumerate(texts)
    ]
    columns = [say("cli.diff_section"), say("cli.diff_change")]
    return Result(document, [Section("", columns, rows)] if rows else [], [headline(found, say)])


def _current(context: Context) -> tuple[str, dict[str, object]]:
    database, line = context.workspace.database, context.workspace.line
    one = versions.computing(versions.history(database, line))
    return read_document(context, str(one.number) if one is not None else "1")


def compare(context: Context, args: argparse.Namespace) -> Result:
    """Funnel, days in each stage, SLA and lights under two of them, on the same data and as of the same moment."""
    say, space, connection = context.say, context.workspace, context.connection()
    both = [_used(context, wanted) for wanted in (args.a, args.b)]
    scope = versus.together(scope_of(args), [used.pact for used in both])
    asked = {"as_of": args.as_of, "where": dict(args.where or []), "scope": scope}
    sides = [versus.under(space, connection, used, **asked) for used in both]
    names = [_name(context, wanted, side) for wanted, side in zip((args.a, args.b), sides, strict=True)]
    change = say("cli.compare_change")
    parts = {"funnel": ("stage", _steps(context, sides)), "velocity": ("stage", _days(context, sides)),
             "sla": ("policy", _policies(context, sides)), "lights": ("light", _lights(context, sides))}  # fmt: skip
    sections = [
        Section(say(f"cli.compare_{part}"), [say(f"cli.{what}"), *names, change], rows)
        for part, (what, rows) in parts.items()
        if rows
    ]
    when = say.moment(sides[0].as_of, sides[0].used.pact.zone)
    return Result(
        {"a": sides[0].as_json(), "b": sides[1].as_json()},
        sections,
        [say("cli.compare_note", when=when, zone=sides[0].used.pact.timezone)],
    )


def _used(context: Context, wanted: str) -> PactInUse:
    """A version as it stands, or a draft or file as a draft."""
    label, document = read_document(context, wanted)
    pact = parse(document, label)
    line = context.workspace.line
    found = next((one for one in versions.history(context.workspace.database, line) if str(one.number) == label), None)
    force = versions.in_force(versions.history(context.workspace.database, line))
    return PactInUse(pact, found.number if found else None, found is not None and force == found, line=line)


def _name(context: Context, wanted: str, side: Side) -> str:
    number = side.used.version
    return context.say("cli.compare_version", number=str(number)) if number is not None else wanted


def _steps(context: Context, sides: list[Side]) -> list[list[str]]:
    labels = {stage.key: stage.label for side in sides for stage in side.used.pact.funnel}
    a, b = ({step.stage: step.converted for step in side.funnel.steps} for side in sides)
    return [_row(label, a.get(key), b.get(key), context.say.number) for key, label in labels.items()]


def _days(context: Context, sides: list[Side]) -> list[list[str]]:
    """Median days in each stage; one nobody was in under either is left out."""
    labels = {stage.key: stage.label for side in sides for stage in side.used.pact.stages}
    a, b = ({one.stage: one.median_days for one in side.stages} for side in sides)

    def days(value: float | None) -> str:
        return context.say.number(value, 1)

    return [_row(label, a.get(key), b.get(key), days) for key, label in labels.items() if key in a or key in b]


def _lights(context: Context, sides: list[Side]) -> list[list[str]]:
    a, b = (side.lights for side in sides)
    known = [light for light in (*LIGHTS, None) if light in a or light in b]
    say = context.say
    rows = []
    for light in known:
        first, second = (side.get(light, 0) if side else None for side in (a, b))
        rows.append(_row(say(f"versus.light.{light or 'none'}"), first, second, say.number))
    return rows


def _row(label: str, a: float | None, b: float | None, said: Callable[[float | None], str]) -> list[str]:
    gap = b - a if a is not None and b is not None else None
    return [label, said(a), said(b), "–" if gap is None else _change(said(gap), gap)]


def _policies(context: Context, sides: list[Side]) -> list[list[str]]:
    say = context.say
    found = [{one.policy: one for one in side.policies} for side in sides]
    rows = []
    for policy in dict.fromkeys([*found[0], *found[1]]):
        a, b = (side.get(policy) for side in found)
        cells = ["–" if one is None else f"{say.percent(one.compliance)} ({say.number(one.met)})" for one in (a, b)]
        shares = [one.compliance for one in (a, b) if one is not None and one.compliance is not None]
        gap = shares[1] - shares[0] if len(shares) == 2 else None
        rows.append([policy, *cells, "–" if gap is None else _change(say.percent(gap), gap)])
    return rows


def _change(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else text


def listed(context: Context, args: argparse.Namespace) -> Result:
    """Every pact of the company with its scope, and how many records it governs; those of none."""
    say, space = context.say, context.workspace
    known = [(line, computing(line.versions)) for line in lines.every(space.database) if line.versions]
    share = None
    if known and space.synced():
        tables = space.analyse(context.connection(), pact=known[0][1]).tables
        share = versus.shares(tables, [one.pact for _, one in known if one is not None])
    document = {
        "pacts": [
            {
                "slug": line.slug,
                **(one.as_json() if one else {}),
                "scope": one.pact.scope if one else {},
                "records": share.of[at] if share else None,
            }
            for at, (line, one) in enumerate(known)
        ],
        "records": dataclasses.asdict(share) if share else None,
    }
    rows = [
        [
            line.name,
            line.slug,
            str(one.version) if one else "–",
            say("cli.yes") if one and one.in_force else "–",
            "; ".join(f"{name} = {', '.join(values)}" for name, values in one.pact.scope.items()) if one else "",
            say.number(share.of[at]) if share else "–",
        ]
        for at, (line, one) in enumerate(known)
    ]
    names = ("pact_called", "pact_slug", "pact_version", "is_in_force", "pact_scope", "pact_records")
    notes = [say("cli.no_versions")] if not rows else []
    if share is not None:
        notes.append(say("cli.ungoverned", count=share.none, whole=share.whole))
        notes += [say("cli.governed_twice", count=share.more)] if share.more else []
    return Result(document, [Section("", [say(f"cli.{name}") for name in names], rows)] if rows else [], notes)
