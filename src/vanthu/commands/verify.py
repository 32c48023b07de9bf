"""``vanthu verify`` and its parts: what a site can prove about its own registers and logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from vanthu.audit.queries import Verdict
    from vanthu.records.numbers import SequenceAudit

registers = typer.Typer(no_args_is_help=True, help="Sổ đăng ký: kiểm tra số không trùng, không khuyết.")
audit = typer.Typer(no_args_is_help=True, help="Nhật ký: chuỗi băm của từng cơ quan.")
AS_JSON = typer.Option(False, "--json", help="Machine-readable output.")


@registers.callback()
def _registers() -> None:
    """Keeps ``verify`` a subcommand."""


@audit.callback()
def _audit() -> None:
    """Keeps ``verify`` a subcommand."""


@registers.command("verify")
def verify_registers(as_json: bool = AS_JSON) -> None:
    """Look for gaps and for numbers out of time order; exit status 1 when there are any."""
    _start()
    sequences = _sequences()
    _tell(sequences, [], [row.as_dict() for row in sequences] if as_json else None)


@audit.command("verify")
def verify_audit(as_json: bool = AS_JSON) -> None:
    """Re-compute every hash; exit status 1 when a chain is broken."""
    _start()
    chains = _chains()
    _tell([], chains, [chain.as_dict() for chain in chains] if as_json else None)


def verify(as_json: bool = AS_JSON) -> None:
    """All that the site can prove, in one go: register books and event chains; exit status 1 when one fails."""
    _start()
    sequences, chains = _sequences(), _chains()
    found = {
        "registers": [row.as_dict() for row in sequences],
        "audit": [chain.as_dict() for chain in chains],
    }
    _tell(sequences, chains, found if as_json else None)


def attach(app: typer.Typer) -> None:
    """Hang the commands under the program."""
    app.add_typer(registers, name="registers")
    app.add_typer(audit, name="audit")
    app.command()(verify)


def _start() -> None:
    from vanthu.startup import start_django

    start_django()


def _sequences() -> list[SequenceAudit]:
    """Every register's every year; the axis keeps no registers."""
    from django.conf import settings

    if not settings.IS_AGENCY:
        return []
    from vanthu.records.numbers import audit_sequences

    return audit_sequences()


def _chains() -> list[Verdict]:
    from vanthu.audit.queries import verify_all

    return verify_all()


def _tell(sequences: list[SequenceAudit], chains: list[Verdict], machine: Any | None) -> None:
    """Print what was found, for machines or people, and end with the status."""
    if machine is not None:
        typer.echo(json.dumps(machine, ensure_ascii=False))
    else:
        for row in sequences:
            word = "liên tục" if row.holds else f"KHUYẾT {row.gaps}, SAI THỨ TỰ {row.out_of_order}"
            typer.echo(f"{row.agency}: {row.register} {row.year}: {row.last_number} số, {word}")
        for chain in chains:
            word = "đúng" if chain.holds else f"HỎNG tại {chain.broken_at}: {chain.reason}"
            typer.echo(f"{chain.agency_id}  {chain.length:>8} sự kiện  {word}")
    good = all(row.holds for row in sequences) and all(chain.holds for chain in chains)
    raise typer.Exit(0 if good else 1)
