"""What a connector says to people: in their language, with a remedy, without secrets or anybody's data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leadpact.connector import Change, Mappable
from leadpact.errors import LeadPactError
from leadpact.language import LANGUAGES, Language, missing
from tests.contract.suite import Trial, clause, every_text


def unsaid(key: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The languages in which a key has no text, or one that asks for a parameter there is not."""
    for code in LANGUAGES:
        try:
            Language(code)(key, **params)
        except (KeyError, IndexError, ValueError) as error:
            yield f"{key} cannot be said in {code}: {type(error).__name__}"
        else:
            if key in missing(code):
                yield f"{key} is said in English to readers of {code}"


def unsaid_error(error: LeadPactError) -> Iterator[str]:
    yield from unsaid(error.key, error.params)
    for detail in error.details:
        yield from unsaid_error(detail)


@clause(
    "check.answers",
    "Testing a connection that works gives answers, each with a name, and all of them good.",
)
def answers(trial: Trial) -> Iterator[str]:
    checks = list(trial.connect().check())
    if not checks:
        yield "the test of the connection says nothing"
    if not all(isinstance(check.ok, bool) and check.name for check in checks):
        yield "an answer has no name, or is neither good nor bad"
    if not all(check.ok for check in checks):
        yield f"a connection that works fails {[check.name for check in checks if not check.ok]}"


@clause("check.writes_nothing", "Testing a connection changes nothing, neither in the source nor beside it.")
def writes_nothing(trial: Trial) -> Iterator[str]:
    before = trial.door.snapshot()
    list(trial.connect().check())
    list(trial.connect(writable=None).check())
    if trial.door.snapshot() != before:
        yield "the test of the connection wrote something"


@clause("check.unreachable", "A source out of reach is an answer of the test, not an exception.", deeds=["cut"])
def unreachable(trial: Trial) -> Iterator[str]:
    trial.door.cut()
    try:
        checks = list(trial.connect().check())
    except LeadPactError as error:
        yield f"the test raises {error.key} in place of an answer"
        return
    if all(check.ok for check in checks):
        yield "the source is gone, and the test finds nothing"


@clause("check.worded", "Every answer can be said in every language, and a bad one comes with a remedy.")
def worded(trial: Trial) -> Iterator[str]:
    checks = [*trial.connect().check(), *trial.connect(writable=None).check()]
    if trial.may("cut"):
        trial.door.cut()
        checks += _checks(trial)
    for check in checks:
        yield from unsaid(check.message, check.params)
        if check.remedy is not None:
            yield from unsaid(check.remedy, check.params)
        elif not check.ok:
            yield f"{check.message} has no remedy"


@clause("errors.ours", "What goes wrong is said as ours (LeadPactError): a vendor's exception shows a stack trace.")
def ours(trial: Trial) -> Iterator[str]:
    for what, error in trial.failures():
        if not isinstance(error, LeadPactError):
            yield f"{what} raises {type(error).__name__}"


@clause("errors.raised", "A source that is gone is an error, never an empty company.", deeds=["cut"])
def raised(trial: Trial) -> Iterator[str]:
    wanted = {"extract, the source being gone", "read, the source being gone"}
    silent = wanted - {what for what, _ in trial.failures()}
    if silent:
        yield f"nothing is raised by {sorted(silent)}"


@clause("errors.worded", "Every error can be said in every language, with what it names.")
def errors_worded(trial: Trial) -> Iterator[str]:
    for _, error in trial.failures():
        if isinstance(error, LeadPactError):
            yield from unsaid_error(error)


@clause("rejects.worded", "Why a row is listed can be said in every language.", deeds=["spoil"])
def rejects_worded(trial: Trial) -> Iterator[str]:
    trial.door.spoil()
    for problem, params in {(reject.problem, tuple(reject.params.items())) for reject in trial.read().rejects}:
        yield from unsaid(problem, dict(params))


@clause(
    "secrets.unsaid", "No secret of the settings is shown, logged, put in an error or left in the connector's own text."
)
def no_secret(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    yield from trial.secrets_in(f"{connector!r} {connector} {connector.can!r}")
    for check in connector.check():
        yield from trial.secrets_in(repr(check))
    trial.read()
    for outcome in trial.write([Change(*trial.open[0], "f_unheard_of", None, "x")]):
        yield from trial.secrets_in(f"{outcome.code}")
    for _, error in trial.failures():
        yield from trial.secrets_in(every_text(error) if isinstance(error, LeadPactError) else f"{error!r} {error}")
    yield from trial.secrets_in(trial.said.getvalue())


@clause("secrets.stored", "No secret of the settings is kept in the connector's folder of state.")
def not_stored(trial: Trial) -> Iterator[str]:
    trial.write([trial.setting(trial.open[0])])
    list(trial.connect().check())
    trial.read()
    for path in (trial.door.folder / "state").rglob("*"):
        if path.is_file() and trial.door.SECRET.encode() in path.read_bytes():
            yield "a secret of the settings lies in the state folder"


@clause("content.unsaid", "No record's content is in a log, an error, an answer or a reason: those leave the house.")
def no_content(trial: Trial) -> Iterator[str]:
    if trial.may("spoil"):
        trial.door.spoil()
    for reject in trial.read().rejects:
        yield from trial.content_in(f"{reject.problem} {dict(reject.params)} {reject.column}")
    for check in trial.connect().check():
        yield from trial.content_in(repr(check))
    changes = [Change(*trial.open[0], "f_unheard_of", None, "x"), Change(*trial.open[1], "status", None, "no status")]
    for outcome in trial.write(changes):
        yield from trial.content_in(str(outcome.code))
    yield from trial.content_in(trial.said.getvalue())
    for _, error in trial.failures():
        yield from trial.content_in(every_text(error) if isinstance(error, LeadPactError) else f"{error!r} {error}")
    yield from trial.content_in(trial.said.getvalue())


@clause(
    "describe.tables",
    "What a mapping is proposed from names every table once, and shows shapes in place of data.",
    needs=["describe"],
)
def described(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    assert isinstance(connector, Mappable)
    tables = connector.describe()
    names = [table.name.casefold() for table in tables]
    if not tables or len(set(names)) < len(names):
        yield "it describes no table, or one twice"
    yield from trial.content_in(repr(tables))


def _checks(trial: Trial) -> list[Any]:
    try:
        return list(trial.connect().check())
    except LeadPactError:
        return []
