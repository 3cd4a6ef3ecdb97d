"""What a page asks to be computed: a function of an analysis and its arguments, by their names and values.

Not here: when and where it is computed (workers.py), where the result is kept (page.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

import ibis

from leadpact.workspace import Analysis


@dataclass(frozen=True)
class Asked:
    """`whole`: the function takes the analysis; else its tables, pact and moment."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"

    @property
    def given(self) -> tuple[Any, ...]:
        """Its arguments, for a key."""
        return self.arguments, sorted(self.options.items())

    @property
    def plain(self) -> bool:
        """Whether it is all in its repr: nothing in it stands for a result, a table or a page."""
        return _plain((self.function, *self.given))

    def of(self, one: Analysis) -> Any:
        """The result. Expressions are executed: they keep their backend."""
        subject = (one,) if self.whole else (one.tables, one.pact, one.as_of)
        result = self.function(*subject, *self.arguments, **self.options)
        return result.execute() if isinstance(result, ibis.Expr) else result


def _plain(value: Any) -> bool:
    """Whether a value is all in its repr: an argument that stands for a result of the generation is not."""
    if value is None or isinstance(value, (str, int, float, date)):
        return True
    if isinstance(value, Mapping):
        return all(_plain(name) and _plain(held) for name, held in value.items())
    if isinstance(value, (tuple, list, frozenset, set)):
        return all(map(_plain, value))
    if callable(value) and hasattr(value, "__qualname__"):
        return "<" not in value.__qualname__  # a function of a module, by its name
    told = hasattr(vars(type(value)).get("__repr__"), "__wrapped__")  # by the dataclass itself, not by hand
    return is_dataclass(value) and told and all(one.repr and _plain(getattr(value, one.name)) for one in fields(value))
