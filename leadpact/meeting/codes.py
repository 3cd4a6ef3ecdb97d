"""Codes people type and tokens their links carry; what is kept of tokens is a hash.

A code has eight of thirty letters and figures that are not mistaken for one another: 6.6 × 10¹¹ of
them. With the guesses of guesses.py, one in a million to be found in the two weeks it lives.

Not here: who may try how often (guesses.py).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_OTHER = re.compile(r"[^0-9A-Z]")


def new_code() -> str:
    """`7KQ2-MX9D`."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{text[:4]}-{text[4:]}"


def as_code(text: str) -> str | None:
    """What somebody typed as a code is kept: any case, with or without signs between; null for what is none."""
    plain = _OTHER.sub("", text.upper())
    fits = len(plain) == LENGTH and all(char in ALPHABET for char in plain)
    return f"{plain[:4]}-{plain[4:]}" if fits else None


def new_token() -> str:
    """A secret for one link, 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(token: str | None, kept: str) -> bool:
    """Whether the token is the one whose hash was kept; in constant time."""
    return token is not None and hmac.compare_digest(hashed(token), kept)
