"""Keep the fee of a transaction, and by which policy and quote a price was made."""

from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0003_refunds_point_to_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="policy_id",
            # Priced before there were versions: what the first of them says.
            field=models.UUIDField(default="00000000-0000-7000-8000-000000000001"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="conversion",
            name="premium_bps",
            field=models.DecimalField(
                db_default=Decimal(0),
                decimal_places=4,
                default=Decimal(0),
                max_digits=8,
            ),
        ),
        migrations.AddField(
            model_name="conversion",
            name="quote_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="conversion",
            name="tier",
            field=models.CharField(
                db_default="standard", default="standard", max_length=32
            ),
        ),
        migrations.AddField(
            model_name="conversion",
            name="widening_bps",
            field=models.DecimalField(
                db_default=Decimal(0),
                decimal_places=4,
                default=Decimal(0),
                max_digits=8,
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="fee",
            field=models.DecimalField(
                db_default=Decimal(0),
                decimal_places=8,
                default=Decimal(0),
                max_digits=28,
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.UniqueConstraint(
                models.F("quote_id"),
                condition=models.Q(("quote_id__isnull", False)),
                name="transactions_quote_used_once",
            ),
        ),
    ]
