"""What the process that serves every session does once: its logs, and garbage looked for now and then.

Streamlit would look through everything the process holds after every run of every page
(`runner.postScriptGC`, off in config.toml). Most of it is code, which never goes, and while it looks no
session moves. Here one thread looks, and what is there once the pages are loaded is left out (`gc.freeze`).

A link to a page does not run app.py, so both it and every page begin here.

Not here: what is kept on purpose, and how much of it (config.toml: server.maxCacheDataSize).
"""

from __future__ import annotations

import gc
import sys
import threading
import time

import streamlit as st

from leadpact import logs
from ui import warm, wire, workers
from ui.worker import MIDDLE, YOUNG

FIRST_SECONDS = (10.0, 20.0, 30.0, 60.0)  # one after the other; then the pages people open have brought their code
SECONDS = 30.0
SWITCH_SECONDS = 0.0005  # a page lets go of the interpreter at every file and query, and waits this long for it again

_once = threading.Lock()


def begin() -> bool:
    """Begins logs and tidying; false where this process has begun already."""
    if not _once.acquire(blocking=False):
        return False
    logs.begin()
    if not st.get_option("global.appTest"):
        wire.begin()
        warm.begin()
        workers.begin()
        gc.set_threshold(YOUNG, MIDDLE)
        sys.setswitchinterval(SWITCH_SECONDS)
        threading.Thread(target=_tidy, name="tidy", daemon=True).start()
    return True


def _tidy() -> None:
    for seconds in FIRST_SECONDS:
        time.sleep(seconds)
        gc.collect()
        gc.freeze()  # step by step: all at once would be half a second in which no session moves
    while True:
        time.sleep(SECONDS)
        wire.tidy()
        workers.rest()
        gc.collect()
