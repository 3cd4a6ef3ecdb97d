"""LeadPact inside another page, a CRM's: `?embed=true`. No sidebar, little room, and often nobody signed in.

Not here: what is shown of a person there (person_embedded.py), who may see it (access.py).
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st


def on() -> bool:
    """Whether this page is drawn inside another one."""
    return bool(st.context.is_embedded)


def outside(page: str, **values: str) -> str:
    """The address of a page of LeadPact by itself, for a new tab."""
    here = urlsplit(st.context.url or "")
    base = f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}/" if here.netloc else ""
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{base}{page}{f'?{query}' if query else ''}"
