"""The feeds that are configured, what went wrong, and what was decided about pairs."""

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from fx.consensus import UNHURRIED
from fx.providers.http_json import HttpJson
from paymentprocessor.database.past import keep_past

# Outside of development, whoever fetches insists on https.
HTTP = URLValidator(["https", "http"])
FEED_NAME = RegexValidator(r"^[a-z][a-z0-9_-]{1,31}\Z", "Small letters and digits.")
PATH = RegexValidator(r"^[^.\s]+(\.[^.\s]+)*\Z", "Names with a dot between each two.")
HEADER_NAME = RegexValidator(r"^[A-Za-z0-9-]+\Z", "Letters, digits and hyphens.")
# Not any variable of the environment: whoever may write a feed could have our own
# secrets sent to an address of theirs.
HEADER_VARIABLE = RegexValidator(r"^FX_FEED_[A-Z0-9_]+\Z", "It begins with FX_FEED_.")


@keep_past(
    "name", "enabled", "url", "list_path", "base_path", "quote_path", "bid_path",
    "ask_path", "as_of_path", "header_name", "header_variable",
)  # fmt: skip
class Feed(models.Model):
    """One provider that answers with JSON over HTTPS: where it is and how it is read.

    `name` is the provider of its observations, for ever. A path names members, with a
    dot between each two (see `fx.providers.http_json`). The value of the header, which
    is a secret, is in the environment only; here is the name of the variable.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=32, unique=True, validators=[FEED_NAME])
    enabled = models.BooleanField(default=True)
    url = models.CharField("URL", max_length=500, validators=[HTTP])
    list_path = models.CharField(max_length=200, blank=True, validators=[PATH])
    base_path = models.CharField(max_length=200, blank=True, validators=[PATH])
    quote_path = models.CharField(max_length=200, blank=True, validators=[PATH])
    bid_path = models.CharField(max_length=200, blank=True, validators=[PATH])
    ask_path = models.CharField(max_length=200, blank=True, validators=[PATH])
    as_of_path = models.CharField(max_length=200, validators=[PATH])
    header_name = models.CharField(max_length=100, blank=True, validators=[HEADER_NAME])
    header_variable = models.CharField(
        max_length=100, blank=True, validators=[HEADER_VARIABLE]
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name__in=sorted(UNHURRIED)), name="fx_feed_name_is_its_own"
            ),
            models.CheckConstraint(
                condition=Q(header_variable="")
                | Q(header_variable__startswith="FX_FEED_"),
                name="fx_feed_sends_no_secret_of_ours",
            ),
            models.CheckConstraint(
                condition=Q(header_name="", header_variable="")
                | ~Q(header_name="") & ~Q(header_variable=""),
                name="fx_feed_header_has_name_and_value",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def provider(self, *, trust_loopback: bool) -> HttpJson:
        """The feed as something that can be asked."""
        return HttpJson(
            url=self.url,
            list_path=self.list_path,
            base_path=self.base_path,
            quote_path=self.quote_path,
            bid_path=self.bid_path,
            ask_path=self.ask_path,
            as_of_path=self.as_of_path,
            header_name=self.header_name,
            header_variable=self.header_variable,
            trust_loopback=trust_loopback,
        )


class FeedError(models.Model):
    """Something that a provider said and that was not believed, or why it said nothing.

    `what` is for people, `excerpt` the beginning of what was read. Append-only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=32)
    at = models.DateTimeField()
    what = models.TextField()
    excerpt = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.provider} {self.at:%Y-%m-%d %H:%M}Z"


class Verdict(models.Model):
    """One decision about what the providers of a pair agree on: good, or not.

    The newest verdict of a pair is where it stands, and the newest by an instant where
    it stood then. `accepted`: the level is near the last one, and the next is measured
    against it. `opened`: the level was too far from the last one, so the breaker opened
    by itself; there is no rate until staff close it. `closed`: staff looked, gave a
    reason, and the level of that moment is the accepted one. Append-only; `at` grows
    from one verdict of a pair to the next.
    """

    class Kind(models.TextChoices):
        ACCEPTED = "accepted"
        OPENED = "opened"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    base = models.CharField(max_length=12)
    quote = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    # One digit more than a rate has: the exact middle between two of them.
    bid = models.DecimalField(max_digits=25, decimal_places=13)
    ask = models.DecimalField(max_digits=25, decimal_places=13)
    reason = models.TextField(blank=True)
    staff_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "base", "quote"]
        indexes = [models.Index(fields=["-at"], name="fx_verdict_newest")]
        constraints = [
            # Also the index by which the newest of a pair is found.
            models.UniqueConstraint(
                fields=["base", "quote", "at"], name="fx_verdict_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(bid__gt=0, ask__gte=F("bid")),
                name="fx_verdict_bid_below_ask",
            ),
            models.CheckConstraint(
                condition=~Q(kind="closed") | Q(staff_id__isnull=False) & ~Q(reason=""),
                name="fx_verdict_closed_by_staff_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pair} {self.kind} {self.at:%Y-%m-%d %H:%M}Z"

    @property
    def pair(self) -> str:
        return f"{self.base}/{self.quote}"
