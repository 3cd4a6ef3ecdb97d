"""Whether two e-mail addresses are one person's: what a second signature must not get past.

Case, spaces, invisible characters, Unicode variants, letters of other alphabets that look like
Latin ones, and `+tags` do not make another person. Two mailboxes of one person do: no rule sees that.

Not here: who may sign (ui/access.py), signatures themselves (signatures.py).
"""

from __future__ import annotations

import unicodedata

from config.errors import LeadPactError

# Cyrillic, Greek and Armenian letters that read as Latin ones, after case is folded
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏѵԛԝкмтнвгьзαορυνικτχηγωεսոօցհյքզ",
    "aeopcyxijsdhlvqwkmthbrb3aopuviktxnywesnoghjqz",
)
_DOTTED = {"gmail.com", "googlemail.com"}  # where dots in the name are nothing


def same_person(one: str, other: str) -> bool:
    """Whether two addresses are the same person's, as far as addresses tell."""
    return person(one) == person(other)


def person(email: str) -> str:
    """What an address is compared by. Raises LeadPactError for what is no address.

    `Ana+Pact@ACME.com ` → `ana@acme.com`.
    """
    folded = unicodedata.normalize("NFKC", email).casefold()
    folded = unicodedata.normalize("NFKC", "".join(char for char in folded if not _unseen(char)))
    name, sign, domain = folded.rpartition("@")
    if not sign or not name or "@" in name or not domain.strip(".") or len(folded) > 320:
        raise LeadPactError("pact.no_email", email=email[:320])
    domain = domain.strip(".").translate(_LOOKALIKES)
    name = (name.partition("+")[0] or name).translate(_LOOKALIKES)
    if domain in _DOTTED:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def _unseen(char: str) -> bool:
    """Spaces, controls, invisible format characters and marks laid over another letter's place."""
    return unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"}
