"""What staff did, and passwords that only lead to another."""

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_users_are_never_removed"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_is_temporary",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="StaffAct",
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
                ("kind", models.CharField(max_length=50)),
                ("subject_type", models.CharField(max_length=50)),
                ("subject_id", models.CharField(max_length=64)),
                ("customer_id", models.UUIDField(null=True)),
                (
                    "before",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("address", models.GenericIPAddressField(null=True)),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "occurred_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("freeze_wallet", "Can freeze and unfreeze wallets"),
                    ("close_wallet", "Can close empty wallets"),
                    ("open_wallet", "Can open wallets for customers"),
                    ("revoke_apikey", "Can revoke API keys"),
                    ("manage_staff", "Can make logins for staff and give them roles"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        models.F("customer_id"),
                        models.F("id"),
                        name="users_act_of_customer",
                    ),
                    models.Index(
                        models.F("subject_id"),
                        models.F("id"),
                        name="users_act_on_subject",
                    ),
                    models.Index(models.F("occurred_at"), name="users_act_occurred_at"),
                ],
            },
        ),
    ]
