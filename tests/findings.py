"""Findings and audits written down in a test, without any company behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leadpact.audit import Audit, Finding, NotChecked
from leadpact.language import Text
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis
from tests.worlds import pact

AT = datetime(2026, 3, 1, 6)


def finding(code: str = "STA01", value: str | None = "Called", **changed: Any) -> Finding:
    """An error about ten leads, unless it says otherwise."""
    said = Text.of("audit.and", first="a", second="b")
    given: dict[str, Any] = {"name": "status.action", "severity": "error", "object": "lead", "records": 10}
    return Finding(code=code, value=value, **{**given, "message": said, "suggestion": said, **changed})


def audited(*found: Finding, not_checked: tuple[str, ...] = ()) -> Audit:
    return Audit(found, tuple(NotChecked(code, code, ("history",)) for code in not_checked))


def analysis(generation: int = 1, at: datetime = AT, *, connection: str = "acme", **changed: Any) -> Analysis:
    """What an audit of this generation was of; it has no tables."""
    used = changed.pop("used", PactInUse(pact(), 1, True))
    given = {"as_of": at, "conditions": {}, **changed}
    return Analysis(connection=connection, generation=generation, synced_at=at, used=used, tables=None, info={},
                    **given)  # type: ignore[arg-type]  # fmt: skip
