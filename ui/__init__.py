"""What pages are made of. Pages talk to this package; it talks to the domain.

How a page is made. A page is one file `pages/<name>.py`, listed in `ui/registry.py` under the
same name, and reads like a paragraph:

    \"\"\"Velocity: how long leads stay in each stage.\"\"\"
    from leadpact.metrics import velocity
    from ui import filters, open_page

    with open_page("velocity") as page:
        scope = filters.show(page)
        table = page.cached(velocity.stages, scope)
        if table.empty:
            page.empty("page.velocity.none", action="connection")
        else:
            ...
        page.footer()

- `open_page(name)` is the first call. It works by deep link, when app.py did not run: it checks
  who is asking, finds the language, the connection, the moment and the pact, and draws title,
  sidebar and freshness. A page that can work before the first sync is listed in the registry
  with `needs_data=False` and asks `page.ready`.
- `with` makes errors friendly: a LeadPactError becomes a message with its remedy, anything
  else an incident number. Tests set LEADPACT_RAISE=1 and see the exception.
- `page.lang("key", …)` is the reader's language: no text for users stands in code. Keys of the
  pages are `page.<name>.…` in a catalogue `locales/*/LC_MESSAGES/<part>.po`; title and one-line
  purpose of every page are `page.<name>.title` and `page.<name>.purpose`.
- `page.analysis` holds tables, pact and as_of (for the filters in the URL); `page.workspace`
  the home; `page.connection` the configured connection; `page.now()` the only clock.
- `page.cached(function, *args)` calls `function(tables, pact, as_of, *args)`, and
  `page.cached_whole(function, *args)` calls `function(analysis, *args)`. Ibis expressions are
  executed to data frames; nothing that reads a widget may be called through them.
- Widgets have keys `_<page>_<what>` (`page.key("what")`). Values that outlive the page go through
  ui/state.py: `state.bound(key, name, value, text)` gives a widget its key and on_change,
  `state.pick(…)` draws a selectbox with a default; the registry names the values a page obeys.
- Small tables: `tables.show`; lists of people, masked and downloadable: `people.show`; charts
  with a click: `charts.bars`, `charts.show`, `choice.pick`; a row of figures: `figures.row`.
"""

from ui.frame import open_page
from ui.page import Page

__all__ = ["Page", "open_page"]
