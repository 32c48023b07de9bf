"""``vanthu audit``: verification of the event chains."""

from __future__ import annotations

import json

import typer

app = typer.Typer(no_args_is_help=True, help="Nhật ký: chuỗi băm của từng cơ quan.")


@app.callback()
def _audit() -> None:
    """Keeps ``verify`` a subcommand."""


@app.command()
def verify(as_json: bool = typer.Option(False, "--json", help="Machine-readable output.")) -> None:
    """Re-compute every hash; exit status 1 when a chain is broken."""
    from vanthu.startup import start_django

    start_django()
    from vanthu.audit import queries

    verdicts = queries.verify_all()
    if as_json:
        rows = [
            {
                "agency": str(v.agency_id),
                "length": v.length,
                "holds": v.holds,
                "broken_at": v.broken_at,
                "reason": v.reason,
            }
            for v in verdicts
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for v in verdicts:
            word = "đúng" if v.holds else f"HỎNG tại {v.broken_at}: {v.reason}"
            typer.echo(f"{v.agency_id}  {v.length:>8} sự kiện  {word}")
    raise typer.Exit(0 if all(v.holds for v in verdicts) else 1)
