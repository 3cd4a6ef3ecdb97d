"""A small company with one person who can be recognised wherever LeadPact keeps anything, and her colleague.

Every text of hers begins with the canary, so that one search of every byte finds her.
"""

from __future__ import annotations

import contextlib
import gzip
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from config import versions
from leadpact.connector import Extract, Page, Reject
from leadpact.privacy import forget
from leadpact.privacy.forget import Wanted
from leadpact.workspace import Workspace
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 9)
CANARY = "Zyxwvut Canaria"
EMAIL = "zyxwvut@canaria.example"
PHONE = "+34 600 777 888"
WORDS = (CANARY, EMAIL, PHONE, "zyxwvut")
CONNECTION = "small"
HER_OWN = {"email": EMAIL, "phone": PHONE, "company": f"{CANARY} SL", "f_notes": f"call {CANARY}",
           "url": f"https://crm.example/{EMAIL}", "campaign": f"Birthday of {CANARY}"}  # fmt: skip


class Company(Rows):
    """Rows with one row that cannot be read: hers, quoted as it came."""

    def extract(self, since: str | None = None) -> Extract:
        found = super().extract(since)

        def pages(given: Iterator[Page]) -> Iterator[Page]:
            raw = f"lead;ana;{CANARY};{EMAIL};31/31/2026"
            for page in given:
                rejects = [Reject("leads.csv", 4, "created_at", "files.bad_date", raw=raw)]
                yield replace(page, rejects=rejects if page.table == "record" else ())

        return replace(found, pages=pages(found.pages))


def company(*, her_id: str = "ana") -> Company:
    """Two people: she is a lead converted to a contact and has moved from subscriber to customer; he waits."""
    history = [
        ("2026-01-01T09:00:00", "Subscriber"),
        ("2026-01-05T09:00:00", "MQL"),
        ("2026-01-06T09:00:00", "Working"),
    ]
    people = [
        lead(her_id, name=CANARY, status="Working", created_at="2026-01-01T09:00:00", source="Web", country="ES",
             owner_id="u1", converted_to="ana-c", converted_at="2026-02-01T09:00:00", **HER_OWN),
        contact("ana-c", name=CANARY, status="Customer", created_at="2026-02-01T09:00:00", source="Web", owner_id="u1",
                **HER_OWN),
        lead("bob", name="Bob Other", email="bob@other.example", status="MQL", created_at="2026-01-02T09:00:00",
             source="Web", country="ES", owner_id="u1", f_notes="kept"),
    ]  # fmt: skip
    changes = [*moved(her_id, *history), *moved("bob", *history[:2])]
    changes += moved("ana-c", ("2026-02-01T09:00:00", "Customer"), object="contact")
    changes.append({"object": "lead", "record_id": her_id, "field": "email", "from_value": f"old-{EMAIL}",
                    "to_value": EMAIL, "at": "2026-01-03T09:00:00", "seq": 9, "evidence": "history"})  # fmt: skip
    activities = [
        {"activity_id": f"a{at}", "object": "lead", "record_id": who, "kind": "call", "at": "2026-01-05T12:00:00",
         "completed": True, "actor_id": "u1", "subject": f"Call with {CANARY}" if who == her_id else "Kept subject",
         "outcome": f"{CANARY} answered" if who == her_id else "Answered"}
        for at, who in enumerate((her_id, "bob"))
    ]  # fmt: skip
    deals = [{"opportunity_id": "o1", "object": "contact", "record_id": "ana-c", "amount": 500.0, "is_won": True,
              "is_closed": True, "created_at": "2026-02-02T09:00:00", "f_title": f"Deal of {CANARY}"}]  # fmt: skip
    return Company(creation_logged=True, record=people, field_change=changes, activity=activities, opportunity=deals,
                   owner=[{"owner_id": "u1", "name": "Olga", "team": "sales", "is_active": True}])  # fmt: skip


def synced(home: Path, **options: str) -> Workspace:
    """A home with the company's mirror, twice read: the first generation is kept too."""
    space = Workspace(home)
    versions.save(space.database, pact(), author="test", message="", now=NOW)
    for _ in range(2):
        space.sync(company(**options), CONNECTION, now=NOW)
    return space


def holding(folder: Path, *words: str) -> list[str]:
    """The files below a folder that hold one of the words, in any case, in UTF-8 or UTF-16; unpacked where packed."""
    wanted = [word.lower().encode(code) for word in words or WORDS for code in ("utf-8", "utf-16-le")]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            held = path.read_bytes()
            held += gzip.decompress(held) if held[:2] == b"\x1f\x8b" else b""
            if any(word in held.lower() for word in wanted):
                found.append(path.relative_to(folder).as_posix())
    return found


def told(space: Workspace, column: str) -> list[str | None]:
    """A column of the records that serve, by their ids; read from the file, for deriving takes longest."""
    with contextlib.closing(space.mirror(CONNECTION).open()) as one:
        rows = one.execute(f'SELECT "{column}" FROM crm.record ORDER BY record_id').fetchall()
    return [row[0] for row in rows]


ACTOR = {"actor": "admin@acme.example", "door": "cli", "now": NOW}


@pytest.fixture(autouse=True)
def without_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derived tables are built when somebody reads them: building them here would take longest."""
    monkeypatch.setattr(Workspace, "prepared", lambda *_: lambda *_: None)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("forget") / "home"
    synced(home).database.dispose()
    return home


@pytest.fixture
def space(original: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(original, tmp_path / "home")))


def her(space: Workspace) -> forget.Found:
    (found,) = forget.find(space, Wanted(email=EMAIL.upper()), [CONNECTION])
    return found
