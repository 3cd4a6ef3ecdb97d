"""Digests: what is due by the pact's clocks, promises and audits, told once to those who should know.

    settings.py   `[digest]` of the secrets file: channels, owners' addresses
    levels.py     who is told of a clock at which share of its target
    due.py        breaches, commitments and findings that are due at a moment
    claims.py     who was told what: claimed before sending, settled after
    routing.py    which channel gets which of them
    compose.py    the message, in the reader's language
    sending.py    handing it to e-mail, Slack or Teams (Apprise)
    running.py    one run: gather, claim, send, settle

Nothing here reads the clock: `now` is given.
"""
