"""The roles of staff, as groups of permissions.

Who has no role may do nothing. Nobody has `approver` and a role that requests at once
by default, and `administrator` gives roles but moves nothing.
"""

from django.db import migrations

_VIEWED = {
    ("users", "user"): ["view"],
    ("users", "apikey"): ["view"],
    ("wallets", "wallet"): ["view"],
    ("transactions", "transaction"): ["view"],
    ("fx", "rate"): ["view"],
    ("fx", "currency"): ["view"],
    ("webhooks", "event"): ["view"],
}
_AUDIT = {("users", "staffact"): ["view"]}
# What staff do, declared with the record of it.
_FREEZE = {("users", "staffact"): ["freeze_wallet"]}
_WALLETS = {("users", "staffact"): ["freeze_wallet", "close_wallet", "open_wallet"]}
ROLES = {
    "viewer": [_VIEWED],
    "support": [
        _VIEWED,
        _WALLETS,
        {
            ("users", "user"): ["add", "change", "delete"],
            ("users", "staffact"): ["revoke_apikey"],
        },
    ],
    "treasury": [_VIEWED, {("fx", "currency"): ["add", "change"]}],
    "compliance": [_VIEWED, _AUDIT, _FREEZE, {("users", "user"): ["delete"]}],
    "approver": [_VIEWED, _AUDIT],
    "administrator": [
        _VIEWED,
        _AUDIT,
        {
            ("users", "user"): ["add", "change", "delete"],
            ("users", "apikey"): ["add"],
            ("users", "staffact"): ["manage_staff", "revoke_apikey"],
            ("fx", "currency"): ["add", "change"],
        },
    ],
}
_PLAIN = ("view", "add", "change", "delete")


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for role, grants in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        for grant in grants:
            for (app, model), verbs in grant.items():
                for verb in verbs:
                    group.permissions.add(_permission(apps, app, model, verb))


def _permission(apps, app, model, verb):
    """Django makes permissions after the last migration only, so this may be first."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
    codename = f"{verb}_{model}" if verb in _PLAIN else verb
    words = codename.replace("_", " ")
    permission, _ = Permission.objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": f"Can {words}"}
    )
    return permission


def drop_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("users", "0004_staff_acts_are_append_only"),
        ("wallets", "0002_wallets_keep_their_identity"),
        ("transactions", "0003_refunds_point_to_payments"),
        ("fx", "0003_rates_are_append_only"),
        ("webhooks", "0001_events"),
    ]

    operations = [migrations.RunPython(make_roles, drop_roles)]
