"""The files adapter: a folder of CSV, XLSX or Parquet files as a source.

It reads a folder anew each time, needs no state and never writes there; a repair writes a corrected copy
beside it. Its modules: folder (what files there are), text, sheets and parquet (their rows), survey (how dates
and numbers are written), plan (what fills what), convert (cells to columns), changes and timeline (history),
copy (corrected copies).

Not here: the mapping document (leadpact/mapping), the mirror (leadpact/store.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.files.copy import Copy
from connectors.files.describe import describe
from connectors.files.extract import Reading
from connectors.files.faults import ADDING, EXPECTED
from connectors.files.folder import Folder, look
from connectors.files.plan import Plan, plan
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.errors import LeadPactError, Misconfigured, SourceRefused, SourceUnreachable
from leadpact.mapping import MappingDocument, SourceTable, loads
from leadpact.model import RECORD


class Files:
    """Adapter for a folder of files, or one file.

    Settings: `path`; optional `timezone` (default UTC) for times without a zone, and
    `encoding` where the files' own is not recognised, and `adds_to` where they only add
    activities to the records of another connection. `mapping` is a document or its YAML.
    Raises Misconfigured or BadMapping for settings that cannot be.
    """

    name = "files"

    def __init__(
        self, settings: Mapping[str, Any], *, mapping: MappingDocument | str | None = None, state: Path | None = None
    ) -> None:
        if not isinstance(settings.get("path"), (str, Path)) or not str(settings["path"]).strip():
            raise Misconfigured("files.no_path")
        self.path = Path(str(settings["path"])).expanduser()
        self._zone = _zone(str(settings.get("timezone") or "UTC"))
        self._encoding: str | None = settings.get("encoding")
        self.mapping = loads(mapping) if isinstance(mapping, str) else mapping or MappingDocument()
        self.state = state
        self._adding = bool(settings.get("adds_to"))

    @property
    def can(self) -> Capabilities:
        """By the tables there are: history where changes or date columns are, activities where their file is.

        Of a folder that cannot be read: nothing; `check` and `extract` say why.
        """
        try:
            planned = self._planned()[1]
        except LeadPactError:
            return Capabilities()
        dated = any(step.dated for step in planned.steps)
        return Capabilities(
            history=dated or bool(planned.of("status_changes")), activities=bool(planned.of("activities"))
        )

    def check(self) -> Iterable[Check]:
        """One check for the folder, one for each file. Reads the files' beginnings, no more."""
        try:
            folder, planned = self._planned()
        except LeadPactError as error:
            yield Check("folder", False, error.key, "files.remedy.folder", error.params)
            return
        yield Check("folder", True, "files.check.folder", None, {"path": str(self.path), "count": len(folder.sources)})
        for step in planned.steps:
            yield Check(
                step.source.file,
                True,
                "files.check.table",
                None,
                {"file": step.source.file, "target": step.entry.to, "count": len(step.places)},
            )
        for problem in planned.problems:
            yield Check(problem.source, False, problem.key, "files.remedy.file", problem.params)
        expected = ADDING if self._adding else EXPECTED
        if not planned.of(*expected):
            found = ", ".join(source.name for source in folder.sources) or "–"
            yield Check(
                expected[0],
                False,
                f"files.no_{expected[0]}",
                "files.remedy.mapping",
                {"path": str(self.path), "found": found, "expected": ", ".join(expected)},
            )

    def extract(self, since: str | None = None) -> Extract:
        """Reads everything; `since` is not heeded. Raises SourceUnreachable, SourceRefused."""
        return Reading(self.path, *self._planned(), self._zone, adding=self._adding).extract()

    def describe(self) -> list[SourceTable]:
        """Every table of the folder with its columns, by a sample of rows: what a mapping is proposed from."""
        return describe(self._look())

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """The current values of `fields` by record id, as text; a record that is not there is left out.

        Raises SourceRefused for a field these records do not have.
        """
        folder, planned = self._planned()
        for name in fields:
            if name not in (*RECORD.names, *planned.custom.get("record", ())):
                raise SourceRefused("workspace.no_field", fields=name)
        wanted, found = set(ids), {}
        for page in Reading(self.path, folder, planned, self._zone).extract().pages:
            if page.table != "record":
                continue
            for row in page.rows.to_pylist():
                if row["object"] == object and row["record_id"] in wanted:
                    found[row["record_id"]] = {field: _text(row.get(field)) for field in fields}
        return found

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Files are never written: every change is refused."""
        for change in changes:
            yield Outcome(change, "refused", "read_only")

    def copy(self) -> Copy:
        """A corrected copy of the folder, which takes what the folder itself does not."""
        return Copy(self.path, self._look, self.mapping, self._zone, self._encoding)

    def _look(self) -> Folder:
        try:
            return look(self.path, self._encoding)
        except FileNotFoundError:
            raise SourceUnreachable("files.no_folder", path=str(self.path)) from None
        except OSError as error:
            raise SourceUnreachable("files.folder_refused", path=str(self.path)) from error

    def _planned(self) -> tuple[Folder, Plan]:
        folder = self._look()
        return folder, plan(folder, self.mapping)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Misconfigured("files.bad_timezone", timezone=name) from error


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
