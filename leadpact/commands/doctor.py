"""The command `doctor`: everything an installation stands on, an answer a line, the remedy beneath a bad one.

Not here: what is looked at (leadpact/doctor).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from leadpact import settings
from leadpact.commands.place import Place
from leadpact.commands.result import Result, printable
from leadpact.doctor import Answer, Site, examine, well

ROOT = Path(__file__).resolve().parents[2]
ATTENTION = 1
MARKS = {True: "✓", False: "✗", None: "–"}


def doctor(place: Place, args: argparse.Namespace) -> Result:
    """Looks at everything and writes nothing. Exit code 0 where nothing needs attention, else 1."""
    say = place.say
    site = Site(place.home, place.url, place.secrets or settings.SECRETS, ROOT, place.now, place.connect)
    answers = list(examine(site, args.names, offline=args.offline))
    fine = well(answers)
    document = {"ok": fine, "checks": [answer.as_json(say) for answer in answers]}
    lines = [line for answer in answers for line in _lines(place, answer)]
    wrong = sum(answer.ok is False for answer in answers)
    last = say("doctor.fine") if fine else say("doctor.attention", count=wrong)
    return Result(document, plain="\n".join([*lines, "", last]), exit_code=0 if fine else ATTENTION)


def _lines(place: Place, answer: Answer) -> list[str]:
    shown = answer.as_json(place.say)
    about = f"{answer.about}: " if answer.about else ""
    lines = [f"{MARKS[answer.ok]} {about}{shown['message']}"]
    if shown["remedy"]:
        lines.append(f"    → {shown['remedy']}")
    return [printable(line) for line in lines]


COMMANDS = {"doctor": doctor}
