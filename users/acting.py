"""The key that a movement is made with, and that it still holds when money moves.

To look a key up is a round trip of its own, a seventh of what a movement costs. So a
key that was seen a moment ago lets a movement begin, and whoever locks the wallets asks
in the same statement whether it still holds. A movement whose statement begins after a
key was revoked moves nothing, and is told nothing; one that waited for its wallets
meanwhile, at most `LOCK_TIMEOUT_MS` for each, began before.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from rest_framework.exceptions import AuthenticationFailed

from paymentprocessor.database.prepared import Statement

# One answer for every reason: which of them it was helps only a thief.
NOT_VALID = "This API key is not valid."

# Which keys hold at an instant: not ended, and their owner not deleted.
HOLDS = """
       key.revoked_at IS NULL
   AND (key.expires_at IS NULL OR key.expires_at > {at})
   AND owner.deleted_at IS NULL
"""

# Which of some keys hold, for a statement that has better things to do: one row more to
# read for each, by its id. A list in JSON, or NULL if it is none of them.
HOLDING_KEYS = f"""
(SELECT json_agg(key.id)
   FROM users_apikey AS key
   LEFT JOIN users_user AS owner ON owner.id = key.owner_id
  WHERE key.id = ANY(%(key_ids)s::uuid[])
    AND {HOLDS.format(at="statement_timestamp()")})
"""  # noqa: S608 # nosec B608 - made of constants
HoldingKeys = Collection[str] | None
_ASK = Statement(f"SELECT {HOLDING_KEYS}")


@dataclass
class Acting:
    """Whose key it is that acts here; nobody's, where none is asked for."""

    key_id: UUID | None
    is_confirmed: bool = False

    def confirm(self, holding: HoldingKeys) -> None:
        """Take the database's word for it: which keys hold.

        :raises AuthenticationFailed:
        """
        if self.key_id is not None and str(self.key_id) not in (holding or ()):
            raise AuthenticationFailed(NOT_VALID)
        self.is_confirmed = True

    def make_sure(self) -> None:
        """Ask the database, if it has not been asked.

        :raises AuthenticationFailed:
        """
        if self.key_id is None or self.is_confirmed:
            return
        [[holding]] = _ASK.rows({"key_ids": [self.key_id]})
        self.confirm(holding)


_acting: ContextVar[Acting] = ContextVar("acting")


@contextmanager
def acting_by(key_id: UUID | None) -> Iterator[Acting]:
    """Inside of the block everything is done by that key."""
    acting = Acting(key_id)
    token = _acting.set(acting)
    try:
        yield acting
    finally:
        _acting.reset(token)


def acting_key() -> Acting:
    """The key that acts here."""
    return _acting.get(None) or Acting(None)
