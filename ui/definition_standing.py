"""The standing of the pact in use: its version, who signed it, when it is due again; and those before it.

Not here: what the pact says (definition_view.py), versions themselves (config/versions.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from config import sources, versions
from config.document import dump
from config.versions import Version
from leadpact.report.standing import next_review
from ui import access, errors, figures, listing, moments
from ui.page import Page
from ui.tables import Kind

TEAMS = ("marketing", "sales")


def show(page: Page, found: Sequence[Version]) -> None:
    """In force or draft, and what is missing; the hash that is signed; the next review; the file."""
    lang, used = page.lang, page.used
    version = next((one for one in found if one.number == used.version), None)
    figures.row(
        [
            (page.text("standing"), lang("ui.pact.in_force" if used.in_force else "ui.pact.draft"), None),
            (page.text("version"), lang.number(used.version) if used.version else lang("ui.pact.unsaved"), None),
            *((page.text(f"signed.{team}"), _signed(page, version, team), page.text("signed.help")) for team in TEAMS),
            (page.text("review"), _review(page), page.text("review.help")),
        ]
    )
    if version is None:
        st.info(errors.plain(page.text("proposed")), icon=":material/edit_note:")
    elif not used.in_force:
        st.info(errors.plain(page.text("draft")), icon=":material/edit_note:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(errors.plain(page.text("hash", hash=used.pact.hash[:12])))
        st.download_button(
            page.text("download"),
            data=access.held(lambda: _file(page, version).encode("utf-8")),
            file_name="pact.yaml",
            mime="application/yaml",
            on_click="ignore",
            icon=":material/download:",
            key=page.key("download"),
        )


def _file(page: Page, version: Version | None) -> str:
    """The pact as a file, with the comments of the one it came from."""
    return dump(page.used.pact) if version is None else sources.export(page.workspace.database, version)


def history(page: Page, found: Sequence[Version]) -> None:
    """Every version, newest first."""
    st.subheader(page.text("history"), anchor=False)
    if not found:
        st.write(page.text("history.none"))
        return
    force = versions.in_force(list(found))
    rows = [
        {
            "version": version.number,
            "standing": _standing(page, version, force),
            "saved": version.created_at,
            "author": version.author,
            "message": version.message or None,
            "signatures": "; ".join(_signature(page, one) for one in version.all_signatures) or None,
            "votes": _votes(page, version),
            "hash": version.hash[:12],
        }
        for version in found
    ]
    kinds: dict[str, Kind] = {"version": "count", "standing": "text", "saved": "moment", "author": "text",
                              "message": "text", "signatures": "text", "votes": "text", "hash": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="history")


def _signed(page: Page, version: Version | None, team: str) -> str:
    found = [one for one in (version.signatures if version else ()) if one.team == team]
    return page.lang.day(found[-1].signed_at.date()) if found else page.text("signed.not")


def _signature(page: Page, one: versions.Signature) -> str:
    at = moments.shown(page.lang, one.signed_at, page.used.pact.zone)
    text = f"{page.text(f'team.{one.team}')}: {one.email} ({at}, {page.text(f'door.{one.door}')})"
    return text if one.stands else page.lang("cli.withdrawn", signature=text)


def _votes(page: Page, version: Version) -> str | None:
    """How many of each team voted on it."""
    found = versions.voted(page.workspace.database, version.hash, version.line)
    return "; ".join(
        page.text("votes.of", team=page.text(f"team.{one.team}"), voted=page.lang.number(one.voted),
                  of="–" if one.of is None else page.lang.number(one.of))
        for one in found.values()
    ) or None  # fmt: skip


def _standing(page: Page, version: Version, force: Version | None) -> str:
    if force is not None and version.number == force.number:
        return page.lang("ui.pact.in_force")
    return page.text("was_in_force") if version.signed_by_both else page.lang("ui.pact.draft")


def _review(page: Page) -> str:
    """The day the definition is due again: so many days after its last signature."""
    if page.used.pact.review.definition_every_days is None:
        return page.text("review.never")
    due = next_review(page.used)
    return page.lang("ui.unknown") if due is None else page.lang.day(due)
