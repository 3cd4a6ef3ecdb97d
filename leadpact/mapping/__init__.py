"""The mapping of a source's tables and fields to the canonical ones, for every connector.

Not here: reading a source (connectors), the canonical tables (leadpact/model.py).
"""

from leadpact.mapping.check import faults, header_faults
from leadpact.mapping.codec import dumps, load, loads, parse
from leadpact.mapping.described import SourceColumn, SourceTable
from leadpact.mapping.document import Entry, MappingDocument, StatusDate
from leadpact.mapping.labels import addressed, labelled
from leadpact.mapping.propose import Guess, Proposal, Question, propose
from leadpact.mapping.targets import TARGETS, Target

__all__ = [
    "TARGETS",
    "Entry",
    "Guess",
    "MappingDocument",
    "Proposal",
    "Question",
    "SourceColumn",
    "SourceTable",
    "StatusDate",
    "Target",
    "addressed",
    "dumps",
    "faults",
    "header_faults",
    "labelled",
    "load",
    "loads",
    "parse",
    "propose",
]
