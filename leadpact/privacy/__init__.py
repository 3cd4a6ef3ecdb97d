"""Privacy: who sees whom, forgetting people, and how long what is kept.

Not here: signing in and roles (config/members.py, ui/access.py), masking on screen (ui/people.py).
"""
