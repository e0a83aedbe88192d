"""Batches, the transactions that are of one, and keys that were answered with one.

What a batch was told stays as it was written, like everything on the books.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER transactions_batch_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_batch
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
ALTER TABLE transactions_batch
    ENABLE ALWAYS TRIGGER transactions_batch_append_only;
"""

DROP = "DROP TRIGGER transactions_batch_append_only ON transactions_batch;"


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0012_days_and_audits"),
        ("users", "0006_staff_void_holds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
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
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                ("atomic", models.BooleanField()),
                ("item_count", models.PositiveIntegerField()),
                ("refusals", models.JSONField(default=dict)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
            },
        ),
        migrations.RemoveConstraint(
            model_name="idempotencykey",
            name="transactions_key_has_one_outcome",
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="batch_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="batch_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                models.F("batch_id"),
                models.F("id"),
                condition=models.Q(("batch_id__isnull", False)),
                name="transactions_of_batches",
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("batch_id__isnull", True),
                        ("hold_id__isnull", True),
                        ("refusal__isnull", True),
                        ("transaction_id__isnull", False),
                    ),
                    models.Q(
                        ("batch_id__isnull", True),
                        ("hold_id__isnull", False),
                        ("refusal__isnull", True),
                        ("transaction_id__isnull", True),
                    ),
                    models.Q(
                        ("batch_id__isnull", False),
                        ("hold_id__isnull", True),
                        ("refusal__isnull", True),
                        ("transaction_id__isnull", True),
                    ),
                    models.Q(
                        ("batch_id__isnull", True),
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
            model_name="batch",
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
        migrations.RunSQL(APPEND_ONLY, DROP),
    ]
