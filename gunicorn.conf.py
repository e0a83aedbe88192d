"""How gunicorn serves this project; it reads this file by itself.

Threads and not asyncio, because a request here waits for the database and little else.
"""

import ctypes
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from environs import Env

env = Env()
env.read_env(Path(__file__).with_name(".env"), recurse=False)

bind = f"{env.str('HOST', '127.0.0.1')}:{env.int('PORT', 8000)}"
worker_class = "paymentprocessor.serving.SheddingWorker"
workers = env.int("WEB_CONCURRENCY", 2)
threads = env.int("WEB_THREADS", 8)
timeout = 60
graceful_timeout = env.int("GRACEFUL_TIMEOUT", 25)
# Longer than the idle time of the usual load balancers, so that it is they who close a
# connection; the other way round, a request now and then meets a closed one.
keepalive = env.int("KEEPALIVE", 75)
forwarded_allow_ips = env.str("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# Room for a cursor and every filter at once; the default is half of it.
limit_request_line = 8190
accesslog = "-" if env.bool("ACCESS_LOG", False) else None
# The socket would be made in the home folder, which a container does not have.
control_socket_disable = True
# A worker's sign of life is a file; on a slow disk, writing it may take too long.
in_memory = "/dev/shm"  # noqa: S108  # nosec B108
worker_tmp_dir = in_memory if os.access(in_memory, os.W_OK) else None

OWN_METRICS_DIR = f"fx-metrics-{os.getpid()}-"
LOOK_FOR_DEMO_EVERY_S = 0.5
# Of glibc's `malloc.h`.
M_ARENA_MAX = -8


def on_starting(server):
    if demo := env.int("DEMO_PID", 0):
        end_with(demo)
    # Give the workers a folder to add up their metrics in, empty at every start.
    if not env.str("PROMETHEUS_MULTIPROC_DIR", ""):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
            prefix=OWN_METRICS_DIR
        )


def post_fork(server, worker):
    """Let the threads share two heaps; by default glibc keeps one for each of them.

    What one thread gave back, another cannot use: after some batches of a thousand a
    worker held 149 MB, and with two heaps 132 to 137 MB.
    """
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
    folder = env.str("PROMETHEUS_MULTIPROC_DIR", "")
    if Path(folder).name.startswith(OWN_METRICS_DIR):
        shutil.rmtree(folder, ignore_errors=True)
