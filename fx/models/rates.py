"""Currencies, and what was observed about their rates."""

from fractions import Fraction

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from fx.money import MAX_EXPONENT, Denomination
from fx.pricing import Source, mid_of

CURRENCY_CODE_PATTERN = r"^[A-Z0-9]{3,12}\Z"


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
        return Denomination(self.code, self.exponent)


class Rate(models.Model):
    """One observation of a rate: what a provider said, and when we heard it.

    One unit of `base` is bought by the provider at `bid` and sold at `ask` units of
    `quote`; a provider that names one number only (the ECB does) has both the same.
    `as_of` is when the rate was published, `fetched_at` when we got it. Observations
    are only ever added, PostgreSQL refuses everything else: a correction is a further
    row for the same `as_of`, and the one fetched last wins. Hearing the same thing
    twice adds nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=32)
    # Codes and not foreign keys: the history has currencies that ISO 4217 dropped long
    # ago and that no wallet can be in (BGN, HRK, TRL), and an observation stays true
    # whatever becomes of the currency.
    base = models.CharField(max_length=12)
    quote = models.CharField(max_length=12)
    bid = models.DecimalField(max_digits=24, decimal_places=12)
    ask = models.DecimalField(max_digits=24, decimal_places=12)
    as_of = models.DateTimeField()
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "base", "quote"]
        constraints = [
            # By `as_of` first: so it also answers how old the newest rate is, and a
            # new day's rows go to the end of it.
            models.UniqueConstraint(
                fields=["as_of", "provider", "base", "quote", "bid", "ask"],
                name="fx_rate_observed_once",
            ),
            models.CheckConstraint(
                condition=Q(bid__gt=0, ask__gte=F("bid")), name="fx_rate_bid_below_ask"
            ),
            models.CheckConstraint(
                condition=~Q(base=F("quote")), name="fx_rate_two_currencies"
            ),
        ]
        indexes = [
            # The order in which `queries.latest_rates` takes the first row of a pair.
            models.Index(
                "base",
                "quote",
                F("as_of").desc(),
                F("fetched_at").desc(),
                F("id").desc(),
                name="fx_rate_latest_of_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.as_of:%Y-%m-%d %H:%M}Z {self.provider}"

    @property
    def mid(self) -> Fraction:
        """The exact middle between bid and ask."""
        return mid_of(self.bid, self.ask)

    @property
    def source(self) -> Source:
        return Source(self.id, self.provider, self.bid, self.ask, self.as_of)
