"""The ``vanthu`` command: each room's commands hang under one program."""

from __future__ import annotations

import typer

from vanthu.startup import loading, start_django

app = typer.Typer(
    name="vanthu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Vanthu: quản lý văn bản và điều hành, trục liên thông văn bản.",
)


@app.command()
def settings() -> None:
    """Print every environment variable with its type, default and meaning."""
    from vanthu.environment import Environment

    for name, field in Environment.model_fields.items():
        kind = getattr(field.annotation, "__name__", str(field.annotation))
        typer.echo(f"VANTHU_{name.upper()}  ({kind}, {field.default!s})\n    {field.description}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def manage(context: typer.Context) -> None:
    """Run a Django management command, for example ``vanthu manage migrate``."""
    start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["vanthu", *context.args])


def main() -> None:
    """Entry point of the console script."""
    with loading():
        from vanthu.commands import attach

        attach(app)
    app()
