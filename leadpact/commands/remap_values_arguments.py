"""What `remap add-values` and `remap retire` may be asked.

Not here: the other actions of `remap` (remap_arguments.py), what these do (remap_values.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from leadpact.language import Language

OBJECTS = ("lead", "contact")  # as model.py, which is costly to import


def values_commands(
    add: Any, within: Any, say: Language, sources: Callable[[Any, Language], None],
    writing: Callable[[argparse.ArgumentParser, Language], None],
) -> None:  # fmt: skip
    """Adds both. `sources` are the options that say what a plan follows, `writing` those of an act."""
    adding = add("add-values", within, "remap_add_values")
    adding.add_argument("--object", choices=OBJECTS, default="lead", help=say("cli.rm_object"))
    source = adding.add_mutually_exclusive_group(required=True)
    source.add_argument("--value", dest="values", action="append", metavar="VALUE", help=say("cli.rm_value"))
    sources(source, say)
    writing(adding, say)
    retire = add("retire", within, "remap_retire")
    retire.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    retire.add_argument("--back", action="store_true", help=say("cli.rm_back"))
    writing(retire, say)
