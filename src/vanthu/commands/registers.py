"""``vanthu registers``: verification of the register books."""

from __future__ import annotations

import json

import typer

app = typer.Typer(no_args_is_help=True, help="Sổ đăng ký: kiểm tra số không trùng, không khuyết.")


@app.callback()
def _registers() -> None:
    """Keeps ``verify`` a subcommand."""


@app.command()
def verify(as_json: bool = typer.Option(False, "--json", help="Machine-readable output.")) -> None:
    """Look for gaps and for numbers out of time order; exit status 1 when there are any."""
    from vanthu.startup import start_django

    start_django()
    from vanthu.records.numbers import audit_sequences

    found = audit_sequences()
    if as_json:
        typer.echo(json.dumps([row.as_dict() for row in found], ensure_ascii=False))
    else:
        for row in found:
            word = "liên tục" if row.holds else f"KHUYẾT {row.gaps}, SAI THỨ TỰ {row.out_of_order}"
            typer.echo(f"{row.agency}: {row.register} {row.year}: {row.last_number} số, {word}")
    raise typer.Exit(0 if all(row.holds for row in found) else 1)
