"""Meetings: two teams in one room agree what a good lead is, vote by vote.

Sessions (sessions.py), votes (voting.py), the clock (agenda.py), what follows from the votes
(differ.py, outcome.py), past leads judged together (review.py, agreement.py, separating.py), the
sheet for events (event_sheet.py) and the minutes (minutes.py).
"""
