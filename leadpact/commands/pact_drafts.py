"""The draft of a pact on the command line: begun, shown, set from files, caught up, published, discarded.

Not here: what drafts are (config/drafts.py), versions (pact.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from config import drafts, lines, sources, versions
from config.document import BadPact, read_file
from config.drafts import Draft
from config.errors import LeadPactError
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.pact_diff import differences, headline
from leadpact.soundness import doubts


def draft(context: Context, args: argparse.Namespace) -> Result:
    return ACTIONS[args.draft_action](context, args)


def _line(context: Context) -> str:
    try:
        return context.workspace.line
    except LeadPactError:
        return lines.slug_of(str(context.workspace.pact_name))


def _open(context: Context) -> Draft:
    found = drafts.newest(context.workspace.database, _line(context))
    if found is None:
        raise LeadPactError("draft.none", wanted=_line(context))
    return found


def begin(context: Context, args: argparse.Namespace) -> Result:
    """From a version, from a file, from the newest version, or from the proposal where there is none."""
    database, line = context.workspace.database, _line(context)
    base = versions.find(database, args.version, line) if args.version else None
    document: Any = None
    if base is None and not versions.history(database, line):
        document = json.loads(context.workspace.proposed(context.connection(), context.say.code).canonical)
    made = drafts.begin(database, author=args.email, now=context.now, base=base, document=document, pact=line)
    return _shown(context, made)


def show(context: Context, args: argparse.Namespace) -> Result:
    return _shown(context, _open(context))


def set_file(context: Context, args: argparse.Namespace) -> Result:
    """The whole document from a file, valid or not; what others edit meanwhile is merged by part."""
    database, line = context.workspace.database, _line(context)
    document, text = read_file(args.file)
    held = drafts.newest(database, line)
    if held is None:
        kept = drafts.begin(database, author=args.email, now=context.now, document=document, pact=line)
    else:
        gone = {name: None for name in held.document if name not in document}
        kept = drafts.edit_many(database, held.id, sections={**document, **gone}, expected=held.revision,
                                author=args.email, now=context.now)  # fmt: skip
    sources.keep_for_draft(database, kept.document, text, now=context.now)
    return _shown(context, kept)


def set_section(context: Context, args: argparse.Namespace) -> Result:
    """One section from a file that holds it."""
    held = _open(context)
    document, _ = read_file(args.file)
    value = document.get(args.section, document)
    kept = drafts.edit(context.workspace.database, held.id, section=args.section, value=value,
                       expected=args.expected if args.expected is not None else held.revision,
                       author=args.email, now=context.now)  # fmt: skip
    return _shown(context, kept)


def catch_up(context: Context, args: argparse.Namespace) -> Result:
    held = _open(context)
    return _shown(context, drafts.catch_up(context.workspace.database, held.id, expected=held.revision,
                                           author=args.email, now=context.now, prefer=args.prefer))  # fmt: skip


def publish(context: Context, args: argparse.Namespace) -> Result:
    held = _open(context)
    expected = held.revision if args.expected is None else args.expected
    made = drafts.publish(context.workspace.database, held.id, expected=expected, author=args.email,
                          message=args.message, now=context.now)  # fmt: skip
    document = {"version": made.number, "hash": made.hash, "in_force": made.signed_by_both}
    return Result(document, notes=[context.say("cli.imported", version=str(made.number), hash=made.hash[:12])])


def discard(context: Context, args: argparse.Namespace) -> Result:
    held = _open(context)
    drafts.discard(context.workspace.database, held.id, author=args.email, now=context.now, expected=held.revision)
    return Result({"draft": held.id, "state": drafts.DISCARDED}, notes=[context.say("cli.draft_discarded")])


def _shown(context: Context, one: Draft) -> Result:
    """The draft with what it changes, its faults and its doubts."""
    say, database = context.say, context.workspace.database
    known = versions.history(database, one.pact)
    texts = {version.number: version.document for version in known}
    base: dict[str, Any] = json.loads(texts.get(one.base_number or 0, "{}"))
    faults, odd = drafts.faults(one.document), doubts(one.document)
    summary = headline(differences(base, one.document), say) if base else ""
    document = {
        "draft": one.id,
        "pact": one.pact,
        "revision": one.revision,
        "base": one.base_number,
        "author": one.author,
        "updated_at": one.updated_at.isoformat() + "Z",
        "summary": summary,
        "faults": [say.error(fault) for fault in faults],
        "doubts": [say.error(doubt) for doubt in odd],
        "edits": [{"revision": each.revision, "section": each.section, "author": each.author,
                   "at": each.at.isoformat() + "Z"} for each in drafts.edits(database, one.id)],
        "document": one.document,
    }  # fmt: skip
    rows = [*([say("cli.draft_fault"), say.error(fault)] for fault in faults),
            *([say("cli.draft_doubt"), say.error(doubt)] for doubt in odd)]  # fmt: skip
    notes = [say("cli.draft_standing", revision=str(one.revision), author=one.author, base=str(one.base_number or "–"))]
    notes += [summary] if summary else []
    sections = [Section("", [say("cli.draft_kind"), say("cli.draft_what")], rows)] if rows else []
    return Result(document, sections, notes)


def read_document(context: Context, wanted: str) -> tuple[str, dict[str, Any]]:
    """A version, `draft`, or a file, as a label and a plain document. Raises LeadPactError for none of them."""
    database, line = context.workspace.database, _line(context)
    if wanted == "draft":
        return "draft", _open(context).document
    path = Path(wanted)
    if path.suffix.lower() in (".yaml", ".yml", ".json") or path.is_file():
        document, _ = read_file(path)
        if not isinstance(document, dict):
            raise BadPact("pact.not_a_document", source=wanted)
        return path.name, document
    found = versions.find(database, wanted, line)
    return str(found.number), json.loads(found.document)


ACTIONS = {
    "begin": begin,
    "show": show,
    "set": set_section,
    "set-file": set_file,
    "catch-up": catch_up,
    "publish": publish,
    "discard": discard,
}
