"""Read events from a view, to which other apps can add rows that are events already."""

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.functions import Now

import paymentprocessor.database.xid

FEED = """
CREATE VIEW webhooks_feed AS
SELECT id, type, subject_id, user_id, data, request_id, occurred_at, xid
  FROM webhooks_event;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_events"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                # The table stays as it is. So does the content type of events, with
                # the permissions to read them.
                migrations.RenameModel("Event", "RecordedEvent"),
                migrations.AlterModelTable("RecordedEvent", "webhooks_event"),
                migrations.AlterModelOptions(
                    "RecordedEvent", {"default_permissions": ()}
                ),
            ]
        ),
        migrations.RunSQL(FEED, "DROP VIEW webhooks_feed"),
        migrations.CreateModel(
            name="Event",
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
                ("type", models.CharField(max_length=50)),
                ("subject_id", models.UUIDField()),
                ("user_id", models.UUIDField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                ("occurred_at", models.DateTimeField(db_default=Now())),
                (
                    "xid",
                    paymentprocessor.database.xid.Xid8Field(
                        db_default=paymentprocessor.database.xid.CurrentTransactionId(),
                        editable=False,
                    ),
                ),
            ],
            options={"db_table": "webhooks_feed", "managed": False},
        ),
    ]
