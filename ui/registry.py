"""The pages there are: names, groups, icons, and the filters each one obeys.

`app.py` registers them, the sidebar links to them. The name is file name and url_path at once.

Not here: what a page shows (pages/).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ui.state import AS_OF, BY, CONDITIONS, END, FUNNEL_FILTERS, START, VIEW

ROOT = Path(__file__).resolve().parent.parent
SLA_CHOICES = ("clocks", "band", "policy", "group", "every", "holder", "target", "after", "heat")
FLOW_CHOICES = ("flow", "move", "cell", "path", "rework", "walks", "stage", "every", "trend", "when")
COMPARED = ("compare", "rate", "side", "unit", "reached", "in_cell", "leak")
MONEY_CHOICES = ("topic", "currency", "deal", "cycle_deal", "cycle_journey", "brought", "responded", "to_stage",
                 "landmark", "credit", "split")  # fmt: skip
FINDINGS = ("severity", "object", "rule", "record_type", "words", "new", "finding", "block")
FIXES = ("plan", "follow", "codes", "only_owner", "only_team", "only_source", "only_country", "only_record_type",
         "action", "actor")  # fmt: skip
SCORING = ("judged_at", "goal", "days", "rule", "of_rule", "known", "behind",
           "against", "months", "capacity", "disagree")  # fmt: skip
GROUPS = ("dashboards", "audit", "agreement", "setup")
HOME = "today"


@dataclass(frozen=True)
class Entry:
    """One page. `filters` are the shared values it obeys (ui/state.py names).

    `embeds`: it has a form of its own for a frame in a CRM.
    """

    name: str
    group: str
    icon: str
    filters: tuple[str, ...] = ()
    needs_data: bool = True
    embeds: bool = False

    @property
    def path(self) -> str:
        return f"pages/{self.name}.py"

    @property
    def exists(self) -> bool:
        return (ROOT / self.path).is_file()


PAGES = (
    Entry("today", "dashboards", ":material/today:"),
    Entry(
        "funnel",
        "dashboards",
        ":material/filter_alt:",
        (*FUNNEL_FILTERS, *CONDITIONS, AS_OF, VIEW, "step", "all_stages", *COMPARED, *FLOW_CHOICES, *MONEY_CHOICES),
    ),
    Entry(
        "velocity",
        "dashboards",
        ":material/speed:",
        (START, END, BY, *CONDITIONS, AS_OF, VIEW, "stage", "goal", "lost_after", "who"),
    ),
    Entry("sla", "dashboards", ":material/timer:", (START, END, BY, *CONDITIONS, AS_OF, VIEW, *SLA_CHOICES)),
    Entry("person", "dashboards", ":material/person_search:", embeds=True),
    Entry("findings", "audit", ":material/troubleshoot:", (AS_OF, VIEW, *FINDINGS)),
    Entry("fixes", "audit", ":material/build:", (VIEW, *FIXES)),
    Entry("definition", "agreement", ":material/handshake:", (VIEW, "shown", "version", "against"), needs_data=False),
    Entry("scoring", "agreement", ":material/leaderboard:", (VIEW, *SCORING), needs_data=False),
    Entry("meeting", "agreement", ":material/groups:", ("code", "me", "host", "part"), needs_data=False),
    Entry("connection", "setup", ":material/cable:", ("section",), needs_data=False),
    Entry("people", "setup", ":material/badge:", needs_data=False),
)


def registered() -> list[Entry]:
    """The pages whose file is there, in the order of the sidebar."""
    return [entry for entry in PAGES if entry.exists]


def entry(name: str) -> Entry:
    """The page called `name`. Raises KeyError for one that is not listed."""
    for found in PAGES:
        if found.name == name:
            return found
    raise KeyError(name)
