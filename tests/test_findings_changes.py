"""What changed between audits: golden sequences of runs, and what holds for any sequence."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.document import read_yaml
from leadpact.audit.changes import Change, Run, Seen, changes, resolved
from leadpact.audit.identity import Identity

GOLDEN = Path(__file__).resolve().parent / "golden" / "findings" / "runs.yaml"
SEQUENCES: dict[str, list[dict[str, Any]]] = read_yaml(GOLDEN.read_text(encoding="utf-8"), GOLDEN.name)
RULES = ("STA01", "STA03", "EVI03")
START = datetime(2026, 3, 1)
PARTS = ("new", "still", "resolved", "carried")


def run(
    number: int,
    at: datetime,
    found: dict[Identity, tuple[str, int]],
    unchecked: frozenset[str],
    partly: dict[str, list[str]] | None = None,
) -> Run:
    seen = {key.fingerprint: Seen(key, severity, records, at, at) for key, (severity, records) in found.items()}
    checked = frozenset(RULES) - unchecked
    lacked = {code: frozenset(needs) for code, needs in (partly or {}).items()}
    return Run(number, number, at, at, 1, "hash", True, checked, tuple(sorted(unchecked)), seen, lacked)


def written(step: dict[str, Any]) -> dict[Identity, tuple[str, int]]:
    found = {}
    for line in step["found"]:
        code, value, *more = line.split()
        severity, records = more or ("error", "1")
        found[Identity(code, "lead", value)] = (severity, int(records))
    return found


def names(some: Any) -> list[str]:
    return [f"{one.identity.code} {one.identity.value}" for one in some]


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_of_runs(name: str) -> None:
    steps = SEQUENCES[name]
    runs = [
        run(
            number,
            datetime.fromisoformat(str(step["at"])),
            written(step),
            frozenset(step.get("unchecked", ())),
            step.get("partly"),
        )
        for number, step in enumerate(steps)
    ]
    found = changes(runs)
    for place, (step, one) in enumerate(zip(steps, found, strict=True)):
        for part in PARTS:
            assert names(getattr(one, part)) == step.get(part, []), (place, part)
        assert one.first == step.get("first", False)
        everything = {f"{s.identity.code} {s.identity.value}": s for s in (*one.new, *one.still)}
        for key, since in step.get("since", {}).items():
            assert everything[key].since == datetime.fromisoformat(str(since)), (place, key)
        if "worse" in step:
            assert names([s for s in one.still if s.worse]) == step["worse"], place
        if "gone" in step:
            gone = {f"{s.identity.code} {s.identity.value}": s.resolved_at for s in resolved(found[: place + 1])}
            assert gone == {key: datetime.fromisoformat(str(at)) for key, at in step["gone"].items()}, place


identities = st.builds(Identity, st.sampled_from(RULES), st.sampled_from(["lead", "contact"]), st.sampled_from("abc"))
measured = st.tuples(st.sampled_from(["error", "warning", "info"]), st.integers(0, 9))
steps = st.lists(
    st.tuples(st.dictionaries(identities, measured), st.frozensets(st.sampled_from(RULES))), min_size=1, max_size=8
)


def sequence(drawn: list[tuple[dict[Identity, tuple[str, int]], frozenset[str]]]) -> list[Run]:
    return [
        run(n, START + timedelta(days=n), {key: seen for key, seen in found.items() if key.code not in out}, out)
        for n, (found, out) in enumerate(drawn)
    ]


def keys(one: Change, *parts: str) -> list[str]:
    return [standing.identity.fingerprint for part in parts for standing in getattr(one, part)]


@given(steps)
def test_whatever_the_runs_new_and_still_are_all_that_was_found(drawn: Any) -> None:
    runs = sequence(drawn)
    standing: set[str] = set()
    for before, one in zip([None, *runs], changes(runs), strict=False):
        assert sorted(keys(one, "new", "still")) == sorted(one.run.found)
        assert not set(keys(one, "resolved", "carried")) & set(one.run.found)
        everything = keys(one, *PARTS)
        assert len(everything) == len(set(everything))
        assert set(keys(one, "still", "resolved", "carried")) == standing
        assert all(s.identity.code in one.run.checked for s in one.resolved)
        assert all(s.identity.code in one.run.not_checked for s in one.carried)
        standing = set(keys(one, "new", "still", "carried"))
        assert before is None or one.first is False


@given(steps)
def test_the_tail_of_a_history_says_the_same_as_the_whole(drawn: Any) -> None:
    runs = [run for run in sequence(drawn) if not run.not_checked]
    whole, tail = changes(runs), changes(runs[1:], first=len(runs) == 1)
    for one, other in zip(whole[2:], tail[1:], strict=True):
        for part in PARTS:
            assert keys(one, part) == keys(other, part)


@given(steps)
def test_what_is_resolved_does_not_stand(drawn: Any) -> None:
    found = changes(sequence(drawn))
    assert not {s.identity.fingerprint for s in resolved(found)} & set(keys(found[-1], "new", "still", "carried"))


def test_identity_is_of_the_parts_and_not_of_how_they_are_joined() -> None:
    different = [
        Identity("STA01", "lead", "a:b"), Identity("STA01", "lead:a", "b"), Identity("STA01", "lead", "a", "b"),
        Identity("STA01", "lead", "a b"), Identity("STA01", "contact", "a:b"), Identity("STA01", None, "a:b"),
        Identity("STA01", "lead", None, "a:b"), Identity("STA03", "lead", "a:b"), Identity("STA01", "lead", "A:B"),
    ]  # fmt: skip
    assert len({one.fingerprint for one in different}) == len(different)
    assert Identity("STA01", "", "").fingerprint == Identity("STA01").fingerprint


@given(st.text() | st.just("\ud800") | st.just("a\0b"))
def test_a_fingerprint_survives_the_database_whatever_the_value(value: str) -> None:
    identity = Identity("STA01", "lead", value)
    assert Identity(**identity.columns).fingerprint == identity.fingerprint  # type: ignore[arg-type]
    assert len(identity.fingerprint) == 64
