"""`audit --report FILE`: the audit to hand over, as HTML or XLSX by the ending of the file's name.

Not here: what is in it (leadpact/report).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from leadpact.audit.runner import Audit
from leadpact.audit.suppression import SortedOut
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.report import audit as gathered
from leadpact.workspace import Analysis

ENDINGS = (".html", ".htm", ".xlsx")


def write(
    file: Path, found: Analysis, result: Audit, sorted_out: SortedOut, say: Language, codes: Collection[str] | None
) -> str:
    """Writes the findings that count and says where; `codes` are the rules that ran, null for all.

    Raises Misconfigured for another ending, and where the file cannot be written.
    """
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise Misconfigured("cli.report_ending", path=str(file), known=", ".join(ENDINGS))
    counted = Audit(sorted_out.counted, result.not_checked)
    report = gathered.gather(found, counted, sorted_out.aside, codes=codes)
    try:
        if ending == ".xlsx":
            from leadpact.report import audit_book  # noqa: PLC0415 - its library is only for this

            file.write_bytes(audit_book.xlsx(report, say))
        else:
            from leadpact.report import audit_page  # noqa: PLC0415

            file.write_text(audit_page.html(report, say), encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return say("cli.audit_report_written", path=str(file))
