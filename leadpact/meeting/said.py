"""How an item is called, in the reader's language.

Not here: the texts (locales), what an item is (items.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadpact.language import Language
from leadpact.meeting.facts import Item, NewItem
from leadpact.model import is_custom


def called(lang: Language, item: Item | NewItem) -> str:
    """`Country`, `Country is one of MX, ES`, `Web visit in the last 90 days`, or people's own words."""
    when = item.detail.get("when")
    if when is None:
        response = item.detail.get("response")
        return lang("meeting.response", response=response) if response else item.label
    return condition(lang, when)


def condition(lang: Language, when: Mapping[str, Any]) -> str:
    """One condition as the pact writes it; a field that is only to be filled in goes by its name."""
    if "activity" in when:
        text = _activity(lang, when)
        return text[:1].upper() + text[1:]
    if when["op"] == "filled":
        return field(lang, str(when["field"]))
    return _test(lang, field(lang, str(when["field"])), when)


def field(lang: Language, name: str) -> str:
    """A field for people: the house's columns in the reader's words, the CRM's own by their name."""
    key = f"setup.field.{name}"
    if lang.has(key):
        return lang(key)
    return name[2:].replace("_", " ").capitalize() if is_custom(name) else name


def activity(lang: Language, kind: str) -> str:
    """A kind of activity for people; one of the source's own keeps its name."""
    key = f"setup.activity.{kind}"
    return lang(key) if lang.has(key) else kind


def _activity(lang: Language, when: Mapping[str, Any]) -> str:
    text = activity(lang, str(when["activity"]))
    subject = when.get("subject")
    if subject:
        text = lang("meeting.with_subject", what=text, test=_test(lang, lang("meeting.subject"), subject))
    days = when.get("within_days")
    return text if days is None else lang("meeting.within", what=text, count=int(days))


def _test(lang: Language, name: str, one: Mapping[str, Any]) -> str:
    value = one.get("value")
    values = [_shown(lang, each) for each in (value if isinstance(value, list) else [value])]
    if one["op"] == "between":
        return lang("setup.op.between", field=name, first=values[0], last=values[-1])
    return lang(f"setup.op.{one['op']}", field=name, value=", ".join(values))


def _shown(lang: Language, value: Any) -> str:
    if isinstance(value, bool):
        return lang("ui.yes" if value else "ui.no")
    if isinstance(value, (int, float)):
        return lang.number(value, 0 if float(value).is_integer() else 2)
    return str(value)
