"""Tell how many open quotes a user has without a look at those that have ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fx", "0006_decisions_are_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                models.F("user_id"),
                models.F("expires_at"),
                condition=models.Q(("status", "open")),
                name="fx_quotes_open_of_user",
            ),
        ),
    ]
