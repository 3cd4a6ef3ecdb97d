"""Where in a YAML text an entry stands, to name the line of a fault.

Not here: what is a fault (files.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

At = tuple[str | int, ...]  # keys, and places in lists from 1: ("action", "touch", 3)


def named(at: At) -> str:
    """The place as people write it: `action.touch[3]`."""
    text = ""
    for step in at:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def lines_of(text: str, wanted: Iterable[At]) -> list[int]:
    """The line (from 1) of each place; of what holds it, where the place itself is not found."""
    root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    return [_line(root, at) for at in wanted]


def _line(node: Node | None, at: Sequence[str | int]) -> int:
    line = node.start_mark.line if node is not None else 0
    for step in at:
        if isinstance(step, int) and isinstance(node, SequenceNode) and step <= len(node.value):
            node = node.value[step - 1]
            line = node.start_mark.line
        elif isinstance(node, MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        else:
            break
    return int(line) + 1
