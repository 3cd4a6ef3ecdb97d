"""The company on disk, as the `files` connector reads it: eight files and truth.json.

Not here: what is in them (company.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from connectors.demo.clock import clock_until, utc
from connectors.demo.company import LEADS, SEED, Company, fixed, stream
from connectors.demo.truth import Truth

Format = Literal["csv", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "parquet")
TRUTH = "truth.json"
# columns a dictionary would only slow down
UNIQUE = ("record_id", "activity_id", "opportunity_id", "email", "phone", "url", "at", "created_at", "converted_to")


def _status_changes(table: pa.Table) -> pa.Table:
    status = table.filter(pc.equal(table["field"], "status"))
    names = {"from_status": "from_value", "to_status": "to_value"}
    order = ("record_id", "from_status", "to_status", "at", "object", "seq", "actor_id")
    return pa.table({name: status[names.get(name, name)] for name in order})


def as_files(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Canonical tables under the file names and headers of the `files` connector.

    Owner history has no file of its own there, so only status changes are written.
    """
    found = {
        "leads": tables["lead"].drop_columns(["object"]),
        "contacts": tables["contact"].drop_columns(["object"]),
        "status_changes": _status_changes(tables["field_change"]),
        "activities": tables["activity"],
        "opportunities": tables["opportunity"],
        "campaign_touches": tables["campaign_touch"],
    }
    return found | {f"{name}s": tables[name] for name in ("owner", "status_value") if name in tables}


class _Writer:
    """One file, written table after table; text files carry times in whole seconds."""

    def __init__(self, path: Path, schema: pa.Schema, format: Format) -> None:
        self.rows = 0
        self._schema = schema if format == "parquet" else _seconds(schema)
        if format == "parquet":
            repeated = [name for name in schema.names if name not in UNIQUE]
            self._file: Any = parquet.ParquetWriter(
                path, schema, compression="lz4", write_statistics=False, use_dictionary=repeated
            )
        else:
            self._file = csv.CSVWriter(path, self._schema)

    def write(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        self._file.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._file.close()


def _seconds(schema: pa.Schema) -> pa.Schema:
    times = pa.timestamp("s")
    return pa.schema([f.with_type(times) if pa.types.is_timestamp(f.type) else f for f in schema])


def _write(out: Path, parts: Iterable[Mapping[str, pa.Table]], format: Format) -> dict[str, int]:
    out.mkdir(parents=True, exist_ok=True)
    writers: dict[str, _Writer] = {}
    try:
        for tables in parts:
            for name, table in as_files(tables).items():
                if name not in writers:
                    writers[name] = _Writer(out / f"{name}.{format}", table.schema, format)
                writers[name].write(table)
    finally:
        for writer in writers.values():
            writer.close()
    return {name: writer.rows for name, writer in writers.items()}


def _write_truth(out: Path, truth: Mapping[str, Any]) -> None:
    text = json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True)
    (out / TRUTH).write_text(text + "\n", encoding="utf-8")


def write(company: Company, out_dir: Path, format: Format = "csv") -> dict[str, int]:
    """Writes a company held in memory; returns rows by file."""
    record = company.tables["record"]
    split = {kind: record.filter(pc.equal(record["object"], kind)) for kind in ("lead", "contact")}
    counts = _write(out_dir, [{**company.tables, **split}], format)
    _write_truth(out_dir, company.truth)
    return counts


def write_company(
    out: Path, leads: int = LEADS, seed: int = SEED, *, until: datetime, format: Format = "csv"
) -> dict[str, int]:
    """Draws and writes a company chunk by chunk, in the memory of one chunk; returns rows by file.

    Deterministic, byte for byte, by (leads, seed, until, format). Raises ValueError for an
    unknown format or a number of leads that is not positive.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format}: one of {', '.join(FORMATS)}")
    truth = Truth(clock_until(utc(until)))

    def parts() -> Iterable[Mapping[str, pa.Table]]:
        constant = fixed()
        for tables, drawn in stream(leads, seed, until):
            truth.add(drawn)
            yield {**tables, **constant}
            constant = {}

    counts = _write(out, parts(), format)
    _write_truth(out, truth.document(leads, seed))
    return counts
