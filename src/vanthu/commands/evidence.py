"""``vanthu evidence``: check evidence without the site that made it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vanthu.commands.terminal import file_trouble, printable
from vanthu.errors import VanthuError

if TYPE_CHECKING:
    from vanthu.evidence import Receipt, Refusal
    from vanthu.evidence.proofs import Proof, Trust

app = typer.Typer(no_args_is_help=True, help="Bằng chứng: kiểm tra bằng chứng của trục, không cần mạng.")


@app.callback()
def _evidence() -> None:
    """Keeps ``verify`` a subcommand."""


@app.command()
def verify(
    evidence: str = typer.Argument(
        help="A proof file, or a bare receipt (text, or a file that holds it); - for standard input."
    ),
    *,
    trust: Annotated[
        list[Path],
        typer.Option(
            help="Whom to believe: an axis' public key (PEM, JWK, content of /axis/jwks.json), "
            "certificates (PEM) of time-stamping, or a folder of these. May be repeated."
        ),
    ] = [],  # noqa: B006
    key: Annotated[
        Path | None, typer.Option(help="For a bare receipt: the axis' public key, as for --trust.")
    ] = None,
    packet: Annotated[Path | None, typer.Option(help="The packet, to compare with the evidence.")] = None,
    as_json: bool = typer.Option(False, "--json", help="Machine-readable output."),
) -> None:
    """Say what a proof file or receipt proves; exit status 1 when it proves nothing."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # the verdict says it, in words for people
    try:
        shown = _shown(evidence, trust, key, _sha256(packet) if packet else None)
    except OSError as error:
        trouble = file_trouble(error)
        said = json.dumps({"valid": False, **trouble}, ensure_ascii=False) if as_json else trouble["message"]
        typer.echo(printable(said), err=not as_json)
        raise typer.Exit(2) from None
    except VanthuError as error:
        refused = {"valid": False, **error.as_dict()}
        typer.echo(json.dumps(refused, ensure_ascii=False) if as_json else error.text, err=not as_json)
        raise typer.Exit(1) from None
    typer.echo(json.dumps({"valid": True, **shown}, ensure_ascii=False) if as_json else _in_words(shown))


def _shown(evidence: str, trust: list[Path], key: Path | None, sha256: str | None) -> dict[str, Any]:
    data = _content(evidence)
    if data.count(b".") == 2 and not data.lstrip().startswith(b"{"):
        return _receipt(data.decode("ascii", "replace"), [*trust, *([key] if key else [])], sha256)
    from vanthu.evidence.proofs import verify_proof

    return _proof(verify_proof(data, _trust([*trust, *([key] if key else [])]), packet_sha256=sha256))


def _receipt(token: str, named: list[Path], sha256: str | None) -> dict[str, Any]:
    from vanthu.evidence import BadKey, ReceiptInvalid, verify_receipt, verify_refusal
    from vanthu.evidence.statements import header_of

    keys = [_key(path) for path in named]
    if not keys:
        raise BadKey("Biên nhận rời cần khóa công khai của trục (--key).")
    check = verify_refusal if header_of(token.strip()).get("typ") == "vanthu-refusal" else verify_receipt
    said = check(token, keys[0])
    if sha256 is not None and sha256 != said.packet_sha256:
        raise ReceiptInvalid(reason="gói tin không phải gói đã được biên nhận")
    return _statement(said)


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        **_statement(proof.statement),
        "keyId": proof.key_id,
        "keyTrusted": proof.key_trusted,
        "issuedAt": proof.issued_at.isoformat(),
        "entries": [
            {
                "sequence": entry.sequence,
                "batch": entry.batch.number,
                "event": entry.content.get("event"),
                "at": entry.content.get("at"),
                "to": entry.content.get("to"),
                "state": entry.content.get("state"),
                "stampedAt": entry.stamp.at.isoformat() if entry.stamp else None,
                "stampedBy": entry.stamp.authority if entry.stamp else None,
                "stampTrusted": entry.stamp.trusted if entry.stamp else None,
            }
            for entry in proof.entries
        ],
    }


def _statement(said: Receipt | Refusal) -> dict[str, Any]:
    from vanthu.evidence import Receipt

    common = {"sha256": said.packet_sha256, "size": said.size, "sender": said.sender}
    if isinstance(said, Receipt):
        return common | {
            "kind": "receipt",
            "recipients": list(said.recipients),
            "docId": said.doc_id,
            "acceptedAt": said.accepted_at.isoformat(),
        }
    return common | {
        "kind": "refusal",
        "refusalId": said.refusal_id,
        "member": said.member,
        "answer": said.answer,
        "code": said.code,
        "reason": said.reason,
        "refusedAt": said.refused_at.isoformat(),
    }


_EVENTS = {
    "accepted": "trục nhận",
    "refused": "trục từ chối",
    "handed_over": "bên nhận tải về",
    "acknowledged": "bên nhận xác nhận",
    "forwarded": "chuyển sang trục khác",
    "forward_failed": "không chuyển được sang trục khác",
    "arrived": "đến từ trục khác",
    "arrival_refused": "không nhận từ trục khác",
}


def _when(instant: str) -> str:
    """An instant as people read it: Vietnamese time, with its offset."""
    from vanthu.edxml import VIETNAM

    return datetime.fromisoformat(instant).astimezone(VIETNAM).isoformat(" ", "seconds")


def _in_words(shown: Mapping[str, Any]) -> str:
    if shown["kind"] == "receipt":
        lines = [
            f"Bằng chứng hợp lệ. Trục đã nhận gói tin {shown['docId']} lúc {_when(shown['acceptedAt'])}",
            f"Bên gửi {shown['sender']}; bên nhận {', '.join(shown['recipients'])}",
        ]
    else:
        lines = [
            f"Bằng chứng hợp lệ. Trục đã từ chối lúc {_when(shown['refusedAt'])}: {shown['reason']}",
            f"Bên gửi {shown['sender']} (hệ thống {shown['member']}), mã lỗi {shown['answer']}",
        ]
    if shown["sha256"]:
        lines.append(f"SHA-256 {shown['sha256']}, {shown['size']} byte")
    for entry in shown.get("entries", ()):
        stamped = (
            f"dấu thời gian {_when(entry['stampedAt'])}" if entry["stampedAt"] else "không có dấu thời gian"
        )
        doubt = "" if entry["stampTrusted"] in (True, None) else " (chưa đối chiếu tổ chức cấp)"
        to = f" {entry['to']}" if isinstance(entry["to"], str) else ""
        event = _EVENTS.get(entry["event"], entry["event"]) + (
            f" ({entry['state']})" if entry["state"] else ""
        )
        lines.append(f"#{entry['sequence']} {event}{to} {_when(entry['at'])}: {stamped}{doubt}")
    if "keyId" in shown:
        word = "được tin cậy" if shown["keyTrusted"] else "chưa đối chiếu; dùng --trust"
        lines.append(f"Khóa của trục {shown['keyId']} ({word})")
    return "\n".join(lines)


def _content(evidence: str) -> bytes:
    if evidence == "-":
        return sys.stdin.buffer.read()
    if evidence.count(".") == 2 and "/" not in evidence and len(evidence) > 255:
        return evidence.encode("ascii", "replace")
    return Path(evidence).read_bytes()


def _trust(named: list[Path]) -> Trust:
    """Keys and certificates out of files and folders; a self-signed certificate is a root, others help."""
    from vanthu.evidence.proofs import Trust

    key_ids: set[str] = set()
    roots: list[bytes] = []
    helpers: list[bytes] = []
    for path in _files(named):
        if b"BEGIN CERTIFICATE" in path.read_bytes():
            _take_certificates(path, roots, helpers)
        else:
            key_ids |= _key_ids(path)
    return Trust(frozenset(key_ids), tuple(roots), tuple(helpers))


def _files(named: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in named:
        found += sorted(item for item in path.iterdir() if item.is_file()) if path.is_dir() else [path]
    return found


def _take_certificates(path: Path, roots: list[bytes], helpers: list[bytes]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
        group = roots if certificate.issuer == certificate.subject else helpers
        group.append(certificate.public_bytes(Encoding.DER))


def _key_ids(path: Path) -> set[str]:
    from vanthu.evidence.keys import verifying_key

    source = _key(path)
    if isinstance(source, Mapping) and isinstance(source.get("keys"), list):
        return {verifying_key(jwk).thumbprint() for jwk in source["keys"]}
    return {verifying_key(source).thumbprint()}


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
