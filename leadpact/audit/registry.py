"""All rules of the audit, found in leadpact/audit/rules: a rule is added by adding its file.

Not here: what a rule is (rule.py), running them (runner.py).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Collection

from leadpact.audit import rules
from leadpact.audit.rule import Rule
from leadpact.errors import Misconfigured


@functools.cache
def every() -> tuple[Rule, ...]:
    """Every rule, in order of its code."""
    modules = [
        importlib.import_module(f"{rules.__name__}.{found.name}") for found in pkgutil.iter_modules(rules.__path__)
    ]
    return tuple(sorted((module.RULE for module in modules), key=lambda rule: rule.code))


def find(wanted: str) -> Rule:
    """The rule of this code, name or alias, without regard to case.

    Raises Misconfigured naming the codes there are.
    """
    for rule in every():
        if wanted.casefold() in {name.casefold() for name in (rule.code, rule.name, *rule.aliases)}:
            return rule
    raise Misconfigured("audit.no_rule", name=wanted, known=", ".join(rule.code for rule in every()))


def chosen(codes: Collection[str] | None) -> tuple[Rule, ...]:
    """The rules asked for, each once, in order of their codes; all of them for null."""
    if codes is None:
        return every()
    wanted = {find(code).code for code in codes}
    return tuple(rule for rule in every() if rule.code in wanted)
