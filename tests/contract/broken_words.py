"""Connectors that say the wrong thing: in no language, without a remedy, or what nobody may read.

Not here: what they do (broken_writing.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadpact.connector import Change, Check, Extract, Outcome, Reject
from leadpact.errors import LeadPactError, SourceUnreachable
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.model import TABLES
from tests.contract.broken import breaks
from tests.contract.sound import Crm, Sound

Values = Mapping[str, Mapping[str, Any]]
_log = logging.getLogger(__name__)


@breaks("check.answers", "check.unreachable")
class AnswersNothing(Sound):
    def check(self) -> Iterable[Check]:
        return []


@breaks("check.answers")
class FailsForNothing(Sound):
    def check(self) -> Iterable[Check]:
        return [*super().check(), Check("write", False, "demo.check_read_only", "demo.check_read_only_remedy")]


@breaks("check.writes_nothing")
class TriesAWriteToSee(Sound):
    def check(self) -> Iterable[Check]:
        (self.state / "tried").touch()
        return super().check()


@breaks("check.unreachable")
class RaisesWhenTested(Sound):
    def check(self) -> Iterable[Check]:
        self.open()
        return super().check()


@breaks("check.worded")
class AnswersInEnglishOnly(Sound):
    def check(self) -> Iterable[Check]:
        return [replace(check, message="The link is up.") for check in super().check()]


@breaks("check.worded")
class AnswersWithoutWhatItNames(Sound):
    def check(self) -> Iterable[Check]:
        return [replace(check, params={}) for check in super().check()]


@breaks("check.worded")
class KnowsNoRemedy(Sound):
    def check(self) -> Iterable[Check]:
        return [replace(check, remedy=None) for check in super().check()]


@breaks("errors.ours")
class LetsVendorErrorsThrough(Sound):
    def extract(self, since: str | None = None) -> Extract:
        try:
            return super().extract(since)
        except SourceUnreachable as error:
            raise ConnectionError("HTTP 503") from error


@breaks("errors.raised")
class TakesSilenceForNobody(Sound):
    def extract(self, since: str | None = None) -> Extract:
        try:
            return super().extract(since)
        except SourceUnreachable:
            return Extract(iter(()), frozenset(TABLES), True, lambda: "sound@")


@breaks("errors.worded")
class SaysErrorsInNoLanguage(Sound):
    def extract(self, since: str | None = None) -> Extract:
        try:
            return super().extract(since)
        except SourceUnreachable as error:
            raise SourceUnreachable("sound.link_died") from error


@breaks("rejects.worded")
class ListsRowsInNoLanguage(Sound):
    def rejects(self, crm: Crm) -> list[Reject]:
        return [replace(reject, problem="unreadable") for reject in super().rejects(crm)]


@breaks("secrets.unsaid")
class ShowsItsSettings(Sound):
    def __repr__(self) -> str:
        return f"Sound({self.path}, {self._token})"


@breaks("secrets.unsaid")
class PutsTheTokenInTheAddress(Sound):
    def extract(self, since: str | None = None) -> Extract:
        try:
            return super().extract(since)
        except SourceUnreachable as error:
            raise SourceUnreachable(error.key, path=f"{self.path}?token={self._token}") from error


@breaks("secrets.unsaid")
class LogsItsCalls(Sound):
    def open(self) -> Crm:
        _log.debug("GET %s, token %s", self.path, self._token)
        return super().open()


@breaks("secrets.stored", "check.writes_nothing")
class KeepsItsTokenAtHand(Sound):
    def check(self) -> Iterable[Check]:
        (self.state / "session.json").write_text(json.dumps({"token": self._token}), encoding="utf-8")
        return super().check()


@breaks("content.unsaid")
class QuotesTheRow(Sound):
    def rejects(self, crm: Crm) -> list[Reject]:
        return [replace(reject, params={**reject.params, "value": reject.raw}) for reject in super().rejects(crm)]


@breaks("content.unsaid")
class LogsWhomItReads(Sound):
    def extract(self, since: str | None = None) -> Extract:
        _log.info("read %s", [row["email"] for row in self.open()["records"]])
        return super().extract(since)


@breaks("content.unsaid")
class RefusesByName(Sound):
    def decide(self, crm: Crm, change: Change) -> Outcome:
        found = super().decide(crm, change)
        return replace(found, code=f"NOT_FOR {crm['records'][0]['name']}") if found.kind == "refused" else found


@breaks("content.unsaid")
class ExplainsErrorsByExample(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        try:
            return super().read(object, ids, fields)
        except LeadPactError as error:
            names = [row["name"] for row in self.open()["records"]] if self.path.exists() else []
            raise SourceUnreachable(error.key, **error.params, names=names) from error


@breaks("describe.tables")
class ShowsSamples(Sound):
    def describe(self) -> list[SourceTable]:
        names = tuple(row["name"] for row in self.open()["records"][:3])
        return [SourceTable("People", (SourceColumn("Name", samples=names),))]


@breaks("describe.tables")
class DescribesATableTwice(Sound):
    def describe(self) -> list[SourceTable]:
        return super().describe() * 2
