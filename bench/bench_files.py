"""Rows a second and peak memory of the files connector, each case in a process of its own.

    python -m bench.bench_files [--leads N] [CASE …]

Cases: parquet, csv (ISO times), dmy (day-first times, decimal commas, semicolons, Windows-1252),
quoted (every cell in quotes), stray (a stray quote now and then), dates (status dates in the
leads' own columns), raw (what reading the same CSV with Arrow alone takes).

The files: N leads and 5 N status changes, written once to a temporary folder. The target is
400,000 changes a second from CSV, and memory that does not grow with the size of a row.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from connectors.files import Files

STATUSES = np.array(["New", "Working", "MQL", "SAL", "SQL", "Customer"])
CASES = ("parquet", "csv", "dmy", "quoted", "stray", "dates", "raw")
_DATES = ", ".join(f"{{column: {name} date, status: {name}}}" for name in STATUSES)
DATED = f"version: 1\ntables: [{{source: leads, to: leads, status_dates: [{_DATES}]}}]"


def tables(leads: int) -> tuple[pa.Table, pa.Table]:
    """Leads and their changes, five each, three days apart or so."""
    rng = np.random.default_rng(7)
    number = np.arange(leads)
    ids = pa.array([f"00Q{one:012d}AAA" for one in number])
    created = np.datetime64("2022-01-01", "s").astype(np.int64) + rng.integers(0, 600 * 86_400, leads)
    lead = pa.table(
        {
            "record_id": ids,
            "status": pa.array(np.full(leads, "Customer")),
            "created_at": _times(created),
            "owner_id": pa.array([f"005{one % 50:012d}" for one in number]),
            "source": pa.array(np.array(["web", "event", "list"])[number % 3]),
            "company": pa.array([f"Company {one % 9_999} SA" for one in number]),
            "email": pa.array([f"p{one}@example.com" for one in number]),
            "f_industry": pa.array(np.array(["Bank", "Retail"])[number % 2]),
        }
    )
    who, step = np.repeat(number, 5), np.tile(np.arange(5), leads)
    at = created[who] + step * 3 * 86_400 + rng.integers(0, 86_400, leads * 5)
    change = pa.table(
        {
            "record_id": ids.take(pa.array(who)),
            "from_status": pa.array(STATUSES[step]),
            "to_status": pa.array(STATUSES[step + 1]),
            "at": _times(at),
            "seq": pa.array(np.arange(leads * 5)),
            "actor_id": pa.array([f"005{one % 50:012d}" for one in range(leads * 5)]),
        }
    )
    return lead, change


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds, pa.timestamp("s"))


def write(folder: Path, case: str, leads: int) -> None:
    lead, change = tables(leads)
    if case == "dates":
        for place, name in enumerate(STATUSES):
            days = pa.array(lead["created_at"].combine_chunks().cast(pa.int64()).to_numpy() + place * 200_000)
            lead = lead.append_column(f"{name} date", days.cast(pa.timestamp("s")))
        arrow_csv.write_csv(lead.drop_columns(["status"]), folder / "leads.csv")
        return
    for name, table in (("leads", lead), ("status_changes", change)):
        if case == "parquet":
            pq.write_table(table, folder / f"{name}.parquet")
        elif case == "dmy":
            _write_dmy(table, folder / f"{name}.csv")
        else:
            quoting = "all_valid" if case in ("quoted", "stray") else "needed"
            options = arrow_csv.WriteOptions(quoting_style=quoting)
            arrow_csv.write_csv(table, folder / f"{name}.csv", options)
    if case == "stray":
        for name in ("leads", "status_changes"):
            path = folder / f"{name}.csv"
            lines = path.read_text().split("\n")
            for place in range(999, len(lines) - 1, 1_000):
                lines[place] = lines[place].replace('","', '",""', 1)
            path.write_text("\n".join(lines))


def _write_dmy(table: pa.Table, path: Path) -> None:
    """As a Spanish spreadsheet leaves it."""
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(table.column_names)
        for batch in table.to_batches(50_000):
            columns = [
                [one.strftime("%d/%m/%Y %H:%M:%S") for one in column.to_pylist()]
                if pa.types.is_timestamp(column.type)
                else column.to_pylist()
                for column in batch.columns
            ]
            writer.writerows(zip(*columns, strict=True))


def run(folder: Path, case: str) -> None:
    """One case, in this process: rows, seconds, peak memory."""
    before = _peak()
    began, busy = time.perf_counter(), time.process_time()
    rows = rejects = 0
    if case == "raw":
        for path in folder.glob("*.csv"):
            options = arrow_csv.ReadOptions(use_threads=False, block_size=4 << 20)
            rows += sum(batch.num_rows for batch in arrow_csv.open_csv(path, read_options=options))
        first = time.perf_counter() - began
    else:
        extract = Files({"path": str(folder)}, mapping=DATED if case == "dates" else None).extract()
        first = time.perf_counter() - began
        for page in extract.pages:
            rows += page.rows.num_rows
            rejects += len(page.rejects)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    size = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    print(
        f"{case:8} {rows:>10,} rows {size:>5.0f} MB  {seconds:>6.1f} s ({busy:.1f} of processor)  "
        f"{rows / seconds:>9,.0f} rows/s  "
        f"first page after {first:>5.1f} s  {rejects:>6,} listed  peak {_peak():>5.0f} MB ({before:.0f} before)"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[])
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        run(given.folder, given.cases[0])
        return
    for case in given.cases or CASES:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [
                    sys.executable,
                    "-c",
                    f"from bench.bench_files import *; write(Path({folder!r}), {case!r}, {given.leads})",
                ],
                check=True,
            )
            subprocess.run([sys.executable, "-m", "bench.bench_files", case, "--folder", folder], check=True)


if __name__ == "__main__":
    main()
