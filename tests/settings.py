"""The settings of the test suite: the development profile, with quick passwords."""

import os

os.environ.setdefault("DEVELOPMENT", "true")

from paymentprocessor.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# It looks through all static files each time that a test client starts, and warns of
# the folder that `collectstatic` has not made.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]  # noqa: F405
