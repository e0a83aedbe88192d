"""What limits a customer has, and what is left of them."""

from uuid import UUID

from transactions.headroom import Headroom, headroom
from transactions.reckoning import Reckoner
from transactions.series import Scope, read_series, scopes_of
from users.queries import find_user
from wallets.limits import WINDOWS, applying
from wallets.queries import limits_of, wallets_of


def headrooms(user_id: UUID) -> list[Headroom]:
    """What is left of each rule that applies to the user, the shortest window first.

    As a movement would find it that began now; nothing is locked or begun.

    :raises UserNotFound, UserDeleted:
    :raises RateUnavailable: what was moved before a rule, or is held, cannot be
        reckoned in the rule's unit.
    """
    user, wallets, reckoner = find_user(user_id), wallets_of(user_id), Reckoner()
    rules = [limit.rule for limit in limits_of(user_id, wallets)]
    scopes = scopes_of((user_id, rule) for rule in rules)
    tallies = read_series(scopes, reckoner) if scopes else {}
    return [
        headroom(rule, tallies[Scope.of(user_id, rule)], wallets, reckoner)
        if rule.window in WINDOWS
        else Headroom(rule)
        for rule in applying(rules, user.tier)
    ]
