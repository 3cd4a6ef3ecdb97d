"""What the code itself must keep to: queries by parameters, one door for spreadsheets, nothing that runs data.

Each list below names the reviewed exceptions, by file and function. A new one fails here until somebody has looked
at it and said why it is safe.

Not here: whether the doors hold (test_hardening_queries.py, test_export.py, test_hardening_uploads.py).
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

FOLDERS = ("ui", "pages", "leadpact", "config", "connectors")
Place = tuple[str, str]  # file, function

RUNNERS = frozenset({
    "execute", "executemany", "executescript", "exec_driver_sql", "raw_sql", "sql", "query", "query_all",
    "query_all_iter", "literal_column",
})  # fmt: skip
VERB = re.compile(r"\s*(select|insert|update|delete|attach|create|alter|drop|copy|merge|set|pragma)\b", re.IGNORECASE)
CLAUSE = re.compile(r"\b(from|into|table|set|as|schema|where|database|column|temp_directory|memory_limit)\b", re.I)

# Table and column names of our own tables (model.py, config/database.py), slugs the mapping has checked
# (`f_` and [a-z0-9_]), our own files by `store.quoted`, numbers; values are always parameters.
QUERIES: frozenset[Place] = frozenset({
    ("config/migrations/versions/0010_review_of_plans.py", "_only_added_to"),
    ("config/migrations/versions/0011_lines_of_pacts.py", "_only_added_to"),
    ("config/migrations/versions/0011_lines_of_pacts.py", "upgrade"),
    ("config/migrations/versions/0012_overwritten_values.py", "upgrade"),
    ("connectors/demo/custom.py", "lay_over"),  # the number of placeholders
    ("connectors/salesforce/fetch.py", "select"),  # SOQL takes no parameters: names of the org, texts by `listed`
    ("connectors/salesforce/values.py", "_held"),  # names the org itself has described
    ("connectors/salesforce/write_read.py", "rows"),  # ids the org has answered with
    ("leadpact/absent.py", "_lay"), ("leadpact/absent.py", "keep"),
    ("leadpact/backup/databases.py", "refill"),
    ("leadpact/derive.py", "build"), ("leadpact/engine.py", "_create"),
    ("leadpact/joined.py", "_again"), ("leadpact/joined.py", "_join"),
    ("leadpact/observed.py", "_seen_in_mirror"), ("leadpact/observed.py", "lay_in"),
    ("leadpact/privacy/emptied.py", "select"), ("leadpact/privacy/forget.py", "_counts"),
    ("leadpact/privacy/mirrors.py", "_has_records"), ("leadpact/privacy/mirrors.py", "_write"),
    ("leadpact/privacy/mirrors.py", "changes"), ("leadpact/privacy/mirrors.py", "recognised"),
    ("leadpact/privacy/mirrors.py", "held"), ("leadpact/privacy/people.py", "_found"),
    ("leadpact/privacy/retention.py", "_due"), ("leadpact/privacy/retention.py", "_let_go"),
    ("leadpact/privacy/rows.py", "_take_overwritten"),
    ("leadpact/rejected.py", "_read"), ("leadpact/rejected.py", "add"),
    ("leadpact/relabelled.py", "_mark"), ("leadpact/relabelled.py", "_mark_exact"),
    ("leadpact/relabelled.py", "begin"), ("leadpact/relabelled.py", "note_overwritten"),
    ("leadpact/store.py", "_instance"), ("leadpact/store.py", "configure"), ("leadpact/store.py", "read_info"),
    ("leadpact/sync.py", "_count"), ("leadpact/sync.py", "_insert"), ("leadpact/sync.py", "_last_of_each"),
    ("leadpact/sync.py", "_load"), ("leadpact/sync.py", "_settle"), ("leadpact/sync.py", "_take_away"),
    ("leadpact/workspace.py", "status_values"),
})  # fmt: skip

WRITERS: dict[Place, str] = {
    ("leadpact/export.py", "to_csv"): "the door itself",
    ("leadpact/export.py", "to_xlsx"): "the door itself",
    ("leadpact/export.py", "to_book"): "the door itself",
    ("leadpact/audit/valuemap_file.py", "to_csv"): "to be edited and read back: apostrophes by its own `harmless`",
    ("leadpact/writeback/repair_list.py", "to_csv"): "to be read back: apostrophes by its own `_harmless`",
    ("connectors/files/copy.py", "_list"): "export.in_csv on every cell",
    ("connectors/files/sheets.py", "_raw"): "one row as text, to be shown; no file",
    ("connectors/files/parquet.py", "raw"): "one row as text, to be shown; no file",
    # the CRM's own export with statuses corrected, to be imported: every other cell stays letter by letter
    ("connectors/files/copy_book.py", "edit_parquet"): "a corrected copy for a machine",
    ("connectors/demo/files.py", "__init__"): "invented data as Parquet",
}
WRITES = frozenset({
    "writer", "DictWriter", "Workbook", "write_csv", "to_excel", "ParquetWriter", "ExcelWriter", "to_html",
    "to_markdown",
})  # fmt: skip

RUNS = frozenset(["eval", "exec", "compile", "__import__"])  # as plain names
MODULES = frozenset({
    "pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "subprocess", "pty", "code", "ctypes",
    "xmlrpc", "multiprocessing",
})  # fmt: skip
# the app and its own workers: what one tells the other comes over a connection only the two of them have
BETWEEN_OURSELVES = frozenset({
    ("ui/workers.py", "subprocess"), ("ui/workers.py", "multiprocessing"), ("ui/worker.py", "multiprocessing"),
})  # fmt: skip
SYSTEM = frozenset(["system", "popen", "spawnl", "spawnv", "execv", "execl", "mktemp", "_create_unverified_context"])
MARKED = frozenset({"st.html", "components.html", "st.iframe", "markupsafe.Markup", ".Markup"})


@functools.cache
def modules() -> dict[str, ast.Module]:
    """The parsed source of the product, each node knowing its parent."""
    paths = [ROOT / "app.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]
    found = {}
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                child.parent = node  # type: ignore[attr-defined]
        found[path.relative_to(ROOT).as_posix()] = tree
    return found


def function(node: ast.AST) -> str:
    while (parent := getattr(node, "parent", None)) is not None:
        node = parent
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return node.name
    return ""


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@functools.cache
def calls() -> list[tuple[str, ast.Call]]:
    return [(file, node) for file, tree in modules().items() for node in ast.walk(tree) if isinstance(node, ast.Call)]


def made_up(node: ast.AST) -> bool:
    """Whether a text is put together: an f-string, +, %, format, join, replace."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mod, ast.Add)):
        sides = (node.left, node.right)
        return any(made_up(one) or (isinstance(one, ast.Constant) and isinstance(one.value, str)) for one in sides)
    return isinstance(node, ast.Call) and called(node) in ("format", "join", "replace")


def put_together(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and made_up(node.args[0]):
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if called(node) in RUNNERS or (called(node) == "text" and owner in ("sa", "sqlalchemy")):
                yield node
        if isinstance(node, ast.JoinedStr) and made_up(node):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if VERB.match(text) and CLAUSE.search(text):
                yield node


def mirrors(node: ast.Call) -> bool:
    """`mirror.writer()` is the lock of a mirror, and no writer of CSV."""
    return called(node) == "writer" and not node.args


def test_queries_are_put_together_in_reviewed_places_only() -> None:
    found = {(file, function(node)) for file, tree in modules().items() for node in put_together(tree)}
    assert found <= QUERIES, found - QUERIES


@pytest.mark.parametrize("code", [
    'c.execute(f"SELECT {x} FROM t")', 'c.execute("SELECT * FROM t WHERE a = " + x)', 'c.execute("… %s" % x)',
    'c.execute("SELECT {}".format(x))', 'sa.text(f"{x}")', 's.query_all(f"SELECT Id FROM {x}")',
    'soql = f"select Id from Lead where Name = \'{x}\'"', 'b.raw_sql(" ".join(x))', 'sa.literal_column(f"{x}")',
])  # fmt: skip
def test_a_query_put_together_is_noticed(code: str) -> None:
    assert list(put_together(ast.parse(code)))


def test_spreadsheets_are_written_by_one_door() -> None:
    found = {(file, function(node)) for file, node in calls() if called(node) in WRITES and not mirrors(node)}
    imported = {file for file, tree in modules().items() for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module == "openpyxl"}  # fmt: skip
    assert found == set(WRITERS) and imported == {"leadpact/export.py"}
    # pandas' own writer has the name of our door: ours is a function, pandas' a method
    methods = [(file, function(node)) for file, node in calls()
               if called(node) == "to_csv" and isinstance(node.func, ast.Attribute)
               and getattr(node.func.value, "id", "") not in ("valuemap_file", "repair_list", "export")]  # fmt: skip
    assert methods == []


def test_nothing_runs_data() -> None:
    imported = {
        (file, name.split(".")[0])
        for file, tree in modules().items()
        for node in ast.walk(tree)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }  # fmt: skip
    assert {(file, name) for file, name in imported if name in MODULES} == BETWEEN_OURSELVES
    assert [(file, function(node)) for file, node in calls()
            if (isinstance(node.func, ast.Name) and node.func.id in RUNS)
            or (isinstance(node.func, ast.Attribute) and called(node) in SYSTEM)] == []  # fmt: skip
    switched_off = {("shell", True), ("verify", False), ("unsafe_allow_html", True), ("allow_dangerous_code", True),
                    ("unsafe_allow_javascript", True)}  # fmt: skip
    assert [(file, node.lineno, word.arg) for file, node in calls() for word in node.keywords
            if (word.arg, getattr(word.value, "value", None)) in switched_off] == []  # fmt: skip


def test_yaml_is_read_safely() -> None:
    """`YAML()` alone reads and keeps comments: it builds no objects either, and of checked texts only."""
    plain = {(file, function(node)) for file, node in calls() if called(node) == "YAML" and not node.keywords}
    assert plain == {
        ("config/document.py", "dump"), ("config/sources.py", "_carried"), ("leadpact/mapping/codec.py", "dumps"),
        ("ui/definition_conflict.py", "written"),
    }  # fmt: skip
    for file, node in calls():
        if called(node) == "YAML" and node.keywords:
            assert {word.arg: getattr(word.value, "value", None) for word in node.keywords}.get("typ") == "safe", file


def test_pages_are_escaped_and_hold_no_html_of_ours() -> None:
    templates = list((ROOT / "leadpact").rglob("*.j2"))
    assert templates
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape false", text), path.name
        assert path.name == "style.css.j2" or "Content-Security-Policy" in text, path.name
    for file, node in calls():
        if called(node) == "Environment":
            said = {word.arg: word.value for word in node.keywords}["autoescape"]
            by_name = isinstance(said, ast.Call) and called(said) == "select_autoescape"
            assert getattr(said, "value", None) is True or by_name, file
    named = [(file, f"{getattr(getattr(node.func, 'value', None), 'id', '')}.{called(node)}") for file, node in calls()]
    assert [one for one in named if one[1] in MARKED] == [("ui/style.py", "st.html")]  # our stylesheet, by its path
    drawn = {file for file, node in calls() if called(node) == "plotly_chart"}
    assert drawn == {"ui/charts.py"}  # where texts are made plain
