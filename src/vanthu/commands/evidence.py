"""``vanthu evidence``: check evidence without the site that made it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from vanthu.errors import VanthuError

app = typer.Typer(no_args_is_help=True, help="Bằng chứng: kiểm tra biên nhận của trục, không cần mạng.")


@app.callback()
def _evidence() -> None:
    """Keeps ``verify`` a subcommand."""


@app.command()
def verify(
    receipt: str = typer.Argument(help="The receipt, a file that holds it, or - for standard input."),
    *,
    key: Annotated[Path, typer.Option(help="The axis' public key: PEM, JWK or content of /axis/jwks.json.")],
    packet: Annotated[Path | None, typer.Option(help="The packet, to compare with the receipt.")] = None,
    as_json: bool = typer.Option(False, "--json", help="Machine-readable output."),
) -> None:
    """Say what a receipt proves; exit status 1 when it proves nothing."""
    from vanthu.evidence import ReceiptInvalid, verify_receipt

    try:
        said = verify_receipt(_text(receipt), _key(key))
        if packet is not None and _sha256(packet) != said.packet_sha256:
            raise ReceiptInvalid(reason="gói tin không phải gói đã được biên nhận")
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except VanthuError as error:
        typer.echo(
            json.dumps(error.as_dict(), ensure_ascii=False) if as_json else error.text, err=not as_json
        )
        raise typer.Exit(1) from None
    if as_json:
        row = {
            "sha256": said.packet_sha256,
            "size": said.size,
            "sender": said.sender,
            "recipients": list(said.recipients),
            "docId": said.doc_id,
            "acceptedAt": said.accepted_at.isoformat(),
        }
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    typer.echo(f"Biên nhận hợp lệ. Trục đã nhận gói tin {said.doc_id} lúc {said.accepted_at.isoformat()}")
    typer.echo(f"Bên gửi {said.sender}; bên nhận {', '.join(said.recipients)}")
    typer.echo(f"SHA-256 {said.packet_sha256}, {said.size} byte")


def _text(receipt: str) -> str:
    if receipt == "-":
        return sys.stdin.read()
    if receipt.count(".") == 2 and "/" not in receipt and len(receipt) > 255:
        return receipt
    return Path(receipt).read_text(encoding="ascii", errors="replace")


def _key(path: Path) -> Mapping[str, Any] | str:
    text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
