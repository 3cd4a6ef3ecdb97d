"""Who works here: Marketing, SDRs and Sales in six time zones, people who left, queues, a robot.

Not here: who gets which lead (people.py, journeys.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.demo.clock import ZONES
from connectors.demo.columns import Ints, table
from leadpact.model import OWNER


@dataclass(frozen=True)
class Person:
    name: str
    team: str
    zone: int
    active: bool = True
    queue: bool = False


STAFF = (
    Person("Integración CRM", "operations", 0),
    Person("Cola MQL / MQL queue", "marketing", 0, queue=True),
    Person("Cola Reciclados", "marketing", 0, queue=True),
    Person("Gabriela Montes", "marketing", 0),
    Person("Peter Hall", "marketing", 2),
    Person("Nuria Vidal", "marketing", 3),
    Person("Diego Lara", "marketing", 1, active=False),
    Person("Itzel Campos", "sdr", 0),
    Person("Rubén Salgado", "sdr", 0),  # the slow one
    Person("Jimena Ríos", "sdr", 0),
    Person("Omar Beltrán", "sdr", 0),
    Person("Chris Donnelly", "sdr", 2),
    Person("Tanya Brooks", "sdr", 2),
    Person("Marta Soler", "sdr", 3),
    Person("Felipe Ángel", "sdr", 1),
    Person("Brenda Farías", "sdr", 4),
    Person("Nicolás Vera", "sdr", 5),
    Person("Adriana Luna", "sdr", 0, active=False),
    Person("Josh Perkins", "sdr", 2, active=False),
    Person("Verónica Cantú", "sales", 0),
    Person("Ernesto Villa", "sales", 0),
    Person("Patricia Rangel", "sales", 0),
    Person("Amanda Price", "sales", 2),
    Person("Greg Olsen", "sales", 2),
    Person("Javier Robles", "sales", 3),
    Person("Claudia Mejía", "sales", 1),
    Person("Martín Acosta", "sales", 4),
    Person("Ignacio Toro", "sales", 5),
    Person("Sergio Pineda", "sales", 0, active=False),
)
# who leads whom, by team and zone
LEADERS = {"sdr": {0: 9, 1: 9, 4: 9, 5: 9, 2: 12, 3: 12}, "sales": {0: 21, 1: 21, 4: 21, 5: 21, 2: 22, 3: 22}}
ROBOT, QUEUE, PARKED = 0, 1, 2
IMPORTER = 3  # the marketer who loads bought lists
SLOW = 8
SLOW_OWNER = STAFF[SLOW].name
OWNER_ZONE = np.array([person.zone for person in STAFF], dtype=np.int64)
HUMAN_SELLERS = np.array([person.team in ("sdr", "sales") and not person.queue for person in STAFF])
LEFT_DAYS = 150  # those who left did so that long before `until`


def _serving(team: str, active: bool) -> list[list[int]]:
    """Who of a team serves each zone; a zone with nobody of its own is served by all."""
    of_team = [k for k, person in enumerate(STAFF) if person.team == team and not person.queue]
    now = [k for k in of_team if STAFF[k].active or not active]
    return [[k for k in now if STAFF[k].zone == zone] or now for zone in range(len(ZONES))]


_ROTA = {(team, active): _serving(team, active) for team in ("sdr", "sales", "marketing") for active in (True, False)}


def owner_id(code: int) -> str:
    return f"U{code + 1:03d}"


OWNER_IDS = tuple(owner_id(code) for code in range(len(STAFF)))


def assign(rng: np.random.Generator, team: str, zone: Ints, at: Ints, until: int) -> Ints:
    """Somebody of the team in the lead's zone; those who left only get what came in before."""
    luck = rng.random(zone.size)
    chosen = np.zeros(zone.size, dtype=np.int64)
    early = at < until - LEFT_DAYS * 86_400
    for active, group in ((True, ~early), (False, early)):
        for code, serving in enumerate(_ROTA[team, active]):
            where = group & (zone == code)
            chosen[where] = np.asarray(serving)[(luck[where] * len(serving)).astype(np.int64)]
    return chosen


def _manager(code: int) -> str | None:
    """Who leads somebody; null for those who lead, for queues and where the company does not say."""
    leaders = LEADERS.get(STAFF[code].team, {})
    leader = leaders.get(STAFF[code].zone)
    return None if leader is None or code in leaders.values() else owner_id(leader)


def owners() -> pa.Table:
    """The owner table: the same staff whatever the number of leads."""
    columns = {
        "owner_id": pa.array(OWNER_IDS),
        "name": pa.array([person.name for person in STAFF]),
        "team": pa.array([person.team for person in STAFF]),
        "is_active": pa.array([person.active for person in STAFF]),
        "is_queue": pa.array([person.queue for person in STAFF]),
        "timezone": pa.array([ZONES[person.zone] for person in STAFF]),
        "manager_id": pa.array([_manager(code) for code in range(len(STAFF))], pa.string()),
    }
    return table(OWNER, columns, len(STAFF))
