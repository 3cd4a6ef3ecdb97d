"""Faults of whole columns and files, said once: what happened, where, and what to do.

Not here: faults of single rows and cells (convert.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from config.errors import LeadPactError
from connectors.files.folder import Folder, Problem
from connectors.files.plan import Plan, Step
from connectors.files.survey import Survey
from leadpact.connector import Reject
from leadpact.errors import SourceRefused

EXPECTED = ("leads", "contacts", "status_changes")
ADDING = ("activities",)  # of a source that adds to another one's records
SHOWN = 20


def column_faults(step: Step, survey: Survey) -> Iterator[tuple[Problem, bool]]:
    """Date columns whose form nothing decides, or that hold no date: each with whether it is required."""
    required = {step.places[name] for name in step.target.required if name in step.places}
    for place, header in step.times.items():
        decision = survey.dates.get(place)
        if decision is None or decision.form is not None:
            continue
        key = "files.problem.undecided_dates" if decision.candidates else "files.problem.no_dates"
        params: dict[str, Any] = {"file": step.source.file, "column": header}
        if decision.candidates:
            params["forms"] = ", ".join(decision.candidates)
        yield Problem(step.source.file, key, params), place in required


def as_reject(problem: Problem) -> Reject:
    """A fault of a file or column for the list of rows; it has no line."""
    column = problem.params.get("column")
    return Reject(problem.source, None, str(column) if column else None, problem.key, problem.params)


def as_error(problem: Problem) -> LeadPactError:
    return LeadPactError(problem.key, **problem.params)


def no_records(
    path: Path, folder: Folder, planned: Plan, problems: Sequence[Problem], *, adding: bool = False
) -> SourceRefused | None:
    """Why nothing can be loaded, if so: no table of records, or only such that could not be read.

    Records known from changes alone must not take the place of leads that could not be read. Of a
    source that adds to another one's records, activities are asked for instead.
    """
    expected = ADDING if adding else EXPECTED
    if planned.of(*(ADDING if adding else ("leads", "contacts"))):
        return None
    details = tuple(as_error(problem) for problem in problems)
    if planned.failed & {"leads", "contacts"} and not adding:
        return SourceRefused("files.leads_unreadable", details=details, path=str(path))
    if planned.of("status_changes") and not adding:
        return None
    found = [source.name for source in folder.sources] + list(folder.others)
    shown = ", ".join(found[:SHOWN]) + (", …" if len(found) > SHOWN else "")
    return SourceRefused(
        f"files.no_{expected[0]}", details=details, path=str(path), found=shown or "–", expected=", ".join(expected)
    )
