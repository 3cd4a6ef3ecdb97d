"""Text of the CRM as it may stand in a message that goes elsewhere: harmless there, and without addresses or phones.

Chats and mail programs make links, mentions and markup of what looks like them. So nothing of the
CRM keeps the signs that do, and what looks like an address or a phone number is masked.

Not here: the sentences around it (the catalogue digest.po), where they go (sending.py).
"""

from __future__ import annotations

import re

from leadpact.audit.shown import shown

MASK = "•••"
LONGEST = 60
_ADDRESS = re.compile(r"\S*@\S*")
_PHONE = re.compile(r"\+?\d(?:[\s().\-/]{0,3}\d){6,}")
_SIGNS = re.compile(r"[<>\[\](){}*_`~#|\\@!^=\"$]|://")
_NOT_PLAIN = re.compile(r"[^\w-]")
_HOST = re.compile(r"(?<=\w)\.(?=\w)")  # acme.example would be made a link


def data(text: str | None) -> str:
    """A name or value on one line; empty for null. Never an address, a number to call, a link or a mention."""
    plain = _SIGNS.sub(" ", _ADDRESS.sub(MASK, shown(text)))  # on one line, without signs nobody sees
    plain = _HOST.sub("·", _PHONE.sub(MASK, plain))
    return " ".join(plain.split())[:LONGEST]


def record(record_id: str) -> str:
    """The id of a record, as it is where it is made of letters and digits; masked where it is an address."""
    return MASK if "@" in record_id else _NOT_PLAIN.sub("·", record_id)[:LONGEST]
