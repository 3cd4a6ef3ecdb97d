"""DEF01: no definition is signed by both teams.

Not here: who may sign, and when a version is in force (config/versions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding unless the pact these numbers are computed under is in force; variant `proposed`
    where nobody has even saved a draft. `records` is 0: it concerns no record more than another.
    """
    used = tables.used
    if used is not None and used.in_force:
        return []
    version = used.version if used else None
    variant = "" if version else "proposed"
    evidence = {"name": pact.name, "version": version, "hash": pact.hash}
    params = {"name": pact.name, "version": version or 0}
    return [Found(message=variant, suggestion=variant, params=params, evidence=evidence)]


RULE = Rule(
    code="DEF01",
    name="definition.unsigned",
    severity="warning",
    groups=("core", "definition"),
    fix="none",  # people sign, LeadPact does not
    check=check,
)
