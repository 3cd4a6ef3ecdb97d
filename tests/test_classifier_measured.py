"""The classifier on real labelled values that its words were not developed on.

The bar set for the product is F1 of `action` >= 0.95 and accuracy >= 0.90; what is reached,
and how it was measured, is told in docs/classifier.md. The bounds are what holds on each part:
48 held values are few, one of them moves F1 by 0.03.
"""

from __future__ import annotations

from pathlib import Path

from bench.bench_classifier import LANGUAGES, accuracy, load, part_of, picklists, score
from leadpact.audit.classifier import classify

FLOOR_ACCURACY, FLOOR_ACTION_F1 = 0.93, 0.91
FLOOR_PICKLISTS = 0.94


def test_unseen_values_are_read_as_both_readers_do(shared_data: Path) -> None:
    labelled = load(shared_data / "status_values_dev.csv", "held")
    assert len(labelled) >= 40
    verdicts = [classify(item.value) for item in labelled]
    action = score(labelled, verdicts, "action").f1
    assert accuracy(labelled, verdicts) >= FLOOR_ACCURACY
    assert action is not None and action >= FLOOR_ACTION_F1


def test_whole_picklists_are_read_as_the_labelling_rules_say() -> None:
    labelled = picklists()
    assert len(labelled) >= 350
    verdicts = [classify(item.value) for item in labelled]
    action = score(labelled, verdicts, "action").f1
    assert accuracy(labelled, verdicts) >= FLOOR_PICKLISTS
    assert action is not None and action >= FLOOR_PICKLISTS


def test_values_of_development_stay_understood(shared_data: Path) -> None:
    for part in ("dev", "tune", "tune2"):
        labelled = load(shared_data / "status_values_dev.csv", part)
        assert {item.language for item in labelled} == set(LANGUAGES)
        assert accuracy(labelled, [classify(item.value) for item in labelled]) >= 0.97


def test_the_split_is_by_value_alone() -> None:
    assert part_of("Contacted") == part_of(" contacted ") == part_of("CONTACTED")
    assert {part_of(f"value {number}") for number in range(100)} == {"dev", "tune", "tune2", "held"}
