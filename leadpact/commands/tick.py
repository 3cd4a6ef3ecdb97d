"""The command `tick`, for a timer: reads what is due, audits it, and tells who should know. One line for cron does all.

A connection that fails stops no other, and a step that fails no later one. What is kept too long
goes with each sync (leadpact/privacy/retention.py).

Not here: the steps themselves (workspace.py, audit/findings_log.py, digest/running.py), the timer (docs/operations.md).
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leadpact import logs
from leadpact.commands import digest as digests
from leadpact.commands.context import Context
from leadpact.commands.result import Result
from leadpact.commands.source import synced
from leadpact.digest import sending
from leadpact.digest.running import run
from leadpact.digest.settings import Settings, read
from leadpact.errors import Busy, LeadPactError, Misconfigured
from leadpact.settings import choose

DONE, NOT_DUE, BUSY, FAILED = "done", "not_due", "busy", "failed"
UNEXPECTED = 1
SLACK = 0.1  # of the interval: a timer does not go off to the second


@dataclass
class Step:
    """One thing done for a connection; `told` is what is said of it, `facts` what programs get."""

    step: str
    connection: str
    state: str = DONE
    code: int = 0
    told: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"step": self.step, "connection": self.connection, "state": self.state, **self.facts}


def tick(context: Context, args: argparse.Namespace) -> Result:
    """Sync, audit and digest of every connection. The exit code is that of the worst step."""
    if not args.every > 0:
        raise Misconfigured("tick.bad_interval")
    settings = read(context.secrets)
    if settings is not None:
        digests.check_urls(settings)
    names = _names(context, args.names)
    steps = [step for name in names for step in _steps(context, name, args.every, settings)]
    for one in steps:
        logs.event("tick", connection=one.connection, state=f"{one.step} {one.state}", error=one.facts.get("error"))
    lines = [line for one in steps for line in one.told] or [context.say("tick.nothing")]
    document = {"steps": [one.as_json() for one in steps]}
    return Result(document, plain="\n".join(lines), exit_code=max((one.code for one in steps), default=0))


def _names(context: Context, asked: list[str]) -> list[str]:
    """Those asked for; else every connection that is a source of its own. The demo company only where asked for."""
    known = context.connections()
    if asked:
        return [choose(known, name).name for name in asked]
    return sorted(name for name, one in known.items() if one.adds_to is None and one.type != "demo")


def _steps(context: Context, name: str, every: float, settings: Settings | None) -> Iterator[Step]:
    read_now = _sync(context, name, every)
    yield read_now
    if read_now.state == DONE:
        yield _audit(context, name)
    if settings is not None and context.workspace.mirror(name).current() is not None:
        yield _digest(context, name, settings)


def due(context: Context, name: str, every: float) -> bool:
    """Whether a mirror is `every` hours old, or there is none."""
    mirror = context.workspace.mirror(name)
    if mirror.current() is None:
        return True
    try:
        synced_at = datetime.fromisoformat(mirror.info()["as_of"])
    except (OSError, ValueError, KeyError):  # not to be read: the sync makes another, or says what is wrong
        return True
    return context.now - synced_at >= timedelta(hours=every * (1 - SLACK))


def _sync(context: Context, name: str, every: float) -> Step:
    step = Step("sync", name)
    with _watched(context, step):
        if not due(context, name, every):
            step.state = NOT_DUE
            step.told = [context.say("tick.not_due", name=name)]
            return step
        made = synced(context, name)
        step.facts = {"generation": made.generation, "counts": dict(made.counts), "seconds": made.seconds}
        step.told = [context.say("cli.synced", name=name, generation=str(made.generation), seconds=made.seconds)]
    return step


def _audit(context: Context, name: str) -> Step:
    step = Step("audit", name)
    with _watched(context, step):
        # the engine of the audit is loaded only where something was read
        change = importlib.import_module("leadpact.audit.findings_log").after_sync(
            context.workspace, name, now=context.now
        )
        step.facts = {"new": len(change.new), "still": len(change.still), "resolved": len(change.resolved)}
        step.told = [context.say("cli.audited_first" if change.first else "cli.audited", **step.facts)]
    return step


def _digest(context: Context, name: str, settings: Settings) -> Step:
    step = Step("digest", name)
    with _watched(context, step):
        found = run(context.workspace, settings, name, now=context.now, send=sending.send)
        step.facts = {key: value for key, value in found.as_json().items() if key != "connection"}
        step.told, step.code = digests.lines(context, found), digests.code(found)
        step.state = FAILED if found.failed else DONE
    return step


@contextlib.contextmanager
def _watched(context: Context, step: Step) -> Iterator[None]:
    """What goes wrong in a step is said in it, and stops nothing else."""
    say: Callable[..., str] = context.say
    try:
        yield
    except Busy as error:  # somebody syncs it now: the next tick is another try
        step.state, step.told = BUSY, [context.say.error(error)]
    except LeadPactError as error:
        step.state, step.code, step.facts = FAILED, error.exit_code, {"error": error.key}
        step.told = [say("tick.failed", step=say(f"tick.{step.step}"), name=step.connection), context.say.error(error)]
    except Exception as error:  # noqa: BLE001 - its message may quote a record: what is said is a number
        number = logs.incident(error, connection=step.connection)
        step.state, step.code, step.facts = FAILED, UNEXPECTED, {"incident": number}
        step.told = [say("tick.failed", step=say(f"tick.{step.step}"), name=step.connection),
                     say("cli.incident", incident=number)]  # fmt: skip


COMMANDS = {"tick": tick}
