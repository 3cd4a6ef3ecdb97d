"""The people behind the figures of quality and suggested points: every case with its moment, score and outcome.

Not here: the figures (quality.py, suggest.py).
"""

from __future__ import annotations

from datetime import datetime

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from config.schema import Pact
from leadpact.scoring import bands as banded
from leadpact.scoring.basis import Asked
from leadpact.scoring.quality import quarter
from leadpact.scoring.quality_rules import Scored, scored
from leadpact.tables import Table, Tables

KINDS = ("all", "reached", "band", "quarter", "rule")


def behind(tables: Tables, pact: Pact, as_of: datetime, asked: Asked, part: str = "all") -> Table:
    """The cases of one part: `all`, `reached`, `band:2` (from 0), `quarter:2026-Q1`, `rule:ID` (those it hits).

    Out: object, record_id, moment (null: undated), score, reached. Raises ValueError for a part there is not.
    """
    found = scored(tables, pact, as_of, asked)
    chosen = _chosen(found, pact, part)
    rows = found.cases.table.select(["object", "record_id", "moment", "reached"])
    rows = rows.append_column("score", pa.array(found.scores, from_pandas=True)).filter(pa.array(chosen))
    return ibis.memtable(rows)


def _chosen(found: Scored, pact: Pact, part: str) -> npt.NDArray[np.bool_]:
    kind, _, which = part.partition(":")
    known = ~np.isnan(found.scores)
    if kind in ("all", "reached"):
        return np.asarray(known if kind == "all" else known & found.cases.reached)
    if kind == "band":
        cuts = banded.edges(found.scores[known], pact.sales_ready.threshold)
        chosen = np.zeros(len(known), dtype=bool)
        chosen[known] = banded.placed(found.scores[known], cuts) == int(which)
        return chosen
    if kind == "quarter":
        moments = found.cases.table["moment"].to_pylist()
        here = [at is not None and quarter(at, pact.zone) == which for at in moments]
        return np.asarray(known & np.array(here, dtype=bool))
    if kind == "rule" and which in found.points:
        return np.asarray(np.nan_to_num(found.points[which]) != 0)
    raise ValueError(part)
