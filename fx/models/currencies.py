"""Currencies that wallets can be in."""

from functools import cache

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from fx.money import MAX_EXPONENT, Denomination
from paymentprocessor.database.past import keep_past

CURRENCY_CODE_PATTERN = r"^[A-Z0-9]{3,12}\Z"


@keep_past("name", "exponent", "enabled")
class Currency(models.Model):
    """A currency that wallets can be in.

    ISO 4217's come with the migrations; `load_currencies` adds those published later,
    and a digital asset can be added by hand with up to 8 decimals. A currency is
    switched off (`enabled`), never deleted, and its exponent never changes: amounts
    that were booked at the old scale would have to be rounded.
    """

    code = models.CharField(
        max_length=12,
        primary_key=True,
        validators=[RegexValidator(CURRENCY_CODE_PATTERN)],
    )
    name = models.CharField(max_length=100)
    exponent = models.PositiveSmallIntegerField()
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(
                condition=Q(exponent__gte=0, exponent__lte=MAX_EXPONENT),
                name="fx_currency_exponent_in_range",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=CURRENCY_CODE_PATTERN),
                name="fx_currency_code_is_upper_case",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def denomination(self) -> Denomination:
        return _denomination(self.code, self.exponent)


@cache
def _denomination(code: str, exponent: int) -> Denomination:
    """Made once: every amount of a movement asks for it."""
    return Denomination(code, exponent)
