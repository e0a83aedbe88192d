"""Every role sees holds, and support may void them."""

from django.db import migrations

ROLES = ["viewer", "support", "treasury", "compliance", "approver", "administrator"]
GRANTS = [
    ("transactions", "hold", "view_hold", "Can view hold", ROLES),
    ("users", "staffact", "void_hold", "Can void holds", ["support"]),
]


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    for app, model, codename, name, roles in GRANTS:
        # Django makes permissions after the last migration only, so this may be first.
        kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
        permission, _ = Permission.objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        for group in Group.objects.filter(name__in=roles):
            group.permissions.add(permission)


def withdraw(apps, schema_editor):
    names = [codename for _, _, codename, _, _ in GRANTS]
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.remove(*group.permissions.filter(codename__in=names))


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0001_roles"),
        ("transactions", "0009_laws_of_holds"),
        ("users", "0006_staff_void_holds"),
    ]

    operations = [migrations.RunPython(grant, withdraw)]
