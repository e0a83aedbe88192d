"""Keep what a wallet's status and overdraft were before each change."""

from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_refuse('the past is append-only');
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("wallets", "0004_limits_are_never_edited"),
    ]

    operations = [
        migrations.CreateModel(
            name="WalletPast",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "xact",
                    models.BigIntegerField(
                        db_default=models.Func(
                            output_field=models.BigIntegerField(),
                            template="(pg_current_xact_id()::text::bigint)",
                        )
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("frozen", "Frozen"),
                            ("closed", "Closed"),
                        ],
                        default="active",
                        max_length=6,
                    ),
                ),
                (
                    "overdraft_limit",
                    models.DecimalField(
                        decimal_places=8, default=Decimal(0), max_digits=28
                    ),
                ),
                (
                    "deleted_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="wallet",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."overdraft_limit" IS DISTINCT FROM (NEW."overdraft_limit") OR OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='INSERT INTO "wallets_walletpast" ("deleted_at", "overdraft_limit", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") VALUES (OLD."deleted_at", OLD."overdraft_limit", NOW(), \'changed\', OLD."id", OLD."status"); RETURN NULL;',
                    hash="ef3ef810d72853d5d4695f3046c58443860032e1",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_bcf72",
                    table="wallets_wallet",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="walletpast",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="past",
                to="wallets.wallet",
            ),
        ),
        migrations.RunSQL(
            APPEND_ONLY.format(table="wallets_walletpast"), migrations.RunSQL.noop
        ),
    ]
