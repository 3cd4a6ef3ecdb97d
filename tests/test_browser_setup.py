"""A spreadsheet as people keep it, taken from their computer to a funnel, in a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.export import MARK
from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served, told

SECRETS = '[connections.demo]\ntype = "demo"\nleads = 60\n'
BAD_DATE_LINE, BLANK_KEY_LINE = 15, 16

pytestmark = MARKS


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    """The app on a free loopback port, as on the first day: nothing but a demo company."""
    with served(beside(tmp_path / "work", SECRETS), tmp_path / "home") as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browsed("es-ES") as page:
        yield page


def spreadsheet() -> bytes:
    """Twelve leads, six of them MQL: Latin-1, semicolons, Spanish headers, a quoted line break, two bad rows."""
    rows = ["Clave;Nombre;Correo electrónico;Estado del lead;Fecha de alta;Fecha MQL;Importe"]
    for number in range(1, 13):
        status, mql = ("MQL", f"0{number % 9 + 1}/03/2025") if number % 2 else ("Suscriptor", "")
        note = '"Peña\nJosé"' if number == 3 else f"José {number}"
        rows.append(f"A-{number};{note};j{number}@example.mx;{status};{number:02d}/01/2025;{mql};1.234,50")
    rows += ["A-99;Mala Fecha;m@example.mx;Suscriptor;pronto;;0", ";Sin Clave;=1+1;MQL;01/01/2025;;0"]
    return "\r\n".join(rows).encode("latin-1")


def settled(page: Page) -> None:
    """No run is under way: a click now meets the page it sees."""
    page.wait_for_timeout(300)
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible(timeout=WAIT)


def test_from_a_messy_spreadsheet_to_a_funnel(app: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{app}/connection")
    heading(page, "Conexión")
    name = page.get_by_role("textbox", name="Nombre", exact=True)
    name.fill("propia")
    name.press("Tab")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "Prospectos 2025.csv", "mimeType": "text/csv", "buffer": spreadsheet()}
    )
    told(page, "Prospectos 2025.csv")
    settled(page)
    page.get_by_role("button", name="Añadir la conexión").click()

    told(page, "Esto es una propuesta")
    page.wait_for_url("**/connection?*section=mapping*")
    confirm = page.get_by_role("button", name="Confirmar esta asignación")
    expect(confirm).to_be_disabled()
    told(page, "se pueden leer con el día o con el mes delante")
    for _ in range(2):  # both date columns; an answered one asks no more
        settled(page)
        question = page.get_by_role("radiogroup", name="¿El día delante o el mes delante?").first
        question.get_by_text("el día delante: 02/0").click()
    expect(confirm).to_be_enabled(timeout=WAIT)
    settled(page)
    confirm.click()

    page.wait_for_url("**/connection?*section=sync*")
    settled(page)
    page.get_by_role("button", name="Sincronizar ahora").click()
    told(page, "Leídos 13 leads y contactos")
    told(page, "2 filas no se han podido leer tal como están")

    page.get_by_role("radio", name="Qué ha llegado").or_(
        page.get_by_role("button", name="Qué ha llegado")
    ).first.click()
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Descargar estas filas (CSV)").click()
    file = tmp_path / "rows.csv"
    waiting.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(MARK)
    rows = list(csv.DictReader(text.removeprefix(MARK).splitlines()))
    assert [(int(row["Línea"]), row["Columna"], row["Resultado"]) for row in rows] == [
        (BAD_DATE_LINE, "Fecha de alta", "cargada tras una reparación"),
        (BLANK_KEY_LINE, "Clave", "sin cargar"),
    ]

    page.get_by_role("link", name="Embudo", exact=True).first.click()
    heading(page, "Embudo")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("13", timeout=WAIT)
    assert (tmp_path / "home" / "propia" / "uploads" / "Prospectos 2025.csv").read_bytes() == spreadsheet()
