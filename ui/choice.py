"""One mark of a chart, chosen by a click, from a list, or by a link.

A choice is text in the URL: what it is of (a stage, a policy), the part of it, and the group
where the chart is split. An empty group is the unknown one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ui import state, whom
from ui.page import Page


@dataclass(frozen=True)
class Choice:
    """`group` is null where the chart is not split."""

    of: str
    part: str
    group: str | None = None

    @property
    def text(self) -> str:
        return ".".join((self.of, self.part, *([] if self.group is None else [self.group])))

    @staticmethod
    def parse(text: str) -> Choice:
        """Raises ValueError for what no chart of ours says."""
        of, part, *group = text.split(".", 2)
        return Choice(of, part, group[0] if group else None)


def group_of(value: str | None, by: str | None) -> str | None:
    """The group of a row as a choice says it: null where nothing is split, empty for unknown."""
    return None if by is None else value or ""


def pick(page: Page, name: str, titles: Mapping[str, str]) -> Choice | None:
    """The choice in force, with a list to make it without a mouse. `titles` is by choice text.

    What the link names and the page does not show any more is no choice.
    """
    if not titles:
        return None  # nobody behind anything: no list of nothing
    current = state.read(name)
    current = current if current in titles else None
    state.pick(
        page.lang("ui.people.behind"),
        page.key(name),
        name,
        list(titles),
        current,
        shown=lambda text: unchosen(page) if text is None else titles[text],
    )
    return None if current is None else Choice.parse(current)


def with_click(page: Page, text: str, mark: str) -> str:
    """How a chart or a table is read, and, for who may see people, which click leads to them.

    `mark` is what is clicked on: bar, deals (a bar of them), number, part, point, row (of the table).
    """
    return f"{text} {page.lang(f'ui.people.click.{mark}')}" if whom.of(page).people else text


def unchosen(page: Page) -> str:
    """What a list of the people behind says while none is chosen; who sees no people learns how many."""
    return page.lang("ui.people.pick" if whom.of(page).people else "ui.people.pick.count")


def known(choices: Collection[tuple[Choice, int, str]]) -> dict[str, str]:
    """Titles by text, of the choices that have anybody behind them."""
    return {choice.text: title for choice, count, title in choices if count}
