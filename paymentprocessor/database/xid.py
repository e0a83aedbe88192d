"""PostgreSQL's own transaction ids, as the order in which writers began.

Rows become visible when their writer commits, not when it began, so a reader who
remembers "the last id I saw" misses whatever commits late. A reader who stops at the
*horizon*, the oldest writer still at work, misses nothing: below it all is decided.
Source: PostgreSQL manual, "Transaction ID and Snapshot Information Functions".
"""

from typing import Any

from django.db import models
from django.db.models.expressions import Func


class CurrentTransactionId(Func):
    """The id of the database transaction that runs the statement."""

    function = "pg_current_xact_id"
    arity = 0


class Horizon(Func):
    """The oldest transaction id still at work: everything below it is decided."""

    template = "pg_snapshot_xmin(pg_current_snapshot())"
    arity = 0


class Xid8Field(models.Field):  # type: ignore[type-arg]
    """A 64-bit transaction id (`xid8`), which never wraps; an `int` in Python."""

    description = "PostgreSQL transaction id"

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        return "xid8"

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        # Expressions pass as they are; numbers go as text, which PostgreSQL reads
        # as xid8, since there is no cast from an integer.
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value
