"""Bulk API 2.0 query jobs: made, polled, read in pages of CSV, aborted, deleted.

A result is written to a file once and served from it by byte offsets, so that a million rows need
no memory; the same query of an unchanged org is the same file.

Not here: the language (soql.py), ingest jobs.
"""

from __future__ import annotations

import base64
import csv
import io
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.salesforce.answers import Answer, Refusal, Request, route
from tests.salesforce.org import id18
from tests.salesforce.rest import shown_value
from tests.salesforce.rows import Reading
from tests.salesforce.soql import parse

if TYPE_CHECKING:
    from tests.salesforce.server import Server

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
MARK_ROWS = 1_000  # how often the file's offset is kept: a page begins at one of these and skips


@dataclass
class Result:
    """A file of rows without header, and where every thousandth row begins."""

    header: bytes
    path: Path
    rows: int
    marks: list[int]

    def page(self, begin: int, count: int) -> Iterator[bytes]:
        yield self.header
        end = min(begin + count, self.rows)
        if begin >= end:
            return
        with self.path.open("rb") as file:
            first = self._offset(file, begin)
            last = self._offset(file, end)
            file.seek(first)
            left = last - first
            while left > 0:
                piece = file.read(min(left, 1 << 18))
                left -= len(piece)
                yield piece

    def _offset(self, file: Any, row: int) -> int:
        """Where a row begins. Rows may hold line breaks, so they are counted by their marks only."""
        at = self.marks[row // MARK_ROWS]
        return at if row % MARK_ROWS == 0 else self.fine(file, row, at)

    def fine(self, file: Any, row: int, at: int) -> int:
        file.seek(at)
        # a row ends at a line break outside quotes: an even number of quotes so far
        quotes, wanted = 0, row % MARK_ROWS
        while wanted:
            line = file.readline()
            if not line:
                break
            at += len(line)
            quotes += line.count(b'"')
            wanted -= quotes % 2 == 0
        return at


@dataclass
class Job:
    """One query job. It is complete once it was asked for `polls` times."""

    key: str
    text: str
    operation: str
    delimiter: str
    ending: str
    created: datetime
    source: str
    user: str
    version: str
    polls: int
    reading: Reading
    state: str = "UploadComplete"
    error: str | None = None
    asked: int = 0
    result: Result | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Jobs:
    """The query jobs of a server and the files they left."""

    def __init__(self, server: Server) -> None:
        self.server, self.made = server, 0
        self.held: dict[str, Job] = {}
        self._folder: Path | None = None
        self._results: dict[tuple[str, str, str, str], tuple[int, Result]] = {}
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="loopback-bulk-"))
        return self._folder

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def result(self, job: Job) -> Result:
        """The job's rows as a file; one that is there and still true is taken again."""
        with self._lock:
            name = (job.text, job.operation, job.delimiter, job.ending)
            changes = self.server.org.changes
            held = self._results.get(name)
            if held is None or held[0] != changes:
                held = (changes, self._write(job, self.folder / f"{len(list(self.folder.iterdir()))}.csv"))
                self._results[name] = held
            return held[1]

    @staticmethod
    def _write(job: Job, path: Path) -> Result:
        ending, delimiter = ENDINGS[job.ending], DELIMITERS[job.delimiter]
        header = csv_line([".".join(one.path) for one in job.reading.columns], delimiter, ending)
        rows, marks = 0, []
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
            getters = [one.get for one in job.reading.columns]
            for row in job.reading.rows():
                if rows % MARK_ROWS == 0:
                    marks.append(file.tell())
                writer.writerow([cell(get(row)) for get in getters])
                rows += 1
            marks.append(file.tell())
        return Result(header, path, rows, marks)


def csv_line(cells: list[str], delimiter: str, ending: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A value as Bulk writes it: moments end in Z, null is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


# -- routes -------------------------------------------------------------------------------------


@route("POST", "/jobs/query")
def create(request: Request) -> Answer:
    given, server = request.json(), request.server
    known = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}
    unknown = set(given) - known
    if unknown:
        raise Refusal(400, "JSON_PARSER_ERROR", f'Unrecognized field "{min(unknown)}"')
    operation, text = given.get("operation"), given.get("query")
    if operation not in ("query", "queryAll"):
        raise Refusal(400, "INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}")
    if not isinstance(text, str) or not text:
        raise Refusal(400, "INVALIDJOB", "InvalidJob : A query is required")
    delimiter, ending = given.get("columnDelimiter", "COMMA"), given.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in ENDINGS or given.get("contentType", "CSV") != "CSV":
        raise Refusal(400, "INVALIDJOB", "InvalidJob : Unsupported content type, delimiter or line ending")
    parsed = parse(text)
    if parsed.group or parsed.offset or parsed.aggregates:
        raise Refusal(400, "API_ERROR", "Aggregate Relationship, GROUP BY and OFFSET are not supported by Bulk API")
    reading = Reading(request.org, parsed, everything=operation == "queryAll")
    if not reading.source.bulk:
        message = f"Entity '{reading.source.name}' is not supported by the Bulk API."
        raise Refusal(400, "INVALIDENTITY", message)
    compound = [one.field.name for one in reading.columns if one.field.type == "address"]
    if compound:
        message = f"Selecting compound data not supported in Bulk Query: {compound[0]}"
        raise Refusal(400, "FEATURENOTENABLED", message)
    server.jobs.made += 1
    key = id18(f"7505e{request.number:010d}")
    job = Job(
        key, text, operation, delimiter, ending, request.org.clock(), reading.source.name, request.user,
        request.named["version"], server.bulk_polls, reading,
    )  # fmt: skip
    server.jobs.held[key] = job
    return Answer(200, _told(job))


def _job(request: Request) -> Job:
    job = request.server.jobs.held.get(request.named["key"])
    if job is None:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return job


def _told(job: Job, *, counted: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": job.key,
        "operation": job.operation,
        "object": job.source,
        "createdById": job.user,
        "createdDate": shown_value(job.created),
        "systemModstamp": shown_value(job.created),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.ending,
        "columnDelimiter": job.delimiter,
    }
    if job.error is not None:
        told["errorMessage"] = job.error
    if counted:
        rows = job.result.rows if job.result is not None else 0
        told |= {"jobType": "V2Query", "numberRecordsProcessed": rows, "retries": 0, "totalProcessingTime": 7}
    return told


@route("GET", "/jobs/query")
def listed(request: Request) -> Answer:
    jobs = [_told(one) for one in request.server.jobs.held.values()]
    return Answer(200, {"done": True, "records": jobs, "nextRecordsUrl": None})


@route("GET", "/jobs/query/{key}")
def info(request: Request) -> Answer:
    job = _job(request)
    with job.lock:
        job.asked += 1
        if job.state in ("UploadComplete", "InProgress"):
            job.state = "InProgress"
            if job.asked > job.polls:
                job.result = request.server.jobs.result(job)
                job.state = "JobComplete"
    return Answer(200, _told(job, counted=True))


@route("PATCH", "/jobs/query/{key}")
def abort(request: Request) -> Answer:
    job = _job(request)
    if request.json() != {"state": "Aborted"}:
        raise Refusal(400, "INVALIDJOBSTATE", "Only Aborted can be set")
    if job.state not in ("UploadComplete", "InProgress"):
        raise Refusal(400, "INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
    job.state = "Aborted"
    return Answer(200, _told(job))


@route("DELETE", "/jobs/query/{key}")
def delete(request: Request) -> Answer:
    """Only what has ended may be deleted; its results go with it."""
    job = _job(request)
    if job.state in ("UploadComplete", "InProgress"):
        raise Refusal(400, "INVALIDJOBSTATE", f"Deleting {job.state} Job not allowed")
    del request.server.jobs.held[job.key]
    return Answer(204)


@route("GET", "/jobs/query/{key}/results")
def results(request: Request) -> Answer:
    """A page of rows, each with the header; `Sforce-Locator` is the text null on the last."""
    job = _job(request)
    if job.state != "JobComplete" or job.result is None:
        raise Refusal(400, "INVALIDJOBSTATE", "Job results are available only for jobs that are complete")
    begin = _begin(request.params.get("locator"), job.result)
    asked = request.params.get("maxRecords", "")
    if asked and (not asked.isdigit() or int(asked) < 1):
        raise Refusal(400, "INVALID_ARGUMENT", "maxRecords must be a positive number")
    count = min(int(asked or request.server.bulk_rows), request.server.bulk_rows)
    end = min(begin + count, job.result.rows)
    locator = base64.b64encode(str(end).encode()).decode() if end < job.result.rows else "null"
    headers = {"Sforce-NumberOfRecords": str(end - begin), "Sforce-Locator": locator}
    return Answer(200, job.result.page(begin, count), headers, "text/csv;charset=UTF-8")


def _begin(locator: str | None, result: Result) -> int:
    if locator is None:
        return 0
    try:
        begin = int(base64.b64decode(locator, validate=True))
    except ValueError:
        begin = -1
    if not 0 < begin < result.rows:
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "The query locator is not valid")
    return begin
