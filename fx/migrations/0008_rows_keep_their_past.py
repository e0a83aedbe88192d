"""Keep what currencies and feeds were before each change."""

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION fx_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0007_open_quotes_of_a_user"),
    ]

    operations = [
        migrations.CreateModel(
            name="CurrencyPast",
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
                ("name", models.CharField(max_length=100)),
                ("exponent", models.PositiveSmallIntegerField()),
                ("enabled", models.BooleanField(default=True)),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FeedPast",
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
                    "name",
                    models.CharField(
                        max_length=32,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_-]{1,31}\\Z", "Small letters and digits."
                            )
                        ],
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                (
                    "url",
                    models.CharField(
                        max_length=500,
                        validators=[
                            django.core.validators.URLValidator(["https", "http"])
                        ],
                        verbose_name="URL",
                    ),
                ),
                (
                    "list_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "base_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "quote_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "bid_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "ask_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "as_of_path",
                    models.CharField(
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "header_name",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9-]+\\Z", "Letters, digits and hyphens."
                            )
                        ],
                    ),
                ),
                (
                    "header_variable",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^FX_FEED_[A-Z0-9_]+\\Z", "It begins with FX_FEED_."
                            )
                        ],
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="currency",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."enabled" IS DISTINCT FROM (NEW."enabled") OR OLD."exponent" IS DISTINCT FROM (NEW."exponent") OR OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func='INSERT INTO "fx_currencypast" ("enabled", "exponent", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."enabled", OLD."exponent", OLD."name", NOW(), \'changed\', OLD."code"); RETURN NULL;',
                    hash="f47027ae6e1c611c7890948eec2038818a0e5bcc",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_5a45c",
                    table="fx_currency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feed",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."as_of_path" IS DISTINCT FROM (NEW."as_of_path") OR OLD."ask_path" IS DISTINCT FROM (NEW."ask_path") OR OLD."base_path" IS DISTINCT FROM (NEW."base_path") OR OLD."bid_path" IS DISTINCT FROM (NEW."bid_path") OR OLD."enabled" IS DISTINCT FROM (NEW."enabled") OR OLD."header_name" IS DISTINCT FROM (NEW."header_name") OR OLD."header_variable" IS DISTINCT FROM (NEW."header_variable") OR OLD."list_path" IS DISTINCT FROM (NEW."list_path") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."quote_path" IS DISTINCT FROM (NEW."quote_path") OR OLD."url" IS DISTINCT FROM (NEW."url"))',
                    func='INSERT INTO "fx_feedpast" ("as_of_path", "ask_path", "base_path", "bid_path", "enabled", "header_name", "header_variable", "list_path", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_path", "url") VALUES (OLD."as_of_path", OLD."ask_path", OLD."base_path", OLD."bid_path", OLD."enabled", OLD."header_name", OLD."header_variable", OLD."list_path", OLD."name", NOW(), \'changed\', OLD."id", OLD."quote_path", OLD."url"); RETURN NULL;',
                    hash="29c8d5fb9ce4f16a005f2d7242d5160a7c95ddc3",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_c4885",
                    table="fx_feed",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="currencypast",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="past",
                to="fx.currency",
            ),
        ),
        migrations.AddField(
            model_name="feedpast",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="past",
                to="fx.feed",
            ),
        ),
        migrations.RunSQL(
            APPEND_ONLY.format(table="fx_currencypast"), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            APPEND_ONLY.format(table="fx_feedpast"), migrations.RunSQL.noop
        ),
    ]
