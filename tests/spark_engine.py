"""Spark on this machine as a second engine.

Tables travel as Parquet: through pandas, Spark would take a missing text for the word, and a
missing number for NaN.

Not here: what is asked of both (test_spark_*.py, test_survival_spark.py), how answers compare (answers.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import ibis
import pyarrow.parquet as pq
import pytest

OLDEST_JAVA = 17  # Spark 4 asks for it
NUMBERS = count()
QUIET = [pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")]  # PySpark 4.0 on pandas 3; harmless


def missing() -> str | None:
    """Why Spark cannot run here, in words for whoever reads the test report; null where it can."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "pyspark is not installed here: `make test-spark` installs it apart and runs this"
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        return f"Spark needs Java {OLDEST_JAVA} or newer, and there is none on this machine"
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        return f"Spark needs Java {OLDEST_JAVA} or newer, and {java} does not run"
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        return f"Spark needs Java {OLDEST_JAVA} or newer; {java} is {told.splitlines()[0]}"
    return None


@contextmanager
def connect() -> Iterator[Any]:
    """Ibis on a local Spark of two threads, for tables of some hundred rows. Skips the test where there is none."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "1",
    }
    builder = SparkSession.builder.master("local[2]").appName("leadpact-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def kept(spark: Any, expression: Any, folder: Path) -> Any:
    """An expression of either engine as a table of Spark's, computed once."""
    file = folder / f"{next(NUMBERS)}.parquet"
    pq.write_table(expression.to_pyarrow(), file)
    return spark.read_parquet(str(file))
