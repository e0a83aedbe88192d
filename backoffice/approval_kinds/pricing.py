"""A new version of what we charge: spreads, premiums, bounds and fees."""

from datetime import datetime
from typing import Any

from backoffice.approval_kinds.kind import Change, Facts, Payload
from backoffice.approval_kinds.policy_examples import costs, examples_of
from backoffice.approval_kinds.policy_words import rules_in_words
from fx.models import PricingPolicy
from fx.policies import database_now, policy_at
from fx.policy import Policy
from fx.services import publish_policy
from paymentprocessor.database.writers import keep_other_writers_out
from users.acts import Actor


class PublishPolicy(Change):
    """Bound to the newest version there is, and to the one in force at its instant.

    The effect tells every rule that would change, and what that does to examples.
    """

    title = "Publish a pricing policy"
    permission = "fx.add_pricingpolicy"

    def told(self, payload: Payload) -> Facts:
        replaced = PricingPolicy.objects.filter(pk=payload["replaces"]).first()
        return {
            "In the place of": replaced or "no policy",
            "From": _instant(payload) or "when it is approved",
        } | rules_in_words(Policy.of(payload["document"]))

    def bound(self, payload: Payload) -> dict[str, Any]:
        in_force = policy_at(_instant(payload) or database_now())
        newest = PricingPolicy.objects.order_by("version").last()
        return {
            "replaces": str(in_force.pk) if in_force else None,
            "newest_version": newest.version if newest else None,
        }

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        keep_other_writers_out(PricingPolicy)

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        publish_policy.within(
            payload["document"],
            reason=actor.reason,
            effective_at=_instant(payload),
            actor=actor,
        )

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        current = policy_at(_instant(payload) or database_now())
        if current is None:
            return {}
        wanted = Policy.of(payload["document"])
        replaced = PricingPolicy.objects.filter(pk=payload["replaces"]).first()
        examples = examples_of(replaced.policy, wanted) if replaced else []
        return rules_in_words(current.policy) | costs(examples, current.policy, now=now)


def _instant(payload: Payload) -> datetime | None:
    at = payload["effective_at"]
    return datetime.fromisoformat(at) if at else None
