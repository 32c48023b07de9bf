"""The subcommands of ``vanthu``, one module per subject; each exposes ``app`` or ``command``."""

from __future__ import annotations

import typer


def attach(app: typer.Typer) -> None:
    """Hang every subcommand under the program."""
    from vanthu.commands import (
        axis,
        build,
        conformance,
        demo,
        evidence,
        messages,
        packet,
        pdf,
        signing_service,
        site,
        story,
        trust,
        verify,
    )

    app.add_typer(axis.app, name="axis")
    app.add_typer(conformance.app, name="conformance")
    app.add_typer(evidence.app, name="evidence")
    app.add_typer(packet.app, name="packet")
    app.add_typer(signing_service.app, name="signing-service")
    app.add_typer(pdf.app, name="pdf")
    app.add_typer(trust.app, name="trust")
    verify.attach(app)
    site.attach(app)
    build.attach(app)
    messages.attach(app)
    demo.attach(app)
    story.attach(app)
