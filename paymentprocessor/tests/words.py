"""Statements about a table of words, and blocks that they are carried out in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from paymentprocessor.database.prepared import Statement

ADD = Statement("INSERT INTO said VALUES (%(word)s, %(word)s) RETURNING word")
KILL = Statement("SELECT pg_terminate_backend(pg_backend_pid())")


def carry_out(block: AbstractContextManager[Any], *acts: Callable[[], object]) -> None:
    """Do one after the other inside of the block."""
    with block:
        for act in acts:
            act()
