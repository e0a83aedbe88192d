"""Which policy is in force, and what it says."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from fx.models import PricingPolicy
from fx.offers import Terms
from fx.policy import Policy

# The id of the policy in force when the statement begins.
POLICY_IN_FORCE = """
SELECT id FROM fx_pricingpolicy
 WHERE effective_at <= statement_timestamp()
 ORDER BY effective_at DESC, version DESC
 LIMIT 1
"""


@lru_cache(maxsize=64)
def policy_of(policy_id: UUID) -> Policy:
    """The policy of that id, read once a process: a version never changes."""
    return PricingPolicy.objects.get(pk=policy_id).policy


def terms_now(tier: str) -> tuple[Terms, datetime]:
    """The terms of a tier, and the database's clock that they are of."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({POLICY_IN_FORCE}), statement_timestamp()")
        policy_id, now = cursor.fetchone()
    return Terms(policy_id, policy_of(policy_id), tier), now


def database_now() -> datetime:
    """The database's clock, by which prices are promised and policies take over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def policy_at(at: datetime) -> PricingPolicy | None:
    """The version in force at that instant."""
    begun = PricingPolicy.objects.filter(effective_at__lte=at)
    return begun.order_by("-effective_at", "-version").first()
