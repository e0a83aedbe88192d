"""How gunicorn serves this project; it reads this file by itself.

Threads and not asyncio, because a request here waits for the database and little else.
"""

import ctypes
import gc
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from environs import Env

env = Env()
env.read_env(Path(__file__).with_name(".env"), recurse=False)

bind = f"{env.str('HOST', '127.0.0.1')}:{env.int('PORT', 8000)}"
worker_class = "paymentprocessor.serving.SheddingWorker"
# The application is loaded once, before the workers are forked: they start at once, and
# share the memory that it takes. New code needs a new start, HUP does not load it.
preload_app = True
workers = env.int("WEB_CONCURRENCY", 2)
threads = env.int("WEB_THREADS", 8)
timeout = 60
graceful_timeout = env.int("GRACEFUL_TIMEOUT", 25)
# Longer than the idle time of the usual load balancers, so that it is they who close a
# connection; the other way round, a request now and then meets a closed one.
keepalive = env.int("KEEPALIVE", 75)
forwarded_allow_ips = env.str("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# No proxy tells us below which path we are, so nobody's header does.
forwarder_headers = ""
# Room for a cursor and every filter at once; the default is half of it.
limit_request_line = 8190
accesslog = "-" if env.bool("ACCESS_LOG", False) else None
# The socket would be made in the home folder, which a container does not have.
control_socket_disable = True
# A worker's sign of life is a file; on a slow disk, writing it may take too long.
in_memory = "/dev/shm"  # noqa: S108  # nosec B108
worker_tmp_dir = in_memory if os.access(in_memory, os.W_OK) else None

# The workers add up their metrics in a folder, empty at every start. It is named here,
# before the application is loaded, which looks then whether there is one.
OWN_METRICS_DIR = f"fx-metrics-{os.getpid()}-"
if not env.str("PROMETHEUS_MULTIPROC_DIR", ""):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(
        Path(tempfile.gettempdir(), f"{OWN_METRICS_DIR}{token_hex(8)}")
    )
LOOK_FOR_DEMO_EVERY_S = 0.5
# Of glibc's `malloc.h`.
M_ARENA_MAX = -8

# What is loaded stays, so there is no garbage to be looked for until a worker works.
gc.disable()


def on_starting(server):
    if demo := env.int("DEMO_PID", 0):
        end_with(demo)
        # It prepares the data meanwhile, and says when that is done.
        if not sys.stdin.readline():
            sys.exit("The demo has ended before there was anything to serve.")
    if folder := own_metrics_dir():
        folder.mkdir(mode=0o700)


def when_ready(server):
    """Load what the first requests would, and leave it alone from then on.

    The collector writes into every object that it looks at, and what is written to is
    not shared any more.
    """
    # Imported late, because gunicorn reads this file before there is an application.
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    """Collect garbage again, and let the threads take turns and share two heaps.

    Whose answer from the database has arrived waits for the thread that computes, which
    by default may go on for 5 ms, longer than most requests compute in all.

    By default glibc keeps a heap for each of them, and what one thread gave back,
    another cannot use: after some batches of a thousand a worker held 149 MB, and with
    two heaps 132 to 137 MB.
    """
    gc.enable()
    sys.setswitchinterval(0.001)
    with suppress(OSError, AttributeError):
        # Without effect where the C library is another one.
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def end_with(parent):
    """Stop as if told to, soon after our parent is gone, even if it was killed.

    By a timer and not in a thread, because this process forks; no child inherits it.
    """

    def look(*_):
        if os.getppid() != parent:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_FOR_DEMO_EVERY_S, LOOK_FOR_DEMO_EVERY_S)


def child_exit(server, worker):
    """Take a dead worker's gauges out of the sum."""
    # Imported late, because it looks for the folder when it is imported.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if folder := own_metrics_dir():
        shutil.rmtree(folder, ignore_errors=True)


def own_metrics_dir():
    """The folder for the metrics, if it was this process that named it."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    return folder if folder.name.startswith(OWN_METRICS_DIR) else None
