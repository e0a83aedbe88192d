"""The switch of the fail points; what they do is in `tests/test_failpoints.py`."""

import signal
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from paymentprocessor import failpoints

KILL = """
from paymentprocessor import failpoints
failpoints.arm(["after_lock"], allowed=True)
failpoints.reach("before_commit")
print("lives", flush=True)
failpoints.reach("after_lock")
print("lives")
"""


class TestArm:
    def test_kills_there_and_nowhere_else(self):
        done = subprocess.run(
            [sys.executable, "-c", KILL], capture_output=True, text=True, check=False
        )

        assert done.stdout == "lives\n"
        assert done.returncode == -signal.SIGKILL

    def test_is_refused_in_production(self):
        with pytest.raises(ImproperlyConfigured, match="DEVELOPMENT"):
            failpoints.arm(["after_lock"], allowed=False)

    def test_knows_its_points(self):
        with pytest.raises(ImproperlyConfigured, match="after_lunch"):
            failpoints.arm(["after_lunch"], allowed=True)

    def test_of_nothing_costs_nothing(self):
        failpoints.arm([], allowed=False)

        assert failpoints.reach is failpoints._pass
