"""The subcommands of ``vanthu``, one module per subject; each exposes ``app`` or ``command``."""

from __future__ import annotations

import typer


def attach(app: typer.Typer) -> None:
    """Hang every subcommand under the program."""
    from vanthu.commands import audit, build, demo, site

    app.add_typer(audit.app, name="audit")
    site.attach(app)
    build.attach(app)
    demo.attach(app)
