"""Let staff be allowed to void holds."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0005_tiers"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="staffact",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("freeze_wallet", "Can freeze and unfreeze wallets"),
                    ("close_wallet", "Can close empty wallets"),
                    ("open_wallet", "Can open wallets for customers"),
                    ("revoke_apikey", "Can revoke API keys"),
                    ("void_hold", "Can void holds"),
                    ("manage_staff", "Can make logins for staff and give them roles"),
                ],
            },
        ),
    ]
