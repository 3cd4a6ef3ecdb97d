"""Whether a learned model earns a place on top of the lexicon: cross-validated, and it does not.

Multinomial logistic regression on words, word pairs and 3–5 letter n-grams of a value, trained
on the golden cases of the other folds (and, for the real values, on all golden cases), asked
only where the lexicon's confidence is low. Nothing of this ships; what it measured is told in
docs/classifier.md.

Run: .venv/bin/python bench/bench_classifier_learned.py [--folds 5]
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.bench_classifier import DATA, load  # noqa: E402
from leadpact.audit.classifier import KINDS, classify  # noqa: E402
from leadpact.audit.classifier.text import fold, split_words  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "classifier"
SIZE = 1 << 15
EPOCHS, RATE, DECAY = 15, 0.5, 1e-4
BELOW = (0.3, 0.5, 0.7, 0.8)
SURE = (0.0, 0.6, 0.8)

Case = tuple[str, str]  # value, kind
Model = tuple[np.ndarray, np.ndarray]


def golden() -> list[Case]:
    """Every golden value with its kind, in an order of chance that is always the same."""
    cases: list[Case] = []
    for path in sorted(GOLDEN.glob("*.yaml")):
        document = YAML(typ="safe", pure=True).load(path)
        cases.extend((value, kind) for kind, values in document.items() for value in values)
    random.Random(4).shuffle(cases)  # noqa: S311 - no secrets
    return cases


def features(value: str) -> np.ndarray:
    """Hashed places of the value's words, pairs and letters."""
    words = fold(split_words(value)).replace("_", " ").replace("-", " - ").split()
    found = {f"n{min(len(words), 6)}", *(f"w{word}" for word in words)}
    found.update(f"b{first} {second}" for first, second in itertools.pairwise(words))
    for word in words:
        dressed = f"<{word}>"
        found.update(f"c{dressed[i : i + n]}" for n in (3, 4, 5) for i in range(len(dressed) - n + 1))
    return np.array(sorted({zlib.crc32(text.encode()) % SIZE for text in found}))


def train(cases: Sequence[Case]) -> Model:
    """AdaGrad on the logistic loss."""
    weights, bias = np.zeros((SIZE, len(KINDS))), np.zeros(len(KINDS))
    seen = np.full((SIZE, 1), 1e-6)
    known = [(features(value), KINDS.index(kind)) for value, kind in cases]  # type: ignore[arg-type]
    chance = random.Random(0)  # noqa: S311 - no secrets
    for _ in range(EPOCHS):
        chance.shuffle(known)
        for places, truth in known:
            scale = 1 / np.sqrt(len(places))
            error = _share(weights[places].sum(0) * scale + bias)
            error[truth] -= 1
            seen[places] += error @ error * scale**2
            weights[places] -= RATE * (error * scale + DECAY * weights[places]) / np.sqrt(seen[places])
            bias -= 0.01 * error
    return weights, bias


def said(model: Model, value: str) -> np.ndarray:
    """The probability of each kind."""
    places = features(value)
    return _share(model[0][places].sum(0) / np.sqrt(len(places)) + model[1])


def _share(score: np.ndarray) -> np.ndarray:
    found = np.exp(score - score.max())
    return np.asarray(found / found.sum())


def told(name: str, truths: Sequence[str], kinds: Sequence[str]) -> None:
    right = sum(truth == kind for truth, kind in zip(truths, kinds, strict=True))
    both = sum(truth == kind == "action" for truth, kind in zip(truths, kinds, strict=True))
    either = truths.count("action") + kinds.count("action")
    print(f"  {name:34s} accuracy {right / len(truths):.3f}  F1 action {2 * both / either:.3f}")


def compare(cases: Sequence[Case], guesses: Sequence[np.ndarray]) -> None:
    truths = [kind for _, kind in cases]
    verdicts = [classify(value) for value, _ in cases]
    told("lexicon", truths, [verdict.kind for verdict in verdicts])
    told("model", truths, [KINDS[guess.argmax()] for guess in guesses])
    for below in BELOW:
        for sure in SURE:
            kinds = [
                KINDS[guess.argmax()] if verdict.confidence < below and guess.max() >= sure else verdict.kind
                for verdict, guess in zip(verdicts, guesses, strict=True)
            ]
            asked = sum(verdict.confidence < below for verdict in verdicts)
            told(f"model under {below}, if sure {sure} ({asked})", truths, kinds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    folds = parser.parse_args().folds
    cases = golden()
    guesses: list[np.ndarray] = [np.zeros(len(KINDS))] * len(cases)
    for number in range(folds):
        model = train([case for place, case in enumerate(cases) if place % folds != number])
        for place in range(number, len(cases), folds):
            guesses[place] = said(model, cases[place][0])
    print(f"golden cases, {folds} folds ({len(cases)}); the lexicon was written with them in sight")
    compare(cases, guesses)
    if DATA.exists():
        model = train(cases)
        for part in ("tune", "tune2", "held"):
            real = [(item.value, item.kind) for item in load(DATA, part)]
            print(f"real values, {part} ({len(real)}), model trained on all golden cases")
            compare(real, [said(model, value) for value, _ in real])


if __name__ == "__main__":
    main()
