"""People: who may open LeadPact, as what, and how sign-in is set up."""

from __future__ import annotations

from ui import access, open_page, people_page, people_page_own, people_page_setup

with open_page("people") as page:
    if page.visitor.roles is None:
        people_page_setup.show(page)
    elif access.may(page.visitor, access.MANAGE_PEOPLE):
        people_page.show(page)
    else:
        people_page_own.show(page)
