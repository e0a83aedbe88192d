"""Rules that say how much a customer may move: which of them apply, and how often.

Pure data, so that a rule that came along with a locked wallet and one that was read for
a page are one and the same thing. What was used of a rule is for `transactions.series`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from fx.money import Denomination, Money

# The window of a rule that looks at each operation by itself.
OPERATION: Final = "operation"
# How far back the others look: they roll, and begin anew at no hour or date.
WINDOWS: Final = MappingProxyType(
    {"day": timedelta(hours=24), "week": timedelta(days=7), "month": timedelta(days=30)}
)
# The greatest number that PostgreSQL keeps of operations.
MAX_COUNT: Final = 2**31 - 1
LONGEST: Final = max(WINDOWS.values())

# From the most specific subject to the most general.
SUBJECTS: Final = ("wallet", "user", "tier", "everybody")


@dataclass(frozen=True, slots=True)
class LimitRule:
    """At most `max_amount`, in all, and at most `max_count` operations, in a window.

    `type` and `currency` say which operations are meant, each empty for all. Amounts
    are of the `unit`: the currency, or the reporting currency where the rule is about
    all of them. A rule about all currencies that only counts has no unit.
    """

    id: UUID
    subject: str
    tier: str
    type: str
    currency: str
    unit: Denomination | None
    window: str
    max_amount: Decimal | None
    max_count: int | None
    created_at: datetime

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The rule that PostgreSQL wrote as JSON, see `wallets.locking`."""
        unit, exponent = row.pop("unit"), row.pop("exponent")
        amount = row.pop("max_amount")
        return cls(
            **row
            | {
                "id": UUID(row["id"]),
                "unit": None if unit is None else Denomination(unit, exponent),
                "max_amount": None if amount is None else Decimal(amount),
                "created_at": datetime.fromisoformat(row["created_at"]),
            }
        )

    @property
    def limit(self) -> Money | None:
        """The most that may be moved, if amounts are limited at all."""
        if self.max_amount is None:
            return None
        assert self.unit is not None, "a check of the database's"
        return Money(self.max_amount, self.unit)

    def members(self) -> dict[str, Any]:
        """The rule as answers and problems tell it; None is for all, or for none."""
        limit = self.limit
        return {
            "id": str(self.id),
            "subject": self.subject,
            "type": self.type or None,
            "currency": self.currency or None,
            "unit": None if limit is None else limit.currency.code,
            "window": self.window,
            "max_amount": None if limit is None else limit.text,
            "max_count": self.max_count,
        }

    def covers(self, type_: str) -> bool:
        return self.type in ("", type_)

    def concerns(self, tier: str) -> bool:
        """Whether it is about a customer of that tier at all."""
        return self.subject != "tier" or self.tier == tier


def applying(rules: Iterable[LimitRule], tier: str) -> list[LimitRule]:
    """Of the rules that could be somebody's, those that are, the shortest window first.

    A rule for a wallet replaces one for its user, that one one for their tier, and that
    one one for everybody, whenever both are about the same type, currency and window:
    so support can raise what one customer may do, and not only lower it.
    """
    chosen: dict[tuple[str, str, str], LimitRule] = {}
    for rule in sorted(rules, key=lambda rule: SUBJECTS.index(rule.subject)):
        if rule.concerns(tier):
            chosen.setdefault((rule.type, rule.currency, rule.window), rule)
    lengths = {OPERATION: timedelta(0)} | WINDOWS
    return sorted(
        chosen.values(),
        key=lambda rule: (lengths[rule.window], rule.type, rule.currency),
    )
