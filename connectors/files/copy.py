"""A corrected copy of a folder, to import: what a repair writes where the source itself is never written.

It lies beside the source (`export` → `export-corrected`), holds the files that were corrected, in their own
form, and a list of all changes. It is worked on as long as the source is what it was made of; a new export
begins a new copy. A copy somebody else has changed is left alone, and said.

Not here: where a status stands (copy_cells.py), single cells (copy_text.py, copy_book.py).
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.files import copy_book, copy_text
from connectors.files.copy_cells import RECORDS, STATUS, Spot, spots, word
from connectors.files.copy_text import Cell
from connectors.files.folder import Folder, sources_of
from connectors.files.plan import Plan, plan
from connectors.files.sheets import SheetReader
from connectors.files.text import TextReader
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.crm_facts import DERIVED, GONE, Barriers
from leadpact.errors import SourceRefused
from leadpact.export import in_csv
from leadpact.mapping import MappingDocument

SUFFIX, LIST, KEPT, WORK = "-corrected", "changes.csv", "corrections.json", ".work"
NOT_TAKEN = "NOT_TAKEN"  # read back, the file said something else
COLUMNS = ("object", "record_id", "file", "line", "before", "after", "reason")
BATCH = 100_000  # a file is written as a whole: as few times as can be
Look = Callable[[], Folder]


class Copy:
    """The adapter of a copy. `look` lists the source; `place` is where the copy lies."""

    name = "files"
    can = Capabilities(write=True, copies=True, batch_size=BATCH)

    def __init__(self, path: Path, look: Look, mapping: MappingDocument, zone: ZoneInfo, encoding: str | None) -> None:
        """Reads nothing."""
        whole = path.resolve()
        self.source = whole
        self.place = whole.parent / f"{whole.stem if whole.suffix else whole.name}{SUFFIX}"
        self._look, self._mapping, self._zone, self._encoding = look, mapping, zone, encoding

    def check(self) -> Iterable[Check]:
        """Nothing of its own: the source is checked."""
        return ()

    def extract(self, since: str | None = None) -> Extract:
        """A copy is not synced. Raises SourceRefused."""
        raise SourceRefused("files.copy_only")

    # -- reading ----------------------------------------------------------------------------------

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """The statuses as they stand: of the copy, else of the source. Raises SourceRefused for other fields."""
        for name in fields:
            if name != STATUS:
                raise SourceRefused("workspace.no_field", fields=name)
        found = self._spots(object)
        return {one: dict.fromkeys(fields, found[one].value) for one in ids if one in found}

    def permissions(self, object: str, field: str) -> Sequence[Check]:
        """None are needed."""
        return ()

    def barriers(self, object: str, field: str, wanted: Mapping[str, str | None], *, thorough: bool) -> Barriers:
        """The records whose status no column holds, and those that are not there."""
        found = self._spots(object)
        told = {one: GONE if one not in found else DERIVED for one in wanted
                if one not in found or found[one].place is None}  # fmt: skip
        return Barriers(told)

    # -- writing ----------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order; each file is written once. Raises SourceRefused where it cannot be."""
        told: dict[int, Outcome] = {}
        wanted: dict[tuple[str, str], list[tuple[int, Change, Spot]]] = {}
        known = {object: self._spots(object) for object in dict.fromkeys(change.object for change in changes)}
        for at, change in enumerate(changes):
            spot = known[change.object].get(change.record_id)
            code = _refusal(change, spot)
            if code is not None or spot is None:
                told[at] = Outcome(change, "refused", code)
            else:
                reader: Any = spot.step.reader
                wanted.setdefault((reader.path.name, getattr(reader, "sheet", "")), []).append((at, change, spot))
        for (name, _), some in wanted.items():
            told |= self._corrected(name, some)
        yield from (told[at] for at in sorted(told))

    def _corrected(self, name: str, some: Sequence[tuple[int, Change, Spot]]) -> dict[int, Outcome]:
        """One file, or one sheet of it, written with its changes; what came of each."""
        origin, work = self._origin(name), self.place / WORK
        try:
            self.place.mkdir(exist_ok=True)
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            refused = _edited(self._fresh().get(name, origin), work / name, some)
            fine = [one for one in some if one[2].line not in refused]
            wrong = bool(fine) and self._differs(work / name, fine)
            if fine and not wrong:
                self._keep(origin, work / name)
                self._list(name, fine)
        except OSError as error:
            raise SourceRefused("files.copy_failed", path=str(self.place), problem=error.strerror or "") from None
        finally:
            shutil.rmtree(work, ignore_errors=True)
        codes = {**(dict.fromkeys((spot.line for _, _, spot in fine), NOT_TAKEN) if wrong else {}), **refused}
        return {at: Outcome(change, "refused" if spot.line in codes else "written", codes.get(spot.line))
                for at, change, spot in some}  # fmt: skip

    def _differs(self, made: Path, fine: Sequence[tuple[int, Change, Spot]]) -> bool:
        """Whether the new file, read as any other, says anything else than planned: nothing of it is kept then."""
        now = self._planned({**self._fresh(), made.name: made})
        for object in {change.object for _, change, _ in fine}:
            was, found = self._spots(object), spots(now, object, self._zone)
            after = {change.record_id: change.after for _, change, _ in fine if change.object == object}
            if was.keys() != found.keys():
                return True
            if any(found[one].value != after.get(one, spot.value) for one, spot in was.items()):
                return True
        return False

    # -- the copy and what it was made of ---------------------------------------------------------

    def _spots(self, object: str) -> dict[str, Spot]:
        if object not in RECORDS:
            raise SourceRefused("workspace.no_field", fields=object)
        return spots(self._planned(self._fresh()), object, self._zone)

    def _planned(self, instead: Mapping[str, Path]) -> Plan:
        """The plan of the source, with files of the copy instead of its own."""
        folder = self._look()
        found = {}
        for path in instead.values():
            for one in sources_of(path, self._encoding):
                found[one.name.casefold()] = one
        tables = [found.get(one.name.casefold(), one) for one in folder.sources]
        return plan(replace(folder, sources=tables), self._mapping)

    def _fresh(self) -> dict[str, Path]:
        """The files of the copy by name, that were made of the source as it is. Raises SourceRefused."""
        found = {}
        for name, kept in self._kept().items():
            copy, origin = self.place / name, self._origin(name)
            if not copy.is_file() or not origin.is_file() or digest(origin) != kept["source"]:
                continue
            if digest(copy) not in kept["copy"]:
                raise SourceRefused("files.copy_changed", file=str(copy))
            found[name] = copy
        return found

    def _origin(self, name: str) -> Path:
        return self.source / name if self.source.is_dir() else self.source

    def _kept(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.place / KEPT).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def _keep(self, origin: Path, made: Path) -> None:
        """Puts the new file in place. Both are known as ours meanwhile, so that a kill in between harms nothing."""
        name, kept = made.name, self._kept()
        old = kept.get(name, {}).get("copy", [])[-1:]
        kept[name] = {"source": digest(origin), "copy": [*old, digest(made)]}
        draft = self.place / f"{KEPT}.new"
        draft.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        draft.replace(self.place / KEPT)
        made.replace(self.place / name)

    def _list(self, name: str, fine: Sequence[tuple[int, Change, Spot]]) -> None:
        path = self.place / LIST
        new = not path.exists()
        with path.open("a", encoding="utf-8-sig" if new else "utf-8", newline="") as file:
            out = csv.writer(file)
            if new:
                out.writerow(COLUMNS)
            for _, change, spot in fine:
                row = (change.object, change.record_id, name, spot.line, spot.value, change.after, change.reason)
                out.writerow(["" if cell is None else in_csv(cell) for cell in row])


def _refusal(change: Change, spot: Spot | None) -> str | None:
    """Why a change cannot be made; null where it can be tried."""
    if change.field != STATUS or change.after is None:
        return "INVALID_FIELD"
    if spot is None:
        return "ENTITY_NOT_FOUND"
    if spot.place is None:
        return "DERIVED"
    reader: Any = spot.step.reader
    if reader.path.suffix.casefold() == ".xls":
        return "OLD_WORKBOOK"
    return "AMBIGUOUS_VALUE" if word(spot.step, change.after) is None else None


def _edited(path: Path, target: Path, some: Sequence[tuple[int, Change, Spot]]) -> dict[int, str]:
    """Writes one file with its cells replaced; by line, why one was left as it is."""
    reader = some[0][2].step.reader
    cells = {spot.line: Cell(int(spot.place or 0), spot.seen, str(word(spot.step, str(change.after))))
             for _, change, spot in some}  # fmt: skip
    if isinstance(reader, TextReader):
        return copy_text.edit(path, target, reader.form, cells)
    if isinstance(reader, SheetReader):
        return copy_book.edit_sheet(path, target, reader.sheet, cells)
    return copy_book.edit_parquet(path, target, cells)


def digest(path: Path) -> str:
    """The hash of a file's bytes; once for each version of it."""
    seen = path.stat()
    return _digest(path, (seen.st_mtime_ns, seen.st_size, seen.st_ino))


@lru_cache(maxsize=64)
def _digest(path: Path, _version: tuple[int, int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
