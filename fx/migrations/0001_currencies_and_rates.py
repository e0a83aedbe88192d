"""Create currencies, and the rates that providers were observed to publish."""

import django.core.validators
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Currency",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(r"^[A-Z0-9]{3,12}\Z")
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("exponent", models.PositiveSmallIntegerField()),
                ("enabled", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "currencies",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("exponent__gte", 0), ("exponent__lte", 8)),
                        name="fx_currency_exponent_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", r"^[A-Z0-9]{3,12}\Z")),
                        name="fx_currency_code_is_upper_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rate",
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
                ("provider", models.CharField(max_length=32)),
                ("base", models.CharField(max_length=12)),
                ("quote", models.CharField(max_length=12)),
                ("bid", models.DecimalField(decimal_places=12, max_digits=24)),
                ("ask", models.DecimalField(decimal_places=12, max_digits=24)),
                ("as_of", models.DateTimeField()),
                ("fetched_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-as_of", "base", "quote"],
                "indexes": [
                    models.Index(
                        models.F("base"),
                        models.F("quote"),
                        models.OrderBy(models.F("as_of"), descending=True),
                        models.OrderBy(models.F("fetched_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="fx_rate_latest_of_pair",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("as_of", "provider", "base", "quote", "bid", "ask"),
                        name="fx_rate_observed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ask__gte", models.F("bid")), ("bid__gt", 0)
                        ),
                        name="fx_rate_bid_below_ask",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True),
                        name="fx_rate_two_currencies",
                    ),
                ],
            },
        ),
    ]
