"""Mappings proposed from what exports of known systems, and spreadsheets, look like."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from connectors.demo import write_company
from connectors.files import Files
from leadpact.language import Language
from leadpact.mapping import Entry, Proposal, SourceColumn, SourceTable, dumps, loads, propose
from leadpact.mapping.recognise import words
from leadpact.mapping.targets import TARGETS

SALESFORCE = (
    '"Lead ID","First Name","Last Name","Lead Status","Created Date","Lead Owner","Lead Source",'
    '"Company / Account","Email","Country","Industry","Converted Date","Last Activity"\n'
)
HUBSPOT = (
    "Record ID,First Name,Email,Phone Number,Contact owner,Lead Status,Create Date,"
    "Became a Marketing Qualified Lead Date,Became a Customer Date,Lifecycle Stage,Original Source\n"
)
SHEET = (
    "Folio;Nombre del lead;Correo electrónico;Teléfono;Empresa;Origen;Estado;Responsable;Fecha de creación;"
    "Fecha MQL;Fecha SQL;Fecha cliente;Última llamada;Presupuesto\n"
)


def proposed(path: Path, **files: str) -> Proposal:
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    found = propose(Files({"path": str(path)}).describe())
    assert loads(dumps(found.document, found.notes(Language("es")))) == found.document
    return found


def by_target(found: Proposal) -> dict[str, Entry]:
    return {entry.to: entry for entry in found.document.tables}


def test_a_salesforce_report_and_its_history(tmp_path: Path) -> None:
    rows = "".join(
        f'"00Q{n}","Ana","Paz","{"New" if n % 2 else "Working"}","2/{n + 1}/2024","Luis","Web","Acme {n}",'
        f'"a{n}@x.com","MX","{"Bank" if n % 3 else "Retail"}","3/1/2024","3/4/2024"\n'
        for n in range(28)
    )
    history = "Id,LeadId,Field,OldValue,NewValue,CreatedDate,CreatedById\n" + "".join(
        f"017{n},00Q{n % 28},{'Status' if n % 2 else 'Owner'},New,Working,2024-02-01T10:00:00.000+0000,005\n"
        for n in range(40)
    )
    found = proposed(tmp_path, report1700000000=SALESFORCE + rows, LeadHistory=history)
    entries = by_target(found)
    leads, changes = entries["leads"], entries["status_changes"]
    assert leads.source == "report1700000000"
    assert leads.fields == {
        "record_id": "Lead ID",
        "status": "Lead Status",
        "created_at": "Created Date",
        "owner_id": "Lead Owner",
        "source": "Lead Source",
        "company": "Company / Account",
        "email": "Email",
        "country": "Country",
        "converted_at": "Converted Date",
    }
    assert leads.custom == {"f_industry": "Industry", "f_last_activity": "Last Activity"}
    assert leads.dates == {"Created Date": "mdy", "Converted Date": "mdy"}
    assert leads.status_dates == ()
    assert changes.where == {"Field": ("Status",)}
    assert changes.fields == {
        "record_id": "LeadId",
        "from_status": "OldValue",
        "to_status": "NewValue",
        "at": "CreatedDate",
        "actor_id": "CreatedById",
    }


def test_hubspot_contacts_follow_the_lifecycle_their_dates_are_called_after(tmp_path: Path) -> None:
    rows = "".join(
        f"{n},Ana,a{n}@x.com,55,Luis,{'New' if n % 2 else 'Open'},2024-01-02 10:00,2024-01-05 10:00,,"
        f"{'Marketing Qualified Lead' if n % 2 else 'Customer'},Organic\n"
        for n in range(12)
    )
    (entry,) = proposed(tmp_path, **{"hubspot-crm-exports-all-contacts": HUBSPOT + rows}).document.tables
    assert entry.to == "contacts"
    assert entry.fields["status"] == "Lifecycle Stage"
    assert [(each.column, each.status) for each in entry.status_dates] == [
        ("Became a Marketing Qualified Lead Date", "Marketing Qualified Lead"),
        ("Became a Customer Date", "Customer"),
    ]


def test_a_spanish_sheet_with_date_columns(tmp_path: Path) -> None:
    rows = "".join(
        f"L{n};Ana {n};a{n}@x.com;5{n};Acme;Web;{'MQL' if n % 2 else 'Cliente'};Luis;{n + 5:02d}/02/2024;"
        f"{n + 6:02d}/02/2024;;{'' if n % 2 else '25/02/2024'};01/02/2024;{'Sí' if n % 2 else 'No'}\n"
        for n in range(16)
    )
    (entry,) = proposed(tmp_path, Base2024=SHEET + rows).document.tables
    assert entry.to == "leads"
    assert entry.fields == {
        "record_id": "Folio",
        "name": "Nombre del lead",
        "status": "Estado",
        "created_at": "Fecha de creación",
        "owner_id": "Responsable",
        "source": "Origen",
        "company": "Empresa",
        "email": "Correo electrónico",
        "phone": "Teléfono",
    }
    assert [(each.column, each.status) for each in entry.status_dates] == [
        ("Fecha MQL", "MQL"),
        ("Fecha SQL", "SQL"),
        ("Fecha cliente", "Cliente"),
    ]
    assert entry.dates == {"Fecha de creación": "dmy", "Fecha MQL": "dmy", "Fecha cliente": "dmy"}
    assert entry.custom == {"f_ultima_llamada": "Última llamada", "f_presupuesto": "Presupuesto"}


def test_deals_that_share_the_leads_key_are_won_opportunities(tmp_path: Path) -> None:
    found = proposed(
        tmp_path,
        olist_mqls="mql_id,first_contact_date,origin\n"
        + "".join(f"k{n},2024-01-{n + 1:02d},{'web' if n % 2 else 'social'}\n" for n in range(20)),
        closed_deals="mql_id,seller_id,won_date\n" + "".join(f"k{n},s{n},2024-03-01 10:00:00\n" for n in range(9)),
    )
    leads, deals = found.document.tables
    assert (leads.to, deals.to) == ("leads", "opportunities")
    assert [(each.column, each.status) for each in leads.status_dates] == [("first_contact_date", "MQL")]
    assert deals.fields == {"opportunity_id": "seller_id", "record_id": "mql_id", "closed_at": "won_date"}
    assert deals.constants == {"is_won": True, "is_closed": True}


def test_a_log_of_events_without_familiar_names(tmp_path: Path) -> None:
    (entry,) = proposed(
        tmp_path,
        log="case,status,t,seq,resource\n"
        + "".join(f"{n // 3},O_{n % 3},2024-01-01 10:{n:02d}:00,{n},7\n" for n in range(30)),
    ).document.tables
    assert entry.to == "status_changes"
    assert entry.fields == {"record_id": "case", "to_status": "status", "at": "t", "seq": "seq", "actor_id": "resource"}


def test_a_yes_or_no_is_the_status_where_there_is_no_other_and_select_is_blank(tmp_path: Path) -> None:
    (entry,) = proposed(
        tmp_path,
        leads="Prospect ID,Lead Source,Converted,City\n"
        + "".join(f"p{n},Google,{n % 2},{'Select' if n % 3 else 'Mumbai'}\n" for n in range(30)),
    ).document.tables
    assert entry.fields == {"record_id": "Prospect ID", "status": "Converted", "source": "Lead Source"}
    assert entry.values == {"status": {"0": "Open", "1": "Converted"}}
    assert entry.blank == ("Select",)


def test_visits_of_a_marketing_tool_are_told_by_address(tmp_path: Path) -> None:
    header = "Page;Email Address;Activity Type;Activity Date\n"
    rows = "".join(f"/pricing/{n};ana{n}@acme.example;web visit;2026-01-{n + 1:02} 10:00\n" for n in range(20))
    entry = by_target(proposed(tmp_path, web_activities=header + rows))["activities"]
    assert {name: entry.fields[name] for name in ("record_id", "kind", "at")} == {
        "record_id": "Email Address", "kind": "Activity Type", "at": "Activity Date",
    }  # fmt: skip


def test_what_cannot_be_decided_is_asked(tmp_path: Path) -> None:
    found = proposed(tmp_path, leads="id,status,created\n" + "".join(f"{n},New,0{n + 1}/02/2024\n" for n in range(8)))
    (question,) = found.questions
    assert (question.source, question.header, question.forms) == ("leads", "created", ("dmy", "mdy"))
    assert found.document.tables[0].dates == {}
    text = dumps(found.document, found.notes(Language("en")))
    assert "day or month first? Write created and one of dmy, mdy under dates" in text


def test_guesses_say_how_sure_they_are(tmp_path: Path) -> None:
    found = proposed(
        tmp_path,
        leads="record_id,lead_statuss,mail\n"
        + "".join(f"{n},{'New' if n % 2 else 'Old'},a{n}@x.com\n" for n in range(9)),
    )
    sure = {guess.header: (guess.path[-1], guess.why, guess.confidence) for guess in found.guesses}
    assert sure["record_id"] == ("record_id", "name", 1.0)
    assert sure["mail"] == ("email", "name", 0.95)
    column, why, confidence = sure["lead_statuss"]
    assert (column, why) == ("status", "similar")
    assert 0.7 < confidence < 0.9


def test_tables_nothing_is_known_of_are_left_unread() -> None:
    tables = [SourceTable("weather", (SourceColumn("rain", "number", 5, 5),)), SourceTable("gone", problem="x")]
    found = propose(tables)
    assert found.document.tables == ()
    assert found.unread == ("weather", "gone")


def test_a_demo_folder_is_proposed_as_it_is(tmp_path: Path) -> None:
    write_company(tmp_path, leads=60, seed=1, until=datetime(2026, 3, 4))
    files = Files({"path": str(tmp_path)})
    mapped = Files({"path": str(tmp_path)}, mapping=propose(files.describe()).document)
    plain = {page.table: page.rows for page in files.extract().pages}
    assert plain == {page.table: page.rows for page in mapped.extract().pages}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_words_speak_of_columns_there_are(target: str) -> None:
    known = TARGETS[target].names
    assert set(words()["telling"][target]) <= set(known)
    assert set(known) <= set(words()["columns"]) | {"status", "type"}
