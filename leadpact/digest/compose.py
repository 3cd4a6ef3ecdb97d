"""One message: what its recipient should know, in their language, as plain text and as simple HTML.

Lines are capped: after an outage one message says the rest as a number, with a link.

Not here: what is in it (routing.py), what of the CRM may be said (words.py), sending (sending.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date

from leadpact.digest.due import Breach, Found, Item, Promise
from leadpact.digest.routing import Letter, Owner
from leadpact.digest.words import data, record
from leadpact.language import Language

MOST = 10  # lines of a section


@dataclass(frozen=True)
class Message:
    """`subject` and the body in three forms; none has an address or phone of a lead, or a secret."""

    subject: str
    text: str
    html: str
    markdown: str


@dataclass(frozen=True)
class Line:
    words: str
    link: str | None = None


@dataclass(frozen=True)
class Part:
    """A section of a message: a title with its count, and lines; `rest` of them are only counted."""

    title: str
    lines: Sequence[Line]
    rest: Line | None = None


@dataclass(frozen=True)
class Setting:
    """What every message of a run shares. `pacts` by name, true for a draft; `base_url` null: no links."""

    connection: str
    pacts: Mapping[str, bool]
    zone: ZoneInfo
    as_of: datetime
    base_url: str | None
    owners: Mapping[str, Owner]


def compose(letter: Letter, items: Sequence[Item], doubtful: int, shared: Setting) -> Message:
    """The message of these items. `doubtful`: earlier notices to this recipient that may not have arrived."""
    say = Language(letter.language)
    late = sorted((one for one in items if isinstance(one, Breach) and one.past), key=lambda one: one.share)
    near = sorted((one for one in items if isinstance(one, Breach) and not one.past), key=lambda one: -one.share)
    promised = [one for one in items if isinstance(one, Promise)]
    found = [one for one in items if isinstance(one, Found)]
    told = _Teller(say, letter, shared)
    parts = [
        *told.part("digest.near", near, told.breach, "sla"),
        *told.part("digest.late", late, told.breach, "sla"),
        *told.part("digest.commitments", promised, told.promise, "today"),
        *told.part("digest.findings", found, told.finding, "findings"),
    ]
    counts = [part.title for part in parts]
    subject = f"{', '.join(map(data, shared.pacts))}: {' · '.join(counts)}"
    head = say(
        "digest.as_of", connection=shared.connection, at=say.moment(shared.as_of, shared.zone), zone=shared.zone.key
    )
    notes = [say("digest.doubtful", count=doubtful)] if doubtful else []
    notes += [say("digest.draft", pact=data(name)) for name, draft in shared.pacts.items() if draft]
    foot = say("digest.foot")
    return Message(subject, _text(head, parts, notes, foot), _html(head, parts, notes, foot),
                   _text(head, parts, notes, foot, gap="\n\n", bullet="- "))  # fmt: skip


class _Teller:
    """Lines in the reader's words."""

    def __init__(self, say: Language, letter: Letter, shared: Setting) -> None:
        self.say, self.letter, self.shared = say, letter, shared

    def part(self, key: str, items: Sequence[Any], tell: Any, page: str) -> list[Part]:
        """A section; none where there is nothing to tell."""
        if not items:
            return []
        rest = len(items) - MOST
        more = Line(self.say("digest.more", count=rest), self.link(page)) if rest > 0 else None
        return [Part(self.say(key, count=len(items)), [tell(one) for one in items[:MOST]], more)]

    def breach(self, one: Breach) -> Line:
        say = self.say
        holder = self.shared.owners.get(one.owner_id or "")
        told = {
            "who": self.who(one), "policy": data(one.policy), "measured": say.number(one.measured_hours, 1),
            "target": say.number(one.target_hours, 1 if one.target_hours % 1 else 0),
            "owner": data(holder.name if holder else one.owner_id) or say("digest.nobody"),
        }  # fmt: skip
        own = self.letter.who is not None and self.letter.channel.audience == "owner"
        if one.at is not None:
            words = say("digest.line.stopped", **told)
        elif one.past:
            words = say("digest.mine.past", **told) if own else say("digest.line.past", **told)
        else:
            words = say("digest.mine.near", **told) if own else say("digest.line.near", **told)
        addressed = "@" in one.record_id  # it would stand in the link
        return Line(words, self.link("sla" if addressed else "person", **_of_record(one, addressed)))

    def who(self, one: Breach) -> str:
        name, company = data(one.name), data(one.company)
        if not self.letter.channel.names or not (name or company):
            return f"{self.say(f'ui.object.{one.object}')} {record(one.record_id)}"
        return f"{name} ({company})" if name and company else name or company

    def promise(self, one: Promise) -> Line:
        say = self.say
        month = str(format_date(date.fromisoformat(f"{one.month}-01"), "LLLL yyyy", locale=say.locale)).capitalize()
        if one.which == "pace":
            key = "digest.pace.ended" if one.ended else "digest.pace.behind"
            return Line(say(key, month=month, done=say.number(one.done), due=say.number(one.due),
                            promised=say.number(one.promised)), self.link("today"))  # fmt: skip
        told = {"month": month, "done": say.percent(one.done, 0), "promised": say.percent(one.promised, 0)}
        return Line(say(f"digest.{one.which}.{'ended' if one.ended else 'behind'}", **told), self.link("today"))

    def finding(self, one: Found) -> Line:
        say, identity = self.say, one.finding
        title = f"rule.{identity.code}.title"
        told = {
            "severity": say(f"severity.{one.severity}"), "code": identity.code,
            "title": say(title) if say.has(title) else identity.code, "count": one.records,
        }  # fmt: skip
        value = data(identity.value)
        words = say("digest.finding.value", value=value, **told) if value else say("digest.finding", **told)
        return Line(words, self.link("findings", rule=identity.code))

    def link(self, page: str, **values: str) -> str | None:
        if self.shared.base_url is None:
            return None
        query = {"connection": self.shared.connection, "lang": self.say.spoken, **values}
        return f"{self.shared.base_url}/{page}?{urlencode(query, quote_via=quote)}"


def _of_record(one: Breach, addressed: bool) -> dict[str, str]:
    return {} if addressed else {"object": one.object, "record": one.record_id}


def _text(
    head: str, parts: Sequence[Part], notes: Sequence[str], foot: str, *, gap: str = "\n", bullet: str = "• "
) -> str:
    lines = [head]
    for part in parts:
        lines += ["", part.title]
        lines += [
            f"{bullet}{one.words}{f' {one.link}' if one.link else ''}"
            for one in (*part.lines, *filter(None, [part.rest]))
        ]
    return gap.join([*lines, "", *notes, foot]).replace("\n\n\n", "\n\n")


def _html(head: str, parts: Sequence[Part], notes: Sequence[str], foot: str) -> str:
    lines = [f"<p>{escape(head)}</p>"]
    for part in parts:
        items = "".join(f"<li>{_item(one)}</li>" for one in (*part.lines, *filter(None, [part.rest])))
        lines.append(f"<h3>{escape(part.title)}</h3><ul>{items}</ul>")
    lines += [f"<p>{escape(one)}</p>" for one in (*notes, foot)]
    return "\n".join(lines)


def _item(one: Line) -> str:
    return f'<a href="{escape(one.link)}">{escape(one.words)}</a>' if one.link else escape(one.words)
