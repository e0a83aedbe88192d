"""A price can be explained to the last digit, and the explanation is checked."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fx.errors import AmountTooSmall
from fx.models import Rate
from tests.domain import EURO_RATES, buy, charge, convert, fund, publish_rates
from tests.test_audit import sabotage
from transactions.explain import explain

pytestmark = pytest.mark.django_db


@pytest.fixture
def converted(alice, rates, settings):
    charge("45")
    fund(alice, "100.00 USD")
    return convert(alice, "99.99 USD", to="JPY")


def path(posted):
    return f"/v1/transactions/{posted.transaction.id}/explain"


class TestExplain:
    def test_does_the_sum_again_step_by_step(self, platform, converted):
        # A dollar is 120 yen, less 45 basis points 119.46; 99.99 of them 11944.8054.
        answer = platform.get(path(converted)).json()

        assert answer["matches"] is True
        assert answer["booked"] == answer["recomputed"]
        assert [step["result"] for step in answer["steps"]] == [
            "1.25",
            "150",
            "120",
            "45",
            "119.46",
            "11944 JPY",
            "54 JPY",
            "0.8054",
        ]
        assert answer["steps"][5]["calculation"] == "99.99 USD x 119.46"
        assert [rate["quote"] for rate in answer["rates"]] == ["USD", "JPY"]

    def test_explains_what_was_bought_exactly(self, platform, alice, rates):
        fund(alice, "100.00 USD")
        bought = buy(alice, "100 JPY", with_="USD")

        answer = platform.get(path(bought)).json()

        assert answer["matches"] is True
        assert answer["steps"][5] == {
            "what": "source, rounded up",
            "calculation": "100 JPY / 120",
            "result": "0.84 USD",
        }

    def test_uses_the_rates_of_then(self, platform, converted):
        publish_rates({"JPY": "999"})

        assert platform.get(path(converted)).json()["matches"] is True

    @pytest.mark.books_are_broken
    def test_notices_a_booking_that_was_changed(self, platform, converted, capsys):
        sabotage("UPDATE transactions_conversion SET mid_rate = mid_rate + 1")

        answer = platform.get(path(converted)).json()
        with pytest.raises(SystemExit) as exit_:
            call_command("explain_conversion", str(converted.transaction.id))

        assert answer["matches"] is False
        assert answer["booked"]["mid_rate"] == "121"
        assert exit_.value.code == 1
        assert "mid_rate: booked 121, recomputed 120" in capsys.readouterr().out

    def test_is_for_conversions(self, platform, alice):
        answer = platform.get(path(fund(alice, "1.00 USD")))

        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_conversion")

    def test_is_for_the_owner_and_nobody_else(self, as_alice, as_bob, converted):
        assert as_alice.get(path(converted)).json()["matches"] is True
        assert as_bob.get(path(converted)).json()["code"] == "not_found"

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_holds_for_every_conversion(self, alice, rates, settings, data):
        codes = ["EUR", *EURO_RATES]
        source = data.draw(st.sampled_from(codes))
        target = data.draw(st.sampled_from([code for code in codes if code != source]))
        charge(str(data.draw(st.decimals(0, 500, places=2))))
        amount = data.draw(st.integers(100, 100_000))
        drawn = data.draw(st.decimals("0.0001", "5000", places=6))
        Rate.objects.create(
            provider="ecb",
            base="EUR",
            quote=target if target != "EUR" else source,
            bid=drawn,
            ask=drawn + data.draw(st.decimals(0, 1, places=6)),
            as_of=timezone.now(),
            fetched_at=timezone.now(),
        )
        fund(alice, f"{amount} {source}")

        try:
            posted = convert(alice, f"{amount} {source}", to=target)
        except AmountTooSmall:
            return

        assert explain(posted.transaction.id).matches


class TestCommand:
    def test_prints_the_steps(self, converted, capsys):
        call_command("explain_conversion", str(converted.transaction.id))

        printed = capsys.readouterr().out
        assert "99.99 USD x 119.46 = 11944 JPY" in printed
        assert "This is what was booked." in printed

    def test_refuses_what_is_no_conversion(self, alice):
        funded = fund(alice, "1.00 USD")

        with pytest.raises(CommandError, match="converted nothing"):
            call_command("explain_conversion", str(funded.transaction.id))
