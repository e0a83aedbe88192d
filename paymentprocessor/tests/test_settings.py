"""What is refused before the first request, because no request could put it right."""

import os
import subprocess
import sys

import pytest
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


class TestSpread:
    @pytest.mark.parametrize("spread", ["-1", "10000", "45.12345"])
    def test_that_the_books_cannot_keep_is_refused(self, spread: str) -> None:
        started = started_with(FX_SPREAD_BPS=spread)

        assert started.returncode != 0
        assert "ImproperlyConfigured: FX_SPREAD_BPS" in started.stderr

    @pytest.mark.parametrize("spread", ["0", "45.1234", "45.12340"])
    def test_that_they_can_keep_is_taken(self, spread: str) -> None:
        assert started_with(FX_SPREAD_BPS=spread).returncode == 0
