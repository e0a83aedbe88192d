"""A transaction whose COMMIT may go along with its last statement.

What is locked is locked for one round trip less, and nobody waits for COMMIT alone.
"""

from types import TracebackType
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.transaction import Atomic
from psycopg.pq import TransactionStatus

from paymentprocessor import failpoints


class CommitAlong(Atomic):
    """A block like `atomic(durable=True)`, which its last statement may commit.

    See `Statement.rows`. Without `keep` everything is rolled back in the end. One that
    `hurries` waits for a lock 50 ms at most.

    `is_committing` from the moment on at which COMMIT is sent: who loses the connection
    then, without an answer, cannot know what became of it. `looks_up` as soon as its
    transaction was told to look rows up by keys.
    """

    def __init__(self, *, keep: bool, hurries: bool = False) -> None:
        super().__init__(DEFAULT_DB_ALIAS, savepoint=True, durable=True)
        self.keep = keep
        self.hurries = hurries
        self.is_committing = False
        self.looks_up = False

    def commit(self) -> None:
        """COMMIT is about to be sent."""
        failpoints.reach("before_commit")
        self.is_committing = True

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        goes_on = False
        if exc_type is None:
            database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
            goes_on = self.is_committing and _is_in_transaction(database)
            if not self.keep or goes_on:
                database.set_rollback(True)
            if not (database.needs_rollback or self.is_committing):
                self.commit()
        super().__exit__(exc_type, exc_value, traceback)
        # Another transaction has begun, which is not the one that this block promised.
        assert not goes_on, "a statement came after the last one"


def block_to_commit(database: DatabaseWrapper) -> CommitAlong | None:
    """The block that its last statement may commit: the only one, and to be kept."""
    match database.atomic_blocks:
        case [CommitAlong(keep=True) as block]:
            return block
    return None


def _is_in_transaction(database: DatabaseWrapper) -> bool:
    status = database.connection.pgconn.transaction_status
    return bool(status != TransactionStatus.IDLE)
