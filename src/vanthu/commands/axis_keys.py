"""``vanthu axis key``: the public keys by which members sign their calls to the modern door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vanthu.errors import VanthuError

app = typer.Typer(no_args_is_help=True, help="Khóa công khai của hệ thống thành viên (/axis/v2).")


@app.command("add")
def add_key(
    member: Annotated[str, typer.Argument(help="System id of the member.")],
    file: Annotated[Path, typer.Argument(help="Public key, JWK or PEM (Ed25519 or P-256).")],
) -> None:
    """Register a member's public key, beside those it has."""
    _start()
    from vanthu.axis import queries
    from vanthu.axis.actions import keys
    from vanthu.evidence import verifying_key

    try:
        text = file.read_text(encoding="utf-8").strip()
        given = json.loads(text) if text.startswith("{") else text
        added = keys.add_key(queries.member(member), verifying_key(given).as_dict(private=False))
    except (VanthuError, OSError, ValueError) as error:
        _fail(str(error))
    else:
        typer.echo(added.kid)


@app.command("list")
def list_keys(member: Annotated[str, typer.Argument(help="System id of the member.")]) -> None:
    """The member's keys, revoked ones too."""
    _start()
    from vanthu.axis import queries

    try:
        found = list(queries.member(member).keys.all())
    except VanthuError as error:
        _fail(error.text)
    else:
        for key in found:
            ended = f"  (thu hồi {key.revoked_at:%Y-%m-%d %H:%M}Z)" if key.revoked_at else ""
            typer.echo(f"{key.kid}  {key.created_at:%Y-%m-%d %H:%M}Z{ended}")


@app.command("revoke")
def revoke_key(kid: str) -> None:
    """Believe a key no longer; what it signed before stays provable."""
    _start()
    from vanthu.axis.actions import keys

    try:
        keys.revoke_key(kid)
    except VanthuError as error:
        _fail(error.text)


def _start() -> None:
    from vanthu.startup import start_django

    start_django()
    from django.conf import settings

    if not settings.IS_AXIS:
        _fail("Lệnh này chỉ dùng ở trục liên thông (VANTHU_SITE_KIND=axis).")


def _fail(text: str) -> None:
    typer.echo(text, err=True)
    raise typer.Exit(1)
