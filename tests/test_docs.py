"""What the documents list is what there is, and nothing is missing from them."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

import fx.errors  # noqa: F401
import transactions.errors
import users.errors  # noqa: F401
import wallets.errors  # noqa: F401
from paymentprocessor.api import parsers, problems  # noqa: F401
from paymentprocessor.api.errors import Refusal
from paymentprocessor.error_catalogue import ERROR_CODES
from transactions.models import TransactionType
from users.scopes import ALL_SCOPES
from wallets.models import Purpose

CHECKOUT: Path = settings.BASE_DIR
APPS = ["backoffice", "fx", "paymentprocessor", "transactions", "users", "wallets"]
APPS += ["webhooks", "worker"]
GLOSSARY = (CHECKOUT / "docs" / "glossary.md").read_text()
README = (CHECKOUT / "README.md").read_text()
# Bases that are never raised, or that repeat the code of another.
WITHOUT_A_CODE = {Refusal, transactions.errors.RememberedRefusal}


def documents() -> list[Path]:
    found = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
    assert len(found) > 5
    return sorted(found)


def sources() -> Iterator[ast.Module]:
    """The product's own Python, without its tests."""
    for app in APPS:
        for path in sorted((CHECKOUT / app).rglob("*.py")):
            if "tests" not in path.parts:
                yield ast.parse(path.read_text())


def table(heading: str) -> list[list[str]]:
    """The rows of the glossary's table under that heading."""
    section = GLOSSARY.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    _, _, *rows = (line for line in section.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def names(heading: str) -> list[str]:
    """What the table lists in its first column, in code quotes."""
    return [row[0].removeprefix("`").removesuffix("`") for row in table(heading)]


def refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def codes_in_code() -> set[tuple[int, str]]:
    of_refusals = {
        (refusal.status, refusal.code)
        for refusal in refusals()
        if refusal not in WITHOUT_A_CODE and refusal.__module__.split(".")[0] in APPS
    }
    of_problems = {
        (problem.status, problem.code)
        for problem in vars(problems).values()
        if isinstance(problem, problems.Problem)
    }
    return of_refusals | of_problems | set(problems.CODES_OF_STATUS.items())


def event_types() -> set[str]:
    """The types that any code tells of: as literals, also on their way there."""
    found = {
        node.value
        for module in sources()
        if "record_event" in ast.unparse(module)
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        for node in [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    writers = (CHECKOUT.glob("*/sql/**/*.sql"), CHECKOUT.glob("*/migrations/*.py"))
    for path in chain(*writers):
        if re.search("webhooks_(event|feed)", path.read_text()):
            found |= set(re.findall(r"'([a-z_.]+)'", path.read_text()))
    return {text for text in found if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}


class TestErrorCatalogue:
    def test_lists_every_code_with_its_status_and_no_other(self):
        listed = [(error.status, error.code) for error in ERROR_CODES]

        assert len(listed) == len(set(listed))
        assert set(listed) == codes_in_code()

    def test_is_what_the_glossary_repeats(self):
        assert table("Error codes") == [
            [str(error.status), f"`{error.code}`", error.meaning, error.remedy]
            for error in ERROR_CODES
        ]


class Anchors(HTMLParser):
    """The ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]


class TestErrorPage:
    def test_has_an_anchor_for_every_code(self, client):
        response = client.get("/docs/errors")

        assert response.status_code == 200
        page = Anchors()
        page.feed(response.content.decode())
        assert page.found == [error.code for error in ERROR_CODES]

    def test_is_where_a_problem_points_at(self, client):
        problem = client.get("/v1/nowhere").json()

        path, _, anchor = problem["type"].partition("#")

        assert f'id="{anchor}"' in client.get(path).content.decode()


class TestGlossary:
    def test_lists_every_event(self):
        assert set(names("Events")) == event_types()

    def test_lists_every_scope(self):
        assert set(names("Scopes")) == ALL_SCOPES

    def test_lists_every_transaction_type(self):
        assert names("Transaction types") == TransactionType.values

    def test_lists_every_house_account(self):
        accounts = [purpose.value for purpose in Purpose if purpose.is_house]

        assert names("House accounts") == accounts

    def test_tells_which_scopes_nothing_asks_for(self):
        asked_for = {
            node.attr
            for module in sources()
            for call in ast.walk(module)
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Access"
            for node in call.args
            if isinstance(node, ast.Attribute)
        }

        idle = {row[0].strip("`") for row in table("Scopes") if row[1] == "nothing yet"}

        constants = {scope.replace(":", "_").upper() for scope in ALL_SCOPES - {"*"}}
        assert {scope.replace(":", "_").upper() for scope in idle} == (
            constants - asked_for
        )

    def test_tells_which_transaction_types_nothing_writes(self):
        written = {
            node.attr
            for module in sources()
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute)
            and ast.unparse(node.value) == "TransactionType"
        }

        idle = {
            row[0].strip("`").upper()
            for row in table("Transaction types")
            if row[1] == "not written by anything yet"
        }

        assert idle == set(TransactionType.names) - written


class TestReadme:
    def test_names_targets_that_make_knows(self):
        makefile = (CHECKOUT / "Makefile").read_text()
        targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
        named = set(re.findall(r"(?:^    |`|\d )make ([a-z]+)", README, re.MULTILINE))

        assert {"run", "test", "check"} <= named <= targets

    def test_lists_every_command_of_ours(self):
        ours = {name for name, app in get_commands().items() if app in APPS}
        named = set(re.findall(r"manage\.py ([a-z_]+)", README))

        assert ours - {"demo"} <= named
        assert named <= set(get_commands())

    def test_names_variables_that_are_explained(self):
        example = (CHECKOUT / ".env.example").read_text()
        explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
        prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
        named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`|\b([A-Z_]+)=", prose))

        assert named
        assert {name for pair in named for name in pair if name} <= explained


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
class TestDocuments:
    def test_link_to_files_that_are_there(self, document):
        text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
        links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)

        broken = [
            link
            for link in links
            if "://" not in link and not (document.parent / link).exists()
        ]

        assert broken == []

    def test_name_code_that_is_there(self, document):
        """A path in code quotes that looks like one of ours leads somewhere."""
        quoted = re.findall(
            r"`([\w./-]+/[\w.-]+\.(?:py|sql|md|toml))`", document.read_text()
        )

        assert [path for path in quoted if not (CHECKOUT / path).exists()] == []
