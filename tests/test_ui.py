"""What pages are made of, piece by piece."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from config.document import default
from leadpact.errors import Misconfigured
from leadpact.language import Language, Text
from leadpact.metrics.funnel import Scope
from tests.conftest import ROOT
from ui import charts, moments, people, registry, tables
from ui.choice import Choice
from ui.errors import label, plain
from ui.funnels import reachable
from ui.language import resolve

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("chosen", "browser", "code"),
    [
        (None, None, "en"),
        (None, "fr-FR", "en"),
        (None, "es-ES", "es"),
        (None, "es-MX", "es_419"),
        ("es", "es-MX", "es_419"),
        ("es", "en-US", "es"),
        ("es", None, "es"),
        ("es-AR", "es-ES", "es_419"),
        ("en", "es-MX", "en"),
        ("xx", "es-MX", "en"),
    ],
)
def test_the_language_is_the_chosen_one_in_the_readers_own_variant(
    chosen: str | None, browser: str | None, code: str
) -> None:
    assert resolve(chosen, browser).code == code


def test_a_day_alone_is_its_end_in_the_pacts_zone() -> None:
    assert moments.moment("2026-03-02", "as_of", MADRID) == datetime(2026, 3, 2, 22, 59, 59, 999999)
    assert moments.moment("2026-07-02", "as_of", MADRID) == datetime(2026, 7, 2, 21, 59, 59, 999999)


def test_a_time_in_a_link_is_utc_unless_it_says_otherwise() -> None:
    assert moments.moment("2026-03-02T10:00", "as_of", MADRID) == datetime(2026, 3, 2, 10)
    assert moments.moment("2026-03-02T10:00+02:00", "as_of", MADRID) == datetime(2026, 3, 2, 8)
    assert moments.moment(None, "as_of", MADRID) is None


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "1700-01-01T00:00"])
def test_a_moment_that_cannot_be_is_refused_by_name(text: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        moments.moment(text, "as_of", MADRID)
    assert caught.value.params == {"name": "as_of"}


def test_a_moment_is_written_in_zone_and_language() -> None:
    at = datetime(2026, 3, 2, 15, 30, 59)
    assert moments.shown(Language("es"), at, MADRID) == "2 mar 2026 16:30"
    assert moments.shown(Language("en"), None, MADRID) == "–"
    assert moments.shown(Language("en"), pd.NaT, MADRID) == "–"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ana@acme.example", "a•••@•••.example"),
        ("@acme", "•••@•••"),
        ("ana", "•••"),
        ("a.b@x.co.uk", "a•••@•••.uk"),
    ],
)
def test_an_email_keeps_its_first_letter_and_ending(text: str, masked: str) -> None:
    assert people.masked_email(text) == masked


@pytest.mark.parametrize(("text", "masked"), [("+34 600 123 459", "••• 59"), ("1234", "•••"), ("", "•••")])
def test_a_phone_keeps_two_digits(text: str, masked: str) -> None:
    assert people.masked_phone(text) == masked


def test_masking_leaves_what_is_unknown_unknown_and_the_original_alone() -> None:
    frame = pd.DataFrame({"email": ["ana@acme.example", None], "phone": [None, "123456"]})
    masked = people.mask(frame)
    assert masked["email"].isna().tolist() == [False, True]
    assert masked["phone"].isna().tolist() == [True, False]
    assert frame["email"].iloc[0] == "ana@acme.example"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://crm.example/1", True),
        ("http://crm.example/1", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("/lead/1", False),
        (None, False),
        (float("nan"), False),
    ],
)
def test_only_web_addresses_are_links(value: object, kept: bool) -> None:
    assert (tables.safe_link(value) == value) is (kept or value is None)


@pytest.mark.parametrize(("code", "signs"), [("en", ".,"), ("es", ",."), ("es_419", ".,")])
def test_charts_write_numbers_as_the_texts_beside_them_do(code: str, signs: str) -> None:
    lang = Language(code)
    assert lang.separators == signs
    assert lang.number(1234567.5, 1) == f"1{signs[1]}234{signs[1]}567{signs[0]}5"
    assert charts.bars(["a"], [("n", "#000", [1], ["1"], [None])], lang, stacked=False).layout.separators == signs
    by_hand = [path.name for path in (ROOT / "ui").glob("*.py") if re.search(r"separators=\W", path.read_text("utf-8"))]
    assert by_hand == []


def test_numbers_are_written_in_the_language_and_unknown_is_a_dash() -> None:
    assert tables.cell(1234, "count", Language("es")) == "1.234"
    assert tables.cell(1234, "count", Language("en")) == "1,234"
    assert tables.cell(float("nan"), "share", Language("en")) == "–"
    assert tables.cell(None, "text", Language("en")) == "–"
    assert tables.cell(35.0, "span", Language("es")) == "35,0 h"
    assert tables.cell(-240.0, "span", Language("en")) == "-10.0 days"


@pytest.mark.parametrize("text", ["*bold* [x](http://x) $a$ :red[x]", "a_b # c", "<b>", "`x`"])
def test_plain_text_stays_what_it_is(text: str) -> None:
    assert "\\" in plain(text)
    assert (
        plain(text).replace("\\", "").replace("\u2060", "") == text
    )  # the sign nobody sees keeps an address from being a link


@pytest.mark.parametrize(
    "text", ["Lead Status (old)", "Cap of A-B. Group!", "f_country_code", "Fecha: MQL + SQL", "No. 1"]
)
def test_a_label_is_read_out_as_it_is_written(text: str) -> None:
    assert label(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [("*a* _b_ [c](d)", r"\*a\* \_b\_ \[c\](d)"), (":red[x] :smile:", r"\:red\[x\] \:smile:"),
     ("<b> a->b", r"\<b\> a\-\>b"),
     ("1. one", r"1\. one"), ("- one", r"\- one"), ("$x$ `y` ~z~", r"\$x\$ \`y\` \~z\~")],
)  # fmt: skip
def test_a_label_escapes_what_means_something(text: str, safe: str) -> None:
    assert label(text) == safe


def test_a_sentence_names_all_of_a_list() -> None:
    assert Language("es").together(["a", "b", "c"]) == "a, b y c"
    assert Language("en").together([Text.of("ui.yes"), "b"]) == "yes and b"


@pytest.mark.parametrize(
    "choice", [Choice("mql", "lost"), Choice("mql", "lost", ""), Choice("", "unknown"), Choice("p", "met", "a.b.c")]
)
def test_a_choice_comes_back_from_its_link(choice: Choice) -> None:
    assert Choice.parse(choice.text) == choice


def test_a_choice_that_says_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Choice.parse("mql")


def test_stages_without_a_way_in_are_left_out_except_in_strict_mode_and_as_anchor() -> None:
    pact = default("en").model_copy(update={})
    keys = [stage.key for stage in reachable(pact, Scope()).funnel]
    assert keys == ["opportunity", "customer"]  # only opportunity events lead anywhere in an empty map
    assert reachable(pact, Scope(mode="strict")) is pact
    assert "mql" in [stage.key for stage in reachable(pact, Scope(anchor="mql")).funnel]
    assert len(reachable(pact, Scope()).stages) < len(pact.stages) and len(pact.funnel) > 2


def test_every_page_of_the_registry_has_title_and_purpose_in_both_languages() -> None:
    for entry in registry.PAGES:
        for code in ("en", "es", "es_419"):
            assert Language(code)(f"page.{entry.name}.title")
            assert Language(code)(f"page.{entry.name}.purpose")


def test_every_file_of_pages_is_registered() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert files == {entry.name for entry in registry.registered()}


def test_pages_are_paragraphs() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) < 60, path.name
        assert f'open_page("{path.stem}")' in "\n".join(lines), path.name


def test_app_registers_pages_and_draws_nothing() -> None:
    text = (ROOT / "app.py").read_text(encoding="utf-8")
    used = {word.split("(")[0] for word in text.split() if word.startswith("st.")}
    assert used == {"st.Page", "st.navigation"}


def test_no_page_uses_html() -> None:
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "ui").glob("*.py"), ROOT / "app.py"]:
        text = path.read_text(encoding="utf-8")
        own = path.name == "style.py"  # a stylesheet of our own, by its path (test_guide.py)
        assert "unsafe_allow_html" not in text and (own or "st.html" not in text), Path(path).name


def test_dates_of_a_filter_are_days() -> None:
    assert moments.day("2026-03-02", "from") == date(2026, 3, 2)
    assert moments.day(None, "from") is None
    with pytest.raises(Misconfigured):
        moments.day("2026-03-02T10:00", "from")
