"""Options of connections given by the environment: `LEADPACT_<NAME>_<OPTION>`, which win over the file.

`LEADPACT_ACME_PROD_TOKEN` is the option `token` of `acme-prod`: names are compared in capitals,
with `_` for every other sign. `LEADPACT_ACME_TYPE` alone makes a connection `acme` where there is
none. An empty variable says nothing.

Not here: the file and the app's own connections (settings.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PREFIX = "LEADPACT_"
TYPE = "type"
# options whose digits are text: a folder may be called 2024
_TEXTS = frozenset({TYPE, "path", "domain", "username", "environment", "base_id", "timezone"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NOT_PLAIN = re.compile(r"[^A-Z0-9]")


def variable(name: str, option: str) -> str:
    """The variable that gives `option` of the connection `name`."""
    return f"{_prefix(name)}{option.upper()}"


def given(environ: Mapping[str, str], known: Mapping[str, Mapping[str, Any]],
          secret: tuple[str, ...]) -> dict[str, dict[str, Any]]:  # fmt: skip
    """The options in the environment, by connection; `known` are the file's options, by name.

    A variable belongs to the connection with the longest name it fits. `true` and `false` are
    flags and digits are numbers, except in an option that holds one of the words in `secret`, is
    a text by its nature, or is a text in the file.
    """
    names = {_prefix(name): name for name in known}
    ending = f"_{TYPE.upper()}"
    for key in environ:
        if key.startswith(PREFIX) and key.endswith(ending) and len(key) > len(PREFIX) + len(ending):
            own = key.removesuffix(TYPE.upper())
            names.setdefault(own, own.removeprefix(PREFIX).rstrip("_").lower())
    found: dict[str, dict[str, Any]] = {}
    for key, text in sorted(environ.items()):
        own = max((prefix for prefix in names if key.startswith(prefix)), key=len, default="")
        option = key.removeprefix(own).lower()
        if own and option and text:
            name = names[own]
            here = known.get(name, {}).get(option)
            found.setdefault(name, {})[option] = _value(option, text, here, secret)
    return {name: options for name, options in found.items() if name in known or TYPE in options}


def _prefix(name: str) -> str:
    return f"{PREFIX}{_NOT_PLAIN.sub('_', name.upper())}_"


def _value(option: str, text: str, here: Any, secret: tuple[str, ...]) -> bool | int | float | str:
    if option in _TEXTS or isinstance(here, str) or any(word in option for word in secret):
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
