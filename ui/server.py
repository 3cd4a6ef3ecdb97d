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

FIRST_SECONDS = 120.0  # by then the pages somebody opens have brought their code with them
SECONDS = 30.0
SWITCH_SECONDS = 0.0005  # a page lets go of the interpreter at every file and query, and waits this long for it again
YOUNG, MIDDLE = 20_000, 20  # a page makes thousands of objects: fewer searches in the middle of its run

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
    time.sleep(FIRST_SECONDS)
    gc.collect()
    gc.freeze()
    while True:
        time.sleep(SECONDS)
        wire.tidy()
        workers.rest()
        gc.collect()
