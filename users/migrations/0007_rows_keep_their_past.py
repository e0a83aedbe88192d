"""Keep what people and keys were before each change, and number the acts of staff.

An act and the change that it made have the same number of a transaction. Acts from
before have none: the default comes after the column.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION users_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0006_staff_void_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKeyPast",
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
                ("name", models.CharField(max_length=200)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), size=None
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UserPast",
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
                ("username", models.CharField(blank=True, max_length=150, null=True)),
                (
                    "external_id",
                    models.CharField(blank=True, max_length=255, null=True),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "tier",
                    models.CharField(
                        db_default="standard",
                        default="standard",
                        max_length=32,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,31}\\Z"
                            )
                        ],
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, verbose_name="may sign in to the console"
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
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
        migrations.AddField(
            model_name="staffact",
            name="xact",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="staffact",
            name="xact",
            field=models.BigIntegerField(
                db_default=models.Func(
                    output_field=models.BigIntegerField(),
                    template="(pg_current_xact_id()::text::bigint)",
                ),
                editable=False,
                null=True,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apikey",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))',
                    func='INSERT INTO "users_apikeypast" ("expires_at", "name", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "scopes") VALUES (OLD."expires_at", OLD."name", OLD."owner_id", NOW(), \'changed\', OLD."id", OLD."revoked_at", OLD."scopes"); RETURN NULL;',
                    hash="2736db5ead4a6b375057ac0fef222fb5b056b93a",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_f56bc",
                    table="users_apikey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."tier" IS DISTINCT FROM (NEW."tier") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func='INSERT INTO "users_userpast" ("deleted_at", "email", "external_id", "is_staff", "is_superuser", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "tier", "username") VALUES (OLD."deleted_at", OLD."email", OLD."external_id", OLD."is_staff", OLD."is_superuser", OLD."name", NOW(), \'changed\', OLD."id", OLD."tier", OLD."username"); RETURN NULL;',
                    hash="915cf3248fd1499dc653ca5ff3f4eea9c9b5670d",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_b56f5",
                    table="users_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="apikeypast",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="apikeypast",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="past",
                to="users.apikey",
            ),
        ),
        migrations.AddField(
            model_name="userpast",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="past",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(
            APPEND_ONLY.format(table="users_apikeypast"), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            APPEND_ONLY.format(table="users_userpast"), migrations.RunSQL.noop
        ),
    ]
