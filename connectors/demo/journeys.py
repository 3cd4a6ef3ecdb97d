"""What really happens to people: latent journeys, drawn from the model of process.py.

How far a journey goes is drawn first, from its source's true chances alone; everything
else (delays, follow-up, owner, pages visited) is drawn given that. So the chances in
process.py are exact for every journey, first or returning, whatever else correlates.
Delays have caps, so that no journey from entry to won outlasts process.MATURE_DAYS.

Not here: how a journey shows in the CRM (history.py, activities.py, deals.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from connectors.demo import process, staff
from connectors.demo.clock import Clock
from connectors.demo.columns import DAY, HOUR, NEVER, Flags, Floats, Ints, bent, draw
from connectors.demo.people import BOUGHT, LEGACY, NATIVE, People

ROUNDS = 4  # journeys a person can have at most
ENTRY_CAP, TOUCH_CAP, SAL_CAP, SQL_CAP, WON_CAP = 55.0, 12.0, 18.0, 30.0, 40.0  # days
# Hours to the first touch, by band (the last is "never"), for those Sales accepts and the others.
BAND_HOURS = np.array([0.2, 2.0, 24.0, 48.0, 120.0])
BAND_ACCEPTED = (0.34, 0.36, 0.14, 0.10, 0.06)
BAND_OTHER = (0.14, 0.27, 0.17, 0.20, 0.22)
SLOW_FACTOR, SLOW_SPARED = 3.5, 0.35  # the slow SDR's delay; the share of her good leads that go elsewhere
RETURN = {process.REMARKET: 0.50, process.DISQUALIFIED: 0.14}
RETURN_CONTACT = 0.25  # a lost deal's contact whose new journey somebody notes
NATIVE_JOURNEY = 0.25
GLANCED = 0.35  # share of untouched MQLs that are refused within two days


@dataclass(frozen=True)
class Journeys:
    """Parallel arrays, one entry a journey; times are NEVER where the step is not taken.

    `top` is the furthest funnel stage; `end` the stage that ends it (or process.UNMAPPED);
    `touch` has one row a journey and four attempts; `on_contact`: the person had been
    converted before. `converted`: this journey turns the lead into a contact at `sql`.
    """

    person: Ints
    number: Ints
    on_contact: Flags
    top: Ints
    spam: Flags
    direct: Flags
    skip_mql: Flags
    skip_sal: Flags
    converted: Flags
    start: Ints
    mql: Ints
    touch: Ints
    sal: Ints
    back: Ints
    sal_again: Ints
    sql: Ints
    deal: Ints
    won: Ints
    end: Ints
    ended: Ints

    @property
    def size(self) -> int:
        return int(self.person.size)

    def only(self, where: Flags) -> Journeys:
        return Journeys(**{f.name: getattr(self, f.name)[where] for f in fields(self)})

    @staticmethod
    def joined(parts: list[Journeys]) -> Journeys:
        """All rounds, ordered by person and number."""
        order = np.argsort(np.concatenate([part.person for part in parts]), kind="stable")
        names = [f.name for f in fields(Journeys)]
        return Journeys(**{name: np.concatenate([getattr(part, name) for part in parts])[order] for name in names})


def live(rng: np.random.Generator, clock: Clock, people: People) -> Journeys:
    """Every journey that starts before `until`, round after round."""
    native = (people.kind == NATIVE) & (rng.random(people.size) < NATIVE_JOURNEY)
    start = np.where(native, people.created + bent(rng, 60.0, 300.0, people.size), people.created)
    eligible = (people.kind != LEGACY) & ((people.kind != NATIVE) | native) & (start <= clock.until)
    person = np.flatnonzero(eligible)
    on_contact = people.kind[person] == NATIVE
    start = start[person]
    rounds = []
    for number in range(ROUNDS):
        drawn = _round(rng, clock, people, person, start, on_contact, number)
        rounds.append(drawn)
        gone = drawn.on_contact | drawn.converted
        chance = np.where(gone, RETURN_CONTACT * (drawn.end == process.REMARKET), _chance(drawn.end))
        start = drawn.ended + 12 * DAY + bent(rng, 45.0, 160.0, drawn.size)
        again = (rng.random(drawn.size) < chance) & (start <= clock.until)
        person, start, on_contact = drawn.person[again], start[again], gone[again]
    return Journeys.joined(rounds)


def _chance(end: Ints) -> Floats:
    chance = np.zeros(end.size)
    for stage, share in RETURN.items():
        chance[end == stage] = share
    return chance


def _round(
    rng: np.random.Generator, clock: Clock, people: People, person: Ints, start: Ints, on_contact: Flags, number: int
) -> Journeys:
    size = person.size
    source, bought = people.source[person], people.kind[person] == BOUGHT
    spam = (rng.random(size) < process.SPAM_CHANCE[source]) & ~on_contact
    going = rng.random((size, 5)) < process.STEP_CHANCE[source]
    top = np.where(spam, process.SUBSCRIBER, np.cumprod(going, axis=1).sum(axis=1)).astype(np.int64)
    direct = (top >= process.MQL) & ~bought & (rng.random(size) < (0.12 if number == 0 else 0.75))
    skip_mql = (top >= process.SAL) & ~direct & (rng.random(size) < 0.08)
    skip_sal = (top >= process.SQL) & ~skip_mql & (rng.random(size) < 0.10)
    if number == 0:
        _spare_the_slow(rng, people, person, top)

    mql = start + np.where(direct, 0, bent(rng, 7.0, ENTRY_CAP, size))
    mql = np.where(top >= process.MQL, mql, NEVER)
    first = _first_touch(rng, clock, people, person, top, mql)

    pace = process.PACE[source]
    office, zone = clock.office, staff.OWNER_ZONE[people.sdr[person]]
    ready = np.where(first < NEVER, np.maximum(mql, first), mql)
    sal = office(ready + bent(rng, 0.9 * pace, np.minimum(8.0 * pace, SAL_CAP), size), zone)
    sal = np.where(top >= process.SAL, sal, NEVER)
    loop = (top >= process.SAL) & ~skip_sal & (rng.random(size) < 0.06)
    back = np.where(loop, office(sal + bent(rng, 2.0, 6.0, size), zone), NEVER)
    again = np.where(loop, office(back + bent(rng, 1.0, 5.0, size), zone), NEVER)
    sql = office(sal + bent(rng, 5.0 * pace, SQL_CAP, size), zone)
    sql = np.where(top >= process.SQL, np.where(loop, np.maximum(sql, again + HOUR), sql), NEVER)
    nudge = (top >= process.SAL) & ~loop & (rng.random(size) < 0.7)  # a second status while Sales works it
    until_sql = np.where(sql < NEVER, sql, sal + 10 * DAY)
    again = np.where(nudge, sal + ((until_sql - sal) * (0.2 + 0.6 * rng.random(size))).astype(np.int64), again)

    converted = (top >= process.DEAL) & ~on_contact & (rng.random(size) < 0.88)
    after_sql = np.where(converted | on_contact, rng.integers(60, HOUR, size), bent(rng, 0.5, 3.0, size))
    deal = np.where(top >= process.DEAL, sql + after_sql, NEVER)
    won = office(deal + bent(rng, 14.0 * np.sqrt(pace), WON_CAP, size), staff.OWNER_ZONE[people.rep[person]])
    won = np.where(top >= process.WON, won, NEVER)

    held = np.maximum(sal, _known(again))
    end, ended = _end(rng, clock, bought, spam, top, zone, start, mql, first, held, sql, deal, won)
    touch = _attempts(rng, clock, zone, first, np.where(top >= process.SAL, sal, ended))
    return Journeys(
        person=person,
        number=np.full(size, number),
        on_contact=on_contact,
        top=top,
        spam=spam,
        direct=direct,
        skip_mql=skip_mql,
        skip_sal=skip_sal,
        converted=converted,
        start=start,
        mql=mql,
        touch=touch,
        sal=sal,
        back=back,
        sal_again=again,
        sql=sql,
        deal=deal,
        won=won,
        end=end,
        ended=ended,
    )


def _known(at: Ints) -> Ints:
    return np.where(at < NEVER, at, 0)


def _spare_the_slow(rng: np.random.Generator, people: People, person: Ints, top: Ints) -> None:
    """Fewer of the slow SDR's leads become SQL: some of those that do were given to somebody else."""
    spared = (people.sdr[person] == staff.SLOW) & (top >= process.SQL) & (rng.random(person.size) < SLOW_SPARED)
    people.sdr[person[spared]] = staff.SLOW - 1


def _first_touch(rng: np.random.Generator, clock: Clock, people: People, person: Ints, top: Ints, mql: Ints) -> Ints:
    """When Sales first tries: sooner for those that will be accepted, late with the slow SDR, or never."""
    accepted = top >= process.SAL
    band = np.where(accepted, draw(rng, BAND_ACCEPTED, top.size), draw(rng, BAND_OTHER, top.size))
    low, high = BAND_HOURS[np.minimum(band, 3)], BAND_HOURS[np.minimum(band + 1, 4)]
    hours = low + (high - low) * rng.random(top.size)
    hours = np.where(people.sdr[person] == staff.SLOW, np.minimum(hours * SLOW_FACTOR, TOUCH_CAP * 24), hours)
    at = clock.office(mql + (hours * HOUR).astype(np.int64), staff.OWNER_ZONE[people.sdr[person]])
    return np.where((top >= process.MQL) & (band < len(BAND_ACCEPTED) - 1), at, NEVER)


def _attempts(rng: np.random.Generator, clock: Clock, zone: Ints, first: Ints, limit: Ints) -> Ints:
    """Up to four attempts, each before the journey moves on."""
    size = first.size
    count = 1 + draw(rng, (0.14, 0.24, 0.30, 0.32), size)
    room = np.minimum(limit, first + bent(rng, 7.0, 25.0, size)) - first
    attempts = np.full((size, 4), NEVER, dtype=np.int64)
    attempts[:, 0] = first
    for k in range(1, 4):
        at = clock.office(first + (room * (k - 0.5 + 0.5 * rng.random(size)) / 3.6).astype(np.int64), zone)
        fits = (k < count) & (first < NEVER) & (at < limit) & (at > attempts[:, k - 1])
        attempts[:, k] = np.where(fits, at, NEVER)
    return attempts


def _end(
    rng: np.random.Generator,
    clock: Clock,
    bought: Flags,
    spam: Flags,
    top: Ints,
    zone: Ints,
    start: Ints,
    mql: Ints,
    first: Ints,
    sal: Ints,
    sql: Ints,
    deal: Ints,
    won: Ints,
) -> tuple[Ints, Ints]:
    """How and when each journey ends; those that never do are the forgotten ones."""
    size = top.size
    worked = np.where(first < NEVER, first, mql)
    # by top stage: chance of Re-Market, of Disqualified; median and cap of the days until then; from when
    rules = (
        (0.00, 0.30, 40.0, 120.0, start),
        (0.34, 0.34, 9.0, 45.0, worked),
        (0.40, 0.32, 12.0, 45.0, sal),
        (0.50, 0.22, 15.0, 60.0, sql),
        (0.80, 0.00, 25.0, 90.0, deal),
    )
    luck, end, ended = rng.random(size), np.full(size, process.UNMAPPED), np.full(size, NEVER, dtype=np.int64)
    for stage, (recycled, refused, median, cap, since) in enumerate(rules):
        at = clock.office(since + 2 * DAY + bent(rng, median, cap, size), zone)
        if stage == process.MQL:  # sent back at a glance, without ever being called
            glance = (first >= NEVER) & (rng.random(size) < GLANCED)
            at = np.where(glance, clock.office(mql + bent(rng, 0.4, 1.8, size), zone), at)
        here = (top == stage) & ~spam & ~(bought & (stage == process.SUBSCRIBER))
        end[here & (luck < recycled)] = process.REMARKET
        end[here & (luck >= recycled) & (luck < recycled + refused)] = process.DISQUALIFIED
        ended = np.where(here & (end != process.UNMAPPED), at, ended)
    end[spam], end[top == process.WON] = process.SPAM, process.WON
    ended = np.where(spam, start + HOUR + bent(rng, 1.0, 10.0, size), ended)
    return end, np.where(top == process.WON, won, ended)
