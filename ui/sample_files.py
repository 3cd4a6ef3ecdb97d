"""Invented example data to take away: what a spreadsheet of leads and what a CRM's export look like.

The people do not exist; addresses end in `.example`. Only statuses, sources and, in the spreadsheet, headers are
in the reader's language: the files with a history use the canonical headers, which just work.

Not here: how they are offered (connection_samples.py).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from leadpact.export import to_csv
from leadpact.language import Language

Rows = Sequence[Sequence[str]]
SUBSCRIBER, MQL, SAL, CUSTOMER, RECYCLED = "subscriber", "mql", "sal", "customer", "recycled"
STATUSES = (SUBSCRIBER, MQL, SAL, CUSTOMER, RECYCLED)
SOURCES = ("web", "fair")
HEADERS = ("id", "name", "email", "company", "status", "source", "created", "mql", "customer")
# id, name, company, status now, source, and when each status began
_PEOPLE: Sequence[tuple[str, str, str, str, str, Mapping[str, str]]] = (
    ("L-1", "Ana Torres", "Nube Alta", CUSTOMER, "web",
     {SUBSCRIBER: "2026-01-07 09:15", MQL: "2026-01-20 11:00", SAL: "2026-01-21 16:30", CUSTOMER: "2026-03-10 12:00"}),
    ("L-2", "Ben Carter", "Carter Tools", SAL, "fair",
     {SUBSCRIBER: "2026-01-14 10:00", MQL: "2026-02-03 08:45", SAL: "2026-02-06 09:20"}),
    ("L-3", "Clara Ruiz", "Ruiz y Asociados", MQL, "web", {SUBSCRIBER: "2026-01-22 17:40", MQL: "2026-02-24 10:10"}),
    ("L-4", "David Moore", "Moore Logistics", RECYCLED, "fair",
     {SUBSCRIBER: "2026-01-27 13:05", MQL: "2026-02-10 09:00", RECYCLED: "2026-02-17 15:55"}),
    ("L-5", "Elena Paz", "Paz Diseño", SUBSCRIBER, "web", {SUBSCRIBER: "2026-02-12 08:30"}),
)  # fmt: skip
_TOUCHES = (
    ("L-1", "call", "2026-01-21 10:05"),
    ("L-2", "email", "2026-02-05 09:00"),
    ("L-4", "call", "2026-02-11 16:20"),
)


def spreadsheet(lang: Language) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a list as people keep it: one row a lead, and a column for the date of a status."""
    header = [lang(f"sample.header.{name}") for name in HEADERS]
    rows = [
        [id, name, _email(name), company, lang(f"sample.status.{status}"), lang(f"sample.source.{source}"),
         began[SUBSCRIBER][:10], began.get(MQL, "")[:10], began.get(CUSTOMER, "")[:10]]
        for id, name, company, status, source, began in _PEOPLE
    ]  # fmt: skip
    return header, rows


def spreadsheet_csv(lang: Language) -> bytes:
    """The same as a CSV file."""
    return to_csv(*spreadsheet(lang)).encode("utf-8")


def export(lang: Language) -> Mapping[str, bytes]:
    """Files by name, as a CRM gives them: the leads, every change of their status, and who was called or written to."""
    said = {status: lang(f"sample.status.{status}") for status in STATUSES}
    leads = [[id, name, _email(name), company, said[status], lang(f"sample.source.{source}"), "u1", began[SUBSCRIBER]]
             for id, name, company, status, source, began in _PEOPLE]  # fmt: skip
    changes = []
    for id, _, _, _, _, began in _PEOPLE:
        steps = sorted(began, key=began.__getitem__)
        before = ("", *(said[step] for step in steps))
        changes += [[id, was, said[step], began[step]] for was, step in zip(before, steps, strict=False)]
    touches = [[f"A-{n}", id, kind, at, "true", "outbound", "u1"] for n, (id, kind, at) in enumerate(_TOUCHES, start=1)]
    tables: Mapping[str, tuple[Sequence[str], Rows]] = {
        "leads": (("record_id", "name", "email", "company", "status", "source", "owner_id", "created_at"), leads),
        "status_changes": (("record_id", "from_status", "to_status", "at"), changes),
        "activities": (("activity_id", "record_id", "kind", "at", "completed", "direction", "actor_id"), touches),
        "owners": (("owner_id", "name", "team", "is_active"), [["u1", "Olga Vega", "sales", "true"]]),
    }
    return {f"{name}.csv": to_csv(*table).encode("utf-8") for name, table in tables.items()}


def export_zip(lang: Language) -> bytes:
    """Those files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in export(lang).items():
            archive.writestr(name, content)
    return out.getvalue()


def _email(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@company.example"
