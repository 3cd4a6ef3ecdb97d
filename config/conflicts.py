"""Two people's edits of one part, neither of which is lost: what is shown until a person decides.

Not here: when it happens (drafts.py), how parts merge (merge.py).
"""

from __future__ import annotations

from typing import Any

from config.errors import LeadPactError
from config.merge import ABSENT, Clash


class Conflict(LeadPactError):
    """Somebody changed the same part since. Nothing was saved, nothing is lost.

    `base`, `mine` and `theirs` are the whole section, null where it is not there; `clashes` the
    parts of it both changed; `by` who changed them last, `revision` the one to edit from once
    a person has decided.
    """

    def __init__(
        self, section: str, base: Any, mine: Any, theirs: Any, clashes: tuple[Clash, ...], by: str, revision: int
    ) -> None:
        parts = ", ".join(clash.path for clash in clashes)
        super().__init__("draft.conflict", section=section, parts=parts, by=by)
        self.section, self.clashes, self.by, self.revision = section, clashes, by, revision
        self.base, self.mine, self.theirs = (None if one is ABSENT else one for one in (base, mine, theirs))
