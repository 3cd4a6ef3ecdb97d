"""The truth beside the data: what an audit, a funnel or an SLA report ought to find.

Keys of truth.json (counts are of the CRM at `until`; every stage is one of `pact`'s):

- `company`: leads, seed, until (UTC), days covered, `people` (leads that are not merged away, and native contacts).
- `pact`: a whole pact document, the one under which all of this holds. Only opportunities of type `new` count.
- `sources`: by name: `model` (true chance of each step given the one before: `step`; of ever reaching a stage from
  entry: `reach`; `spam` share, outside every denominator), `bought`, and `realised`: `journeys` (valid ones, so far),
  `invalid`, and `mature` (entered at least `mature_days` ago: `entered`, then how many reached each stage, mode
  `beyond`). `realised.mature` is exact; `model.reach` is what it estimates.
- `mature_days`: no journey needs longer from entry to customer, so a window of that length loses nothing.
- `journeys_per_person`: "1", "2", … : people. `untold`: people left out of `realised`: their history was never kept.
- `values`: by object, value: true `kind`, expected `stage` (null: none), `active` (null: in no picklist), `records`
  holding it and not deleted.
- `bought_lists`: name, leads, imported_at, owner_id of who imported it, `with_activity`, `past_subscriber`.
- `missing_history`, `deleted`, `merged`, `converted`: by object where it matters: `count` and `sample` of ids.
- `retired_values`: by object, value: records not deleted that hold a value the picklist has retired.
- `undefined_values`: the same for values no picklist defines. `blank_status`: by object, records not deleted.
- `contradictions`: `won_counting_status_sql` (won, and the status that counts still says SQL), `won_lead_says_sql`
  (won, and the lead's own status says SQL, frozen or not), `won_contact_blank`, `lead_sql_contact_mql`.
- `opportunities`: by type; `unattributed`; `won`.
- `forgotten`: open journeys without any activity for `days` days, by their stage.
- `interest_unnoticed`: contacts of a lost deal who asked again while no journey was opened.
- `sla`: the pact's one policy: clocks by state, by source and in all; `waiting_now` (running or overdue);
  `hot_now` (of those, entered within 48 hours); `by_response`: mature journeys by time to Sales' first touch after
  their first MQL, and how many reached SQL.
- `slow_owner`, `slow_source`: names, and compliance of the slow owner's clocks against all others.
- `scoring`: what separates buyers (people who reached SQL) and what does not.

Not here: the definitions (told.py), the counting (tally.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from connectors.demo import activities, identity, process, staff, told
from connectors.demo.clock import DAYS
from connectors.demo.columns import NOTHING
from connectors.demo.deals import TYPES
from connectors.demo.tally import SAMPLE, Tally


class Truth(Tally):
    """The counted facts under their published names."""

    def document(self, leads: int, seed: int) -> dict[str, Any]:
        """The whole truth, ready for JSON."""
        counts = self.counts
        return {
            "company": {
                "leads": leads,
                "seed": seed,
                "until": self.clock.until_at.isoformat() + "Z",
                "days": DAYS,
                "people": counts[("people",)],
            },
            "pact": process.expected_pact(),
            "mature_days": process.MATURE_DAYS,
            "sources": {source.name: self._source(code) for code, source in enumerate(process.SOURCES)},
            "journeys_per_person": {str(k[1]): n for k, n in sorted(counts.items()) if k[0] == "per_person"},
            "untold": counts[("untold",)],
            "values": {place: self._values(place) for place in ("lead", "contact")},
            "bought_lists": [self._list(code) for code in process.LISTS],
            "missing_history": self._noted("missing_history", "lead", "contact"),
            "deleted": self._noted("deleted", "lead", "contact"),
            "merged": self._note(("merged",)),
            "converted": self._note(("converted",)),
            "retired_values": {place: self._holders(place, "retired") for place in ("lead", "contact")},
            "undefined_values": {place: self._holders(place, "") for place in ("lead", "contact")},
            "blank_status": {place: counts[("held", place, NOTHING)] for place in ("lead", "contact")},
            "contradictions": self._noted(
                "contradictions",
                "won_counting_status_sql",
                "won_lead_says_sql",
                "won_contact_blank",
                "lead_sql_contact_mql",
            ),
            "opportunities": {
                "by_type": {name: counts[("deals", code)] for code, name in enumerate(TYPES)},
                "won": {name: counts[("won_deals", code)] for code, name in enumerate(TYPES)},
                "unattributed": counts[("unattributed",)],
            },
            "forgotten": {
                "days": process.FORGOTTEN_DAYS,
                "by_stage": {process.STAGES[code]: counts[("forgotten", code)] for code in range(process.WON)},
            },
            "interest_unnoticed": counts[("unnoticed",)],
            "sla": self._sla(),
            "slow_source": process.SLOW_SOURCE,
            "slow_owner": {
                "name": staff.SLOW_OWNER,
                "owner_id": staff.owner_id(staff.SLOW),
                "clocks": self._states(("owner_clocks", 1)),
                "others": self._states(("owner_clocks", 0)),
            },
            "scoring": {
                "buyers_reach": "sql",
                "f_score_mean": {"buyers": identity.SCORE_BUYERS, "others": identity.SCORE_OTHERS},
                "f_employees_median": {"buyers": identity.EMPLOYEES_BUYERS, "others": identity.EMPLOYEES_OTHERS},
                "pricing_visit_share": {"buyers": activities.PRICING_BUYERS, "others": activities.PRICING_OTHERS},
                "f_industry_buyers_prefer": ["Manufactura", "Banking"],
            },
        }

    def _note(self, key: tuple[str, ...]) -> dict[str, Any]:
        return {"count": self.counts[key], "sample": self.samples.get(key, [])[:SAMPLE]}

    def _noted(self, key: str, *names: str) -> dict[str, Any]:
        return {name: self._note((key, name)) for name in names}

    def _source(self, code: int) -> dict[str, Any]:
        source = process.SOURCES[code]
        reach = np.cumprod(source.steps)
        mature = np.array([self.counts[("mature", code, top)] for top in range(len(process.FUNNEL))])
        beyond = mature[::-1].cumsum()[::-1]
        later = process.FUNNEL[1:]
        return {
            "bought": bool(source.bought_days),
            "model": {
                "step": dict(zip(later, source.steps, strict=True)),
                "reach": {stage: round(float(chance), 6) for stage, chance in zip(later, reach, strict=True)},
                "spam": source.spam,
            },
            "realised": {
                "journeys": self.counts[("journeys", code)],
                "invalid": self.counts[("invalid", code)],
                "mature": {
                    "entered": int(beyond[0]),
                    **{stage: int(n) for stage, n in zip(later, beyond[1:], strict=True)},
                },
            },
        }

    def _values(self, place: str) -> dict[str, Any]:
        found = {}
        for code, value in enumerate(process.VALUES):
            records, offered = self.counts[("held", place, code)], getattr(value, place)
            if offered or records:
                found[value.text] = {
                    "kind": value.kind,
                    "stage": process.STAGES[value.stage] if value.stage != process.UNMAPPED else None,
                    "active": offered == "active" if offered else None,
                    "records": records,
                }
        return found

    def _holders(self, place: str, offered: str) -> dict[str, int]:
        found = {}
        for code, value in enumerate(process.VALUES):
            records = self.counts[("held", place, code)]
            if getattr(value, place) == offered and (records or offered):
                found[value.text] = records
        return found

    def _list(self, code: int) -> dict[str, Any]:
        source = process.SOURCES[code]
        imported = datetime.fromtimestamp(self.clock.import_moment(source.bought_days), UTC)
        return {
            "name": source.name,
            "leads": self.counts[("list", "leads", code)],
            "imported_at": imported.isoformat().replace("+00:00", "Z"),
            "imported_by": staff.owner_id(staff.IMPORTER),
            "with_activity": self.counts[("list", "touched", code)],
            "past_subscriber": self.counts[("list", "moved", code)],
        }

    def _states(self, key: tuple[Any, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {name: self.counts[(*key, code)] for code, name in enumerate(told.STATES)}
        return found | {"compliance": _compliance(found)}

    def _sla(self) -> dict[str, Any]:
        by_source = {source.name: self._states(("clocks", code)) for code, source in enumerate(process.SOURCES)}
        whole: dict[str, Any] = {name: sum(states[name] for states in by_source.values()) for name in told.STATES}
        counts = self.counts
        return {
            "policy": "mql-follow-up",
            "target_hours": process.FOLLOW_UP_HOURS,
            **whole,
            "compliance": _compliance(whole),
            "by_source": by_source,
            "waiting_now": whole["running"] + whole["overdue"],
            "hot_now": counts[("hot",)],
            "by_response": {
                name: {
                    "journeys": counts[("response", code, 0)] + counts[("response", code, 1)],
                    "reached_sql": counts[("response", code, 1)],
                }
                for code, name in enumerate([name for name, _ in told.BANDS] + ["never"])
            },
        }


def _compliance(states: Mapping[str, int]) -> float | None:
    due = states["met"] + states["breached"] + states["overdue"]
    return round(states["met"] / due, 6) if due else None
