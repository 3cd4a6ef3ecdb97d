"""The rules on the definition through the whole house: signatures in pact.db, findings in words.

Not here: their golden cases (tests/golden/rules).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from config import versions
from leadpact import audit
from leadpact.audit.review import overdue
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse, with_pact
from tests.rows import Rows, lead
from tests.worlds import NOW, World, pact

SIGNED = datetime(2026, 1, 10, 12)
AGREED = pact(review={"definition_every_days": 10})


def test_a_signed_version_is_reviewed_with_its_last_signature(tmp_path: Path) -> None:
    home = World(tmp_path)
    home.sync(Rows(record=[lead("ana", status="MQL")]), used=AGREED)
    database = home.workspace.database
    (version,) = versions.history(database)
    assert version.reviewed_at is None
    assert home.workspace.pact_in_use("small").reviewed_at is None
    for days, team in enumerate(("marketing", "sales")):
        at = SIGNED + timedelta(days=days)
        version = versions.sign(database, version, email=f"{team}@x.example", team=team, door="cli", now=at)  # type: ignore[arg-type]
    used = home.workspace.pact_in_use("small")
    assert used.in_force and used.reviewed_at == version.reviewed_at == SIGNED + timedelta(days=1)
    (finding,) = audit.run(home.workspace.analyse("small", as_of=NOW), codes=["DEF02"]).findings
    said = [Language(code).text(finding.message) for code in ("en", "es")]
    assert said == [
        "“Small” was last signed on Jan 11, 2026 and agrees to a review every 10 days: it is 39 days late.",
        "«Small» se firmó por última vez el 11 ene 2026 y prevé una revisión cada 10 días: lleva 39 de retraso.",
    ]


def test_another_document_than_the_signed_one_was_never_reviewed() -> None:
    used = PactInUse(AGREED, 1, True, SIGNED)
    assert with_pact(used, AGREED) == used
    other = with_pact(used, pact(name="Other"))
    assert (other.in_force, other.reviewed_at) == (False, None)
    assert overdue(other, 1, NOW) is overdue(None, 1, NOW) is None
