"""Keep how much of their limits customers have used, as running totals."""

from decimal import Decimal

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0009_laws_of_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitSeries",
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
                ("user_id", models.UUIDField()),
                ("type", models.CharField(blank=True, max_length=12)),
                ("currency", models.CharField(blank=True, max_length=12)),
                ("unit", models.CharField(blank=True, max_length=12)),
                (
                    "total_amount",
                    models.DecimalField(
                        db_default=Decimal(0), decimal_places=8, max_digits=38
                    ),
                ),
                ("total_count", models.BigIntegerField(db_default=0)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "limit series",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user_id"),
                        models.F("type"),
                        models.F("currency"),
                        models.F("unit"),
                        name="transactions_one_limit_series",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total_amount__gte", 0), ("total_count__gte", 0)
                        ),
                        name="transactions_limit_series_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("total_amount", models.DecimalField(decimal_places=8, max_digits=38)),
                ("transaction_id", models.UUIDField()),
                (
                    "series",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="transactions.limitseries",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("series"),
                        models.F("at"),
                        models.F("number"),
                        name="transactions_limituse_at",
                    )
                ],
            },
        ),
    ]
