"""Alice with some money, and a promise of hers to Bob."""

from typing import Any

import pytest

from tests.domain import fund, hold
from transactions.postings import Held
from users.models import User


@pytest.fixture
def funded(alice: User) -> User:
    fund(alice, "100.00 USD")
    return alice


@pytest.fixture
def order(funded: User, bob: User) -> dict[str, Any]:
    """What a client sends to have 60 dollars held."""
    return {
        "user_id": str(funded.id),
        "currency": "USD",
        "amount": "60.00",
        "to_user_id": str(bob.id),
    }


@pytest.fixture
def placed(funded: User, bob: User) -> Held:
    return hold(funded, "60.00 USD", to=bob)
