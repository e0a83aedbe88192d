"""Who sees the house's positions, records hedges and limits how far positions go."""

from django.db import migrations

_SEEN = {"positionbook": ["view_positionbook"], "positionlimit": ["view_positionlimit"]}
_KEPT = {"positionbook": ["record_hedge"], "positionlimit": ["add_positionlimit"]}
GRANTS = {
    "viewer": [_SEEN],
    "support": [_SEEN],
    "treasury": [_SEEN, _KEPT],
    "compliance": [_SEEN],
    "approver": [_SEEN],
    "administrator": [_SEEN],
}


def _granted(apps):
    """Django makes permissions after the last migration only, so this may be first."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    for role, grants in GRANTS.items():
        for grant in grants:
            for model, codenames in grant.items():
                kind, _ = ContentType.objects.get_or_create(
                    app_label="transactions", model=model
                )
                for codename in codenames:
                    permission, _ = Permission.objects.get_or_create(
                        content_type=kind,
                        codename=codename,
                        defaults={"name": f"Can {codename.replace('_', ' ')}"},
                    )
                    yield role, permission


def grant(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for role, permission in _granted(apps):
        groups.get(name=role).permissions.add(permission)


def withdraw(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for role, permission in _granted(apps):
        groups.get(name=role).permissions.remove(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0002_roles_see_holds"),
        ("transactions", "0006_positions_limits_and_hedges"),
    ]

    operations = [migrations.RunPython(grant, withdraw)]
