"""Keep the rules on how much a wallet, a user, a tier or everybody may move."""

import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0004_prices_and_promises"),
        ("wallets", "0002_wallets_keep_their_identity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Limit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tier", models.CharField(blank=True, default="", max_length=32)),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fund", "Fund"),
                            ("withdrawal", "Withdrawal"),
                            ("transfer", "Transfer"),
                            ("conversion", "Conversion"),
                            ("capture", "Capture"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("currency", models.CharField(blank=True, default="", max_length=12)),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("operation", "Operation"),
                            ("day", "Day"),
                            ("week", "Week"),
                            ("month", "Month"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "max_amount",
                    models.DecimalField(
                        blank=True, decimal_places=8, max_digits=28, null=True
                    ),
                ),
                ("max_count", models.IntegerField(blank=True, null=True)),
                ("reason", models.CharField(max_length=500)),
                ("staff_id", models.UUIDField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(default="", max_length=500)),
                ("end_staff_id", models.UUIDField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fx.currency",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="limits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wallet",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wallets.wallet",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce(
                            "wallet_id",
                            "user_id",
                            models.Value(
                                uuid.UUID("00000000-0000-0000-0000-000000000000"),
                                models.UUIDField(),
                            ),
                        ),
                        models.F("tier"),
                        models.F("type"),
                        models.F("currency"),
                        models.F("window"),
                        condition=models.Q(("ended_at", None)),
                        name="wallets_one_limit_per_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("user", None), ("wallet", None)),
                            models.Q(("tier", ""), ("user", None)),
                            models.Q(("tier", ""), ("wallet", None)),
                            _connector="OR",
                        ),
                        name="wallets_limit_has_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tier", ""),
                            ("tier__regex", "^[a-z][a-z0-9_]{0,31}\\Z"),
                            _connector="OR",
                        ),
                        name="wallets_limit_tier_is_a_word",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "",
                                    "fund",
                                    "withdrawal",
                                    "transfer",
                                    "conversion",
                                    "capture",
                                ],
                            )
                        ),
                        name="wallets_limit_type",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("window__in", ["operation", "day", "week", "month"])
                        ),
                        name="wallets_limit_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wallet", None),
                            models.Q(("currency", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="wallets_limit_of_wallet_has_its_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("currency", ""),
                            models.Q(
                                ("unit", models.F("currency")), ("unit__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="wallets_limit_is_in_its_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_amount__isnull", False),
                            ("max_count__isnull", False),
                            _connector="OR",
                        ),
                        name="wallets_limit_limits_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_amount", None),
                            models.Q(("max_amount__gt", 0), ("unit__isnull", False)),
                            _connector="OR",
                        ),
                        name="wallets_limit_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_count", None), ("max_count__gte", 0), _connector="OR"
                        ),
                        name="wallets_limit_count_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("window", "operation"), _negated=True),
                            ("max_count", None),
                            _connector="OR",
                        ),
                        name="wallets_limit_of_operation_has_no_count",
                    ),
                ],
            },
        ),
    ]
