"""One proposes what we charge, another publishes it after reading the difference."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import agreed, in_role
from fx.models import PricingPolicy
from fx.policies import policy_at
from tests.domain import charge
from users.models import StaffAct

pytestmark = pytest.mark.django_db
ADD = "/admin/fx/pricingpolicy/add/"
OLD = {
    "spreads": [{"bps": "50"}, {"bps": "30", "from_currency": "USD"}],
    "fees": [{"operation": "withdrawal", "currency": "USD", "fixed": "1.00"}],
    "locks": {"5m": "2"},
}
NEW = {
    "spreads": [
        {"bps": "50"},
        {"bps": "20", "from_currency": "USD"},
        {"bps": "10", "from_currency": "USD", "to_currency": "MXN", "tier": "business"},
    ],
    "fees": [{"operation": "withdrawal", "currency": "USD", "fixed": "2.00"}],
    "bounds": {"USD": {"maximum": "5000"}},
}


@pytest.fixture
def in_force(db) -> PricingPolicy:
    return PricingPolicy.objects.create(
        version=(PricingPolicy.objects.order_by("version").last().version + 1),
        document=OLD,
        effective_at=timezone.now(),
        reason="A test.",
    )


def propose(client, document=NEW, **words):
    said = document if isinstance(document, str) else json.dumps(document)
    answer = client.post(ADD, {"document": said} | words, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class TestProposal:
    def test_is_published_when_another_approves(self, console, sam, in_force):
        propose(console)
        still = policy_at(timezone.now())
        asked = agreed()

        now = policy_at(timezone.now())
        assert (still, asked.decision) == (in_force, "done")
        assert (now.document, now.version) == (NEW, in_force.version + 1)
        assert (now.staff_id, now.reason) == (asked.checker_id, "the customer asked")
        act = StaffAct.objects.get(kind="pricing_policy.published")
        assert act.after["approval_request"] == str(asked.pk)
        assert (asked.maker, act.staff) == (sam, asked.checker)

    def test_waits_for_its_instant(self, console, in_force):
        at = (timezone.now() + timedelta(days=1)).replace(microsecond=0)

        propose(console, effective_at=f"{at:%Y-%m-%d %H:%M:%S}")
        agreed()

        assert policy_at(timezone.now()) == in_force
        assert policy_at(at).document == NEW

    def test_begins_with_what_is_in_force(self, console, in_force):
        form = console.get(ADD).context["adminform"].form

        assert json.loads(form["document"].value()) == OLD

    def test_is_for_treasury(self, in_force):
        assert signed_in_add("compliance").status_code == 403
        propose(in_role("treasury"))
        assert ApprovalRequest.objects.get().maker.username == "treasury"

    @pytest.mark.parametrize(
        ("document", "complaint"),
        [
            ("", "required"),
            ("[]", "must be a JSON object"),
            ("{", "JSON"),
            ('{"spreads": [{"bps": "1"}], "spreads": []}', "twice"),
            ({"spreads": []}, "One rule must be for everything else"),
            ({"spreads": [{"bps": "1"}], "extra": 1}, "extra: There is no such field"),
            ({"spreads": [{"bps": "1"}, {"bps": "2"}]}, "speak of the same"),
            ({"spreads": [{"bps": "99999"}]}, "spreads/0/bps"),
            (
                {"spreads": [{"bps": "1"}, {"bps": "1", "currency": "XQQ"}]},
                "no currency XQQ",
            ),
        ],
    )
    def test_keeps_to_the_form_of_a_policy(self, console, document, complaint):
        page = propose(console, document)

        assert complaint in page
        assert not ApprovalRequest.objects.exists()

    def test_is_not_for_the_past(self, console, in_force):
        page = propose(console, effective_at="2020-01-01 00:00:00")

        assert "leave effective_at out" in page
        # Nothing has to be written again.
        assert 'value="2020-01-01 00:00:00"' in page
        assert "&quot;maximum&quot;: &quot;5000&quot;" in page
        assert not ApprovalRequest.objects.exists()

    def test_is_void_when_another_version_came_first(self, console, in_force):
        propose(console)
        charge("99")

        assert agreed().decision == "void"
        assert policy_at(timezone.now()).document["spreads"] == [{"bps": "99"}]


class TestEffect:
    def test_tells_every_rule_that_changes(self, console, in_force):
        page = propose(console)

        changed = page.split("effect")[-1]
        for words in (
            "Spread from USD",
            "30 bps",
            "20 bps",
            "Spread from USD to MXN for tier business",
            "Fee: withdrawal in USD",
            "Lock of 5m: premium",
            "Bounds of USD",
        ):
            assert words in changed

    def test_shows_what_a_conversion_costs_before_and_after(
        self, console, in_force, rates
    ):
        page = propose(console)

        # 1,000 USD are 18,518.518... MXN at mid; 30 bps for the tier before, 10 after.
        assert "Example: 1000.00 USD to MXN, tier business" in page
        assert "18462.96 MXN" in page
        assert "18500.00 MXN" in page

    def test_shows_a_sale_to_which_the_rule_applies(self, console, rates):
        band = {"bps": "5", "from_currency": "USD", "at_least": "500"}
        charge("50", spreads=[band])

        page = propose(console, {"spreads": [{"bps": "100"}, band]})

        # From 500 USD on the band would count, and nothing would change.
        assert "Example: 100.00 USD to EUR, tier standard" in page
        assert "92.12 EUR" in page
        assert "91.66 EUR" in page

    def test_leaves_nothing_behind(self, console, in_force, rates):
        propose(console)
        before = PricingPolicy.objects.count()

        asked = ApprovalRequest.objects.get()
        page = f"/admin/backoffice/approvalrequest/{asked.pk}/change/"
        for _ in range(2):
            console.get(page)

        assert PricingPolicy.objects.count() == before


def signed_in_add(role):
    return in_role(role).post(ADD, {"document": json.dumps(NEW)})
