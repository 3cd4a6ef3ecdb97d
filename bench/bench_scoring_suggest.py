"""Suggested points on real leads: how near few whole points come to a large model, through the whole house.

    .venv/bin/python -m bench.bench_scoring_suggest [FOLDER]

FOLDER holds the leads of a course provider (default ../shared/data/x_education; see REFERENCE.md
beside it): they are synced by the files connector with the mapping it proposes, and suggested
points are asked for as the command does. Prints the fields left out with why, the rules, the
cross-validated area under the curve (five folds), and its share of gradient boosting's on the same
columns (0.8741, from the reference; scikit-learn is no dependency), CPU seconds and peak memory.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

from config.document import parse
from connectors.files import Files
from leadpact.language import Language
from leadpact.mapping import propose
from leadpact.pact_in_use import PactInUse
from leadpact.scoring import quality_words, words
from leadpact.scoring.basis import Asked
from leadpact.scoring.suggest import suggest
from leadpact.workspace import Workspace

BOOSTING = 0.8741
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "x_education"
PACT = {
    "name": "Courses", "timezone": "UTC",
    "stages": [{"key": "open", "label": "Open", "kind": "nurture"},
               {"key": "customer", "label": "Customer", "kind": "won"}],
    "status_map": {"lead": {"Open": "open", "Converted": "customer"}},
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=DATA)
    folder = str(parser.parse_args().folder)
    with tempfile.TemporaryDirectory() as home:
        space = Workspace(Path(home))
        mapping = propose(Files({"path": folder}).describe()).document
        space.sync(Files({"path": folder}, mapping=mapping), "courses", now=datetime(2026, 1, 1))
        found = space.analyse("courses", pact=PactInUse(parse(PACT), None, False))
        wall, cpu = time.monotonic(), time.process_time()
        told = suggest(found.tables, found.pact, found.as_of, Asked(known="now"))
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    say = Language("en")
    for leak in (*told.left_out, *told.doubts):
        print(f"{'left out' if leak.leaks else 'doubt   '} {leak.field}: {'; '.join(quality_words.signs(say, leak))}")
    for one in told.rules:
        print(f"{one.rule.points:+4.0f}  {say.text(words.rule(one.rule))}  ({one.hits} leads, {one.rate:.1%})")
    if told.theirs is not None:
        area = told.theirs
        print(f"{len(told.rules)} rules, {told.cases} leads, {told.reached} converted")
        print(f"area under the curve, five folds: {area.auc:.4f} ({area.low:.4f} – {area.high:.4f})")
        print(f"of gradient boosting's {BOOSTING}: {area.auc / BOOSTING:.2%}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{wall:.1f} s, {cpu:.1f} CPU s, peak memory {peak:,} MB")


if __name__ == "__main__":
    main()
