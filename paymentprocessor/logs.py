"""How log lines look, and which of the libraries' are worth one."""

from typing import Any


def log_to_stderr(level: str) -> dict[str, Any]:
    """The setting `LOGGING`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "paymentprocessor.api.middleware.RequestIdFilter"}
        },
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} [{request_id}] {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id"],
            }
        },
        "loggers": {
            "procrastinate": {"level": "WARNING"},
            # What became of a job is told once, by `worker.periodic`; the worker's own
            # troubles are told by the second of these.
            "procrastinate.worker": {"level": "CRITICAL"},
            "procrastinate.worker.worker": {"level": "WARNING"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }
