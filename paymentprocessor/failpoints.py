"""Places in the code where this process can be killed, to test what that does.

`FAIL_AT=after_lock` in the environment kills the process with SIGKILL, so without any
chance to tidy up, whenever it gets there. Several names are separated by commas. It is
for tests of a development server, and refused without DEVELOPMENT. Without it, a place
is a call of a function that does nothing.

To add a place: its name here, and `failpoints.reach("its_name")` where it is.
"""

import os
import signal
from collections.abc import Callable, Collection

from django.core.exceptions import ImproperlyConfigured

POINTS = {
    "after_lock": "the wallets are locked",
    "after_write": "what moves is written, or on its way to be, and COMMIT comes later",
    "before_commit": "COMMIT is about to be sent, by itself or with what is written",
    "after_commit": "the money has moved, and the client was not told",
    "before_refusal": "a refusal is decided, and not kept under its key",
    "after_refusal": "a refusal is kept, and the client was not told",
}


def _pass(point: str, /) -> None:
    """Nothing."""


# Called through the module, so that `arm` can replace it.
reach: Callable[[str], None] = _pass


def arm(points: Collection[str], *, allowed: bool) -> None:
    """Kill the process at those points from now on; at none of them without any.

    :raises ImproperlyConfigured: it is not allowed, or there is no such point.
    """
    global reach
    if points and not allowed:
        raise ImproperlyConfigured("FAIL_AT kills the process: it wants DEVELOPMENT.")
    unknown = sorted(set(points) - set(POINTS))
    if unknown:
        known = ", ".join(POINTS)
        raise ImproperlyConfigured(f"FAIL_AT knows {known}; not {', '.join(unknown)}.")

    def kill(point: str, /) -> None:
        if point in points:
            os.kill(os.getpid(), signal.SIGKILL)

    reach = kill if points else _pass
