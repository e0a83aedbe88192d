"""Ctrl+K and the search boxes: what is found by which word."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.tests.conftest import in_role, signed_in
from tests.domain import hold
from users.models import User


def found(client, term: str) -> list[str]:
    answer = client.get("/admin/search/", {"s": term, "extended": "1"})
    assert answer.status_code == 200
    return [one.title for one in answer.context["results"]]


def listed(client, model: str, term: str) -> int:
    answer = client.get(f"/admin/{model}/", {"q": term})
    return len(answer.context["cl"].result_list)


class TestPalette:
    def test_finds_people_and_payments(self, console, seeded, alice):
        held = hold(alice, "7.00 USD", reference="Hotel-7").hold

        assert found(console, "Bob") == ["Bob, bob, bob@example.com"]
        assert found(console, str(seeded[1].pk)) == ["Transfer 5.00 USD, Alice"]
        assert found(console, "5.00 USD") == ["Transfer 5.00 USD, Alice"]
        assert found(console, "Hotel") == ["7.00 USD of Alice, Active, Hotel-7"]
        assert found(console, str(held.pk)) == found(console, "Hotel")
        assert "Transactions" in found(console, "transac")

    def test_says_where_to_look_when_there_is_nothing(self, console, db):
        assert found(console, "no such thing") == ["Nothing found for no such thing"]

    @pytest.mark.parametrize(
        ("term", "words"),
        [
            ("Bob", "Found 1 result in"),
            ("Position", "Found 2 results in"),
            ("no such thing", "Found 0 results in"),
        ],
    )
    def test_counts_what_it_found(self, console, bob, term, words):
        answer = console.get("/admin/search/", {"s": term, "extended": "1"})

        assert words in " ".join(answer.content.decode().split())

    def test_finds_only_what_one_may_see(self, seeded, carol):
        nobody = signed_in(carol)

        assert found(nobody, "Bob") == ["Nothing found for Bob"]
        assert found(nobody, "Transactions") == ["Nothing found for Transactions"]
        assert found(in_role("viewer"), "bob@example.com")[0].startswith("Bob")

    def test_remembers_nothing(self, console, alice):
        before = found(console, "Zoe")
        User.objects.filter(pk=alice.pk).update(name="Zoe")

        assert before == ["Nothing found for Zoe"]
        assert found(console, "Zoe") == ["Zoe, alice, alice@example.com"]

    @pytest.mark.parametrize("term", ["\0", "%", "_", "'", "a" * 9000, "0" * 32, "\\"])
    def test_survives_what_is_typed(self, console, seeded, term):
        assert found(console, term)

    def test_costs_the_same_for_more_rows(self, console, seeded, alice):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                found(console, "hotel")
            return len(captured)

        hold(alice, "1.00 USD", reference="hotel-0")
        queries()
        few = queries()
        for number in range(1, 9):
            hold(alice, "1.00 USD", reference=f"hotel-{number}")

        assert queries() == few


class TestName:
    @pytest.mark.parametrize(
        ("name", "term"),
        [
            ("José Dvořák", "jose"),
            ("José Dvořák", "Dvorak"),
            ("Jose Dvorak", "josé"),
            ("Jose\u0301 Dvořák", "José"),
            ("Nguyễn", "nguyen"),
            ("Søren", "søren"),
            ("Søren", "SØREN"),
        ],
    )
    def test_is_found_without_its_accents(self, console, alice, name, term):
        User.objects.filter(pk=alice.pk).update(name=name)

        assert found(console, term) == [f"{name}, alice, alice@example.com"]


class TestAmount:
    @pytest.mark.parametrize(
        ("term", "number"),
        [
            ("5.00 USD", 1),
            ("usd 5", 1),
            ("1,000.00 USD", 1),
            ("1000 usd", 1),
            ("100 USD", 1),
            ("5.00 EUR", 0),
            ("5.00", 0),
            ("EUR 5.00 USD", 0),
            ("-5.00 USD", 0),
            ("5e0 USD", 0),
            ("9" * 19 + ".99999999 USD", 0),
            ("999999999999999999999.123456789 USD", 0),
        ],
    )
    def test_finds_its_transactions(self, console, seeded, term, number):
        assert listed(console, "transactions/transaction", term) == number


class TestParts:
    def test_are_looked_for_among_the_newest_only(self, console, seeded, monkeypatch):
        monkeypatch.setattr("backoffice.search.NEWEST", 1)

        # Alice was funded before she converted, and came before Bob.
        assert listed(console, "transactions/transaction", "1000 USD") == 0
        assert listed(console, "transactions/transaction", "100 USD") == 1
        assert listed(console, "users/user", "lice@exam") == 0
        assert listed(console, "users/user", "ALICE@exam") == 1
