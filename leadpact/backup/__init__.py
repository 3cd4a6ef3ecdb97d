"""Everything a home must not lose in one file, and a home made of such a file again.

Not here: the mirror itself (leadpact/store.py), the tables of `pact.db` (config/database.py).
"""

from leadpact.backup.making import Made, backup
from leadpact.backup.restoring import Restored, restore, verify

__all__ = ["Made", "Restored", "backup", "restore", "verify"]
