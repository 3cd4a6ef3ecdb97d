"""Large results by the Bulk API 2.0: a query job, waited for, read page by page as Arrow tables.

A page is parsed as it streams and counted against what the server says it holds; one that breaks
off is asked for again as a whole. Nothing is kept but the page at hand, and the next one, which
comes while that is worked on.

Not here: when a result is large (fetch.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import requests

from connectors.salesforce.client import Client
from leadpact.errors import SourceRefused, SourceUnreachable

PAGE = 50_000  # rows: what a page of the mirror may hold
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds between two looks at a job
LONGEST_JOB = 3 * 3600.0
BLOCK = 1 << 22


def pages(client: Client, soql: str, *, deleted: bool) -> Iterator[pa.Table]:
    """The rows of a query, as texts, at most 50,000 a table. Raises SourceRefused, SourceUnreachable."""
    made = client.post("jobs/query", {"operation": "queryAll" if deleted else "query", "query": soql})
    job, done = f"jobs/query/{made['id']}", False
    ahead = ThreadPoolExecutor(1, thread_name_prefix="salesforce")
    try:
        _wait(client, job)
        coming: Future[Any] | None = ahead.submit(_page, client, job, None)
        while coming is not None:
            rows, locator = coming.result()
            coming = ahead.submit(_page, client, job, locator) if locator else None
            if rows is not None:
                yield rows
        done = True
    finally:
        ahead.shutdown(wait=done, cancel_futures=True)
        if not done:
            _abort(client, job)


def _page(client: Client, job: str, locator: str | None) -> tuple[pa.Table | None, str | None]:
    params: dict[str, Any] = {"maxRecords": PAGE} | ({"locator": locator} if locator else {})
    return client.read(f"{job}/results", params, _table)


def _wait(client: Client, job: str) -> None:
    began, pause = client.monotonic(), FIRST_PAUSE
    while True:
        state = (client.get(job) or {}).get("state")
        if state == "JobComplete":
            return
        if state in ("Failed", "Aborted"):
            raise SourceRefused("salesforce.job_failed", host=client.host)
        if client.monotonic() - began > LONGEST_JOB:
            raise SourceUnreachable("salesforce.job_slow", host=client.host, hours=int(LONGEST_JOB // 3600))
        client.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _abort(client: Client, job: str) -> None:
    """A job nobody will read must not go on: asked for once, and no matter how it is answered."""
    try:
        client.call(lambda salesforce: salesforce.restful(job, method="PATCH", json={"state": "Aborted"}), tries=1)
    except (SourceRefused, SourceUnreachable):
        return


def _table(response: requests.Response) -> tuple[pa.Table | None, str | None]:
    """One page and the locator of the next; null for a page without rows. Raises ValueError where it is not whole."""
    if "text/csv" not in response.headers.get("Content-Type", "").lower():
        raise ValueError("not a page of rows")
    locator = response.headers.get("Sforce-Locator", "null")
    wanted = int(response.headers["Sforce-NumberOfRecords"])
    response.raw.decode_content = True
    following = None if locator in ("", "null") else locator
    if not wanted:
        return None, following
    table = _parsed(response.raw)
    if table.num_rows != wanted:
        raise ValueError("the page is not whole")
    return table, following


def _parsed(stream: Any) -> pa.Table:
    """CSV as texts: ids stay as they are written, and an empty cell is null however it is quoted."""
    header, rest = _header(stream)
    return pc.read_csv(
        pa.PythonFile(_Joined(rest, stream), mode="r"),
        read_options=pc.ReadOptions(column_names=header, block_size=BLOCK),
        parse_options=pc.ParseOptions(newlines_in_values=True),
        convert_options=pc.ConvertOptions(
            column_types={name: pa.string() for name in header},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _header(stream: Any) -> tuple[list[str], bytes]:
    """The names in the first line, which are plain, and what was read beyond it."""
    read = b""
    while b"\n" not in read:
        more = stream.read(1 << 16)
        if not more:
            break
        read += more
    line, _, rest = read.partition(b"\n")
    return [name.strip().strip('"') for name in line.decode("utf-8-sig").split(",")], rest


class _Joined:
    """What was read already, followed by the rest of the stream."""

    def __init__(self, first: bytes, stream: Any) -> None:
        self._first, self._stream, self.closed = first, stream, False

    def read(self, size: int = -1) -> bytes:
        if self._first:
            cut = len(self._first) if size < 0 else size
            found, self._first = self._first[:cut], self._first[cut:]
            return found
        found = self._stream.read(size if size >= 0 else None)
        return bytes(found)

    def close(self) -> None:
        self.closed = True
