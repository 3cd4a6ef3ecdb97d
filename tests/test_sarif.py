"""SARIF 2.1.0: the form its schema asks for, whatever the findings hold; and the commands of its page parse."""

from __future__ import annotations

import json
import re
import shlex
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadpact.audit import sarif
from leadpact.audit.baseline import Accepted
from leadpact.audit.identity import Identity
from leadpact.audit.registry import every
from leadpact.audit.rule import NotChecked
from leadpact.audit.suppression import SortedOut, Suppression
from leadpact.cli import build
from leadpact.language import Language, Text
from tests.conftest import ROOT
from tests.findings import AT, finding

# of the SARIF 2.1.0 schema: for each kind of object what it must have, and what else it may; it allows no other
FORM: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "invocations", "automationDetails"}),
    "driver": ({"name"}, {"rules", "language"}),
    "rule": ({"id"}, {"name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"}),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "level", "kind", "locations", "partialFingerprints", "baselineState", "suppressions",
         "properties"},
    ),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications"}),
    "notification": ({"message"}, {"level", "associatedRule"}),
    "suppression": ({"kind"}, {"status", "justification", "properties"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
}  # fmt: skip


def holds(kind: str, given: dict[str, Any]) -> None:
    must, may = FORM[kind]
    assert must <= set(given) <= must | may, (kind, sorted(given))


def check(log: dict[str, Any]) -> list[dict[str, Any]]:
    """Holds the log to the form; gives its results."""
    holds("log", log)
    (run,) = log["runs"]
    holds("run", run)
    driver = run["tool"]["driver"]
    holds("driver", driver)
    assert re.fullmatch(r"[a-zA-Z]{2}(-[a-zA-Z]{2})?", driver["language"])
    for rule in driver["rules"]:
        holds("rule", rule)
        assert all(rule[part]["text"].strip() for part in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for invocation in run["invocations"]:
        holds("invocation", invocation)
        for notification in invocation["toolExecutionNotifications"]:
            holds("notification", notification)
    for result in run["results"]:
        _result(result, driver["rules"])
    return list(run["results"])


def _result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    holds("result", result)
    assert result["message"]["text"].strip()
    assert result["level"] in ("none", "note", "warning", "error")
    assert result.get("kind", "fail") == "fail" or result["level"] == "none", "the schema asks for it"
    assert result.get("baselineState", "new") in ("new", "unchanged", "updated", "absent")
    assert "ruleIndex" not in result or rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert all(isinstance(one, str) for one in result["partialFingerprints"].values())
    for location in result["locations"]:
        holds("location", location)
        physical = location["physicalLocation"]
        address = physical["artifactLocation"]["uri"]
        assert urlsplit(address).path == address and re.fullmatch(r"[\w.~%/-]+", address, re.ASCII)
        assert physical["region"]["startLine"] >= 1
    for suppression in result.get("suppressions", []):
        holds("suppression", suppression)
        assert (suppression["kind"], suppression["status"]) == ("external", "accepted")


def document(lang: str = "en", value: str = "Called", **changed: Any) -> dict[str, Any]:
    why = Suppression(Identity("STA03", "lead", value), f"why {value}", "ana", AT, date(2026, 4, 1))
    said = Text.of("audit.and", first=value or "-", second="b")
    counted = (finding(value=value, message=said), finding("DEF01", None, object=None, severity="info", records=0))
    found = SortedOut(counted, ((finding("STA03", value, severity="warning"), why),), {})
    not_checked = [NotChecked("EVI03", "evidence.no_touch", ("activity",))]
    return sarif.document(Language(lang), "acme", found, not_checked, **changed)


@pytest.mark.parametrize("lang", ["en", "es", "es_419"])
def test_the_log_has_the_form_of_the_schema_in_every_language(lang: str) -> None:
    log = document(lang)
    results = check(log)
    assert [one["level"] for one in results] == ["error", "note", "warning"]
    assert ["suppressions" in one for one in results] == [False, False, True]
    driver = log["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in every()]
    assert driver["rules"][0]["shortDescription"]["text"] == Language(lang)(f"rule.{every()[0].code}.title")
    (told,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert told["associatedRule"]["id"] == "EVI03"


def test_a_baseline_gives_every_result_its_state_and_the_resolved_are_absent() -> None:
    states = {Identity.of(one).fingerprint: state for one, state in (
        (finding(), "worse"), (finding("DEF01", None, object=None), "known"), (finding("STA03"), "new"))}  # fmt: skip
    gone = [Accepted(Identity("STA03", "contact", "zz"), "error", 3), Accepted(Identity("OLD99", None, "x"), "info", 0)]
    results = check(document(states=states, resolved=gone))
    assert [one["baselineState"] for one in results] == ["updated", "unchanged", "new", "absent", "absent"]
    assert results[-1]["ruleId"] == "OLD99" and "ruleIndex" not in results[-1]


@given(
    st.text(min_size=1) | st.sampled_from(["=1+1", "[x](http://e)", "{0} {1}", "<b>", "שלום\u202e", "a\0b", "é" * 255])
)
def test_no_value_breaks_the_form_or_becomes_a_link_or_a_placeholder(value: str) -> None:
    results = check(json.loads(json.dumps(document(value=value))))
    text = results[0]["message"]["text"]
    assert "](" not in text
    assert not re.search(r"(?<!\{)\{\d+\}(?!\})", text)
    assert results[0]["locations"][0]["logicalLocations"][0]["name"] == value


def test_fingerprints_are_of_the_finding_and_of_nothing_that_changes() -> None:
    first = check(document())
    again = check(document("es"))
    assert [one["partialFingerprints"] for one in first] == [one["partialFingerprints"] for one in again]
    assert first[0]["partialFingerprints"]["primaryLocationLineHash"] == Identity.of(finding(records=1)).fingerprint


def test_every_command_of_the_page_on_nightly_jobs_parses() -> None:
    text = (ROOT / "docs" / "audit-in-ci.md").read_text(encoding="utf-8").replace("\\\n", " ")
    text = text.replace("acme\n          audit", "acme audit")
    lines = re.findall(r"-m leadpact ([^\n`]+)", text)
    assert len(lines) >= 10
    for line in lines:
        words = shlex.split(re.split(r"&&| > | #", line)[0])
        build(Language("en")).parse_args(words)
