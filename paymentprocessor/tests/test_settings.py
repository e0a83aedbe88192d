"""What is refused before the first request, because no request could put it right."""

import os
import subprocess
import sys

from django.conf import settings


def started_with(**environment: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own that reads the settings."""
    return subprocess.run(
        [sys.executable, "-c", "import paymentprocessor.settings"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DEVELOPMENT": "true"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
