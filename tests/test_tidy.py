"""The house rules that no linter knows, kept by reading the code."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ["users", "webhooks", "fx", "wallets", "transactions", "backoffice"]
APPS += ["worker"]
MAX_FUNCTION, MAX_FILE, MAX_TEST_FILE, MAX_LINE = 40, 300, 400, 88


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    # A file that was removed and not yet committed is still listed.
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.exists()]


def is_test(path: Path) -> bool:
    return "tests" in path.parts or path.name == "conftest.py"


ALL = [path for path in tracked("*.py") if "migrations" not in path.parts]
# The usual way of doing it is there to be compared with, and breaks our rules.
CODE = [path for path in ALL if not is_test(path) and "usual" not in path.parts]
TREES = {path: ast.parse(path.read_text()) for path in ALL}


def inside(*folders: str) -> list[Path]:
    """Our code below folders of that name, or files of that name."""
    return [
        path
        for path in CODE
        if set(folders) & ({*path.relative_to(ROOT).parts} | {path.stem})
    ]


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(TREES[path]) if isinstance(node, ast.Call))


def name_called(call: ast.Call) -> str | None:
    """`f` of `f()`, of `a.f()` and of `a.b.f()`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return None


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


class TestSizes:
    def test_functions_fit_on_a_screen(self):
        too_long = [
            f"{name_of(path)}:{node.lineno} {node.name}"
            for path in ALL
            for node in ast.walk(TREES[path])
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
        ]

        assert too_long == []

    def test_files_stay_small(self):
        too_long = [
            name_of(path)
            for path in ALL
            if len(path.read_text().splitlines())
            > (MAX_TEST_FILE if is_test(path) else MAX_FILE)
        ]

        assert too_long == []

    def test_lines_of_sql_stay_short(self):
        too_long = [
            f"{name_of(path)}:{number}"
            for path in tracked("*.sql")
            for number, line in enumerate(path.read_text().splitlines(), start=1)
            if len(line) > MAX_LINE
        ]

        assert too_long == []


class TestNames:
    def test_nothing_is_called_utils(self):
        nameless = {"utils", "common", "helpers", "core", "misc"}

        assert [name_of(p) for p in ALL if nameless & {*p.parts, p.stem}] == []

    def test_migrations_say_what_and_why(self):
        vague = [
            name_of(path)
            for path in tracked("*/migrations/0*.py")
            if "auto" in path.name or "initial" in path.name
        ]

        assert vague == []

    def test_migrations_import_no_code_that_may_change(self):
        # Fields and defaults that a migration's state needs, and nothing else.
        allowed = ("paymentprocessor.database", "users.models.UserManager")
        imported = [
            f"{name_of(path)}: {line}"
            for path in tracked("*/migrations/0*.py")
            for line in path.read_text().splitlines()
            if line.startswith(
                tuple(f"{w} {a}" for w in ("from", "import") for a in APPS)
            )
            and not any(name in line for name in allowed)
        ]

        assert imported == []

    @pytest.mark.parametrize("path", ALL, ids=name_of)
    def test_every_module_says_what_it_is(self, path):
        assert ast.get_docstring(TREES[path]) or not path.read_text().strip()


class TestLayers:
    def test_services_do_not_look_at_the_clock(self):
        looks = [
            f"{name_of(path)}:{call.lineno}"
            for path in inside("services", "pricing", "money", "ledger")
            if not name_of(path).startswith("backoffice/admin/")
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr in ("now", "utcnow", "today", "time", "monotonic")
        ]

        assert looks == []

    def test_only_services_and_commands_open_transactions(self):
        allowed = {
            "transactions/movement.py",
            "transactions/group_commit.py",
            "transactions/audit.py",
            "paymentprocessor/database/opens_transaction.py",
            # It rolls back.
            "backoffice/simulation.py",
        }
        opened = {
            name_of(path)
            for path in CODE
            for call in calls(path)
            if name_called(call) in ("atomic", "CommitAlong")
        }

        assert {p for p in opened if "/services/" not in p} <= allowed

    def test_services_open_durable_transactions(self):
        loose = [
            f"{name_of(path)}:{call.lineno}"
            for path in inside("services", "movement")
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr == "atomic"
            and "durable" not in {keyword.arg for keyword in call.keywords}
        ]

        assert loose == []


class TestLedger:
    def test_nothing_else_assigns_balances(self):
        assigned = {
            (target.attr, name_of(path))
            for path in CODE
            for node in ast.walk(TREES[path])
            if isinstance(node, ast.Assign | ast.AugAssign)
            for target in (
                node.targets if isinstance(node, ast.Assign) else [node.target]
            )
            if isinstance(target, ast.Attribute)
            and target.attr in ("balance", "held", "version")
        }

        assert assigned == {
            ("balance", "transactions/ledger.py"),
            ("version", "transactions/ledger.py"),
            ("held", "transactions/reserve.py"),
        }

    def test_only_these_statements_write_the_books(self):
        writes = {
            (table, name_of(path))
            for path in tracked("*.sql", "*.py")
            if "migrations" not in path.parts and not is_test(path)
            # They fill databases of their own.
            if "benchmarks" not in path.parts
            for table in ("transaction", "entry", "conversion", "hold")
            if re.search(
                rf"(INSERT INTO|UPDATE) transactions_{table}\b", path.read_text()
            )
        }

        assert writes == {
            ("transaction", "transactions/sql/post.sql"),
            ("entry", "transactions/sql/post.sql"),
            ("conversion", "transactions/sql/post.sql"),
            ("hold", "transactions/sql/post.sql"),
            ("hold", "transactions/sql/place_hold.sql"),
            ("hold", "transactions/sql/end_holds.sql"),
        }

    def test_no_row_of_the_books_is_made_by_the_orm(self):
        made = [
            f"{name_of(path)}:{call.lineno}"
            for path in CODE
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr in ("create", "bulk_create", "get_or_create", "update")
            and any(
                isinstance(node, ast.Name)
                and node.id in ("Transaction", "Entry", "Conversion", "Hold")
                for node in ast.walk(call.func)
            )
        ]

        assert made == []


class TestWrites:
    def test_name_their_columns(self):
        bare = [
            f"{name_of(path)}:{call.lineno}"
            for path in CODE
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr == "save"
            # A form's, which is asked to leave the writing to others.
            and "commit" not in {keyword.arg for keyword in call.keywords}
            and not {"update_fields", "force_insert"} & {k.arg for k in call.keywords}
        ]

        assert bare == []

    def test_are_not_hidden_in_signals_or_save(self):
        hidden = [
            name_of(path)
            for path in CODE
            if "django.db.models.signals" in path.read_text()
            or any(
                isinstance(node, ast.FunctionDef) and node.name == "save"
                for node in ast.walk(TREES[path])
                if path.stem == "models"
            )
        ]

        assert hidden == []


class TestFloats:
    def test_are_nowhere_near_money(self):
        floats = [
            f"{name_of(path)}:{node.lineno}"
            for path in inside("fx", "wallets", "transactions")
            for node in ast.walk(TREES[path])
            if (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Name) and node.id == "float")
        ]

        # These two measure time.
        timers = ("fx/download.py", "transactions/audit.py")
        assert [place for place in floats if not place.startswith(timers)] == []
