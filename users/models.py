"""Who people are, and the keys that act for them."""

from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from uuid_utils.compat import uuid7

from paymentprocessor.database.past import THIS_TRANSACTION, keep_past
from paymentprocessor.database.soft_delete import (
    LiveManager,
    SoftDeletable,
)
from users import scopes

DEFAULT_TIER = "standard"
TIER_PATTERN = r"^[a-z][a-z0-9_]{0,31}\Z"


class UserManager(LiveManager, BaseUserManager["User"]):
    """Live users; makes staff for `createsuperuser`. Customers come by a service."""

    def create_user(
        self, username: str, password: str | None = None, **fields: Any
    ) -> "User":
        user: User = self.model(username=username, **fields)
        user.set_password(password)
        user.save(force_insert=True)
        return user

    def create_superuser(
        self, username: str, password: str | None = None, **fields: Any
    ) -> "User":
        fields |= {"is_staff": True, "is_superuser": True}
        return self.create_user(username, password, **fields)


@keep_past(
    "username", "external_id", "name", "email", "tier", "is_staff", "is_superuser",
    "deleted_at",
)  # fmt: skip
class User(SoftDeletable, AbstractBaseUser, PermissionsMixin):
    """One person: a customer who holds wallets, or one of our staff, or both.

    A customer is known by `external_id`, the name that the company's own systems
    give to them; it names one person for ever and is not free again after deletion.
    Only staff sign in, by `username`; customers have neither name nor password
    here. A user is never removed: `deleted_at` hides them from the API while what
    they own stays owed on the books, and staff can bring them back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True, null=True, blank=True)
    external_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    # Which of the policy's rules and which limits apply; a word of the company's own.
    tier = models.CharField(
        max_length=32,
        default=DEFAULT_TIER,
        db_default=DEFAULT_TIER,
        validators=[RegexValidator(TIER_PATTERN)],
    )
    is_staff = models.BooleanField("may sign in to the console", default=False)
    # Made by somebody else, so it opens one page only: where a new one is chosen.
    password_is_temporary = models.BooleanField(
        default=False, db_default=False, editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        indexes = [
            models.Index("email", name="users_user_email"),
            # How people's words begin, whatever the case.
            *(
                models.Index(
                    OpClass(Upper(field), "text_pattern_ops"),
                    name=f"users_user_{field}_begins",
                )
                for field in ("external_id", "name", "email")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tier__regex=TIER_PATTERN), name="users_tier_is_a_word"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.external_id or self.username or str(self.id)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return not self.is_deleted


@keep_past("name", "scopes", "owner", "expires_at", "revoked_at")
class ApiKey(models.Model):
    """A secret that acts: for one customer, or, without an owner, for the platform.

    The secret itself is shown once and not kept: `digest` is the SHA-256 of the
    whole token. A fast hash is right here, since the token carries 256 random bits
    and cannot be guessed. `prefix` lets people name a key without knowing it. A key
    ends by `expires_at` or `revoked_at`, whichever comes first, and is never removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=50))
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="api_keys"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return f"{self.name} (fxk_{self.prefix}…)"

    @property
    def is_platform(self) -> bool:
        return self.owner_id is None

    def allows(self, scope: str) -> bool:
        return scope in self.scopes or scopes.EVERYTHING in self.scopes


class StaffAct(models.Model):
    """One thing that a member of staff did, or a customer's page that they read.

    Written by the service that did it, in the same database transaction, and never
    changed: neither is there without the other. `before` and `after` hold what changed
    and nothing else. `customer_id` is whose business it was, if anybody's, for their
    timeline; `staff` is empty when it was done from the command line.

    What staff may do beyond Django's view, add, change and delete is declared here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    staff = models.ForeignKey(User, models.PROTECT, null=True, related_name="acts")
    kind = models.CharField(max_length=50)
    subject_type = models.CharField(max_length=50)
    subject_id = models.CharField(max_length=64)
    customer_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=500, blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    # What else was written in the same transaction has the same number.
    xact = models.BigIntegerField(
        null=True, db_default=THIS_TRANSACTION, editable=False
    )
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ("view",)
        permissions = [
            ("freeze_wallet", "Can freeze and unfreeze wallets"),
            ("close_wallet", "Can close empty wallets"),
            ("open_wallet", "Can open wallets for customers"),
            ("revoke_apikey", "Can revoke API keys"),
            ("void_hold", "Can void holds"),
            ("manage_staff", "Can make logins for staff and give them roles"),
        ]
        indexes = [
            models.Index("customer_id", "id", name="users_act_of_customer"),
            models.Index("subject_id", "id", name="users_act_on_subject"),
            models.Index("occurred_at", name="users_act_occurred_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
