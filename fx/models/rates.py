"""What was observed about rates."""

from fractions import Fraction

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from fx.pricing import Source, mid_of


class Rate(models.Model):
    """One observation of a rate: what a provider said, and when we heard it.

    One unit of `base` is bought by the provider at `bid` and sold at `ask` units of
    `quote`; a provider that names one number only (the ECB does) has both the same.
    `as_of` is when the rate was published, `fetched_at` when we got it. Observations
    are only ever added, PostgreSQL refuses everything else: a correction is a further
    row for the same `as_of`, and what was fetched last is the provider's word, also
    when it is the first one again. Hearing that word once more adds nothing. Of what
    staff said, by hand or in a file, it is kept who did and why.
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
    staff_id = models.UUIDField(null=True, blank=True)
    reason = models.TextField(blank=True, db_default="")

    class Meta:
        ordering = ["-as_of", "base", "quote"]
        constraints = [
            # By `as_of` first: so it also answers how old the newest rate is, and a
            # new day's rows go to the end of it.
            models.UniqueConstraint(
                fields=["as_of", "provider", "base", "quote", "fetched_at"],
                name="fx_rate_one_word_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(bid__gt=0, ask__gte=F("bid")), name="fx_rate_bid_below_ask"
            ),
            models.CheckConstraint(
                condition=~Q(base=F("quote")), name="fx_rate_two_currencies"
            ),
        ]
        indexes = [
            # The order in which `fx/sql/latest.sql` takes the first row of a pair and
            # provider, and by which it steps from one provider to the next.
            models.Index(
                "base",
                "quote",
                "provider",
                F("as_of").desc(),
                F("fetched_at").desc(),
                name="fx_rate_latest_of_provider",
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
