"""Services that open a transaction, or are a part of one."""

import pytest
from django.db import connection
from django.db import transaction as db_transaction

from paymentprocessor.database.opens_transaction import opens_transaction


@opens_transaction
def in_transaction(answer: int) -> tuple[bool, int]:
    """Whether there is a transaction."""
    return connection.in_atomic_block, answer


@pytest.mark.django_db(transaction=True)
class TestOpensTransaction:
    def test_opens_one(self):
        assert in_transaction(7) == (True, 7)
        assert not connection.in_atomic_block

    def test_insists_on_being_the_outermost(self):
        with db_transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            in_transaction(7)

    def test_is_a_part_of_one_when_asked(self):
        with db_transaction.atomic():
            assert in_transaction.within(7) == (True, 7)

    def test_is_no_part_of_none(self):
        with pytest.raises(AssertionError, match="around it"):
            in_transaction.within(7)

    def test_keeps_its_name(self):
        assert in_transaction.__name__ == "in_transaction"
        assert in_transaction.__doc__ == "Whether there is a transaction."
