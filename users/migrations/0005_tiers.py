"""Let each user have a tier, which decides on prices and limits."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("users", "0004_staff_acts_are_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="tier",
            field=models.CharField(
                db_default="standard",
                default="standard",
                max_length=32,
                validators=[
                    django.core.validators.RegexValidator("^[a-z][a-z0-9_]{0,31}\\Z")
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__regex", "^[a-z][a-z0-9_]{0,31}\\Z")),
                name="users_tier_is_a_word",
            ),
        ),
    ]
