"""Find transactions by their instant alone, in an index of half the size.

Those of one instant, which one statement wrote, are put in order when they are read.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0015_transactions_are_events"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(models.F("recorded_at"), name="transactions_recorded"),
        ),
        migrations.RemoveIndex(model_name="transaction", name="transactions_history"),
    ]
