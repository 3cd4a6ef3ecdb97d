"""How mature the lead process is: five components and six steps, each from evidence.

`scorecard(analysis, audit)` (scorecard.py) gives a level of 0 to 4 for each, by the criteria in
criteria.py, with what is missing for the next; what the data cannot show is unknown and never a
level by default. `completeness` (completeness.py) counts how often identification data is filled.
"""
