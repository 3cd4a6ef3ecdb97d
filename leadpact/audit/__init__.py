"""The audit: `run(analysis)` gives an Audit of findings, `people(analysis, finding)` who is
behind one, `explain(analysis, findings)` the records behind many.

Not here: repairing what was found (leadpact/writeback).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadpact.audit.rule import Finding, NotChecked, Option, Rule
    from leadpact.audit.runner import Audit, explain, people, run, together

__all__ = ["Audit", "Finding", "NotChecked", "Option", "Rule", "explain", "people", "run", "together"]


def __getattr__(name: str) -> Any:
    """Loads the engine when it is first asked for: `classify` on the command line needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    from leadpact.audit import rule, runner  # noqa: PLC0415 - lazy on purpose

    return getattr(runner if hasattr(runner, name) else rule, name)
