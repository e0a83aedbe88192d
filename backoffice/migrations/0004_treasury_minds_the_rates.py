"""Let every role see feeds, verdicts and errors, and treasury mind them."""

from django.db import migrations

EVERYBODY = ("viewer", "support", "treasury", "compliance", "approver", "administrator")
SEEN = ("view_feed", "view_feederror", "view_verdict")
MINDED = {
    "add_rate": "rate",
    "add_feed": "feed",
    "change_feed": "feed",
    "change_verdict": "verdict",
}


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for role in EVERYBODY:
        group, _ = Group.objects.get_or_create(name=role)
        for codename in SEEN:
            group.permissions.add(_permission(apps, codename, codename[5:]))
    treasury = Group.objects.get(name="treasury")
    for codename, model in MINDED.items():
        treasury.permissions.add(_permission(apps, codename, model))


def _permission(apps, codename, model):
    """Django makes permissions after the last migration only, so this may be first."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(app_label="fx", model=model)
    words = codename.replace("_", " ")
    permission, _ = Permission.objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": f"Can {words}"}
    )
    return permission


def revoke(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for permission in Permission.objects.filter(
        content_type__app_label="fx", codename__in=[*SEEN, *MINDED]
    ):
        permission.group_set.clear()


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0003_treasury_keeps_positions"),
        ("fx", "0006_decisions_are_append_only"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
