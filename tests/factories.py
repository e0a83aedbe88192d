"""The cast: customers and staff, made the way the product makes them."""

from typing import Any

import factory

from users.models import User
from wallets.services import create_user


class CustomerFactory(factory.Factory):
    """A customer with a wallet in the default currency."""

    class Meta:
        model = User

    name = factory.Faker("name")
    external_id = factory.Sequence(lambda number: f"customer-{number}")
    email = factory.LazyAttribute(lambda user: f"{user.external_id}@example.com")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        # The model alone would be a customer without a wallet, which never exists.
        return create_user(**fields)


class StaffFactory(factory.django.DjangoModelFactory):
    """Somebody who may sign in to the console, and do nothing there yet."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"staff-{number}")
    name = factory.Faker("name")
    is_staff = True
    password = factory.django.Password("correct horse battery staple")
