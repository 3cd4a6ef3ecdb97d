"""The one file of a backup: a gzipped tar whose first member says what it is and whose last has every hash.

Hashes find damage, not malice: whoever can write the file can write its manifest too. What is
read is bounded by the room on the disk, and no name leads out of the folder it is unpacked in.

Not here: what goes into it (contents.py), what is done with it (restoring.py).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from leadpact.errors import Misconfigured

HEADER, MANIFEST, DATABASE = "leadpact-backup.json", "manifest.json", "pact.db"
INSIDE = "home"
FORMAT = 1
BLOCK = 1 << 20
LARGEST_TEXT = 64 << 20  # of the header and the manifest
ROOM_LEFT = 64 << 20
LEVEL = 1  # the mirror is compressed already; this is for the database


class Writing:
    """A backup being written. `close` adds the manifest: a file without one is not whole."""

    def __init__(self, file: BinaryIO, header: Mapping[str, Any]) -> None:
        self._packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0)
        self._tar = tarfile.open(fileobj=self._packed, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in close
        self._files: dict[str, dict[str, Any]] = {}
        self._text(HEADER, header)

    def add(self, name: str, file: BinaryIO, size: int, mode: int = 0o600, changed: float = 0) -> None:
        """`size` bytes from where the file stands; `changed` is its time of change, in seconds since 1970."""
        reader = _Hashing(file)
        about = tarfile.TarInfo(name)
        about.size, about.mode, about.mtime = size, mode & 0o777, changed
        self._tar.addfile(about, reader)
        self._files[name] = {"sha256": reader.digest(), "bytes": size}

    def close(self) -> Mapping[str, Mapping[str, Any]]:
        """Ends the file; every member with its hash and size."""
        files = dict(self._files)
        self._text(MANIFEST, {"files": files})
        self._tar.close()
        self._packed.close()
        return files

    def _text(self, name: str, document: Mapping[str, Any]) -> None:
        text = json.dumps(document, sort_keys=True, indent=1).encode()
        self.add(name, io.BytesIO(text), len(text))


class _Hashing:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._hash.update(block)
        return block

    def digest(self) -> str:
        return self._hash.hexdigest()


def read(file: Path, into: Path | None) -> Mapping[str, Any]:
    """The header of a backup that is whole, its members unpacked below `into` (null: only checked).

    Raises Misconfigured for a file that is none, is damaged or cut off, names a place outside,
    or needs more room than the disk has. What was unpacked until then is the caller's to remove.
    """
    found: dict[str, dict[str, Any]] = {}
    header: Mapping[str, Any] | None = None
    manifest: Mapping[str, Any] | None = None
    try:
        with gzip.open(file, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or manifest is not None or member.name in found:
                    raise _damaged(file)
                if header is None and member.name != HEADER:
                    raise Misconfigured("backup.not_one", path=str(file))
                if member.name in (HEADER, MANIFEST):
                    if member.size > LARGEST_TEXT:
                        raise _damaged(file)
                    text = content.read()
                    found[member.name] = {"sha256": hashlib.sha256(text).hexdigest(), "bytes": len(text)}
                    if member.name == HEADER:
                        header = _object(file, text)
                        _known(file, header)
                    else:
                        manifest = _object(file, text)
                    continue
                target = None if into is None else into / place(file, member.name)
                found[member.name] = _unpacked(file, content, member, target)  # type: ignore[arg-type]
            while packed.read(BLOCK):  # to the end, where the sum over all of it stands
                pass
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error):
        raise _damaged(file) from None
    except OSError as error:
        raise Misconfigured("backup.unreadable", path=str(file), problem=error.strerror or "") from None
    found.pop(MANIFEST, None)
    if header is None or manifest is None or manifest.get("files") != found:
        raise _damaged(file)
    return header


def place(file: Path, name: str) -> PurePosixPath:
    """Where a member goes, below the folder it is unpacked in. Raises Misconfigured for one that leaves it."""
    path = PurePosixPath(name)
    inside = name == DATABASE or (path.parts[:1] == (INSIDE,) and len(path.parts) > 1)
    if not inside or ".." in path.parts or "\0" in name or (os.sep != "/" and os.sep in name):
        raise Misconfigured("backup.outside", path=str(file))
    return path


def _unpacked(file: Path, content: BinaryIO, member: tarfile.TarInfo, target: Path | None) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    if target is None:
        while block := content.read(BLOCK):
            digest.update(block)
            size += len(block)
        return {"sha256": digest.hexdigest(), "bytes": size}
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target.parent).free < member.size + ROOM_LEFT:
        raise Misconfigured("backup.no_room", path=str(file), megabytes=member.size / 1e6)
    with target.open("xb") as writing:
        target.chmod(member.mode & 0o777 | 0o600)
        while block := content.read(BLOCK):
            digest.update(block)
            size += len(block)
            writing.write(block)
    os.utime(target, (member.mtime, member.mtime))
    return {"sha256": digest.hexdigest(), "bytes": size}


def _object(file: Path, text: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        raise _damaged(file) from None
    if not isinstance(document, dict):
        raise _damaged(file)
    return document


def _known(file: Path, header: Mapping[str, Any]) -> None:
    form = header.get("format")
    if not isinstance(form, int):
        raise _damaged(file)
    if form > FORMAT:
        raise Misconfigured("backup.newer", path=str(file), release=str(header.get("leadpact", "?")))


def _damaged(file: Path) -> Misconfigured:
    return Misconfigured("backup.damaged", path=str(file))
