"""A person's time as lanes: one for each journey, stages coloured by kind; touches and deals beneath.

What is not dated is not drawn as if it were: a stage whose beginning or end nobody knows is
hatched as far as it may reach.

Not here: the story itself (leadpact/metrics/person.py), its tables (person_view.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from config.schema import UNMAPPED, Pact
from leadpact.language import Language
from leadpact.metrics.person_facts import PersonSpell, Story
from ui import charts, moments
from ui.page import Page

KIND_COLOURS = {
    "untouched": "#8593a1",
    "nurture": "#2f8f78",
    "qualified": "#2f7bc0",
    "sales": "#8f6cc0",
    "won": "#3d8b40",
    "retained": "#6f8428",
    "recycled": "#c07a26",
    "disqualified": "#c75c43",
    "invalid": "#7a6a5d",
    UNMAPPED: "#a8496b",
}
SYMBOLS = {
    "call": "circle",
    "email": "square",
    "meeting": "diamond",
    "message": "triangle-up",
    "web_visit": "cross",
    "form": "star",
    "event": "hexagon",
}
DEALS = {"created": ("circle-open", charts.WAITING), "won": ("star", "#3d8b40"), "lost": ("x", charts.BAD)}
BEYOND, LEAST = 0.15, timedelta(days=2)  # how much is shown after the last event
THINNEST = 0.004  # of the whole time: a spell of minutes must be seen too


@dataclass(frozen=True)
class Bar:
    """What is drawn: one spell; or several, where nobody knows when one gave way to the next.

    `sure` is false where an edge is not known, or a boundary within.
    """

    spells: tuple[PersonSpell, ...]
    start: datetime
    end: datetime
    sure: bool

    @property
    def last(self) -> PersonSpell:
        return self.spells[-1]


def bars(story: Story, as_of: datetime) -> list[Bar]:
    """The spells that can be drawn. An unknown edge reaches as far as what is known allows."""
    created = [record.created_at for record in story.records if record.created_at is not None]
    spells = story.spells
    found: list[Bar] = []
    for place, spell in enumerate(spells):
        before = [at for one in spells[:place] if (at := one.left_at or one.entered_at)]
        after = [one.entered_at for one in spells[place + 1 :] if one.entered_at]
        start = spell.entered_at or max(before, default=min(created, default=None))
        end = as_of if spell.lasts else spell.left_at or min(after, default=as_of)
        if start is None or start > end:
            continue
        sure = spell.entered_at is not None and (spell.lasts or spell.left_at is not None)
        if found and not sure and not found[-1].sure and found[-1].last.journey == spell.journey:
            found[-1] = Bar((*found[-1].spells, spell), min(found[-1].start, start), max(found[-1].end, end), False)
        else:
            found.append(Bar((spell,), start, end, sure))
    return found


def figure(page: Page, story: Story, *, narrow: bool = False) -> go.Figure | None:
    """The chart; null where nothing of this person is dated. `narrow`: for a frame without room for a legend."""
    lang, as_of = page.lang, page.analysis.as_of
    drawn = bars(story, as_of)
    if not drawn and not any(one.at for one in story.touches):
        return None
    shown = _range(story, drawn, page)
    made = go.Figure()
    for kind, colour in KIND_COLOURS.items():
        for sure in (True, False):
            mine = [bar for bar in drawn if bar.last.kind == kind and bar.sure is sure]
            if mine:
                _spells(made, mine, kind, colour, page, shown)
    _touches(made, story, page)
    _deals(made, story, page)
    lanes = _lanes(story, lang)
    made.update_layout(
        barmode="overlay",
        height=110 + 46 * len(lanes),
        margin={"l": 0, "r": 16, "t": 34, "b": 8},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        dragmode=False,
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    if narrow:
        made.update_layout(showlegend=False, height=92 + 40 * len(lanes), margin={"l": 0, "r": 8, "t": 30, "b": 8})
    made.update_yaxes(categoryorder="array", categoryarray=lanes[::-1], fixedrange=True, automargin=True,
                      ticklabelstandoff=6)  # fmt: skip
    days = _days(shown, 3 if narrow else 6)
    made.update_xaxes(type="date", fixedrange=True, showgrid=True, range=shown, tickvals=days,
                      ticktext=[lang.day(one) for one in days])  # fmt: skip
    return made


def _days(shown: Sequence[datetime], most: int) -> list[datetime]:
    """Midnights spread over the range, to be named below it as the language writes a day."""
    first, last = shown
    spread = [first + (last - first) * (place + 0.5) / most for place in range(most)]
    return list(dict.fromkeys(max(first, one.replace(hour=0, minute=0, second=0, microsecond=0)) for one in spread))


def _range(story: Story, drawn: Sequence[Bar], page: Page) -> list[datetime]:
    """From the first thing that happened to a little after the last: a stage that lasts runs out of sight."""
    events = [bar.start for bar in drawn] + [bar.end for bar in drawn if not bar.last.lasts]
    events += [one.at for one in story.touches if one.at]
    events += [at for one in story.deals for at in (one.created_at, one.closed_at) if at]
    first, last = min(events), max(events)
    if any(bar.last.lasts for bar in drawn):
        last = min(page.analysis.as_of, last + max((last - first) * BEYOND, LEAST))
    margin = max((last - first) * 0.02, LEAST * 0.1)
    return [_local(first - margin, page.used.pact.zone), _local(last + margin, page.used.pact.zone)]


def stage_label(lang: Language, pact: Pact, key: str) -> str:
    """A stage's name for people; the stages of the house have texts of their own."""
    names = {stage.key: stage.label for stage in pact.stages}
    return names.get(key) or lang("setup.stage.unmapped")


def edges(lang: Language, spell: PersonSpell, zone: ZoneInfo) -> tuple[str, str]:
    """Since when and until when, in words where it is not a moment."""
    start = moments.shown(lang, spell.entered_at, zone) if spell.entered_at else lang("setup.unknown_start")
    if spell.lasts:
        return start, lang("setup.lasts")
    return start, moments.shown(lang, spell.left_at, zone) if spell.left_at else lang("setup.unknown_end")


def activity(lang: Language, kind: str) -> str:
    """A kind of activity for people; one of the source's own keeps its name."""
    key = f"setup.activity.{kind}"
    return lang(key) if lang.has(key) else kind


def _lanes(story: Story, lang: Language) -> list[str]:
    numbers = sorted({spell.journey for spell in story.spells if spell.journey is not None})
    lanes = [_lane(lang, number) for number in numbers]
    if any(spell.journey is None for spell in story.spells):
        lanes.append(_lane(lang, None))
    lanes += [lang("setup.lane.touches")] if any(one.at for one in story.touches) else []
    return lanes + ([lang("setup.lane.deals")] if any(one.created_at or one.closed_at for one in story.deals) else [])


def _lane(lang: Language, number: int | None) -> str:
    return lang("setup.lane.outside") if number is None else lang("setup.lane.journey", number=number)


def _spells(made: go.Figure, mine: Sequence[Bar], kind: str, colour: str, page: Page,
            shown: Sequence[datetime]) -> None:  # fmt: skip
    lang, pact = page.lang, page.used.pact
    thinnest = (shown[1] - shown[0]) * THINNEST
    ends = [min(_local(bar.end, pact.zone), shown[1]) for bar in mine]  # so that a label stands in what is seen
    labels = [" → ".join(stage_label(lang, pact, spell.stage) for spell in bar.spells) for bar in mine]
    notes = [
        " – ".join((edges(lang, bar.spells[0], pact.zone)[0], edges(lang, bar.last, pact.zone)[1])) for bar in mine
    ]
    sure = mine[0].sure
    made.add_bar(
        orientation="h",
        name=lang(f"stage_kind.{kind}") if kind != UNMAPPED else lang("setup.stage.unmapped"),
        y=[_lane(lang, bar.last.journey) for bar in mine],
        base=[_local(bar.start, pact.zone) for bar in mine],
        x=[max(end - _local(bar.start, pact.zone), thinnest).total_seconds() * 1000
           for bar, end in zip(mine, ends, strict=True)],
        text=[_escaped(label) for label in labels],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": "#ffffff"},
        customdata=[[note] for note in notes],
        hovertemplate="%{text}<br>%{customdata[0]}<extra></extra>",
        marker={
            "color": colour,
            "opacity": 1 if sure else 0.55,
            "line": {"width": 1, "color": "rgba(255,255,255,0.7)"},
            "pattern": {"shape": "" if sure else "/", "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.3},
        },
        width=0.62,
        legendgroup=kind,
        showlegend=sure or not any(trace.legendgroup == kind for trace in made.data),
    )  # fmt: skip


def _touches(made: go.Figure, story: Story, page: Page) -> None:
    lang, zone = page.lang, page.used.pact.zone
    for kind in sorted({touch.kind for touch in story.touches if touch.at}):
        mine = [touch for touch in story.touches if touch.kind == kind and touch.at]
        made.add_scatter(
            mode="markers",
            name=activity(lang, kind),
            y=[lang("setup.lane.touches")] * len(mine),
            x=[_local(touch.at, zone) for touch in mine if touch.at],
            customdata=[[moments.shown(lang, touch.at, zone), _escaped(touch.actor or "–")] for touch in mine],
            hovertemplate="%{fullData.name}<br>%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            showlegend=False,
            marker={"symbol": SYMBOLS.get(kind, "circle-open"), "size": 10, "color": charts.WAITING},
        )


def _deals(made: go.Figure, story: Story, page: Page) -> None:
    lang, zone = page.lang, page.used.pact.zone
    events = [(one.created_at, "created") for one in story.deals]
    events += [(one.closed_at, "won" if one.is_won else "lost") for one in story.deals if one.is_closed or one.is_won]
    for what, (symbol, colour) in DEALS.items():
        mine = [at for at, kind in events if kind == what and at is not None]
        if mine:
            made.add_scatter(
                mode="markers",
                name=lang(f"setup.deal.{what}"),
                y=[lang("setup.lane.deals")] * len(mine),
                x=[_local(at, zone) for at in mine],
                customdata=[[moments.shown(lang, at, zone)] for at in mine],
                hovertemplate="%{fullData.name}<br>%{customdata[0]}<extra></extra>",
                showlegend=False,
                marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
            )


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)


def _escaped(text: str) -> str:
    """Plotly reads tags in what it shows, and a name is the CRM's text."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
