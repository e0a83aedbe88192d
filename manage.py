#!/usr/bin/env python
"""Django's command-line entry point for this project."""

import atexit
import gc
import os
import sys


def main() -> None:
    # Some 220,000 objects are made by loading all there is, and they stay: to look
    # through them for garbage again and again took a tenth of the time to start.
    gc.set_threshold(300_000)
    # In the end the system takes the memory back. Python would take it apart first,
    # object by object, which was a quarter of the time of a short command.
    atexit.register(gc.freeze)

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError
    from environs.exceptions import EnvError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paymentprocessor.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EnvError, OperationalError) as error:
        # A setting is wrong or the database is not there: the message says it all.
        # What the database itself reports has a state, and is looked into.
        if "--traceback" in sys.argv or getattr(error.__cause__, "sqlstate", None):
            raise
        sys.exit(str(error))


if __name__ == "__main__":
    main()
