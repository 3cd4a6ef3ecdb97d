"""Every figure of a funnel can be counted again from the people behind it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main
from leadpact.metrics.funnel import Scope, conversion
from leadpact.metrics.funnel_people import OF_COHORT, OF_STEP, behind, columns
from leadpact.metrics.significance import wilson
from tests.funnels import day, tables_of, went
from tests.worlds import SMALL, pact

AS_OF = day(60)
PACT = {
    **SMALL,
    "stages": [
        {"key": "source", "label": "Mail read", "kind": "nurture"} if stage["key"] == "subscriber" else stage
        for stage in SMALL["stages"]
    ],
    "status_map": {**SMALL["status_map"], "lead": {**SMALL["status_map"]["lead"], "Subscriber": "source"}},
}
PATHS = [
    ["Subscriber"], ["Subscriber", "MQL"], ["MQL", "Working"], ["MQL", "Working", "Customer"],
    ["Subscriber", "Working"], ["MQL", "Disqualified"], ["Working", "MQL", "Customer"],
    ["MQL", "Re-Market", "MQL", "Working"], ["MQL", "Spam"], ["Unknown"], ["Unknown", "MQL"], ["Customer"],
    ["Limbo", "MQL"],
]  # fmt: skip


def write(folder: Path) -> None:
    """Sixty-five leads along the paths above, two without history, as a folder of files."""
    folder.mkdir()
    leads, changes = ["record_id,created_at,status,source"], ["record_id,from_status,to_status,at"]
    for n in range(65):
        path, before = PATHS[n % len(PATHS)], ""
        for at, status in enumerate(path):
            changes.append(f"r{n},{before},{status},{day(n * 0.8 + at * (3 + n % 7)).isoformat()}")
            before = status
        leads.append(f"r{n},{day(n * 0.8).isoformat()},{path[-1]},{['web', 'fair', ''][n % 3]}")
    leads += [f"u{n},{day(0).isoformat()},Working,web" for n in range(2)]
    (folder / "leads.csv").write_text("\n".join(leads), encoding="utf-8")
    (folder / "status_changes.csv").write_text("\n".join(changes), encoding="utf-8")


Ask = Callable[..., tuple[Any, list[dict[str, str]]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Runs `funnel --explain` with further options: the document (or the tables), and the rows of the file."""
    home = tmp_path_factory.mktemp("people")
    write(home / "export")
    (home / "pact.json").write_text(json.dumps(PACT), encoding="utf-8")
    secrets = home / "secrets.toml"
    secrets.write_text(f'[connections.acme]\ntype = "files"\npath = "{home / "export"}"\n', encoding="utf-8")
    common = ["--home", str(home / "home"), "--secrets", str(secrets)]
    assert main([*common, "sync", "acme"]) == 0
    file = home / "people.csv"

    def run(capsys: Any, *options: str, tables: bool = False) -> tuple[Any, list[dict[str, str]]]:
        capsys.readouterr()
        words = ["funnel", "--pact", str(home / "pact.json"), "--as-of", AS_OF.isoformat(), "--explain", str(file)]
        assert main([*common, *words, *([] if tables else ["--json"]), *options]) == 0
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
        out = capsys.readouterr().out
        return out if tables else json.loads(out), rows

    yield run


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--window", "10", "--by", "source"),
        ("--mode", "strict", "--window", "20"),
        ("--mode", "visited", "--by", "month"),
        ("--anchor", "mql", "--window", "7", "--from", "2026-01-10", "--to", "2026-02-10"),
    ],
    ids=" ".join,
)
def test_every_figure_can_be_counted_again_from_the_file(
    ask: Ask, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    found, rows = ask(capsys, *options)
    of_part = {part: [row for row in rows if row["part"] == part] for part in OF_COHORT}
    for name in ("unknown", "invalid", "untouched"):
        assert found[name] == len(of_part[name])
    journeys = [row for row in rows if row["part"] != "untouched"]
    assert found["coverage"] == 1 - sum(row["imputed"] == "True" for row in journeys) / len(journeys)
    windowed, visited = "--window" in options, "visited" in options
    assert {step["group"] or "" for step in found["steps"]} == {row["group"] for row in of_part["counted"]}
    for step in found["steps"]:
        column = "stage_source" if step["stage"] == "source" else step["stage"]
        cohort = [row for row in of_part["counted"] if row["group"] == (step["group"] or "")]
        entered = [row for row in cohort if row[column]]
        told = {name: sum(row[column] == name for row in entered) for name in ("converted", "lost", "pending")}
        mature = [row for row in entered if row["mature"] == "True"]
        done = sum(row[column] == "converted" for row in mature)
        interval = (wilson(done, len(mature)) if windowed else None) or (None, None)
        assert step == {
            "group": step["group"], "stage": step["stage"], "entered": len(entered), **told,
            "rate_of_first": told["converted"] / len(cohort),
            "rate_of_previous": told["converted"] / len(entered) if entered and not visited else None,
            "mature_entered": len(mature) if windowed else None,
            "mature_converted": done if windowed else None,
            "mature_rate": done / len(mature) if windowed and mature else None,
            "ci_low": interval[0], "ci_high": interval[1],
        }  # fmt: skip


def test_the_document_keeps_every_stage_and_people_see_those_somebody_can_enter(
    ask: Ask, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    whole = [*PACT["stages"][:2], {"key": "demo", "label": "Demo seen", "kind": "nurture"}, *PACT["stages"][2:]]
    file = tmp_path / "pact.json"
    file.write_text(json.dumps({**PACT, "stages": whole}), encoding="utf-8")
    found, _ = ask(capsys, "--pact", str(file))
    assert "demo" in [step["stage"] for step in found["steps"]]
    shown, _ = ask(capsys, "--pact", str(file), tables=True)
    note = next(line for line in shown.splitlines() if "Demo seen" in line)
    assert "1 stage is not shown" in note
    assert "Demo seen" not in shown.replace(note, "")


def test_the_people_behind_each_figure_are_as_many_as_it_says() -> None:
    histories = {f"r{n}": went(n, (2, "Working")) if n % 2 else went(n) for n in range(8)}
    histories |= {"cold": [(day(0), "Unknown")], "spam": went(0, (1, "Spam"))}
    tables, used, scope = tables_of(histories), pact(), Scope(window_days=5)
    found = conversion(tables, used, day(9), scope)

    def count(stage: str, part: str, group: str | None = None) -> int:
        return int(behind(tables, used, day(9), scope, stage, part, group).count().execute())

    for step in found.steps:
        said = {"entered": step.entered, "converted": step.converted, "lost": step.lost, "pending": step.pending,
                "mature": step.mature_entered}  # fmt: skip
        assert {part: count(step.stage, part) for part in OF_STEP} == said
    assert {part: count("", part) for part in OF_COHORT} == {
        "counted": 8, "unknown": 0, "invalid": 1, "untouched": 1
    }  # fmt: skip
    # on the way to the last stage: five have had their five days and did not win, three may still
    assert [count("", part) for part in ("converted", "lost", "pending")] == [0, 5, 3]
    assert [count("", part) for part in ("all", "known")] == [9, 9]
    assert count("mql", "no such part") == count("no such stage", "lost") == count("", "entered") == 0
    assert count("mql", "converted", "") == 8 and count("mql", "converted", "web") == 0


def test_a_stage_called_like_another_column_is_told_apart() -> None:
    used = pact(
        stages=[{"key": "email", "label": "E", "kind": "nurture"}, {"key": "won", "label": "W", "kind": "won"}],
        status_map={"lead": {"MQL": "email"}},
        sla=[],
    )
    assert columns(used, Scope()) == ["stage_email", "won"]
