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
from paymentprocessor.database.started import Started


class CommitAlong(Atomic):
    """A block like `atomic(durable=True)`, which its last statement may commit.

    See `Statement.rows`. Without `keep` everything is rolled back in the end. One that
    `hurries` waits for a lock 50 ms at most.

    `is_committing` from the moment on at which COMMIT is sent: who loses the connection
    then, without an answer, cannot know what became of it. `looks_up` as soon as its
    transaction was told to look rows up by keys. `started` is the statement that was
    started last; its rows have to be asked for before the end.
    """

    def __init__(self, *, keep: bool, hurries: bool = False) -> None:
        super().__init__(DEFAULT_DB_ALIAS, savepoint=True, durable=True)
        self.keep = keep
        self.hurries = hurries
        self.is_committing = False
        self.looks_up = False
        self.started: Started | None = None

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
        is_left, goes_on = self._leave_started(), False
        if exc_type is None:
            database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
            has_begun = self.is_committing and _is_in_transaction(database)
            goes_on = is_left or has_begun
            if not self.keep or goes_on:
                database.set_rollback(True)
            if not (database.needs_rollback or self.is_committing):
                self.commit()
        super().__exit__(exc_type, exc_value, traceback)
        # Another transaction has begun, which is not the one that this block promised,
        # or nobody knows what came of a statement of this one.
        assert not goes_on, "a statement came after the last one, or was left"

    def _leave_started(self) -> bool:
        """Whether a statement is still on its way: it is waited for, whatever it says.

        Where something else has failed, all of it is rolled back.
        """
        if self.started is None or self.started.is_done:
            return False
        self.started.wait()
        return True


def block_to_commit(database: DatabaseWrapper) -> CommitAlong | None:
    """The block that its last statement may commit: the only one, and to be kept."""
    match database.atomic_blocks:
        case [CommitAlong(keep=True) as block]:
            return block
    return None


def block_to_wait(database: DatabaseWrapper) -> CommitAlong:
    """The innermost block, which waits for what is started in it."""
    match database.atomic_blocks:
        case [*_, CommitAlong() as block]:
            return block
    raise AssertionError("nobody would wait for it")


def _is_in_transaction(database: DatabaseWrapper) -> bool:
    status = database.connection.pgconn.transaction_status
    return bool(status != TransactionStatus.IDLE)
