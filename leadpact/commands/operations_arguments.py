"""What an operator may ask: `backup`, `restore`, `health`, `doctor`, `digest`, `tick`.

Not here: the parser itself (cli.py), what the commands do (backup.py, health.py, doctor.py, …).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadpact.commands.arguments import moment
from leadpact.language import Language

DIGEST_KINDS = ("breaches", "commitments", "findings")  # of leadpact.digest.settings, which parsing need not load


def operations_commands(add: Any, say: Language) -> None:
    """Adds them."""
    backup = add("backup")
    backup.add_argument("file", type=Path, metavar="FILE", help=say("cli.backup_file"))
    backup.add_argument("--without-mirrors", action="store_true", help=say("cli.without_mirrors"))
    backup.add_argument("--force", action="store_true", help=say("cli.backup_force"))
    restore = add("restore")
    restore.add_argument("file", type=Path, metavar="FILE", help=say("cli.restore_file"))
    how = restore.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help=say("cli.restore_check"))
    how.add_argument("--force", action="store_true", help=say("cli.restore_force"))
    health = add("health")
    health.add_argument("name", nargs="?", metavar="NAME", help=say("cli.health_name"))
    health.add_argument("--max-age", type=float, metavar="HOURS", help=say("cli.max_age"))
    doctor = add("doctor")
    doctor.add_argument("names", nargs="*", metavar="NAME", help=say("cli.doctor_names"))
    doctor.add_argument("--offline", action="store_true", help=say("cli.offline"))
    digest = add("digest")
    digest.add_argument("--dry-run", action="store_true", help=say("cli.digest_dry"))
    digest.add_argument("--only", choices=DIGEST_KINDS, help=say("cli.digest_only"))
    digest.add_argument("--as-of", type=moment, metavar="ISO", help=say("cli.digest_as_of"))
    tick = add("tick")
    tick.add_argument("names", nargs="*", metavar="NAME", help=say("cli.tick_names"))
    tick.add_argument("--every", type=float, default=1.0, metavar="HOURS", help=say("cli.tick_every"))
