"""The catalogue of rules as a document: docs/rules.md and docs/rules.es.md.

Written from the rules and their texts (`python -m leadpact.audit.catalogue`), so it cannot drift.
Not here: the texts themselves (locales/*/LC_MESSAGES/audit.po).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from leadpact.audit.registry import every
from leadpact.audit.rule import Rule
from leadpact.language import Language

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES = {"en": "rules.md", "es": "rules.es.md"}


def render(rules: Sequence[Rule], language: Language) -> str:
    """The whole document in one language, Markdown."""
    lines = [f"# {language('rules.heading')}", "", language("rules.intro"), "", *_table(rules, language)]
    for rule in rules:
        lines += ["", *_rule(rule, language)]
    return "\n".join(lines) + "\n"


def _table(rules: Sequence[Rule], language: Language) -> Iterator[str]:
    columns = [language(f"rules.column.{name}") for name in ("code", "name", "severity", "finds")]
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for rule in rules:
        severity = language(f"audit.severity.{rule.severity}")
        title = language(f"rule.{rule.code}.title")
        yield f"| [{rule.code}](#{rule.code.lower()}) | `{rule.name}` | {severity} | {title} |"


def _rule(rule: Rule, language: Language) -> Iterator[str]:
    def text(part: str) -> str:
        return language(f"rule.{rule.code}.{part}")

    yield f'<a id="{rule.code.lower()}"></a>'
    yield f"## {rule.code} · {text('title')}"
    yield ""
    yield text("reason")
    yield ""
    yield f"- {language('rules.bad')}: {text('bad')}"
    yield f"- {language('rules.good')}: {text('good')}"
    yield f"- {language('rules.fix')}: {text('fix')}"
    yield f"- {language('rules.severity')}: {language(f'audit.severity.{rule.severity}')}"
    yield f"- {language('rules.groups')}: {', '.join(language(f'audit.group.{name}') for name in rule.groups)}"
    if rule.needs:
        yield f"- {language('rules.needs')}: {', '.join(language(f'audit.needs.{name}') for name in rule.needs)}"
    if rule.partly:
        yield f"- {language('rules.partly')}: {', '.join(language(f'audit.needs.{name}') for name in rule.partly)}"
    for name, option in rule.options.items():
        shown = language("rules.default", option=f"`{name}`", default=f"{option.default:g}", range=option.range)
        yield f"- {language('rules.option')} {shown}"
    if rule.aliases:
        yield f"- {language('rules.aliases')}: {', '.join(f'`{name}`' for name in rule.aliases)}"


def write(folder: Path = DOCS) -> None:
    """Writes the document in both languages."""
    folder.mkdir(exist_ok=True)
    for code, name in FILES.items():
        (folder / name).write_text(render(every(), Language(code)), encoding="utf-8")


if __name__ == "__main__":
    write()
