"""Parquet files: columns with types of their own, rows counted from 1.

Not here: what the types become (convert.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.files.blocks import Block, Unreadable, check_headers
from connectors.files.bounds import check_parquet

ROWS = 100_000


class ParquetReader:
    """One Parquet file; nested columns are left out. Raises Unreadable."""

    decimal_comma = False

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        try:
            file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise Unreadable("files.problem.not_parquet", file=path.name) from error
        with file:
            check_parquet(path, file.metadata)
            self._count = int(file.metadata.num_rows)
            self._names = list(file.schema_arrow.names)
            nested = [pa.types.is_nested(kind) for kind in file.schema_arrow.types]
        self.headers: Sequence[str] = [
            "" if skip else name.strip() for name, skip in zip(self._names, nested, strict=True)
        ]
        check_headers(self.headers, path.name)

    @property
    def rows(self) -> int | None:
        return self._count

    def blocks(self, wanted: Sequence[int]) -> Iterator[Block]:
        """The rows in batches. Raises Unreadable where the file is damaged inside."""
        names = [self._names[place] for place in wanted]
        first = 1
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=ROWS, columns=names, use_threads=True):
                    found = dict(zip(batch.schema.names, batch.columns, strict=True))
                    columns = {place: _plain(found[name]) for place, name in zip(wanted, names, strict=True)}
                    lines = np.arange(first, first + batch.num_rows, dtype=np.int64)
                    yield Block(columns, lines, _raw_of(batch))
                    first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise Unreadable("files.problem.cut_short", file=self.path.name, line=first) from error


def _plain(column: pa.Array) -> pa.Array:
    """Text of any kind as plain text; other types as they are."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array(
            [None if not cell.is_valid else cell.as_py().decode(errors="replace") for cell in column], pa.string()
        )
    return column


def _raw_of(batch: pa.RecordBatch) -> Callable[[int], str]:
    """Row by row what the batch holds, as comma-separated text (of the wanted columns)."""

    def raw(row: int) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(
            ["" if (cell := column[row].as_py()) is None else cell for column in batch.columns]
        )
        return out.getvalue()

    return raw
