"""Meeting: two teams in one room agree what a good lead is."""

from __future__ import annotations

from ui import meeting_door, meeting_host, meeting_phone, meeting_seat, open_page

with open_page("meeting") as page:
    seat = meeting_seat.taken(page)
    if seat is None:
        meeting_seat.told()
        meeting_door.show(page)
    elif seat.host:
        meeting_host.show(page, seat)
    elif seat.person is not None:
        meeting_phone.show(page, seat, seat.person)
    else:
        meeting_door.join(page, seat)
