"""Tiny worlds written in YAML, for the golden cases of the audit rules.

A case is rows in the words of EXAMPLES 1: `leads` and `contacts` (id: status, or id: fields),
`history` (id: [[when, value], …]; who made them in `actors`, id: actor), `changes` of other
fields, `opportunities`, `activities`, `responses` to campaigns, `owners`, `picklist` (object:
[value or fields]). They go through the same connector, loading and completion as a sync, in
memory; spells and journeys are built only for a case that says `journeys: true`; `repeat` makes
as many companies of the same rows.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from config.document import read_yaml
from leadpact import history, persons, sync
from leadpact.derive import canonical, derive
from leadpact.engine import Ibis
from leadpact.pact_in_use import PactInUse
from leadpact.store import configure
from leadpact.tables import Tables
from leadpact.workspace import Analysis
from tests.rows import Rows, moved
from tests.worlds import NOW, pact

GOLDEN = Path(__file__).resolve().parent / "golden" / "rules"
GIVEN = {
    "history": "field_change",
    "opportunities": "opportunity",
    "activities": "activity",
    "owners": "owner",
    "picklist": "status_value",
    "responses": "campaign_touch",
}


def cases() -> list[tuple[str, str, dict[str, Any]]]:
    """(rule, case, content) of every golden file, one file a rule."""
    found = []
    for path in sorted(GOLDEN.glob("*.yaml")):
        document = read_yaml(path.read_text(encoding="utf-8"), path.name)
        code = document.pop("rule")
        assert code == path.stem
        found += [(code, name, content) for name, content in document.items()]
    return found


def world(case: Mapping[str, Any]) -> Analysis:
    """The case as an analysis, at its `as_of` (default 2026-03-01)."""
    as_of = moment(case["as_of"]) if "as_of" in case else NOW
    agreed, signed = pact(**case.get("pact", {})), moment(case.get("reviewed_at"))
    used = PactInUse(agreed, case.get("version"), case.get("in_force", False), signed)
    connector = repeated(rows(case), case.get("repeat", 1))
    connection = duckdb.connect()
    configure(connection, Path())
    extract = connector.extract()
    sync._load(connection, extract, None)
    if case.get("leads") or case.get("contacts"):
        sync._settle(connection, extract)
    persons.assign(connection)
    since = None if "field_change" in extract.provided else sync.NEVER
    history.complete(connection, creation_logged=None, history_since=since)
    backend = Ibis.from_connection(connection)
    source = "source" if "field_change" in extract.provided else "none"
    tables = Tables(**canonical(backend, "memory"), provided=extract.provided, history=source)
    if case.get("journeys"):
        tables = derive(tables, used.pact, keep=backend.keep)
    where = case.get("where", {})
    labels = functools.partial(dict, case.get("labels", {}))
    return Analysis("golden", 1, as_of, as_of, used, tables.at(as_of).where(where), {}, where, labels)


def rows(case: Mapping[str, Any]) -> Rows:
    """The case as a source: tables it does not speak of are not provided."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for key, name in GIVEN.items() if key in case}
    tables["record"] = [*_records("lead", case.get("leads")), *_records("contact", case.get("contacts"))]
    objects = {row["record_id"]: row["object"] for row in tables["record"]}
    for record_id, steps in (case.get("history") or {}).items():
        dated = [(moment(at).isoformat(), value) for at, value in steps]
        actor = (case.get("actors") or {}).get(record_id)
        tables["field_change"] += moved(record_id, *dated, object=objects[record_id], actor_id=actor)
    for number, change in enumerate(case.get("changes") or []):
        known = {"object": objects[change["record_id"]], "seq": number, "evidence": "history"}
        tables["field_change"].append({**known, **timed(change)})
    for number, deal in enumerate(case.get("opportunities") or []):
        tables["opportunity"].append(
            {"opportunity_id": f"deal-{number}", "is_closed": deal.get("is_won"), **timed(deal)}
        )
    for number, touch in enumerate(case.get("activities") or []):
        known = {"activity_id": f"touch-{number}", "object": objects[touch["record_id"]], "completed": True}
        tables["activity"].append({**known, **timed(touch)})
    for answer in case.get("responses") or []:
        known = {"object": objects[answer["record_id"]], "campaign": "Webinar"}
        tables["campaign_touch"].append({**known, **timed(answer)})
    tables.get("owner", []).extend(
        {"owner_id": key, **(given or {})} for key, given in (case.get("owners") or {}).items()
    )
    for object, values in (case.get("picklist") or {}).items():
        for value in values:
            given = value if isinstance(value, dict) else {"value": value}
            tables["status_value"].append({"object": object, "is_active": True, **given})
    return Rows(**tables)


def repeated(connector: Rows, times: int) -> Rows:
    """The whole case several times over, each time with ids of its own."""
    if times > 1:
        for name, own in connector.tables.items():
            ids = {"record_id", "activity_id", "opportunity_id"} & (set(own[0]) if own else set())
            connector.tables[name] = [
                {**row, **{key: f"{row[key]}-{number}" for key in ids}} for number in range(times) for row in own
            ]
    return connector


def _records(object: str, given: Any) -> list[dict[str, Any]]:
    found = []
    for record_id, written in (given or {}).items():
        fields = dict(written) if isinstance(written, dict) else {"status": written}
        many = fields.pop("times", 1)
        for number in range(many):
            key = record_id if many == 1 else f"{record_id}-{number}"
            found.append({"object": object, "record_id": key, "condition": "active", **timed(fields)})
    return found


def timed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with moments as naive UTC."""
    return {k: moment(v) if k == "at" or k.endswith("_at") else v for k, v in fields.items()}


def moment(value: Any) -> datetime | None:
    """A YAML date, time or ISO text as naive UTC."""
    if value is None:
        return None
    found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    assert found.tzinfo is None or not found.utcoffset(), f"write moments in UTC: {value}"
    return found.replace(tzinfo=None)
