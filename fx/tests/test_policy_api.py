"""Publishing what we charge, by the API and by the command; it never changes again."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db import transaction as db_transaction
from django.utils import timezone

from fx.models import PricingPolicy
from fx.policies import policy_at, terms_now
from tests.client import platform_client
from webhooks.models import Event

pytestmark = pytest.mark.django_db

PATH = "/v1/pricing-policies"
DOCUMENT = {
    "spreads": [
        {"bps": "45"},
        {"bps": "30.5", "from_currency": "USD", "to_currency": "MXN"},
        {"bps": "20", "from_currency": "USD", "tier": "vip", "at_least": "1000.00"},
    ],
    "locks": {"30s": "0", "24h": "40"},
    "bounds": {"JPY": {"minimum": "100", "maximum": "1000000"}},
    "fees": [
        {"operation": "withdrawal", "currency": "USD", "fixed": "1.00", "bps": "10"},
        {"operation": "transfer", "tier": "vip", "bps": "5"},
    ],
}


def publish(client, document=DOCUMENT, **more):
    body = {"document": document, "reason": "A test."} | more
    return client.post(PATH, body)


def of_spreads(*rules):
    return {"spreads": [{"bps": "45"}, *rules]}


def of_fees(*rules):
    return of_spreads() | {"fees": list(rules)}


def of_bounds(**bounds):
    return of_spreads() | {"bounds": bounds}


def errors(answer):
    assert answer.status_code == 422, answer.content
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


class TestPublishing:
    def test_answers_with_the_next_version_which_is_in_force(self, platform):
        answer = publish(platform)

        assert answer.status_code == 201
        shown = answer.json()
        assert shown["version"] == 2
        assert shown["document"] == DOCUMENT
        assert shown["reason"] == "A test."
        assert shown == platform.get(PATH).json()["data"][0]
        terms, _ = terms_now("standard")
        assert str(terms.policy_id) == shown["id"]
        event = Event.objects.get(type="pricing_policy.published")
        assert (str(event.subject_id), event.data) == (shown["id"], {"version": 2})

    def test_takes_numbers_as_they_are_written(self, platform):
        document = '{"spreads": [{"bps": 45.50}, {"bps": 7, "currency": "USD"}]}'
        body = f'{{"reason": "x", "document": {document}}}'

        kept = platform.post(PATH, body).json()["document"]

        assert kept == of_spreads() | {
            "spreads": [{"bps": "45.50"}, {"bps": "7", "currency": "USD"}]
        }

    @pytest.mark.parametrize(
        ("document", "pointer", "code"),
        [
            ({}, "spreads", "required"),
            ({"spreads": []}, "spreads", "required"),
            ({"spreads": [{"bps": "1", "tier": "vip"}]}, "spreads", "required"),
            ({"spreads": "45"}, "spreads", "not_a_list"),
            ({"spreads": [45]}, "spreads/0", "invalid"),
            (of_spreads({"bps": "45"}), "spreads", "contradiction"),
            (of_spreads({}), "spreads/1/bps", "required"),
            (of_spreads({"bps": "-1"}), "spreads/1/bps", "invalid_amount"),
            (of_spreads({"bps": "NaN"}), "spreads/1/bps", "invalid_amount"),
            (of_spreads({"bps": "1e2"}), "spreads/1/bps", "invalid_amount"),
            (of_spreads({"bps": None}), "spreads/1/bps", "null"),
            (of_spreads({"bps": True}), "spreads/1/bps", "invalid_amount"),
            (of_spreads({"bps": "3000.0001"}), "spreads/1/bps", "too_great"),
            (of_spreads({"bps": "1.00001"}), "spreads/1/bps", "too_precise"),
            (of_spreads({"bps": "1", "x": "1"}), "spreads/1/x", "unknown_field"),
            (
                of_spreads({"bps": "1", "currency": "usd"}),
                "spreads/1/currency",
                "invalid_currency",
            ),
            (
                of_spreads({"bps": "1", "currency": "ZZZ"}),
                "spreads/1/currency",
                "unsupported_currency",
            ),
            (
                of_spreads({"bps": "1", "to_currency": "ZZZ"}),
                "spreads/1/to_currency",
                "unsupported_currency",
            ),
            (
                of_spreads({"bps": "1", "from_currency": "USD", "to_currency": "USD"}),
                "spreads/1/to_currency",
                "same_currency",
            ),
            (
                of_spreads({"bps": "1", "from_currency": "USD", "currency": "USD"}),
                "spreads/1/currency",
                "one_of",
            ),
            (
                of_spreads({"bps": "1", "at_least": "1"}),
                "spreads/1/at_least",
                "required",
            ),
            (
                of_spreads({"bps": "1", "to_currency": "USD", "at_least": "1"}),
                "spreads/1/at_least",
                "required",
            ),
            (
                of_spreads({"bps": "1", "from_currency": "JPY", "at_least": "1.5"}),
                "spreads/1/at_least",
                "too_precise",
            ),
            (of_spreads({"bps": "1", "tier": "VIP"}), "spreads/1/tier", "invalid"),
            (of_spreads({"bps": "1", "tier": "ｖｉｐ"}), "spreads/1/tier", "invalid"),
            (of_spreads({"bps": "1", "tier": "vip\n"}), "spreads/1/tier", "invalid"),
            (of_spreads({"bps": "1", "tier": 7}), "spreads/1/tier", "invalid"),
            (of_fees({"bps": "1"}), "fees/0/operation", "required"),
            (
                of_fees({"operation": "gift", "bps": "1"}),
                "fees/0/operation",
                "invalid_choice",
            ),
            (
                of_fees({"operation": "fund", "fixed": "1"}),
                "fees/0/fixed",
                "required",
            ),
            (
                of_fees({"operation": "fund", "currency": "JPY", "minimum": "0.1"}),
                "fees/0/minimum",
                "too_precise",
            ),
            (
                of_fees({"operation": "fund", "currency": "ZZZ", "bps": "1"}),
                "fees/0/currency",
                "unsupported_currency",
            ),
            (
                of_fees(
                    {
                        "operation": "fund",
                        "currency": "USD",
                        "minimum": "2",
                        "maximum": "1",
                    }
                ),
                "fees/0/maximum",
                "out_of_range",
            ),
            (
                of_fees(
                    {"operation": "fund", "bps": "1"}, {"operation": "fund", "bps": "2"}
                ),
                "fees",
                "contradiction",
            ),
            (of_bounds(USD={"minimum": "2", "maximum": "1"}), None, "out_of_range"),
            (of_bounds(USD={"minimum": "0.001"}), None, "too_precise"),
            (of_bounds(ZZZ={"minimum": "1"}), "bounds/ZZZ", "unsupported_currency"),
            (of_bounds(**{"u/s": {"minimum": "1"}}), "bounds", "invalid_currency"),
            (of_bounds(USD={"most": "1"}), "bounds/USD/most", "unknown_field"),
            (of_spreads() | {"locks": {"7d": "1"}}, "locks", "invalid_choice"),
            (of_spreads() | {"locks": {"5m": "x"}}, "locks/5m", "invalid_amount"),
            (of_spreads() | {"locks": []}, "locks", "not_a_dict"),
            (of_spreads() | {"rebates": []}, "rebates", "unknown_field"),
        ],
    )
    def test_points_at_what_is_wrong(self, platform, document, pointer, code):
        answer = publish(platform, document)

        found = errors(answer)
        assert {code} == {one for _, one in found}
        if pointer is not None:
            assert found == {(f"/document/{pointer}", code)}
        assert PricingPolicy.objects.count() == 1

    @pytest.mark.parametrize("other", ["100", "100.0", "100.00"])
    def test_sees_a_contradiction_whatever_the_zeros(self, platform, other):
        band = {"from_currency": "USD", "at_least": "100.00"}
        document = of_spreads(
            {"bps": "1"} | band, {"bps": "2"} | band | {"at_least": other}
        )

        assert errors(publish(platform, document)) == {
            ("/document/spreads", "contradiction")
        }

    def test_names_all_currencies_that_there_are_not(self, platform):
        document = of_spreads({"bps": "1", "currency": "ZZZ"}) | {
            "fees": [{"operation": "fund", "currency": "YYY", "bps": "1"}]
        }

        assert errors(publish(platform, document)) == {
            ("/document/spreads/1/currency", "unsupported_currency"),
            ("/document/fees/0/currency", "unsupported_currency"),
        }

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("effective_at", "2099-01-31T12:00:00", "invalid_instant"),
            ("effective_at", 4102444800, "invalid"),
            ("effective_at", "soon", "invalid_instant"),
            ("effective_at", None, "null"),
            ("reason", "", "blank"),
            ("reason", "x" * 501, "max_length"),
            ("reason", 7, "invalid"),
            ("version", 7, "unknown_field"),
        ],
    )
    def test_points_at_the_rest_of_the_request(self, platform, field, value, code):
        answer = publish(platform, **{field: value})

        assert errors(answer) == {(f"/{field}", code)}

    def test_refuses_an_instant_of_the_past(self, platform):
        answer = publish(platform, effective_at="2026-01-31T12:00:00Z")

        assert (answer.status_code, answer.json()["code"]) == (
            422,
            "policy_in_the_past",
        )
        assert answer.json()["now"]

    def test_refuses_what_is_nested_too_deeply_or_too_long(self, platform):
        deep = platform.post(PATH, '{"document":' * 40 + "1" + "}" * 40)
        rules = [{"bps": "1", "tier": f"t{n}"} for n in range(3000)]
        long = publish(platform, of_spreads(*rules))

        assert deep.json()["code"] == "malformed_request"
        assert long.json()["code"] == "body_too_large"

    def test_is_for_the_platform_with_the_scope(self, platform, as_alice):
        reader = platform_client(("fx:read",))

        for client in (as_alice, reader):
            answer = publish(client)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert as_alice.get(PATH).status_code == 403
        assert reader.get(PATH).status_code == 200


class TestPages:
    def test_go_back_from_the_newest_by_cursor(self, platform):
        for _ in range(4):
            publish(platform)

        first = platform.get(PATH, limit=3).json()
        second = platform.get(PATH, limit=3, cursor=first["next_cursor"]).json()

        assert [one["version"] for one in first["data"]] == [5, 4, 3]
        assert [one["version"] for one in second["data"]] == [2, 1]
        assert (first["has_more"], second["has_more"]) == (True, False)
        assert platform.get(PATH, cursor="x").json()["code"] == "bad_cursor"
        assert platform.get(PATH, page=1).status_code == 422


class TestTakingOver:
    def test_is_at_its_instant_and_not_before(self, platform):
        at = timezone.now() + timedelta(hours=1)

        shown = publish(platform, effective_at=at.isoformat()).json()

        assert datetime.fromisoformat(shown["effective_at"]) == at
        before = policy_at(at - timedelta(microseconds=1))
        assert (before.version, policy_at(at).version) == (1, 2)
        terms, now = terms_now("standard")
        assert terms.policy_id == before.id
        assert abs(now - timezone.now()) < timedelta(minutes=1)

    def test_is_by_the_highest_version_of_one_instant(self, platform):
        at = timezone.now() + timedelta(hours=1)
        for _ in range(2):
            publish(platform, effective_at=at.isoformat())

        assert policy_at(at).version == 3


class TestCommand:
    @pytest.fixture
    def run(self, tmp_path):
        def publish_policy(text, **options):
            file = tmp_path / "policy.json"
            file.write_text(text)
            call_command("publish_policy", str(file), reason="A test.", **options)

        return publish_policy

    def test_publishes_a_file(self, run, capsys):
        at = timezone.now() + timedelta(days=1)

        run(json.dumps(DOCUMENT), effective_at=at.isoformat())

        policy = PricingPolicy.objects.get(version=2)
        assert (policy.document, policy.effective_at) == (DOCUMENT, at)
        assert f"Policy 2 takes over at {at:%F %T} UTC." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("{", "not JSON"),
            ('{"spreads": NaN}', "NaN is not JSON"),
            ('{"spreads": [{"bps": "1"}], "spreads": []}', "occurs twice"),
            ("[" * 10_000, "nested"),
            ("[]", "must be a JSON object"),
            ('{"spreads": [{"bps": "-1"}]}', "bps"),
            (
                '{"spreads": [{"bps": "1"}, {"bps": "1", "currency": "ZZZ"}]}',
                "/document/spreads/1/currency: There is no currency ZZZ.",
            ),
        ],
    )
    def test_says_what_is_wrong(self, run, text, says):
        with pytest.raises(CommandError, match=says):
            run(text)

        assert PricingPolicy.objects.count() == 1

    def test_says_which_file_is_not_there(self):
        with pytest.raises(CommandError, match="No such file"):
            call_command("publish_policy", "/nowhere.json", reason="x")


class TestLaw:
    @pytest.mark.parametrize("role", ["origin", "replica"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE fx_pricingpolicy SET reason = 'x'",
            "UPDATE fx_pricingpolicy SET effective_at = now() WHERE false",
            "DELETE FROM fx_pricingpolicy",
            "TRUNCATE fx_pricingpolicy",
        ],
    )
    def test_keeps_a_version_as_it_was_published(self, statement, role):
        with connection.cursor() as cursor, db_transaction.atomic():
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
            refused = pytest.raises(DatabaseError, match="publish a new version")
            with refused, db_transaction.atomic():
                cursor.execute(statement)
