"""Commands that talk to a source: sync, check, mapping, demo; and classify, which needs none."""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from leadpact import mapping as mappings
from leadpact import settings, writing
from leadpact.commands.connections import words
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section, printable
from leadpact.connector import Check, Mappable
from leadpact.errors import BadMapping, Misconfigured
from leadpact.sync import Progress, SyncResult


def sync(context: Context, args: argparse.Namespace) -> Result:
    name = context.connection(args.name)
    done = synced(context, name, full=args.full, progress=context.progress)
    say = context.say
    rows = [[say(f"table.{table}"), say.number(count)] for table, count in done.counts.items()]
    notes = [say("cli.synced", name=name, generation=str(done.generation), seconds=done.seconds)]
    for source, one in done.added.items():
        notes.append(say("joined.kept" if one.kept else "joined.added", source=source, count=one.joined, rows=one.rows))
    if done.rejected:
        notes.append(say("cli.rejected", count=done.rejected))
    notes.append(_audited(context, name))
    if getattr(args, "json", False):
        context.tell(notes[-1:])
    return Result(done.as_json(), [Section("", [say("cli.table"), say("cli.rows")], rows)], notes)


def synced(context: Context, name: str, *, full: bool = False, progress: Progress | None = None) -> SyncResult:
    """Reads a connection as it is configured, with what adds to it."""
    return context.workspace.sync(
        context.connector(name),
        name,
        now=context.now,
        full=full,
        adds=context.adders(name),
        progress=progress,
        secrets=context.secrets,
        subjects=context.connections()[name].subjects,
    )


def _audited(context: Context, name: str) -> str:
    """Audits what was read and keeps it with the runs before; a sync never fails because of it."""
    # the engine of the audit is loaded only where it is used
    log = importlib.import_module("leadpact.audit.findings_log")
    try:
        change = log.after_sync(context.workspace, name, now=context.now)
    except Exception as error:  # noqa: BLE001 - the generation is published and serves; what went wrong is said
        return context.say("cli.could_not_keep", problem=type(error).__name__)
    counts = {"new": len(change.new), "still": len(change.still), "resolved": len(change.resolved)}
    return context.say("cli.audited_first" if change.first else "cli.audited", **counts)


def check(context: Context, args: argparse.Namespace) -> Result:
    say = context.say
    found = list(_answers(context, args.name))
    checks = [
        {
            "name": one.name,
            "ok": one.ok,
            "message": say(one.message, **one.params),
            "remedy": say(one.remedy, **one.params) if one.remedy else None,
        }
        for one in found
    ]
    return Result({"connection": args.name, "checks": checks}, plain=_told(context, args.name, found))


def _told(context: Context, name: str, checks: Sequence[Check]) -> str:
    """Where was asked, then an answer a line, the remedy of a bad one beneath it."""
    say = context.say
    one = settings.choose(context.connections(), name)
    lines = [" · ".join((name, *words(say, one))), ""]
    for check in checks:
        chosen = writing.by_choice(check, one.writable)
        lines += _folded("✓ " if check.ok else "– " if chosen else "✗ ", say(check.message, **check.params))
        if check.remedy and not check.ok:
            lines += _folded("    → ", say(check.remedy, **check.params))
    wrong = sum(not check.ok and not writing.by_choice(check, one.writable) for check in checks)
    last = (
        say("connect.tested.wrong", count=wrong, whole=len(checks))
        if wrong
        else say("connect.tested.fine", count=len(checks))
    )
    return "\n".join([*lines, "", last])


def _folded(mark: str, text: str) -> list[str]:
    """The text beside its mark, folded to the terminal it is read in; a pipe gets long lines."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    folded = textwrap.wrap(printable(text), max(width - len(mark), 20)) or [""]
    return [(mark if at == 0 else " " * len(mark)) + line for at, line in enumerate(folded)]


def _answers(context: Context, name: str) -> Iterable[Check]:
    """What the source answers; it is not asked while its settings are still those of the example."""
    missing = settings.choose(context.connections(), name).placeholders
    if missing:
        told = {"options": ", ".join(missing), "name": name}
        return [Check("settings", False, "settings.placeholders", "settings.placeholders.remedy", told)]
    return context.connector(name).check()


def mapping(context: Context, args: argparse.Namespace) -> Result:
    """Proposes, prints or confirms a mapping, so that what the app confirms can be done headless."""
    database = context.workspace.database
    say = context.say
    if args.export:
        kept = settings.mapping_of(database, args.name)
        if kept is None:
            raise Misconfigured("cli.no_mapping", name=args.name)
        return Result(mappings.loads(kept).model_dump(mode="json", exclude_defaults=True), plain=kept)
    connector = context.connector(args.name)
    if not isinstance(connector, Mappable):
        raise Misconfigured("cli.not_mapped_here", type=connector.name)
    tables = connector.describe()
    if args.propose:
        proposal = mappings.propose(tables)
        text = mappings.dumps(proposal.document, proposal.notes(say))
        return Result(proposal.document.model_dump(mode="json", exclude_defaults=True), plain=text)
    document = mappings.addressed(mappings.load(args.file), tables)
    wrong = mappings.faults(document, tables)
    if wrong:
        raise BadMapping("mapping.invalid", details=wrong, source=str(args.file))
    settings.keep_mapping(database, args.name, mappings.dumps(document), context.now)
    return Result(
        document.model_dump(mode="json", exclude_defaults=True), notes=[say("cli.mapping_kept", name=args.name)]
    )


def classify(context: Context, args: argparse.Namespace) -> Result:
    # the lexicon is read on import: only this command pays for it
    classifier = importlib.import_module("leadpact.audit.classifier")
    words = importlib.import_module("leadpact.audit.classifier.own").own_words(context.workspace.home)
    lexicon = words.lexicon()
    values = args.values or [line.rstrip("\r\n") for line in sys.stdin]
    found = [classifier.classify(value, lexicon=lexicon) for value in values]
    document = [
        {"value": one.value, "kind": one.kind, "confidence": round(one.confidence, 3), "language": one.language}
        for one in found
    ]
    say = context.say
    rows = [
        [
            one.value,
            say(f"kind.{one.kind}"),
            say.percent(one.confidence, 0),
            one.language or "–",
            "; ".join(say.text(reason) for reason in classifier.explained(one)),
        ]
        for one in found
    ]
    columns = [say(f"cli.{name}") for name in ("value", "kind", "confidence", "language", "why")]
    notes = [say("classifier.own_words", count=len(words.files))] if words.files else []
    return Result(document, [Section("", columns, rows)], notes)


def demo(context: Context, args: argparse.Namespace) -> Result:
    if args.leads < 1:
        raise Misconfigured("cli.too_few_leads", count=args.leads)
    # the company is the same at any hour of a day: it ends at the last midnight
    until = args.until or context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    counts = context.write_demo(args.out, leads=args.leads, seed=args.seed, until=until, format=args.format)
    say = context.say
    rows = [[name, say.number(count)] for name, count in counts.items()]
    document = {"out": str(args.out), "until": until.isoformat() + "Z", "seed": args.seed, "counts": counts}
    note = say("cli.demo_written", out=str(args.out))
    return Result(document, [Section("", [say("cli.file"), say("cli.rows")], rows)], [note])


COMMANDS = {"sync": sync, "check": check, "mapping": mapping, "classify": classify, "demo": demo}
