"""Add the currencies that ISO 4217 published since the last time."""

from fx.models import Currency
from fx.money import iso_currencies


def add_currencies() -> list[Currency]:
    """Insert the listed currencies that are not here yet, and return those.

    What is here stays as it is: a currency may have been switched off or renamed on
    purpose, and an exponent never changes under amounts that were booked with it.
    """
    known = set(Currency.objects.values_list("code", flat=True))
    missing = [
        Currency(code=listed.code, name=listed.name, exponent=listed.exponent)
        for listed in iso_currencies()
        if listed.code not in known
    ]
    # A second run at the same moment may have been quicker; both end alike.
    return Currency.objects.bulk_create(missing, ignore_conflicts=True)
