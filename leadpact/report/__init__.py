"""The one-page report for the meeting in which both teams look at the same numbers.

`gather` (gather.py) computes it, `page` (page.py) writes it as one HTML file without scripts
and without anything from elsewhere. It holds counts and rates only: no person is in it.
"""
