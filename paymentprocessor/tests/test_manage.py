"""What `manage.py` says when it cannot even begin."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

NOWHERE = "postgres://nobody@127.0.0.1:1/none"


def complaint(*words: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        # All of it given, so that a developer's .env has nothing to add.
        env=os.environ | {"DEVELOPMENT": "true", "DATABASE_URL": NOWHERE} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.slow
class TestMessages:
    @pytest.mark.parametrize(
        ("environment", "word"),
        [
            ({"DEVELOPMENT": "false", "SECRET_KEY": ""}, "SECRET_KEY"),
            ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
            ({"DATABASE_URL": NOWHERE}, "127.0.0.1"),
        ],
    )
    def test_name_what_is_wrong_and_no_line_of_code(self, environment, word):
        told = complaint("audit_ledger", **environment)

        assert word in told
        assert "Traceback" not in told

    def test_come_with_the_code_when_asked_for(self):
        assert "Traceback" in complaint("audit_ledger", "--traceback")

    def test_of_devdb_name_the_command_that_is_not_there(self):
        told = complaint("devdb", "run", "no-such-command")

        assert told == "CommandError: no-such-command: No such file or directory.\n"
