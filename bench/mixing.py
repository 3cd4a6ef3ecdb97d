"""What one session must never show of another: its language, filters, pact, or the numbers of either.

Two ways: by signs (texts of the other language's catalogue, names of other pacts, conditions of other
sessions), and by repeating alone what was seen under load, word for word.

Not here: how a tab reads its page (tabs.py).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from bench.session_home import PACTS
from bench.tabs import Run
from leadpact.language import Language, catalogue

LONG = 24  # letters: shorter texts may be a value of the CRM
PACT_FREE = frozenset({"definition", "connection", "fixes"})  # pages that list what all pacts say
OWN_FIELDS = (".id", ".uuid", "query_string", "url", "page_hash")  # of the session itself
CHOICES = ("selectbox.options", "button_group.options")
_ADDRESS = re.compile(r"visitor-\d+@bench\.example")
_OF_MOMENT = re.compile(
    r"\d{1,2}:\d{2}|^\$\$ID|^[0-9a-f]{12,}$|Generation|Generación"
)  # of the sync, or of the session


@functools.cache
def _foreign(code: str) -> frozenset[str]:
    """Long texts without parameters that only the other language has."""
    own = {text for folder in (("es", "es_419") if code.startswith("es") else ("en",))
           for entry in catalogue(folder).values()
           for text in ([entry] if isinstance(entry, str) else entry)}  # fmt: skip
    others = catalogue("en" if code.startswith("es") else "es").values()
    return frozenset(text for text in others if isinstance(text, str) and len(text) >= LONG
                     and "{" not in text and text not in own)  # fmt: skip


def seen(run: Run, *, lang: str, pact: str, email: str, conditions: Mapping[str, str]) -> list[str]:
    """The signs of another session in what a page showed; empty where there are none."""
    found = []
    code = Language.of(lang).code
    foreign, others = _foreign(code), [name for line, (name, _, _) in PACTS.items() if line != pact]
    for field, raw in run.texts:
        text = raw.replace("\\", "")
        if text in foreign:
            found.append(f"{run.page}: {field}: text of another language: {text[:60]}")
        if any(other != email for other in _ADDRESS.findall(text)):
            found.append(f"{run.page}: {field}: another visitor: {text[:60]}")
        if run.page not in PACT_FREE and not field.startswith(CHOICES):
            found += [f"{run.page}: {field}: another pact: {name}" for name in others if name in text]
    said = _conditions(run, code)
    asked = {value or Language(code)("ui.unknown") for value in conditions.values()}
    if said is not None and said != asked:
        found.append(f"{run.page}: conditions {sorted(said)}, asked for {sorted(asked)}")
    return found


def _conditions(run: Run, code: str) -> set[str] | None:
    """The values of the conditions the page says it obeys; null where it says none."""
    before, after = Language(code)("ui.filter.said", conditions="\0").split("\0")
    for _, raw in run.texts:
        text = raw.replace("\\", "")
        if text.startswith(before) and text.endswith(after):
            middle = text.removeprefix(before).removesuffix(after)
            return {part.split(" = ", 1)[1] for part in middle.split(", ") if " = " in part}
    return None


def differences(under_load: Iterable[tuple[str, str]], alone: Iterable[tuple[str, str]]) -> list[str]:
    """What only one of two runs of the same view has; moments of syncs and ids of widgets apart."""
    first, second = _compared(under_load), _compared(alone)
    return [f"{'load' if one is first else 'alone'}: {text[:100]}"
            for one, other in ((first, second), (second, first)) for text in (one - other)]  # fmt: skip


def _compared(texts: Iterable[tuple[str, str]]) -> Counter[str]:
    lines = ((field, line) for field, text in texts if not field.endswith(OWN_FIELDS)
             for line in text.replace("\\", "").splitlines())  # fmt: skip
    return Counter(f"{field}: {line}" for field, line in lines if not _OF_MOMENT.search(line))


def parse(query: str) -> dict[str, str]:
    """The values of an address."""
    return dict(parse_qsl(query, keep_blank_values=True))
