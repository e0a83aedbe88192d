"""The table behind the cache that counts attempts to sign in, for all processes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0005_roles_see_limits")]

    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                (
                    "cache_key",
                    models.CharField(max_length=255, primary_key=True, serialize=False),
                ),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "backoffice_cache", "default_permissions": ()},
        ),
    ]
