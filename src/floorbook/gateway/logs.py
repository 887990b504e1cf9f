"""Structured logs: one JSON object a line on stderr, times in UTC; for a terminal, a coloured line.

Nothing is logged for each request: /metrics counts them.  What repeats is logged once in a while.
"""

import sys

import structlog


def configure(*, is_terminal: bool) -> None:
    """Let every logger of the process write so."""
    show = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            show,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
