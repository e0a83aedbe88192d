"""What `/readyz` tells of the worker: it informs, since the web serves without one."""

from worker.queries import state


def worker() -> str:
    """When a worker was last heard of, and what waits for it."""
    now = state()
    if now.heartbeat_age_s is None:
        return f"none, {now.waiting_jobs} jobs wait"
    return f"last heard of {now.heartbeat_age_s} s ago, {now.waiting_jobs} jobs wait"
