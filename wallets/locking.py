"""Taking hold of customers' wallets before money moves."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from fx.market import HEARD
from fx.models import Currency
from fx.offers import Terms
from fx.policies import POLICY_IN_FORCE, policy_of
from fx.queries import find_currency
from paymentprocessor import failpoints
from paymentprocessor.api.errors import RequestInProgress
from paymentprocessor.database.prepared import Statement
from paymentprocessor.database.rows import stored
from users.acting import HOLDING_KEYS, HoldingKeys, acting_key
from users.queries import find_user
from wallets.errors import WalletNotFound
from wallets.limits import LimitRule
from wallets.models import Wallet
from wallets.models.limit import NOBODY
from wallets.opening import add_wallet

# By which policy the owner is charged, and how much they may move.
_TERMS = "currency.name, currency.exponent, currency.enabled, owner.tier"
_COLUMNS = [field.attname for field in Wallet._meta.concrete_fields]

# The rules that could be the owner's, those of all tiers among them: see
# `transactions.series` for why. One probe of an index, `wallets_one_limit_per_scope`,
# however many rules there are for others.
_LIMITS = f"""
SELECT json_agg(json_build_object(
           'id', rule.id,
           'subject', CASE WHEN rule.wallet_id IS NOT NULL THEN 'wallet'
                           WHEN rule.user_id IS NOT NULL THEN 'user'
                           WHEN rule.tier <> '' THEN 'tier' ELSE 'everybody' END,
           'tier', rule.tier, 'type', rule.type, 'currency', rule.currency,
           'unit', unit.code, 'exponent', unit.exponent, 'window', rule.window,
           'max_amount', rule.max_amount::text, 'max_count', rule.max_count,
           'created_at', rule.created_at))
  FROM wallets_limit AS rule
  LEFT JOIN fx_currency AS unit ON unit.code = rule.unit_id
 WHERE coalesce(rule.wallet_id, rule.user_id, '{NOBODY}'::uuid)
       = ANY(ARRAY[wallet.id, wallet.owner_id, '{NOBODY}'::uuid])
   AND rule.ended_at IS NULL
   AND rule.currency IN ('', wallet.currency_id)
"""  # noqa: S608 # nosec B608 - made of a constant

# Two transactions over the same wallets ask for them in the same order, so one queues
# up behind the other, and neither holds what the other waits for. NO KEY leaves foreign
# keys to these rows alone. By hand, since it is the statement that every movement
# begins with, and since the terms come along without a further round trip.
#
# Each is found by itself, by its key: joined, PostgreSQL may read all live wallets,
# which it takes for a handful until it has counted them. Who was waited for may have
# closed the wallet, and only what stands beside the id is looked at again then.
_LOCK = f"""
SELECT {", ".join(f"wallet.{column}" for column in _COLUMNS)},
       {HOLDING_KEYS}, {_TERMS}, ({POLICY_IN_FORCE}), ({_LIMITS}), {HEARD}
  FROM unnest(%(owners)s::uuid[], %(codes)s::varchar[]) AS claim (owner_id, code)
  JOIN wallets_wallet AS wallet
    ON wallet.id = (SELECT live.id FROM wallets_wallet AS live
                     WHERE live.owner_id = claim.owner_id
                       AND live.currency_id = claim.code AND live.deleted_at IS NULL)
   AND wallet.deleted_at IS NULL
  JOIN fx_currency AS currency ON currency.code = wallet.currency_id
  JOIN users_user AS owner ON owner.id = wallet.owner_id
 ORDER BY wallet.id
   FOR NO KEY UPDATE OF wallet
"""  # noqa: S608 # nosec B608 - made of names, not of input
_LOCK_OR_WAIT, _LOCK_OR_LEAVE = Statement(_LOCK), Statement(f"{_LOCK} SKIP LOCKED")


# The same of wallets that are not written yet.
_TERMS_OF_NEW = Statement(
    f"""
SELECT wallet.id, {_TERMS}, ({POLICY_IN_FORCE}), ({_LIMITS}), {HEARD}
  FROM unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(codes)s::varchar[])
       AS wallet (id, owner_id, currency_id)
  JOIN fx_currency AS currency ON currency.code = wallet.currency_id
  JOIN users_user AS owner ON owner.id = wallet.owner_id
"""  # noqa: S608 # nosec B608 - made of constants
)


class Place(NamedTuple):
    """Where a wallet is, or might be: whose, and in which currency."""

    owner_id: UUID
    currency_code: str


class Claim(NamedTuple):
    """The wallet that a movement wants: whose, in which currency.

    Money can always arrive in an enabled currency, so a claim that `opens` makes the
    wallet where there is none yet.
    """

    owner_id: UUID
    currency_code: str
    opens: bool = False

    @property
    def place(self) -> Place:
        return Place(self.owner_id, self.currency_code)


def lock_wallets(*claims: Claim) -> list[Wallet]:
    """The live wallets claimed, in the order of the claims, locked until commit.

    Needs a transaction. Each comes with its currency, and with the terms on which its
    owner deals with us, and the limits there are, when the statement begins.

    :raises UserNotFound, UserDeleted: an owner is not there.
    :raises UnsupportedCurrency, WalletNotFound: a wallet is not there.
    :raises RequestInProgress: a wallet was opened and closed by others meanwhile.
    """
    if not claims:
        # No condition at all would be everybody's wallets.
        return []
    places = [claim.place for claim in claims]
    found = lock_existing(places)
    missing = [claim for claim in claims if claim.place not in found]
    if missing:
        # What may not be opened is told of first, and the others are opened by owner,
        # whose row is locked: whoever opens several does it in the same order.
        for claim in sorted(missing, key=lambda claim: (claim.opens, claim.owner_id)):
            _open(claim)
        found = lock_existing(places)
        if any(place not in found for place in places):
            # Somebody else opened it after our first look, and staff closed it again
            # before our second.
            raise RequestInProgress("The wallet is being opened and closed just now.")
    failpoints.reach("after_lock")
    return [found[place] for place in places]


def lock_existing(places: Collection[Place]) -> dict[Place, Wallet]:
    """Those of the wallets that are there, locked until commit, in one statement.

    :raises AuthenticationFailed: the key that acts has ended.
    """
    acting = acting_key()
    locked, holding = lock_for([acting.key_id], places)
    if locked:
        acting.confirm(holding)
    return locked


def lock_for(
    key_ids: Collection[UUID | None],
    places: Collection[Place],
    *,
    skip_locked: bool = False,
) -> tuple[dict[Place, Wallet], HoldingKeys]:
    """The same for whoever does the work of others, and which of their keys hold.

    With `skip_locked` those that somebody else has locked are left out, and nobody
    waits. Without any wallet no key is said to hold.
    """
    statement = _LOCK_OR_LEAVE if skip_locked else _LOCK_OR_WAIT
    rows = statement.rows({"key_ids": list(key_ids), **_columns(places)})
    locked = [_wallet(row) for row in rows]
    holding = rows[0][len(_COLUMNS)] if rows else None
    return {place_of(wallet): wallet for wallet in locked}, holding


def with_terms(wallets: Collection[Wallet]) -> None:
    """Give new wallets what locked ones come with."""
    of_id = {wallet.id: wallet for wallet in wallets}
    places = [place_of(wallet) for wallet in wallets]
    for id_, *terms in _TERMS_OF_NEW.rows({"ids": list(of_id), **_columns(places)}):
        _add_terms(of_id[id_], terms)


def place_of(wallet: Wallet) -> Place:
    assert wallet.owner_id is not None, "the house's accounts are not claimed"
    return Place(wallet.owner_id, wallet.currency_id)


def _columns(places: Collection[Place]) -> dict[str, list[Any]]:
    return {
        "owners": [place.owner_id for place in places],
        "codes": [place.currency_code for place in places],
    }


def _wallet(row: Sequence[Any]) -> Wallet:
    wallet = stored(Wallet, dict(zip(_COLUMNS, row, strict=False)))
    _add_terms(wallet, row[len(_COLUMNS) + 1 :])
    return wallet


def _add_terms(wallet: Wallet, terms: Sequence[Any]) -> None:
    name, exponent, enabled, tier, policy_id, limits, wallet.heard = terms
    wallet.currency = _currency(wallet.currency_id, name, exponent, enabled)
    wallet.terms = Terms(policy_id, policy_of(policy_id), tier)
    wallet.limits = tuple(LimitRule.of(rule) for rule in limits or ())


@cache
def _currency(code: str, name: str, exponent: int, enabled: bool) -> Currency:
    """Made once: for whoever moves money a currency is something to read."""
    return Currency(code=code, name=name, exponent=exponent, enabled=enabled)


def _open(claim: Claim) -> None:
    owner = find_user(claim.owner_id)
    currency = find_currency(claim.currency_code)
    if not claim.opens:
        raise WalletNotFound(claim.currency_code)
    add_wallet(owner, currency)


def lock_any_wallets(
    ids: Collection[UUID], *, skip_locked: bool = False
) -> list[Wallet]:
    """These wallets by the order of their ids, also deleted ones, locked until commit.

    For what may happen on a wallet that moves no more. Needs a transaction. With
    `skip_locked` those that somebody else has locked are left out, and nobody waits.
    """
    locked = list(
        Wallet.all_objects.filter(pk__in=ids)
        .select_related("currency")
        # The same order as above, for the same reason.
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
    )
    failpoints.reach("after_lock")
    return locked
