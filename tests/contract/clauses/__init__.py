"""The clauses, by what they are about. Importing this registers them all (suite.CLAUSES), in this order.

Not here: what a clause is and may ask (suite.py).
"""

from tests.contract.clauses import protocol, pages, history, reading, delta, read, write, words  # noqa: F401, I001 - in the order of the document
