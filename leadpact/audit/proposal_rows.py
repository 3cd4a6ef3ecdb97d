"""The rows of a proposed value map: where the records of one value in trouble could go, and why there.

Not here: which values are in trouble, and counting (proposal.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.schema import FUNNEL_KINDS, Pact
from leadpact.audit.facts import Facts, blank, folded
from leadpact.audit.rule import Finding
from leadpact.audit.target import best_value, stage_of, target
from leadpact.audit.valuemap import Keep, Row
from leadpact.audit.valuemap_check import offered
from leadpact.audit.valuemap_records import Cells, Group
from leadpact.model import CONTACT

Trouble = Mapping[tuple[str, str, str], Mapping[str, Finding]]
# findings about a value that its records should leave; most telling first
VALUES = ("STA14", "STA06", "STA01", "STA02", "STA03", "STA04", "STA08", "STA07", "STA10")
BLANK = ("STA13", "CON01", "CON02")
UNMAPPED = "STA09"
MOST_SPLITS = 12  # values before, told apart for one value; what is left follows the row for all others
KEPT: dict[str, Keep] = {"action": "last_outcome", "mixed": "last_outcome", "reason": "reason", "source": "source"}


def kind_of(tables: Facts, group: Group) -> str:
    value = tables.by_key.get(group)
    return tables.kind(value) if value is not None else tables.verdict(group[1]).kind


def to_stage(tables: Facts, pact: Pact, object: str, stage: str, *, create: bool = True) -> Row:
    """A row to the value that stands for a stage; to a new one, called as the stage, where there is none."""
    value = best_value(tables, pact, object, stage)
    if value is None and create:
        label = pact.stage(stage).label.strip()
        taken = {folded(one.value) for one in tables.values if one.object == object}
        claimed = stage_of(pact, object, label)
        value = label if folded(label) not in taken and claimed in (None, stage) else None
    return Row(object, None, to=value, stage=stage if value else None)


@dataclass(frozen=True)
class Draft:
    """What rows are made of, for one record type or ("") for all: `tables` are the facts of that part."""

    tables: Facts
    pact: Pact
    trouble: Trouble
    known: Cells
    kind: str

    def rows(self, group: Group) -> list[Row]:
        """All rows of one value."""
        found = self._found(group)
        codes = tuple(code for code in (*VALUES, *BLANK, UNMAPPED) if code in found)
        if not group[1]:
            rows = self._blank(group[0])
        elif codes == (UNMAPPED,):
            rows = [self._unmapped(group)]
        else:
            rows = [*self._before(group), self.general(group)]
        keep = KEPT.get(kind_of(self.tables, group)) if group[1] else None
        rows = [replace(row, value=group[1] or None, codes=codes, record_type=self.kind or None) for row in rows]
        return [replace(row, keep=keep if row.moves else None) for row in rows]

    def _found(self, group: Group) -> Mapping[str, Finding]:
        """The findings on a value, by code."""
        whole: Mapping[str, Finding] = self.trouble.get((*group, ""), {})
        return self.trouble.get((*group, self.kind), whole)

    def general(self, group: Group) -> Row:
        """Where the records of a value go whatever their history."""
        twin = self._twin(group)
        if twin is not None:
            return twin
        object, name = group
        value = self.tables.by_key.get(group)
        kind = kind_of(self.tables, group)
        stage = stage_of(self.pact, object, name)
        aim = target(self.tables, self.pact, value) if value is not None else None
        if aim is None or (kind == "source" and stage is None):  # a source's words name no stage of the lead
            return Row(object, name, how="none")
        row = replace(to_stage(self.tables, self.pact, object, aim.stage), value=name)
        if row.to is None or self._leaves((object, row.to)):
            return Row(object, name, how="none")
        how = "stage" if stage else "words"
        agreed = self.tables.used is not None and self.tables.used.in_force
        return replace(row, how=how, sure=("high" if agreed else "medium") if stage else "low")

    def _leaves(self, group: Group) -> bool:
        """The value is itself one that records should leave."""
        return any(code in VALUES for code in self._found(group))

    def _twin(self, group: Group) -> Row | None:
        """The value it repeats: by spelling, by meaning, or by what becomes of its records."""
        object, name = group
        found = self._found(group)
        near = [found[code].evidence.get("near") for code in ("STA14", UNMAPPED) if code in found]
        told = [(one, "spelling", "high") for one in near]
        if "STA06" in found:
            evidence = found["STA06"].evidence
            alike = evidence.get("why") == "spelling"
            apart = None not in (evidence.get("stage"), evidence.get("twin_stage"))
            apart = apart and evidence.get("stage") != evidence.get("twin_stage")
            if not apart:  # the pact tells them apart on purpose
                told.append((evidence.get("twin"), "spelling" if alike else "twin", "high" if alike else "medium"))
        if "STA10" in found:
            told.append((found["STA10"].evidence.get("twin"), "twin", "low"))
        for to, how, sure in told:
            known = self.tables.by_key.get((object, to or ""))
            if to and to != name and known is not None and not known.is_converted and not self._leaves((object, to)):
                stage = stage_of(self.pact, object, to) or stage_of(self.pact, object, name)
                if offered(self.tables, object, to) and stage is not None:
                    return Row(object, name, to=to, stage=stage, how=how, sure=sure)
        return None

    def _unmapped(self, group: Group) -> Row:
        """A value that is in order but for the pact, which has to learn it."""
        twin = self._twin(group)
        if twin is not None:
            return twin
        value = self.tables.by_key.get(group)
        aim = target(self.tables, self.pact, value) if value is not None else None
        if aim is None:
            return Row(*group, how="none")
        return Row(*group, leave=True, stage=aim.stage, how="words", sure="low")

    def _before(self, group: Group) -> list[Row]:
        """An action's records back to the value they had before it, a row for each value before."""
        counts: dict[str, int] = {}
        for cell in self.known.of(group):
            if cell["previous"] and not cell["frozen"] and self.kind in ("", cell["record_type"]):
                counts[cell["previous"]] = counts.get(cell["previous"], 0) + cell["n"]
        rows: list[Row] = []
        for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            to = self._state((group[0], name))
            if to is not None and len(rows) < MOST_SPLITS:
                rows.append(replace(to, previous=name, how="previous", sure="high"))
        return rows

    def _state(self, group: Group) -> Row | None:
        """The value a lead had before an action, or what it has become; null where that is not known."""
        object, name = group
        value = self.tables.by_key.get(group)
        if not self._leaves(group) and value is not None and not value.is_converted:
            stage = stage_of(self.pact, object, name)
            if stage is not None and offered(self.tables, object, name):
                return Row(object, None, to=name, stage=stage)
        if self._leaves(group):
            row = self.general(group)
            return row if row.to else None
        stage = stage_of(self.pact, object, name)
        aim = to_stage(self.tables, self.pact, object, stage, create=False) if stage else None
        return aim if aim is not None and aim.to and not self._leaves((object, aim.to)) else None

    def _blank(self, object: str) -> list[Row]:
        """No status: a contact's follows the person, who won or stands in the funnel; else it is recycled.

        A lead without a status is for people to decide: nothing says what it is.
        """
        if object != CONTACT:
            return [Row(object, None, how="none")]
        pact = self.pact
        rows: list[Row] = []
        standing = {cell["standing"] for cell in self.known.of((object, "")) if cell["standing"]}
        for stage in pact.stages:
            if stage.key in standing and stage.kind in (*FUNNEL_KINDS, "retained"):
                won = stage.kind == "won"
                row = to_stage(self.tables, pact, object, stage.key, create=won)
                if row.to is not None and not self._leaves((object, row.to)):
                    rows.append(replace(row, standing=stage.key, how="standing", sure="high" if won else "medium"))
                elif stage.kind == "sales":  # nobody recycles who is being sold to
                    rows.append(Row(object, None, standing=stage.key, how="none"))
        back = next(iter(pact.keys("recycled")), None)
        rest = to_stage(self.tables, pact, object, back) if back else Row(object, None)
        if rest.to is None or self._leaves((object, rest.to)) or blank(rest.to):
            rest = Row(object, None, how="none")
        return [*rows, replace(rest, how="filled" if rest.to else "none", sure="low" if rest.to else None)]
