"""Keep what we charge, version by version, and the prices that were promised.

The first version is what was charged before there were versions: 45 basis points, and
no fees.
"""

from decimal import Decimal

import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

FIRST_VERSION = """
INSERT INTO fx_pricingpolicy (id, version, document, effective_at, reason)
VALUES (
    '00000000-0000-7000-8000-000000000001', 1,
    '{"spreads": [{"bps": "45"}],
      "locks": {"30s": "0", "5m": "2", "1h": "8", "24h": "40"}}',
    '1999-01-01T00:00:00Z', 'What was charged before there were versions.'
)
"""

LAWS = """
CREATE FUNCTION fx_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER fx_policy_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON fx_pricingpolicy
    FOR EACH STATEMENT EXECUTE FUNCTION fx_refuse('publish a new version instead');
ALTER TABLE fx_pricingpolicy ENABLE ALWAYS TRIGGER fx_policy_append_only;

CREATE TRIGGER fx_quote_never_removed
    BEFORE DELETE OR TRUNCATE ON fx_quote
    FOR EACH STATEMENT EXECUTE FUNCTION fx_refuse('a quote is ended, never removed');
ALTER TABLE fx_quote ENABLE ALWAYS TRIGGER fx_quote_never_removed;

-- A promise is kept as it was made: it ends once, and nothing else of it changes.
CREATE TRIGGER fx_quote_ends_once
    BEFORE UPDATE ON fx_quote
    FOR EACH ROW WHEN (
        OLD.status <> 'open'
        OR to_jsonb(NEW) - 'status' - 'ended_at'
           IS DISTINCT FROM to_jsonb(OLD) - 'status' - 'ended_at'
    )
    EXECUTE FUNCTION fx_refuse('a quote ends once and is otherwise never changed');
ALTER TABLE fx_quote ENABLE ALWAYS TRIGGER fx_quote_ends_once;
"""

DROP_LAWS = """
DROP TRIGGER fx_quote_ends_once ON fx_quote;
DROP TRIGGER fx_quote_never_removed ON fx_quote;
DROP TRIGGER fx_policy_append_only ON fx_pricingpolicy;
DROP FUNCTION fx_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0003_rates_are_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="PricingPolicy",
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
                ("version", models.PositiveIntegerField(unique=True)),
                ("document", models.JSONField()),
                ("effective_at", models.DateTimeField()),
                ("staff_id", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "pricing policies",
                "ordering": ["-version"],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("effective_at"), descending=True),
                        models.OrderBy(models.F("version"), descending=True),
                        name="fx_policy_in_force",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("source_currency", models.CharField(max_length=12)),
                ("target_currency", models.CharField(max_length=12)),
                ("source_amount", models.DecimalField(decimal_places=8, max_digits=28)),
                ("target_amount", models.DecimalField(decimal_places=8, max_digits=28)),
                (
                    "fixed_side",
                    models.CharField(
                        choices=[("source", "Source"), ("target", "Target")],
                        max_length=6,
                    ),
                ),
                ("mid_rate", models.DecimalField(decimal_places=12, max_digits=24)),
                ("client_rate", models.DecimalField(decimal_places=12, max_digits=24)),
                ("spread_bps", models.DecimalField(decimal_places=4, max_digits=8)),
                (
                    "premium_bps",
                    models.DecimalField(
                        db_default=Decimal(0),
                        decimal_places=4,
                        default=Decimal(0),
                        max_digits=8,
                    ),
                ),
                (
                    "widening_bps",
                    models.DecimalField(
                        db_default=Decimal(0),
                        decimal_places=4,
                        default=Decimal(0),
                        max_digits=8,
                    ),
                ),
                ("spread_amount", models.DecimalField(decimal_places=8, max_digits=28)),
                ("rate_ids", models.JSONField()),
                ("rate_as_of", models.DateTimeField()),
                ("exact_target", models.DecimalField(decimal_places=20, max_digits=48)),
                ("residual", models.DecimalField(decimal_places=20, max_digits=48)),
                ("policy_id", models.UUIDField()),
                (
                    "tier",
                    models.CharField(
                        db_default="standard", default="standard", max_length=32
                    ),
                ),
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
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("used", "Used"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "lock",
                    models.CharField(
                        choices=[
                            ("30s", "30s"),
                            ("5m", "5m"),
                            ("1h", "1h"),
                            ("24h", "24h"),
                        ],
                        max_length=3,
                    ),
                ),
                (
                    "fee",
                    models.DecimalField(
                        decimal_places=8, default=Decimal(0), max_digits=28
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("user_id"), models.F("id"), name="fx_quotes_of_user"
                    ),
                    models.Index(
                        models.F("expires_at"),
                        condition=models.Q(("status", "open")),
                        name="fx_quotes_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "open"),
                            ("ended_at__isnull", False),
                            _connector="XOR",
                        ),
                        name="fx_quote_ended_when_not_open",
                    )
                ],
            },
        ),
        migrations.RunSQL(FIRST_VERSION, migrations.RunSQL.noop),
        migrations.RunSQL(LAWS, DROP_LAWS),
    ]
