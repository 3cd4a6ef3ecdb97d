"""Who they say they are: names, firms, e-mails and phones, and the CRM fields marketing collects.

Everything is invented; addresses end in `.example`, which nobody can own.

Not here: which record shows them (records.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import process, words
from connectors.demo.columns import NOTHING, Flags, Ints, blank, draw, ids, pick
from connectors.demo.people import CHUNK, INBOUND, People

CUSTOM = ("f_budget", "f_employees", "f_industry", "f_last_outcome", "f_opt_in", "f_score")
FIRST, LAST = words.FIRST_ES + words.FIRST_EN, words.LAST_ES + words.LAST_EN
# Buyers of two industries and larger firms buy more often: what a scoring review should find.
INDUSTRY_BUYERS = (0.30, 0.14, 0.08, 0.20, 0.08, 0.08, 0.07, 0.05)
INDUSTRY_OTHERS = (0.13, 0.14, 0.15, 0.09, 0.13, 0.12, 0.12, 0.12)
EMPLOYEES_BUYERS, EMPLOYEES_OTHERS = 180.0, 90.0  # medians
SCORE_BUYERS, SCORE_OTHERS = 53.0, 50.0  # the CRM's own score hardly tells them apart


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in letters if char.isascii() and char.isalnum())


def _plainly(codes: Ints, texts: tuple[str, ...]) -> pa.Array:
    return pick(codes, [_plain(text) for text in texts])


def identities(rng: np.random.Generator, people: People, best: Ints, twin: Ints, chunk: int) -> Mapping[str, pa.Array]:
    """Personal and custom columns by person. `best`: furthest stage ever; `twin`: whose identity each carries.

    Mailboxes are numbered through the chunks, so that no two people share one by accident.
    """
    size = people.size
    english = people.country == words.ENGLISH
    first = np.where(
        english,
        len(words.FIRST_ES) + rng.integers(0, len(words.FIRST_EN), size),
        rng.integers(0, len(words.FIRST_ES), size),
    )[twin]
    last = np.where(
        english,
        len(words.LAST_ES) + rng.integers(0, len(words.LAST_EN), size),
        rng.integers(0, len(words.LAST_ES), size),
    )[twin]
    root, trade = rng.integers(0, len(words.FIRM_ROOT), size)[twin], rng.integers(0, len(words.FIRM_TRADE), size)[twin]
    number = (2 * chunk * CHUNK + np.arange(size))[twin]
    names, surnames = pick(first, FIRST), pick(last, LAST)
    tag = pa.array(number).cast(pa.string())
    firm = pc.binary_join_element_wise(
        pick(root, words.FIRM_ROOT), pick(trade, words.FIRM_TRADE), pick(people.country[twin], words.FIRM_FORM), " "
    )
    host = pc.binary_join_element_wise(_plainly(root, words.FIRM_ROOT), _plainly(trade, words.FIRM_TRADE), "-")
    mailbox = pc.binary_join_element_wise(_plainly(first, FIRST), _plainly(last, LAST), tag, ".")
    email = pc.binary_join_element_wise(mailbox, "@", host, ".example", "")
    phone = pc.binary_join_element_wise(pick(people.country, words.DIAL), ids("", rng.integers(0, 10**8, size), 8), "")
    return {
        "name": pc.binary_join_element_wise(names, surnames, " "),
        "company": blank(firm, rng.random(size) < 0.12),
        "email": blank(email, (rng.random(size) < 0.06)[twin]),
        "phone": blank(phone, rng.random(size) < 0.35),
        **_custom(rng, people, best),
    }


def _custom(rng: np.random.Generator, people: People, best: Ints) -> Mapping[str, pa.Array]:
    size, buyer = people.size, best >= process.SQL
    industry = np.where(buyer, draw(rng, INDUSTRY_BUYERS, size), draw(rng, INDUSTRY_OTHERS, size))
    median = np.where(buyer, EMPLOYEES_BUYERS, EMPLOYEES_OTHERS)
    employees = np.exp(rng.normal(np.log(median), 1.1)).astype(np.int64) + 1
    score = np.clip(rng.normal(np.where(buyer, SCORE_BUYERS, SCORE_OTHERS), 18.0), 0, 100).astype(np.int64)
    inbound: Flags = people.kind == INBOUND
    budget = np.where(rng.random(size) < np.where(buyer, 0.35, 0.08), draw(rng, (0.6, 0.4), size), NOTHING)
    return {
        "f_budget": pick(budget, ("Yes", "No")),
        "f_employees": _digits(employees, rng.random(size) < 0.3),
        "f_industry": pick(np.where(rng.random(size) < 0.2, NOTHING, industry), words.INDUSTRIES),
        "f_last_outcome": pa.nulls(size, pa.string()),  # nobody fills it yet: the place for action values
        "f_opt_in": pick(np.where(inbound, people.opted_in, NOTHING), ("No", "Yes")),
        "f_score": _digits(score, (rng.random(size) < 0.12) | ~inbound),
    }


def _digits(numbers: Ints, unknown: Flags) -> pa.Array:
    return pa.array(numbers, mask=unknown).cast(pa.string())
