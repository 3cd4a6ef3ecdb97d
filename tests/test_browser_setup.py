"""A spreadsheet as people keep it, taken from their computer to a funnel, in a real browser."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.export import MARK
from tests.conftest import ROOT
from tests.test_browser import ARGS, SYSTEM, WAIT, _until_it_answers, heading, playwright

Page, expect = playwright.Page, playwright.expect
SECRETS = '[connections.demo]\ntype = "demo"\nleads = 60\n'
BAD_DATE_LINE, BLANK_KEY_LINE = 15, 16

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    """The app on a free loopback port, as on the first day: nothing but a demo company."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("app.py", "pages", "ui", "leadpact", "connectors", "config", "locales"):
        (work / name).symlink_to(ROOT / name)
    (work / ".streamlit").mkdir()
    shutil.copy(ROOT / ".streamlit" / "config.toml", work / ".streamlit")
    (work / ".streamlit" / "secrets.toml").write_text(SECRETS, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
               "--server.address=127.0.0.1", "--server.fileWatcherType=none"]  # fmt: skip
    environment = {**os.environ, "LEADPACT_HOME": str(tmp_path / "home")}
    environment.pop("DATABASE_URL", None)
    log = (work / "log.txt").open("w")
    with subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log) as server:
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            log.close()


@pytest.fixture
def page() -> Iterator[Page]:
    with playwright.sync_playwright() as driver:
        if SYSTEM is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip("there is no Chromium here")
        browser = driver.chromium.launch(executable_path=SYSTEM, args=ARGS)
        context = browser.new_context(locale="es-ES", viewport={"width": 1400, "height": 1000}, accept_downloads=True)
        context.set_default_timeout(WAIT)
        yield context.new_page()
        browser.close()


def spreadsheet() -> bytes:
    """Twelve leads, six of them MQL: Latin-1, semicolons, Spanish headers, a quoted line break, two bad rows."""
    rows = ["Clave;Nombre;Correo electrónico;Estado del lead;Fecha de alta;Fecha MQL;Importe"]
    for number in range(1, 13):
        status, mql = ("MQL", f"0{number % 9 + 1}/03/2025") if number % 2 else ("Suscriptor", "")
        note = '"Peña\nJosé"' if number == 3 else f"José {number}"
        rows.append(f"A-{number};{note};j{number}@example.mx;{status};{number:02d}/01/2025;{mql};1.234,50")
    rows += ["A-99;Mala Fecha;m@example.mx;Suscriptor;pronto;;0", ";Sin Clave;=1+1;MQL;01/01/2025;;0"]
    return "\r\n".join(rows).encode("latin-1")


def told(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=WAIT)


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
