"""Whether the books add up, and what we charge, is everybody's to see."""

from django.db import migrations

_ROLES = ["viewer", "support", "treasury", "compliance", "approver", "administrator"]
_EVERYBODY = [
    ("transactions", "ledgeraudit", "view_ledgeraudit"),
    ("fx", "pricingpolicy", "view_pricingpolicy"),
    ("fx", "quote", "view_quote"),
]


def grant(apps, schema_editor):
    for role in _ROLES:
        _group(apps, role).permissions.add(*_permissions(apps, _EVERYBODY))


def revoke(apps, schema_editor):
    for role in _ROLES:
        permissions = _permissions(apps, _EVERYBODY)
        _group(apps, role).permissions.remove(*permissions)


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
    dependencies = [
        ("backoffice", "0006_a_cache_that_processes_share"),
        ("fx", "0006_decisions_are_append_only"),
        ("transactions", "0012_days_and_audits"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
