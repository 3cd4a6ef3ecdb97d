"""The pages Connection, Person and Definition: as a visitor meets them, and what they do."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from config import versions
from config.document import default
from connectors.demo import Demo
from leadpact import settings
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.mapping import loads
from leadpact.metrics import person
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, fill, prepare, visit
from tests.homes import copied
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact
from ui import connection_store, person_chart

PARTS = ("source", "mapping", "sync", "data")
SETUP = (*(("connection", part) for part in PARTS), ("person", None), ("definition", None))
DEMO = '[connections.demo]\ntype = "demo"\nleads = 200\nwritable = true\n'
Home = Callable[[str], Path]

WORLD = Rows(
    record=[
        lead("l1", name="Ana <b>López</b>", email="ana@acme.example", phone="+52 55 1234 5678", company="Acme",
             status="MQL", created_at="2026-02-05", converted_to="c1", url="https://crm.example/l1"),
        contact("c1", name="Ana López", email="ana@acme.example", status="Working", created_at="2026-02-20",
                url="javascript:alert(1)"),
        lead("l2", name="Ben", status="Llamar mañana", created_at="2026-02-01"),
        lead("l3", name="Eva", created_at="2026-02-01"),
        lead("l4", name="Unknown start", status="MQL"),
    ],
    field_change=[
        *moved("l1", ("2026-02-05", "Subscriber"), ("2026-02-10", "MQL")),
        *moved("l2", ("2026-02-01", "Llamar mañana")),
    ],
    activity=[{"activity_id": "a", "object": "lead", "record_id": "l1", "kind": "call", "at": "2026-02-11",
               "subject": "A secret of Ana"}],
)  # fmt: skip


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company, synced once."""
    home = tmp_path_factory.mktemp("demo")
    company = Demo({"leads": 200, "seed": 7, "until": "2026-03-01"}, state=home / "demo" / "state")
    Workspace(home).sync(company, "demo", now=AS_OF)
    return home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_home: Path) -> Home:
    """A home of this test's own: empty, with the small world, or with the demo company."""

    def made(data: str) -> Path:
        folder = tmp_path / "home"
        if data == "demo":
            copied(demo_home, folder)
            return prepare(folder, monkeypatch, DEMO)
        prepare(folder, monkeypatch)
        if data == "world":
            fill(folder, WORLD)
        return folder

    return made


def shown(at: AppTest) -> str:
    """Everything the page says."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(at, kind)).replace("\\", "")


def tables(at: AppTest) -> str:
    return "\n".join(one.value.to_string() for one in at.dataframe)


def engine(home: Path) -> Engine:
    return Workspace(home).database


@pytest.mark.parametrize("data", ["empty", "demo"])
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(("page", "part"), SETUP)
def test_page_opens(home: Home, page: str, part: str | None, lang: str, data: str) -> None:
    home(data)
    at = visit(page, lang, **({"section": part} if part else {}))
    assert not at.exception and len(at.title) == 1
    assert at.title[0].value == Language.of(lang)(f"page.{page}.title")


# Connection


def test_a_connection_of_a_folder_is_added_chosen_and_mapped_next(home: Home, tmp_path: Path) -> None:
    folder = home("empty")
    (tmp_path / "crm").mkdir()
    at = visit("connection")
    at.text_input(key="_connection_add_name_0").input("Mine")
    at.button_group(key="_connection_add_way_0").set_value("folder").run()
    at.text_input(key="_connection_add_path_0").input(str(tmp_path / "crm"))
    at.selectbox(key="_connection_add_zone_0").set_value("America/Mexico_City")
    at.button(key="_connection_add").click().run()
    made = settings.connections(engine(folder))["Mine"]
    assert (made.type, made.timezone, made.options["path"]) == ("files", "America/Mexico_City", str(tmp_path / "crm"))
    assert at.query_params["connection"] == "Mine" and at.query_params["section"] == "mapping"


@pytest.mark.parametrize(
    ("name", "path", "key"),
    [
        ("../other", "", "store.bad_name"),
        ("", "", "store.bad_name"),
        ("ACME", "", "setup.add.name_taken"),  # some disks know no capitals
        ("new", "/no/such/folder", "setup.add.no_folder"),
        ("new", "", "setup.add.nothing"),
    ],
)
def test_a_connection_that_cannot_be_is_not_kept(home: Home, name: str, path: str, key: str) -> None:
    folder = home("empty")
    at = visit("connection")
    at.button_group(key="_connection_add_way_0").set_value("folder").run()
    at.text_input(key="_connection_add_name_0").input(name)
    at.text_input(key="_connection_add_path_0").input(path)
    at.button(key="_connection_add").click().run()
    text = Language("en")(key, name=name, path=path)
    assert text in at.error[0].value.replace("\\", "")
    assert list(settings.connections(engine(folder))) == ["acme"]


def test_data_under_a_name_nobody_uses_any_more_is_not_taken_over(home: Home) -> None:
    folder = home("world")
    space = Workspace(folder)
    with pytest.raises(Misconfigured, match=r"setup\.add\.name_taken"):
        connection_store.check_name(space, {}, "Acme")


def test_uploads_are_kept_whole_and_under_their_own_connection(home: Home) -> None:
    space = Workspace(home("empty"))
    folder = connection_store.uploads(space, "mine")
    for given in (b"record_id\n1\n", b"record_id\n2\n"):
        connection_store.store(folder, r"C:\fakepath\..\leads.csv", io.BytesIO(given))
    assert [path.name for path in folder.iterdir()] == ["leads.csv"]
    assert (folder / "leads.csv").read_bytes() == b"record_id\n2\n"
    assert folder == space.home / "mine" / "uploads"


def test_an_upload_that_breaks_off_leaves_the_old_file(home: Home) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the link died")

    folder = connection_store.uploads(Workspace(home("empty")), "mine")
    connection_store.store(folder, "leads.csv", io.BytesIO(b"old"))
    with pytest.raises(OSError, match="the link died"):
        connection_store.store(folder, "leads.csv", Torn())
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("leads.csv", b"old")]


@pytest.mark.parametrize("given", ["", ".hidden.csv", "~$leads.xlsx", "run.exe", "noending", "a" * 200 + ".csv", "..",
                                   "tab\there.csv"])  # fmt: skip
def test_an_upload_by_a_bad_name_is_refused(given: str) -> None:
    with pytest.raises(Misconfigured):
        connection_store.file_name(given)


def test_no_secret_is_kept_and_none_is_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home("empty")
    with pytest.raises(Misconfigured, match="secret_in_app"):
        connection_store.add(Workspace(folder), Connection("x", "files", {"path": str(folder), "token": "s"}), AS_OF)
    prepare(folder, monkeypatch, '[connections.sf]\ntype = "salesforce"\nsession_id = "S3CRET"\n'
            'instance_url = "https://acme--dev.sandbox.my.salesforce.com"\n')  # fmt: skip
    at = visit("connection")
    said = shown(at)
    assert "S3CRET" not in said and "acme--dev.sandbox.my.salesforce.com" in said and "sandbox" in said


def test_the_connection_is_tested_and_says_what_to_do(home: Home) -> None:
    home("empty")
    at = visit("connection")
    at.button(key="_connection_test").click().run()
    assert "There is no folder or file nowhere" in shown(at)
    assert Language("en")("files.remedy.folder") in shown(at)


# Mapping and sync: a spreadsheet with headers of its own

SHEET = "Clave;Correo;Estatus;Fecha de alta;Fecha MQL\n1;a@x.mx;MQL;03/04/2025;05/04/2025\n2;b@x.mx;Nuevo;{};\n"


@pytest.fixture
def sheet(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    def made(day: str) -> Path:
        folder = home("empty")
        source = tmp_path / "sheet"
        source.mkdir(exist_ok=True)
        (source / "Prospectos.csv").write_text(SHEET.format(day), encoding="utf-8")
        prepare(folder, monkeypatch, f'[connections.acme]\ntype = "files"\npath = "{source}"\n')
        return folder

    return made


def test_a_proposal_is_confirmed_and_read(sheet: Callable[[str], Path]) -> None:
    folder = sheet("28/04/2025")
    at = visit("connection", section="mapping")
    assert settings.mapping_of(engine(folder), "acme") is None
    at.button(key="_connection_confirm").click().run()
    document = loads(settings.mapping_of(engine(folder), "acme") or "")
    assert document.tables[0].fields["email"] == "Correo"
    assert [(each.column, each.status) for each in document.tables[0].status_dates] == [("Fecha MQL", "MQL")]
    assert at.query_params["section"] == "sync"
    at.button(key="_connection_sync").click().run()
    assert not at.error
    one = Workspace(folder).analyse("acme")
    rows = one.tables.record.order_by("record_id").execute()
    assert list(rows.email) == ["a@x.mx", "b@x.mx"] and list(rows.created_at.dt.day) == [3, 28]


def test_dates_that_can_be_read_two_ways_are_asked_with_what_each_would_mean(sheet: Callable[[str], Path]) -> None:
    folder = sheet("06/04/2025")
    at = visit("connection", section="mapping")
    assert at.button(key="_connection_confirm").disabled
    form = at.radio(key="_connection_map_0_form_3")
    assert form.value is None
    assert form.options == ["day first: 03/04/2025 = Apr 3, 2025", "month first: 03/04/2025 = Mar 4, 2025"]
    form.set_value("mdy").run()
    assert at.button(key="_connection_confirm").disabled  # the other date column is still open
    at.radio(key="_connection_map_0_form_4").set_value("mdy").run()
    at.button(key="_connection_confirm").click().run()
    assert loads(settings.mapping_of(engine(folder), "acme") or "").tables[0].dates == {
        "Fecha de alta": "mdy", "Fecha MQL": "mdy"}  # fmt: skip


def test_a_column_is_sent_elsewhere_by_hand(sheet: Callable[[str], Path]) -> None:
    folder = sheet("28/04/2025")
    at = visit("connection", section="mapping")
    at.multiselect(key="_connection_map_0_use_2").set_value(["custom"]).run()
    at.text_input(key="_connection_map_0_slug_2").input("Fase del lead").run()
    at.multiselect(key="_connection_map_0_constants").set_value(["country"]).run()
    at.text_input(key="_connection_map_0_constant_country").input("MX").run()
    at.button(key="_connection_confirm").click().run()
    kept = loads(settings.mapping_of(engine(folder), "acme") or "").tables[0]
    assert kept.custom == {"f_fase_del_lead": "Estatus"} and "status" not in kept.fields
    assert kept.constants == {"country": "MX"}


def test_without_the_key_nothing_is_confirmed(sheet: Callable[[str], Path]) -> None:
    folder = sheet("28/04/2025")
    at = visit("connection", section="mapping")
    at.multiselect(key="_connection_map_0_use_0").set_value([]).run()
    assert at.button(key="_connection_confirm").disabled
    assert "record_id" in at.warning[0].value.replace("\\", "")
    assert settings.mapping_of(engine(folder), "acme") is None


def test_a_mapping_file_becomes_the_draft_and_a_bad_one_says_why(sheet: Callable[[str], Path]) -> None:
    folder = sheet("28/04/2025")
    at = visit("connection", section="mapping")
    upload = at.file_uploader(key="_connection_mapping_upload")
    upload.set_value(("m.yaml", b"version: 1\ntables: [{source: Prospectos, to: leads, fields: {nombre: Clave}}]\n",
                      "application/yaml")).run()  # fmt: skip
    at.button(key="_connection_mapping_take").click().run()
    assert "nombre" in at.error[0].value
    at.file_uploader(key="_connection_mapping_upload").set_value(
        ("m.yaml", b"version: 1\ntables: [{source: Prospectos, to: contacts, fields: {record_id: Clave}}]\n",
         "application/yaml")).run()  # fmt: skip
    at.button(key="_connection_mapping_take").click().run()
    at.button(key="_connection_confirm").click().run()
    assert loads(settings.mapping_of(engine(folder), "acme") or "").tables[0].to == "contacts"


def test_a_file_that_is_gone_can_be_taken_out_of_the_mapping(sheet: Callable[[str], Path], tmp_path: Path) -> None:
    folder = sheet("28/04/2025")
    (tmp_path / "sheet" / "Ventas.csv").write_text("Folio,Clave,Importe,Ganado\nO1,1,10,si\nO2,2,5,no\n")
    at = visit("connection", section="mapping")
    at.button(key="_connection_confirm").click().run()
    assert len(loads(settings.mapping_of(engine(folder), "acme") or "").tables) == 2
    (tmp_path / "sheet" / "Ventas.csv").unlink()
    at = visit("connection", again=at, section="mapping")
    assert at.button(key="_connection_confirm").disabled
    tables_shown = next(one for one in at.selectbox if one.key and one.key.startswith("_connection_table"))
    tables_shown.set_value(next(name for name in tables_shown.options if name.startswith("Ventas"))).run()
    at.button(key="_connection_map_1_remove").click().run()
    at.button(key="_connection_confirm").click().run()
    assert [one.source for one in loads(settings.mapping_of(engine(folder), "acme") or "").tables] == ["Prospectos"]


def test_a_failed_sync_says_why_and_the_last_data_keeps_serving(sheet: Callable[[str], Path], tmp_path: Path) -> None:
    folder = sheet("28/04/2025")
    at = visit("connection", section="mapping")
    at.button(key="_connection_confirm").click().run()
    at.button(key="_connection_sync").click().run()
    (tmp_path / "sheet" / "Prospectos.csv").write_bytes(b"PK\x03\x04 not a table")
    at.button(key="_connection_sync").click().run()
    assert "Prospectos.csv" in at.error[0].value.replace("\\", "") and at.info
    assert Workspace(folder).mirror("acme").current() == 1
    assert len(Workspace(folder).analyse("acme").tables.record.execute()) == 2


def test_rows_that_cannot_be_read_are_listed_with_line_column_and_reason(
    sheet: Callable[[str], Path], tmp_path: Path
) -> None:
    sheet("28/04/2025")
    text = SHEET.format("28/04/2025") + "3;c@x.mx;MQL;nunca;\n;d@x.mx;MQL;01/05/2025;\n2;=evil();MQL;01/05/2025;\n"
    at = visit("connection", section="mapping")
    at.button(key="_connection_confirm").click().run()
    (tmp_path / "sheet" / "Prospectos.csv").write_text(text, encoding="utf-8")
    at.button(key="_connection_sync").click().run()
    assert at.warning[0].value.replace("\\", "") == Language("en")("page.connection.rejected", count=3)
    at = visit("connection", again=at, section="data")
    rows = next(one.value for one in at.dataframe if "Line" in one.value).to_dict("records")
    assert [(row["Source"], row["Line"], row["Column"], row["Outcome"]) for row in rows] == [
        ("Prospectos.csv", 4, "Fecha de alta", "loaded after a repair"),
        ("Prospectos.csv", 5, "Clave", "not loaded"),
        ("Prospectos.csv", 6, "Clave", "not loaded"),
    ]
    said = tables(at)
    assert "evil" not in said and "d@x.mx" not in said and "nunca" not in said


def test_a_source_that_speaks_the_crm_s_language_has_nothing_to_map(home: Home) -> None:
    home("demo")
    at = visit("connection", section="mapping")
    assert Language("en")("page.connection.no_mapping") in shown(at)


def test_what_the_source_does_not_deliver_is_not_shown_as_none(home: Home) -> None:
    home("world")
    at = visit("connection", section="data")
    rows = at.dataframe[0].value
    note = {row["Table"]: row["Note"] for row in rows.to_dict("records")}
    assert note["Opportunities"] == Language("en")("page.connection.not_delivered")
    figures = {metric.label: metric.value for metric in at.metric}
    # of three with a status, one of unknown start
    assert figures["Leads with known history"] == Language("en").percent(2 / 3)


# Person


def test_a_link_opens_a_person_with_nothing_personal_in_clear(home: Home) -> None:
    home("world")
    at = visit("person", object="contact", record="c1")
    said = shown(at) + tables(at)
    assert "ana@acme.example" not in said and "a•••@•••.example" in said
    assert "5678" not in said and "A secret of Ana" not in said
    (records,) = (one.value for one in at.dataframe if "Why it belongs" in one.value)
    assert list(records["CRM"].dropna()) == ["https://crm.example/l1"]  # the other address is text, no link
    assert list(records["Address outside this CRM"].dropna()) == ["javascript:alert(1)"]
    assert "converted to contact c1" in said and "MQL" in said
    at.toggle(key="_person_reveal").set_value(True).run()
    assert "ana@acme.example" in shown(at) and "A secret of Ana" in tables(at)


def explained(at: AppTest, lang: str) -> bool:
    return any(one.label == Language(lang)("ui.explain.title") for one in at.expander)


def test_a_person_is_found_by_part_of_a_name_and_opening_them_ends_the_search(home: Home) -> None:
    home("world")
    at = visit("person")
    assert not explained(at, "en")
    at.text_input(key="_person_search").input("lopez").run()
    found = [(link.proto.label.replace("\\", ""), link.proto.query_string) for link in at.get("page_link")]
    mine = [(label, query) for label, query in found if "record=l1" in query]
    assert len(mine) == 1 and "object=lead" in mine[0][1]
    assert mine[0][0].startswith("Ana <b>López</b>") and "ana@acme.example" not in mine[0][0]
    at = visit("person", again=at, object="lead", record="l1")
    assert at.text_input(key="_person_search").value == "" and at.subheader[0].value.startswith("Ana")
    assert explained(at, "en")
    at.query_params.clear()
    again = visit("person", again=visit("definition", again=at))
    assert again.subheader[0].value.startswith("Ana")  # who was looked at last


def test_a_person_nobody_knows_is_said_to_be_unknown(home: Home) -> None:
    home("world")
    at = visit("person", "es", object="lead", record="**nobody**")
    assert "No hay" in shown(at) and not at.exception and not explained(at, "es")
    at = visit("person", object="lead", record="**nobody**")
    assert "There is no lead **nobody** in “acme”" in shown(at) and not at.exception and not explained(at, "en")
    at.text_input(key="_person_search").input("zzz").run()
    assert Language("en")("page.person.search.nobody") in shown(at)


def test_what_happened_at_a_time_nobody_knows_is_drawn_as_one_hatched_bar(home: Home) -> None:
    folder = home("empty")
    fill(folder, Rows(record=[lead("a", status="MQL", created_at="2026-01-01", converted_to="b"),
                              contact("b", status="Customer")]))  # fmt: skip
    one = Workspace(folder).analyse("acme")
    story = person.story(one.tables, one.pact, one.as_of, "lead", "a")
    assert story is not None
    found = person_chart.bars(story, one.as_of)
    assert [(len(bar.spells), bar.start, bar.end, bar.sure) for bar in found] == [
        (2, datetime(2026, 1, 1), one.as_of, False)
    ]


def test_what_is_not_known_of_a_person_is_said(home: Home) -> None:
    home("world")
    at = visit("person", object="lead", record="l4")
    assert "nothing is made up" in shown(at) and "not known" not in at.title[0].value
    at = visit("person", object="lead", record="l3", again=at)
    assert Language("en")("page.person.no_history") in shown(at)


# Definition


def save(home: Path, *signed: tuple[str, str], **changes: Any) -> None:
    database = engine(home)
    version = versions.save(database, pact(**changes), author="ana", message="First", now=datetime(2026, 1, 1))
    for email, team in signed:
        versions.sign(database, version, email=email, team=team, door="cli", now=datetime(2026, 1, 2))  # type: ignore[arg-type]


def test_a_definition_nobody_saved_is_a_proposal_and_shows_what_no_stage_claims(home: Home) -> None:
    home("world")
    at = visit("definition")
    said = shown(at)
    assert Language("en")("page.definition.proposed") in said
    assert "MQL (2)" in said.replace("*", "")  # two leads hold it now
    at = visit("definition", again=at, view="statuses")
    rows = next(one.value for one in at.dataframe if "Value in the CRM" in one.value)
    found = {(row["Object"], row["Value in the CRM"]): row["Records"] for row in rows.to_dict("records")}
    assert found[("Leads", "Llamar mañana")] == 1 and found[("Leads", "(blank)")] == 1


def test_a_signed_definition_is_in_force_with_its_next_review(home: Home) -> None:
    folder = home("world")
    save(folder, ("m@x.example", "marketing"), ("s@x.example", "sales"),
         review={"definition_every_days": 180}, flow=[["mql", "sal"], ["mql", "remarket"]],
         sales_ready={"threshold": 100, "all": [{"field": "email", "op": "filled"}],
                      "any": [{"field": "country", "op": "in", "value": ["MX", "ES"]},
                              {"field": "f_employees", "op": "gte", "value": 50}],
                      "opportunity": [{"id": "budget", "question": "Is there a budget?", "field": "f_budget"}]},
         calendars={"office": {"timezone": "Europe/Madrid", "hours": {d: ["09:00-14:00"] for d in
                                                                       ("mon", "tue", "wed", "fri")}}},
         commitments={"marketing": {"mql_per_month": 400, "accepted_rate": 0.8}, "sales": {"follow_up": "follow-up"}},
         glossary=[{"term": "lead", "meaning": "Somebody"}])  # fmt: skip
    at = visit("definition")
    figures = {metric.label: metric.value for metric in at.metric}
    assert figures["Standing"] == "in force" and figures["Next review"] == "Jul 1, 2026"
    said = "\n".join(
        shown(visit("definition", again=at, view=part)) for part in ("moves", "ready", "promises", "words")
    )
    for sentence in (
        "MQL → SAL, Re-Market",
        "A score of at least 100 points.",
        "E-mail is filled in",
        "Country is one of MX, ES",
        "Employees is at least 50",
        "Answered in the field Budget",
        "Mon–Wed 09:00-14:00; Fri 09:00-14:00 (Europe/Madrid)",
        "Marketing: 400 MQLs a month.",
        f"accepts at least {Language('en').percent(0.8, 0)} of them",
        "follows up as follow-up says",
        "lead: Somebody",
    ):
        assert sentence in said.replace("**", ""), sentence
    assert "m@x.example" in tables(visit("definition", again=at, view="versions"))


def test_a_version_signed_by_one_team_is_a_draft(home: Home) -> None:
    folder = home("world")
    save(folder, ("m@x.example", "marketing"))
    at = visit("definition")
    figures = {metric.label: metric.value for metric in at.metric}
    assert figures["Standing"] == "draft" and figures["Signed by Sales"] == "not yet"
    assert figures["Signed by Marketing"] == "Jan 2, 2026"


def test_the_definition_reads_before_any_data(home: Home) -> None:
    home("empty")
    said = shown(visit("definition", "es"))
    assert all(stage.label in said for stage in default("es").stages)
