"""Person: one person's story, from the first record to today."""

from __future__ import annotations

import streamlit as st

from leadpact.metrics import person
from ui import open_page, person_embedded, person_forget, person_header, person_search, person_view, whom
from ui.errors import plain

with open_page("person") as page:
    shut = whom.closed(page)
    key = None if shut else person_search.wanted(page)
    story = page.cached(person.story, *key) if key else None
    story = story if story is not None and whom.sees(page, story) else None
    if not shut and (not page.embedded or story is None):
        person_search.search(page)
    if shut:
        page.link("today")
    elif key is None:
        page.empty("page.person.none")
    elif story is None:
        text = page.text(
            "unknown", object=person_search.called(page, key[0]), id=key[1], connection=page.connection.name
        )
        st.warning(plain(text), icon=":material/person_off:")
        if whom.whose(page):
            st.caption(plain(page.lang("privacy.person_of_yours", whose=whom.whose(page))))
    elif page.embedded:
        person_embedded.show(page, key, story)
    else:
        clear = person_header.show(page, story)
        person_header.missing(page, story)
        person_view.journeys(page, story)
        person_view.clocks(page, story)
        person_view.deals(page, story)
        person_view.touches(page, story, clear=clear)
        person_view.records(page, story)
        person_forget.show(page, story)
    if page.embedded:
        person_embedded.foot(page)
    elif story is not None:  # without a person no number is on the page
        page.footer()
