"""A request stays what was asked for, and a decision stays decided; who asks and who
decides."""

from django.db import migrations

CREATE = """
CREATE FUNCTION backoffice_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER backoffice_requests_never_removed
    BEFORE DELETE OR TRUNCATE ON backoffice_approvalrequest
    FOR EACH STATEMENT EXECUTE FUNCTION backoffice_refuse('requests are kept');

CREATE TRIGGER backoffice_requests_stay
    BEFORE UPDATE ON backoffice_approvalrequest
    FOR EACH ROW WHEN (
        (OLD.id, OLD.kind, OLD.payload, OLD.digest, OLD.customer_id, OLD.maker_id,
         OLD.reason, OLD.requested_at, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.id, NEW.kind, NEW.payload, NEW.digest, NEW.customer_id, NEW.maker_id,
         NEW.reason, NEW.requested_at, NEW.expires_at)
    )
    EXECUTE FUNCTION backoffice_refuse('a request stays what was asked for');

CREATE TRIGGER backoffice_decisions_stay
    BEFORE UPDATE ON backoffice_approvalrequest
    FOR EACH ROW WHEN (
        NOT (OLD.decision = 'pending' AND NEW.decision IN ('approved', 'rejected')
             OR OLD.decision = 'approved' AND NEW.decision IN ('done', 'void')
                AND OLD.checker_id = NEW.checker_id)
    )
    EXECUTE FUNCTION backoffice_refuse('a decision stays decided');

ALTER TABLE backoffice_approvalrequest
    ENABLE ALWAYS TRIGGER backoffice_requests_never_removed;
ALTER TABLE backoffice_approvalrequest
    ENABLE ALWAYS TRIGGER backoffice_requests_stay;
ALTER TABLE backoffice_approvalrequest
    ENABLE ALWAYS TRIGGER backoffice_decisions_stay;
"""

DROP = """
DROP TRIGGER backoffice_decisions_stay ON backoffice_approvalrequest;
DROP TRIGGER backoffice_requests_stay ON backoffice_approvalrequest;
DROP TRIGGER backoffice_requests_never_removed ON backoffice_approvalrequest;
DROP FUNCTION backoffice_refuse();
"""
_ROLES = {
    "viewer": [],
    "support": ["request_approval"],
    "treasury": ["request_approval"],
    "compliance": [],
    "approver": ["decide_approval"],
    "administrator": [],
}


def grant(apps, schema_editor):
    for role, more in _ROLES.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*_permissions(apps, ["view_approvalrequest", *more]))


def revoke(apps, schema_editor):
    for role, more in _ROLES.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(*_permissions(apps, ["view_approvalrequest", *more]))


def _permissions(apps, wanted):
    """Django makes permissions after the last migration only, so this may be first."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(
        app_label="backoffice", model="approvalrequest"
    )
    return [
        Permission.objects.get_or_create(
            content_type=kind,
            codename=codename,
            defaults={"name": f"Can {codename.replace('_', ' ')}"},
        )[0]
        for codename in wanted
    ]


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0008_approval_requests")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(grant, revoke),
    ]
