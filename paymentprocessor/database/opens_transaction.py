"""Services that open a transaction, and can also be a part of a greater one."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeVar

from django.db import connection
from django.db import transaction as db_transaction

_Params = ParamSpec("_Params")
_Result = TypeVar("_Result")


class _Service(Generic[_Params, _Result]):
    """See `opens_transaction`."""

    def __init__(self, work: Callable[_Params, _Result]) -> None:
        self._work = work
        update_wrapper(self, work)

    def __call__(self, *args: _Params.args, **kwargs: _Params.kwargs) -> _Result:
        """Do it in a transaction of its own: it is done when this returns."""
        with db_transaction.atomic(durable=True):
            return self._work(*args, **kwargs)

    def within(self, *args: _Params.args, **kwargs: _Params.kwargs) -> _Result:
        """Do it as a part of the caller's transaction, which it needs."""
        assert connection.in_atomic_block, "a part needs a transaction around it"
        return self._work(*args, **kwargs)


def opens_transaction(
    service: Callable[_Params, _Result],
) -> _Service[_Params, _Result]:
    """Make a service open its transaction, and insist that it is the outermost.

    For what staff may do at once and what two of them decide alike: an approval does
    the very same `within` the transaction of its own end, and a simulation within one
    that is rolled back.
    """
    return _Service(service)
