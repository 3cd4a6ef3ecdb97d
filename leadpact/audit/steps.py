"""What to do first: every rule belongs to one of six steps, and the steps stand in the order of the work.

The order is one of cause: a status cannot be cleaned before both teams agree what it should say,
a score cannot be judged while statuses lie, and no time is worth measuring between moments
nobody recorded.

Not here: what the rules find (rules), how steps are drawn (ui), what they are called (catalogues).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from config.schema import Pact
from leadpact.audit.registry import chosen
from leadpact.audit.rule import SEVERITIES, Finding
from leadpact.audit.runner import Audit

Step = Literal["definition", "statuses", "contacts", "scoring", "time", "velocity"]
State = Literal["todo", "done", "unknown"]

RULES: dict[Step, tuple[str, ...]] = {
    "definition": ("DEF01", "DEF02", "DEF03", "DEF04"),
    "statuses": (
        *(f"STA{number:02}" for number in range(1, 16)),
        *("EVI01", "EVI03"),
    ),
    "contacts": ("CON01", "CON02", "CON03", "CON04", "CON05"),
    "scoring": ("SCO01", "SCO02", "SCO03", "SCO04", "EVI02"),
    "time": ("SLA01", "SLA02", "SLA03", "ROU01", "ROU02", "ROU03"),
    "velocity": ("FLO01", "EVI04", "OPP01"),
}
STEPS: tuple[Step, ...] = tuple(RULES)
OF: dict[str, Step] = {code: step for step, codes in RULES.items() for code in codes}


@dataclass(frozen=True)
class Standing:
    """One step as the audit sees it: what is left to do, and what nobody could look at.

    `findings` in the order of the work; `checked` and `unchecked` are rules. `todo` while an
    error or a warning is left; `unknown` where nothing is, and some rule could not be checked;
    notes alone leave a step done.
    """

    step: Step
    state: State
    findings: tuple[Finding, ...]
    checked: int
    unchecked: tuple[str, ...]

    @property
    def records(self) -> int:
        """Records of the finding that concerns most: findings overlap, so a sum would count twice."""
        return max((one.records for one in self.findings), default=0)

    def count(self, severity: str) -> int:
        return sum(one.severity == severity for one in self.findings)


def step_of(code: str) -> Step:
    """The step a rule belongs to. Raises KeyError for a rule that has none (a test demands one of each)."""
    return OF[code]


def standing(
    result: Audit,
    worth: Callable[[Finding], float] = lambda _: 0.0,
    *,
    codes: Collection[str] | None = None,
    pact: Pact | None = None,
) -> tuple[Standing, ...]:
    """All six steps, in order. `worth` is what a finding weighs beside its records: money, or nothing.

    `codes` are the rules that ran, null for all: a step none of whose rules ran is unknown. So is the
    scoring of a `pact` that has none: nothing was found in it because nothing is there.
    """
    unchecked = {one.code for one in result.not_checked}
    ran = [rule.code for rule in chosen(codes)]
    found = []
    for step in STEPS:
        own = [code for code in ran if OF.get(code) == step]
        missing = tuple(code for code in own if code in unchecked)
        mine = ordered((one for one in result.findings if OF.get(one.code) == step), worth)
        state = _state(mine, missing, own)
        if step == "scoring" and state == "done" and pact is not None and not pact.scoring.rules:
            state = "unknown"
        found.append(Standing(step, state, mine, len(own) - len(missing), missing))
    return tuple(found)


def ordered(findings: Iterable[Finding], worth: Callable[[Finding], float]) -> tuple[Finding, ...]:
    """By severity, then records, then worth; the rest by name, so that the order is total."""

    def key(one: Finding) -> tuple[int, int, float, str]:
        return SEVERITIES.index(one.severity), -one.records, -worth(one), one.identity

    return tuple(sorted(findings, key=key))


def _state(findings: Sequence[Finding], unchecked: Sequence[str], codes: Sequence[str]) -> State:
    if any(one.severity != "info" for one in findings):
        return "todo"
    return "unknown" if unchecked or not codes else "done"
