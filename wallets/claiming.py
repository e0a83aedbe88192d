"""Taking hold of the wallets of many movements at once."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from fx.errors import UnsupportedCurrency
from fx.models import Currency
from paymentprocessor import failpoints
from paymentprocessor.api.errors import Refusal
from users.errors import UserDeleted, UserNotFound
from users.models import User
from wallets.errors import WalletNotFound
from wallets.locking import Claim, Place, lock_existing, place_of, with_terms
from wallets.models import Wallet
from wallets.opening import open_wallets


class ClaimedWallets:
    """The wallets that many movements want, locked until commit.

    Each is one and the same object to all of them. One that is not there yet is made in
    memory, its owner locked, so that nobody else opens it meanwhile. It is opened when
    something was booked on it: a movement that is refused opens none.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        claims = list(claims)
        places = list(dict.fromkeys(claim.place for claim in claims))
        self._wallets = lock_existing(places)
        self._refusals: dict[Place, Refusal] = {}
        self._new: dict[Place, Wallet] = {}
        # Those that were given away since new ones were opened the last time.
        self._taken: dict[Place, Wallet] = {}
        missing = [place for place in places if place not in self._wallets]
        if missing:
            self._look_for(missing, {c.place for c in claims if c.opens})
        failpoints.reach("after_lock")

    def take(self, claims: Iterable[Claim]) -> list[Wallet]:
        """The wallets of one movement, in the order of its claims.

        :raises UserNotFound, UserDeleted: an owner is not there.
        :raises UnsupportedCurrency, WalletNotFound: a wallet is not there, or not yet.
        """
        return [self._take(claim) for claim in claims]

    def expect(self, claim: Claim) -> Wallet | None:
        """The wallet that `take` gives now, or will once money has arrived on it."""
        return self._wallets.get(claim.place) or self._new.get(claim.place)

    def open_used(self) -> None:
        """Open the new wallets on which something was booked; before that is written.

        Needs the transaction in which they were claimed.
        """
        used = {place: new for place, new in self._taken.items() if new.version}
        self._taken = {}
        if used:
            open_wallets(list(used.values()))
        for place in used:
            self._wallets[place] = self._new.pop(place)

    def _take(self, claim: Claim) -> Wallet:
        place = claim.place
        if wallet := self._wallets.get(place):
            return wallet
        if place in self._refusals:
            raise self._refusals[place].with_traceback(None)
        wallet = self._new[place]
        if not (claim.opens or wallet.version):
            raise WalletNotFound(claim.currency_code)
        self._taken[place] = wallet
        return wallet

    def _look_for(self, missing: Sequence[Place], opened: Iterable[Place]) -> None:
        """Find out why wallets are not there, and make those that are to be opened."""
        owners = _lock_owners({owner_id for owner_id, _ in missing})
        # Whoever opened one before we had its owner is done now.
        self._wallets |= lock_existing(missing)
        codes = {code for _, code in missing}
        enabled = set(
            Currency.objects.filter(code__in=codes, enabled=True).values_list(
                "code", flat=True
            )
        )
        for place in missing:
            if place not in self._wallets:
                refusal = _why_not(place, owners, enabled)
                if refusal is None and place not in opened:
                    refusal = WalletNotFound(place.currency_code)
                if refusal is not None:
                    self._refusals[place] = refusal
        self._new = _new_wallets(
            place
            for place in missing
            if place not in self._wallets and place not in self._refusals
        )


def _lock_owners(ids: Iterable[UUID]) -> dict[UUID, User]:
    """The users of these ids, also deleted ones: none is deleted until we are done."""
    users = User.all_objects.filter(pk__in=ids)
    # By everybody in the same order, like all locks.
    locked = users.order_by("pk").select_for_update(no_key=True)
    return {user.pk: user for user in locked}


def _why_not(
    place: Place, owners: dict[UUID, User], enabled: Iterable[str]
) -> Refusal | None:
    """Why there cannot be such a wallet, in the order in which one would be opened."""
    owner = owners.get(place.owner_id)
    if owner is None:
        return UserNotFound()
    if owner.is_deleted:
        return UserDeleted()
    if place.currency_code not in enabled:
        code = place.currency_code
        return UnsupportedCurrency(f"{code} is not supported.", currency=code)
    return None


def _new_wallets(places: Iterable[Place]) -> dict[Place, Wallet]:
    new = [
        Wallet(id=uuid7(), owner_id=place.owner_id, currency_id=place.currency_code)
        for place in places
    ]
    if new:
        with_terms(new)
    return {place_of(wallet): wallet for wallet in new}
