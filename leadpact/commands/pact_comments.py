"""Comments on the pact on the command line: read, add, settle, open again.

Not here: comments themselves (config/comments.py), the pact's other actions (pact.py).
"""

from __future__ import annotations

import argparse
from typing import Any

from config import comments, drafts, versions
from config.comments import Comment
from config.errors import LeadPactError
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section


def remarks(context: Context, args: argparse.Namespace) -> Result:
    """What was said of the pact, or of the part `--on`; after `--add`, `--resolve` or `--reopen`, as it is then."""
    say, database, line = context.say, context.workspace.database, context.workspace.line
    notes = []
    if args.add is not None:
        path = (args.on or "").strip()
        comments.must_be_a_part(path, _document(context, line))
        made = comments.add(database, pact=line, path=path, text=args.add, author=_who(args), now=context.now)
        notes.append(say("cli.comment_said", number=str(made.id)))
    for act, wanted in ((comments.resolve, args.resolve), (comments.reopen, args.reopen)):
        if wanted is not None:
            if wanted not in {one.id for one in comments.on(database, line)}:
                raise LeadPactError("comment.none", wanted=str(wanted))
            act(database, wanted, author=_who(args), now=context.now)
    found = comments.on(database, line, args.on, open_only=not args.all)
    rows = [
        [str(one.id), one.path or say("comments.whole"), one.text, one.author, one.at.isoformat(" ", "minutes"),
         say("cli.comment_open") if one.open else say("cli.comment_settled", author=one.resolved_by or "–")]
        for one in found
    ]  # fmt: skip
    columns = [say("cli.comment_number"), say("cli.comment_part"), say("cli.comment"), say("cli.author"),
               say("cli.comment_at"), say("cli.comment_standing")]  # fmt: skip
    document = {"pact": line, "on": args.on, "comments": [_as_json(one) for one in found]}
    return Result(document, [Section("", columns, rows)] if rows else [], notes or ([] if rows else [_none(context)]))


def _none(context: Context) -> str:
    return context.say("cli.no_comments")


def _who(args: argparse.Namespace) -> str:
    return str(args.email or "").strip()


def _document(context: Context, line: str) -> Any:
    """What is commented on: the open draft, else the newest version, else the default with its proposed map."""
    draft = drafts.newest(context.workspace.database, line)
    if draft is not None:
        return draft.document
    known = versions.history(context.workspace.database, line)
    pact = known[0].pact if known else context.workspace.proposed(context.connection(), context.say.code)
    return pact.model_dump(mode="json", by_alias=True)


def _as_json(one: Comment) -> dict[str, Any]:
    return {
        "id": one.id, "path": one.path, "text": one.text, "author": one.author, "at": one.at.isoformat() + "Z",
        "open": one.open, "resolved_by": one.resolved_by,
        "resolved_at": one.resolved_at.isoformat() + "Z" if one.resolved_at else None,
    }  # fmt: skip
