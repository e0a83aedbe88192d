"""Holds, the captures that pay them out, and keys that were answered with one."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0004_prices_and_promises"),
        ("transactions", "0007_what_positions_were_stays"),
        ("users", "0005_tiers"),
        ("wallets", "0002_wallets_keep_their_identity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
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
                ("currency", models.CharField(max_length=12)),
                ("amount", models.DecimalField(decimal_places=8, max_digits=28)),
                (
                    "fee",
                    models.DecimalField(
                        db_default=Decimal(0),
                        decimal_places=8,
                        default=Decimal(0),
                        max_digits=28,
                    ),
                ),
                (
                    "captured",
                    models.DecimalField(
                        decimal_places=8, default=Decimal(0), max_digits=28
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("captured", "Captured"),
                            ("partially_captured", "Partially Captured"),
                            ("voided", "Voided"),
                            ("expired", "Expired"),
                        ],
                        default="active",
                        max_length=18,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("reference", models.CharField(max_length=255, null=True)),
                (
                    "description",
                    models.CharField(blank=True, default="", max_length=500),
                ),
                ("metadata", models.JSONField(default=dict)),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "void_reason",
                    models.CharField(blank=True, default="", max_length=500),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="idempotencykey",
            name="transactions_key_has_one_outcome",
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("hold_id__isnull", True),
                        ("refusal__isnull", True),
                        ("transaction_id__isnull", False),
                    ),
                    models.Q(
                        ("hold_id__isnull", False),
                        ("refusal__isnull", True),
                        ("transaction_id__isnull", True),
                    ),
                    models.Q(
                        ("hold_id__isnull", True),
                        ("refusal__isnull", False),
                        ("transaction_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="transactions_key_has_one_outcome",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="api_key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="users.apikey",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="quote",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="fx.quote",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="staff",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="to_user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="voided_by_key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="users.apikey",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="voided_by_staff",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="wallet",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="wallets.wallet",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="hold",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="captures",
                to="transactions.hold",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                models.F("hold"),
                models.F("recorded_at"),
                models.F("id"),
                condition=models.Q(("hold__isnull", False)),
                name="transactions_captures",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hold__isnull", False), ("type", "capture")),
                    models.Q(
                        models.Q(("type", "capture"), _negated=True),
                        ("hold__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="transactions_captures_have_holds",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                models.F("created_at"), models.F("id"), name="transactions_hold_list"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                models.F("owner"),
                models.F("created_at"),
                models.F("id"),
                name="transactions_hold_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                models.F("expires_at"),
                models.F("id"),
                condition=models.Q(("status", "active")),
                name="transactions_hold_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    ("captured__gte", 0),
                    ("captured__lte", models.F("amount")),
                    ("fee__gte", 0),
                ),
                name="transactions_hold_is_not_exceeded",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("captured__lt", models.F("amount")),
                        ("ended_at__isnull", True),
                        ("status", "active"),
                    ),
                    models.Q(
                        ("captured", models.F("amount")),
                        ("ended_at__isnull", False),
                        ("status", "captured"),
                    ),
                    models.Q(
                        ("captured__gt", 0),
                        ("captured__lt", models.F("amount")),
                        ("ended_at__isnull", False),
                        ("status", "partially_captured"),
                    ),
                    models.Q(
                        ("captured", 0),
                        ("ended_at__isnull", False),
                        ("status__in", ["voided", "expired"]),
                    ),
                    _connector="OR",
                ),
                name="transactions_hold_status_says_what_was_captured",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                models.F("quote"),
                condition=models.Q(("quote__isnull", False)),
                name="transactions_hold_uses_a_quote_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                models.F("owner"),
                models.F("reference"),
                condition=models.Q(("reference__isnull", False)),
                name="transactions_hold_reference_unique_per_owner",
            ),
        ),
    ]
