"""Administrators decide, too, and treasury asks for another pricing policy."""

from django.db import migrations

_GRANTS = {
    "administrator": [("backoffice", "approvalrequest", "decide_approval")],
    "treasury": [("fx", "pricingpolicy", "add_pricingpolicy")],
}


def grant(apps, schema_editor):
    for role, wanted in _GRANTS.items():
        _group(apps, role).permissions.add(*_permissions(apps, wanted))


def revoke(apps, schema_editor):
    for role, wanted in _GRANTS.items():
        _group(apps, role).permissions.remove(*_permissions(apps, wanted))


def _group(apps, role):
    return apps.get_model("auth", "Group").objects.get(name=role)


def _permissions(apps, wanted):
    """Django makes permissions after the last migration only, so this may be first."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    found = []
    for app, model, codename in wanted:
        kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
        words = codename.replace("_", " ")
        permission, _ = Permission.objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": f"Can {words}"}
        )
        found.append(permission)
    return found


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0009_decisions_stay_and_roles_decide")]

    operations = [migrations.RunPython(grant, revoke)]
