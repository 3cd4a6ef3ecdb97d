"""Bulk API 2.0 query jobs: made, polled, read in pages of CSV, aborted, deleted.

The same query of an unchanged org is one and the same file.

Not here: what a result is (bulk_results.py), the language (soql.py), ingest jobs.
"""

from __future__ import annotations

import base64
import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.salesforce.answers import Answer, Refusal, Request, route
from tests.salesforce.bulk_results import Result, paced, write
from tests.salesforce.org import id18
from tests.salesforce.rest import shown_value
from tests.salesforce.rows import Reading
from tests.salesforce.soql import parse

if TYPE_CHECKING:
    from tests.salesforce.server import Server

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


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
        self.done: list[tuple[str, str, int]] = []  # operation, query and rows of all that were completed
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
                path = self.folder / f"{len(list(self.folder.iterdir()))}.csv"
                held = (changes, write(job.reading, path, DELIMITERS[job.delimiter], ENDINGS[job.ending]))
                self._results[name] = held
            return held[1]


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
                request.server.jobs.done.append((job.operation, job.text, job.result.rows))
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
    pieces = paced(job.result.page(begin, count), request.server.bulk_rate)
    return Answer(200, pieces, headers, "text/csv;charset=UTF-8")


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
