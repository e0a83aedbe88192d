"""Load the currencies of ISO 4217, so that a fresh database can hold money at once."""

import iso4217
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def load_iso_4217(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert every listed code that has a minor unit; without one (gold, SDR, the test
    code) there is no smallest amount to round to."""
    currencies = apps.get_model("fx", "Currency").objects
    currencies.using(schema_editor.connection.alias).bulk_create(
        [
            currencies.model(
                code=listed.code, name=listed.currency_name, exponent=listed.exponent
            )
            for listed in iso4217.Currency
            if listed.exponent is not None
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("fx", "0001_currencies_and_rates")]

    # Backwards nothing is deleted: wallets may be in these currencies by then, and the
    # rows are in nobody's way when this is applied again.
    operations = [migrations.RunPython(load_iso_4217, migrations.RunPython.noop)]
