"""Let each transaction be the event that tells of it, and write no second row.

Those from before have such a row, and no `request_id`, by which readers of the view
know them.
"""

from django.db import migrations, models

TOLD = """
SELECT id, 'transaction.posted'::varchar(50) AS type, id AS subject_id,
       owner_id AS user_id,
       jsonb_build_object('type', type, 'reference', reference) AS data,
       request_id, recorded_at AS occurred_at, xid
  FROM transactions_transaction
"""
RECORDED = """
SELECT id, type, subject_id, user_id, data, request_id, occurred_at, xid
  FROM webhooks_event
"""
FEED = f"CREATE OR REPLACE VIEW webhooks_feed AS {RECORDED} UNION ALL {TOLD}"
# Nothing that was told is taken back: it is recorded again, with the same id.
BEFORE = f"""
CREATE OR REPLACE VIEW webhooks_feed AS {RECORDED};
INSERT INTO webhooks_event
       (id, type, subject_id, user_id, data, request_id, occurred_at, xid)
{TOLD} WHERE request_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0014_references_are_found_by_their_beginning"),
        ("webhooks", "0002_events_that_are_rows_already"),
    ]

    operations = [
        migrations.AddField(
            model_name="transaction",
            name="request_id",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                models.F("xid"),
                models.F("id"),
                name="transactions_event_order",
            ),
        ),
        migrations.RemoveIndex(model_name="transaction", name="transactions_writers"),
        migrations.RunSQL(FEED, BEFORE),
    ]
