"""A command's result as tables for a terminal."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from leadpact.commands.result import Result, printable

PIPE_WIDTH = 160


def show(result: Result) -> None:
    """Prints the result on stdout. Text from the data is shown, never interpreted."""
    # a pipe has no width of its own, and a table folded for 80 columns is hard to read in a file
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    if result.plain:
        console.out(result.plain.rstrip("\n"), highlight=False)
    for section in result.sections:
        table = Table(
            title=escape(section.title) or None, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD
        )
        for number, column in enumerate(section.columns):
            table.add_column(escape(column), justify="right" if _numeric(section.rows, number) else "left")
        for row in section.rows:
            table.add_row(*(escape(printable(cell)) for cell in row))
        console.print(table)
    for note in result.notes:
        console.print(escape(printable(note)))


def _numeric(rows: object, column: int) -> bool:
    cells = [row[column] for row in rows]  # type: ignore[attr-defined]
    return bool(cells) and all(not cell or cell[0] in "0123456789–-" for cell in cells)
