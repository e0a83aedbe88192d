"""The settings of the test suite: the development profile, with quick passwords."""

import os

os.environ.setdefault("DEVELOPMENT", "true")
# As in production.
os.environ.setdefault("FX_MAX_RATE_AGE", "5d")

from paymentprocessor.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Conversions are tested with rates of their own age; see the fixture `rates`.
API_RATE_LIMIT = ""
# For `manage.py lintmigrations`, which `make check` runs with these settings.
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]  # noqa: F405
# Notices rows that are asked for one by one, inside of its `zeal_context`.
INSTALLED_APPS += ["zeal"]
# It looks through all static files each time that a test client starts, and warns of
# the folder that `collectstatic` has not made.
MIDDLEWARE = [
    name
    for name in MIDDLEWARE  # noqa: F405
    if not name.startswith("whitenoise.")
]
