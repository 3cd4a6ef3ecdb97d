"""Comments on parts of a pact: kept by path, settled and opened again, never lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import comments
from config.database import audit_trail, open_database
from config.errors import LeadPactError

NOW = datetime(2026, 3, 1, 9)


def test_comments_stand_on_a_part_and_are_seen_from_what_holds_it(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    for path in ("stages[mql].meaning", "stages[mql]", "stages[mql2]", "scoring.rules[visit]", "scoring_x", ""):
        comments.add(engine, path=path, text=f"on {path}", author="ana@x.com", now=NOW)
    comments.add(engine, pact="other", path="stages[mql]", text="elsewhere", author="ana@x.com", now=NOW)

    def paths(path: str | None) -> list[str]:
        return [one.path for one in comments.on(engine, path=path)]

    assert paths("stages[mql]") == ["stages[mql].meaning", "stages[mql]"]
    assert paths("stages") == ["stages[mql].meaning", "stages[mql]", "stages[mql2]"]
    assert paths("scoring") == ["scoring.rules[visit]"]
    assert len(paths(None)) == 6
    assert [one.text for one in comments.on(engine, "other")] == ["elsewhere"]


def test_a_comment_is_settled_and_opened_again_on_the_record(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    made = comments.add(engine, path="sla", text=" Too short?\x00 ", author="ana@x.com", now=NOW)
    assert (made.text, made.open) == ("Too short?", True)
    settled = comments.resolve(engine, made.id, author="bob@x.com", now=NOW)
    assert (settled.resolved_by, settled.open) == ("bob@x.com", False)
    assert comments.resolve(engine, made.id, author="eve@x.com", now=NOW) == settled
    assert comments.on(engine, open_only=True) == []
    assert comments.reopen(engine, made.id, author="eve@x.com", now=NOW) == made
    with engine.connect() as database:
        trail = database.execute(sa.select(audit_trail.c.action, audit_trail.c.actor)).all()
    assert trail == [("pact.commented", "ana@x.com"), ("pact.comment_resolved", "bob@x.com"),
                     ("pact.comment_reopened", "eve@x.com")]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "author", "key"),
    [(" \x00 ", "ana", "comment.empty"), ("x" * 5001, "ana", "comment.too_long"), ("x", " ", "comment.nobody")],
)
def test_an_empty_comment_or_nobodys_is_refused(tmp_path: Path, text: str, author: str, key: str) -> None:
    with pytest.raises(LeadPactError, match=key):
        comments.add(open_database(tmp_path), path="", text=text, author=author, now=NOW)
    with pytest.raises(LeadPactError, match=r"comment\.none"):
        comments.resolve(open_database(tmp_path), 7, author="ana", now=NOW)
