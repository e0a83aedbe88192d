"""Every role sees how much customers may move, and compliance may set it."""

from django.db import migrations

ROLES = ["viewer", "support", "treasury", "compliance", "approver", "administrator"]
GRANTS = {
    "view_limit": ("Can view limit", ROLES),
    "add_limit": ("Can add limit", ["compliance"]),
}


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    for codename, (name, roles) in GRANTS.items():
        # Django makes permissions after the last migration only, so this may be first.
        kind, _ = ContentType.objects.get_or_create(app_label="wallets", model="limit")
        permission, _ = Permission.objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        for group in Group.objects.filter(name__in=roles):
            group.permissions.add(permission)


def withdraw(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.remove(
            *group.permissions.filter(
                content_type__app_label="wallets", codename__in=GRANTS
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0004_treasury_minds_the_rates"),
        ("wallets", "0003_limits"),
    ]

    operations = [migrations.RunPython(grant, withdraw)]
