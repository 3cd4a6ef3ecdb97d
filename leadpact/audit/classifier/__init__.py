"""The classifier of status values: `classify("Left voicemail").kind == "action"`.

Words live in words/*.yaml and in files a company adds; the format is in docs/classifier.md.
Not here: what the audit does with a verdict (the STA rules).
"""

from leadpact.audit.classifier.decide import classify
from leadpact.audit.classifier.explained import explained
from leadpact.audit.classifier.files import LexiconError
from leadpact.audit.classifier.lexicon import Lexicon, default_lexicon
from leadpact.audit.classifier.verdict import KINDS, Kind, Verdict

__all__ = ["KINDS", "Kind", "Lexicon", "LexiconError", "Verdict", "classify", "default_lexicon", "explained"]
