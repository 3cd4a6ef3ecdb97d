"""How long a demo company takes to draw and write, and how much memory.

    python -m bench.bench_demo [--leads N] [--format parquet|csv]

The target is 1,000,000 leads in under a minute on two cores, below 1.5 GB.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

from connectors.demo import write_company

UNTIL = datetime(2026, 3, 2, 15, 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        counts = write_company(Path(folder), given.leads, until=UNTIL, format=given.format)
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, rows in counts.items():
        print(f"{name:17} {rows:>10,}")
    print(f"{given.leads:,} leads as {given.format}: {seconds:.1f} s, {size / 2**20:.0f} MB, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
