"""What one process keeps for all its sessions: every cache and every changing thing of a module, each looked at.

A value that a session leaves in a module, or a cache whose key lacks something its value depends on,
is how one person sees another's page. A new one fails here until somebody has written down why it is safe.

Not here: sessions seen side by side (test_sessions.py).
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

PARTS = ("ui", "pages", "leadpact", "config", "connectors")
CACHES = ("cache_data", "cache_resource", "cache", "lru_cache")
CHANGERS = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard", "extend",
            "move_to_end", "acquire", "put"}  # fmt: skip
# process-wide settings of libraries: none may be set for one session
SETTERS = {"setlocale", "set_option", "tzset", "chdir", "set_default_locale", "install", "seed"}

# only these modules are looked into: a word of a cache, of `global`, of a setting, or a name bound to something to fill
MAY = re.compile(
    r"cache|^ +global |"
    + "|".join(rf"\.{name}\(" for name in sorted(SETTERS))
    + r"|^\w+(: [^=\n]+)? = (\{\}|\[\]|\w*[A-Z]\w*\(|\w+\.\w+\(|set\(|dict\(|deque\(|dict\[|list\[|None$|False$)",
    re.M,
)

# Streamlit's caches serve every session: what each key holds
SERVED_TO_ALL = {
    "ui/page.py:_remember": "home, connection, generation, pact and its standing, moment, conditions, clocks, lexicon, "
                            "function and arguments; whom a list is cut to is an argument of it",
    "ui/governed.py:_share": "home, connection, generation, hashes of all pacts in their order",
    "ui/governed.py:_choices": "home, connection, generation: of all records, whatever the pact",
    "ui/options.py:_splits": "home, connection, generation (filters.py)",
    "ui/options.py:_values": "home, connection, generation (filters.py)",
    "ui/sources.py:_workspace": "home: an engine of the database is shared by design, a transaction is not",
    "ui/sources.py:_proposed": "home, connection, generation, language",
    "ui/writeback_plan.py:_by_field": "home, number and content of a plan, which never changes",
    "ui/connection_samples.py:_proposed": "language: of a sample file of ours",
    "ui/signing.py:_returns": "one for all, and in it by the mark of a browser; told once, for a quarter of an hour",
    "ui/connection_mapping.py:_looked": "home, connection, what was seen of the source",
}  # fmt: skip

# Python's caches without a bound that are asked with something: why there are few answers
OF_FEW = {
    "ui/definition_hours.py:_regions": "countries of the holidays' library",
    "leadpact/engine.py:from_string": "names of DuckDB's types",
    "leadpact/language.py:_locale": "the same folders",
    "leadpact/language.py:catalogue": "folders of locales: a link's language is one of them, or English",
    "leadpact/language.py:fallback": "the same", "leadpact/language.py:missing": "the same",
    "leadpact/mapping/recognise.py:_synonyms": "columns of the canonical tables",
    "leadpact/mapping/vocabulary.py:vocabulary": "columns of the canonical tables",
    "leadpact/metrics/significance.py:z_of": "levels of confidence written in the code",
    "leadpact/report/page.py:template": "our own templates",
}  # fmt: skip

# Things of a module that functions change: why no session meets another in them
CHANGING = {
    "ui/fixes_runs.py:_RUNS": "repairs that go on when a page is left; by connection, told to whoever may apply",
    "ui/server.py:_once": "whether the process has begun",
    "ui/wire.py:_admitted": "sessions that a page let in: of each only whether what it uploads is kept",
    "ui/warm.py:_on": "whether the process has begun",
    "ui/warm.py:_calls": "functions and their arguments, asked again for the next generation under the same key",
    "ui/warm.py:_mirrors": "which generation is shown, by home and connection: the same for everybody",
    "ui/workers.py:_workers": "processes that compute: each question has its data, pact, moment and filters in it",
    "ui/workers.py:_behind": "the same",
    "leadpact/engine.py:_known": "SQL by expression: equal expressions have equal SQL on every connection",
    "leadpact/engine.py:_fresh": "the same SQL, until another process of the app is told",
    "leadpact/derive.py:_schemas": "columns of files that never change",
    "leadpact/store.py:_instances": "engines by file: a session gets a cursor of its own",
}


@functools.cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module that could keep something or set something, parsed once."""
    paths = [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py")) if "migrations" not in path.parts]
    read = ((path, path.read_text(encoding="utf-8")) for path in paths)
    return tuple((str(path.relative_to(ROOT)), ast.parse(text)) for path, text in read if MAY.search(text))


def _name(node: ast.expr) -> str:
    """`st.cache_data(…)`, `functools.cache` and `cache`: the last word."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def cached(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef, ast.expr]]:
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef):
            yield from ((_name(by), one, by) for by in one.decorator_list if _name(by) in CACHES)


def changing(tree: ast.Module) -> set[str]:
    """Names of the module that a function of it changes: bound anew, written into, or asked to change."""
    own = {target.id for one in tree.body
           if isinstance(one, (ast.Assign, ast.AnnAssign)) and _name(one.value or ast.Constant(None)) != "Table"
           for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
           if isinstance(target, ast.Name)}  # fmt: skip
    found = set()
    for function in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
        local = {arg.arg for arg in [*function.args.args, *function.args.kwonlyargs]}
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                found |= set(node.names)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                local.add(node.id)
        for node in ast.walk(function):
            if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                found |= {node.value.id} & own - local if isinstance(node.value, ast.Name) else set()
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
                found |= {node.func.value.id} & own - local if isinstance(node.func.value, ast.Name) else set()
    return found & own


def test_every_cache_of_all_sessions_has_been_looked_at() -> None:
    found = {f"{path}:{one.name}" for path, tree in modules() for kind, one, _ in cached(tree)
             if kind in ("cache_data", "cache_resource")}  # fmt: skip
    assert found == set(SERVED_TO_ALL)


def test_every_cache_of_streamlit_is_bounded() -> None:
    for path, tree in modules():
        for kind, one, by in cached(tree):
            if kind in ("cache_data", "cache_resource"):
                assert isinstance(by, ast.Call) and {word.arg for word in by.keywords} & {"max_entries"}, (
                    path,
                    one.name,
                )


def test_an_unbounded_cache_of_python_is_asked_with_few_words() -> None:
    """`functools.cache` never forgets: only for functions of nothing, or of names there are few of."""
    found = {f"{path}:{one.name}" for path, tree in modules() for kind, one, _ in cached(tree)
             if kind == "cache" and one.args.args}  # fmt: skip
    assert found == set(OF_FEW)


def test_every_changing_thing_of_a_module_has_been_looked_at() -> None:
    found = {f"{path}:{name}" for path, tree in modules() for name in changing(tree)}
    assert found == set(CHANGING)


def test_no_setting_of_a_library_is_set_for_everybody() -> None:
    found = [
        f"{path}:{node.lineno}: {ast.unparse(node.func)}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SETTERS
    ]
    assert found == []


@pytest.mark.parametrize("source", [
    "kept = {}\ndef f(who):\n    kept[who] = 1", "kept = []\ndef f(who):\n    kept.append(who)",
    "now = None\ndef f(who):\n    global now\n    now = who",
    "class C: pass\nheld = C()\ndef f(who):\n    held.who = who",
])  # fmt: skip
def test_what_changes_is_noticed(source: str) -> None:
    assert len(changing(ast.parse(source))) == 1


def test_what_stays_is_not() -> None:
    assert (
        changing(ast.parse("A = {'a': 1}\ndef f(A):\n    A['b'] = 2\ndef g():\n    kept = []\n    kept.append(1)"))
        == set()
    )
