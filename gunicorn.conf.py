"""How gunicorn serves this project; it reads this file by itself.

Threads and not asyncio, because a request here waits for the database and little else.
"""

import os
import shutil
import tempfile

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = int(os.environ.get("GRACEFUL_TIMEOUT", "25"))
# Longer than the idle time of the usual load balancers, so that it is they who close a
# connection; the other way round, a request now and then meets a closed one.
keepalive = int(os.environ.get("KEEPALIVE", "75"))
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
accesslog = "-" if os.environ.get("ACCESS_LOG", "").lower() in {"1", "true"} else None
# The socket would be made in the home folder, which a container does not have.
control_socket_disable = True
# A worker's sign of life is a file; on a slow disk, writing it may take too long.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
OWN_METRICS_DIR = f"fx-metrics-{os.getpid()}-"


def on_starting(server):
    """Give the workers a folder to add up their metrics in, empty at every start."""
    if not os.environ.get(METRICS_DIR):
        os.environ[METRICS_DIR] = tempfile.mkdtemp(prefix=OWN_METRICS_DIR)


def child_exit(server, worker):
    """Take a dead worker's gauges out of the sum."""
    # Imported late, because it looks for the folder when it is imported.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    folder = os.environ.get(METRICS_DIR, "")
    if os.path.basename(folder).startswith(OWN_METRICS_DIR):
        shutil.rmtree(folder, ignore_errors=True)
