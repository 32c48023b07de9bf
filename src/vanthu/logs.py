"""Structured logs: one event per line with the site's name; personal data and secrets stay out by construction."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, json: bool, level: str, site: str) -> None:
    """Send the standard library's and structlog's events to standard error, as JSON or coloured for people."""

    def of_site(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        """Every line names its site, also from threads that know no context."""
        return {"site": site, **event}

    shared: list[structlog.types.Processor] = [
        of_site,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer()
    )
    tail: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json:
        tail.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*tail, renderer])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in (
        "httpx",
        "httpcore",
        "fontTools",
        "procrastinate",
        "psycopg.pool",
        "pikepdf",
    ):
        logging.getLogger(noisy).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # Whether a chain can be built is a verdict that the caller tells in its own words.
    for judging in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(judging).setLevel(max(logging.getLevelName(level), logging.ERROR))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
