"""How well the classifier reads status values it was not developed on.

The labelled values (../shared/data/status_values_dev.csv) are split in two by a hash of the
value: the lexicon was developed on the `dev` half, the `held` half only measures. Values on
which the two human readers disagree are left out. `picklists` are whole picklists of invented
companies, labelled by one reader, written after the words.

Run: .venv/bin/python bench/bench_classifier.py [--part held|tune|dev|picklists] [--errors N] [--speed]
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from leadpact.audit.classifier import KINDS, Verdict, classify, default_lexicon  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "status_values_dev.csv"
PICKLISTS = ROOT / "tests" / "golden" / "picklists.yaml"
LANGUAGES = ("en", "es", "pt")
DRAWS = 2_000  # bootstrap samples of an interval


@dataclass(frozen=True)
class Labelled:
    """A real value, its language, and the kind on which both readers agree."""

    value: str
    language: str
    kind: str


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of one kind; None where there is nothing to divide by."""

    right: int
    claimed: int
    true: int

    @property
    def precision(self) -> float | None:
        return self.right / self.claimed if self.claimed else None

    @property
    def recall(self) -> float | None:
        return self.right / self.true if self.true else None

    @property
    def f1(self) -> float | None:
        return 2 * self.right / (self.claimed + self.true) if self.claimed + self.true else None


def part_of(value: str) -> str:
    """`dev` (half), `tune` (a quarter), `tune2` or `held` (an eighth each), by a hash of the value."""
    digest = hashlib.sha256(value.strip().casefold().encode()).digest()
    if digest[0] % 2 == 0:
        return "dev"
    if digest[1] % 2 == 0:
        return "tune"
    return "held" if digest[2] % 2 else "tune2"


def load(path: Path, part: str, languages: Sequence[str] = LANGUAGES) -> list[Labelled]:
    """The labelled values of one part, in the given languages, where both readers agree."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(row["value"], row["language"], row["kind"])
            for row in csv.DictReader(file)
            if part_of(row["value"]) == part and row["language"] in languages and row["kind"] == row["second_reader"]
        ]


def picklists() -> list[Labelled]:
    """Every value of the invented companies once."""
    document = YAML(typ="safe", pure=True).load(PICKLISTS)
    found = {
        (value, language): kind
        for language, lists in document.items()
        for values in lists
        for value, kind in values.items()
    }
    return [Labelled(value, language, kind) for (value, language), kind in found.items()]


def score(labelled: Sequence[Labelled], verdicts: Sequence[Verdict], kind: str) -> Score:
    pairs = [(item.kind, verdict.kind) for item, verdict in zip(labelled, verdicts, strict=True)]
    return Score(
        right=sum(truth == said == kind for truth, said in pairs),
        claimed=sum(said == kind for _, said in pairs),
        true=sum(truth == kind for truth, _ in pairs),
    )


def accuracy(labelled: Sequence[Labelled], verdicts: Sequence[Verdict]) -> float:
    return sum(a.kind == b.kind for a, b in zip(labelled, verdicts, strict=True)) / len(labelled)


def intervals(labelled: Sequence[Labelled], verdicts: Sequence[Verdict]) -> tuple[str, str]:
    """95 % bootstrap intervals of accuracy and of F1 of `action`, always from the same draws."""
    pairs, chance = list(zip(labelled, verdicts, strict=True)), random.Random(0)  # noqa: S311 - draws, no secrets
    drawn = [list(zip(*chance.choices(pairs, k=len(pairs)), strict=True)) for _ in range(DRAWS)]
    right = sorted(accuracy(items, said) for items, said in drawn)
    action = sorted(found for items, said in drawn if (found := score(items, said, "action").f1) is not None)
    return _between(right), _between(action)


def _between(found: Sequence[float]) -> str:
    return f"{found[int(0.025 * len(found))]:.3f} to {found[int(0.975 * len(found))]:.3f}" if found else "–"


def report(labelled: Sequence[Labelled], errors: int) -> None:
    verdicts = [classify(item.value) for item in labelled]
    right, action = intervals(labelled, verdicts)
    print(
        f"{len(labelled)} values; accuracy over kinds {accuracy(labelled, verdicts):.3f} ({right}), 95 % by bootstrap"
    )
    print(f"F1 of action {_show(score(labelled, verdicts, 'action').f1)} ({action})")
    for language in LANGUAGES:
        chosen = [pair for pair in zip(labelled, verdicts, strict=True) if pair[0].language == language]
        if chosen:
            items, said = [a for a, _ in chosen], [b for _, b in chosen]
            told = sum(b.language == language for b in said)
            print(
                f"  {language}: n {len(chosen):3d}  accuracy {accuracy(items, said):.3f}  "
                f"F1 action {_show(score(items, said, 'action').f1)}  language told {told / len(chosen):.2f}"
            )
    print(f"\n{'kind':10s}   n  precision  recall  F1")
    for kind in KINDS:
        one = score(labelled, verdicts, kind)
        print(f"{kind:10s} {one.true:3d}  {_show(one.precision):>9s}  {_show(one.recall):>6s}  {_show(one.f1)}")
    table = Counter((a.kind, b.kind) for a, b in zip(labelled, verdicts, strict=True))
    print("\ntruth \\ said " + " ".join(f"{kind:>8s}" for kind in KINDS))
    for truth in KINDS:
        print(f"{truth:12s} " + " ".join(f"{table[truth, said] or '.':>8}" for said in KINDS))
    wrong = [pair for pair in zip(labelled, verdicts, strict=True) if pair[0].kind != pair[1].kind]
    wrong.sort(key=lambda pair: -pair[1].confidence)
    print(f"\n{len(wrong)} wrong, the most confident first:" if errors else f"\n{len(wrong)} wrong")
    for item, verdict in wrong[:errors]:
        print(f"  {item.value!r}: {item.kind}, said {verdict.kind} {verdict.confidence} {', '.join(verdict.why)}")


def speed(values: Sequence[str]) -> None:
    default_lexicon.cache_clear()
    start = time.process_time()
    default_lexicon()
    loaded = time.process_time() - start
    repeats = max(1, 20_000 // len(values))
    start = time.process_time()
    for _ in range(repeats):
        for value in values:
            classify(value)
    spent = time.process_time() - start
    print(f"\nlexicon loaded in {loaded:.2f} s; {repeats * len(values) / spent:,.0f} values a second of CPU")
    for size in (255, 1_000, 4_000, 16_000, 64_000):
        text = ("Open - Not Contacted " * (size // 21 + 1))[:size]
        start = time.process_time()
        classify(text)
        print(f"  {size:6d} characters: {(time.process_time() - start) * 1000:.1f} ms")


def _show(number: float | None) -> str:
    return "–" if number is None else f"{number:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("held", "tune2", "tune", "dev", "picklists"), default="held")
    parser.add_argument("--errors", type=int, default=15)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    labelled = picklists() if options.part == "picklists" else load(DATA, options.part)
    report(labelled, options.errors)
    if options.speed:
        speed([item.value for item in labelled])


if __name__ == "__main__":
    main()
