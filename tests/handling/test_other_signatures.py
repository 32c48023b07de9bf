"""Signed files that are no PDF are judged at the reception like any other."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import pem
from tests import world as worlds
from tests.handling import letters

from vanthu.base.actors import system_actor
from vanthu.handling.checks import run_checks
from vanthu.pades import Pkcs12Key
from vanthu.records import files
from vanthu.records.models import Direction, Document, FileKind, FileStage


def test_a_signature_in_a_file_of_its_own_belongs_to_the_file_it_is_about(
    world: worlds.World, tmp_path: Path
) -> None:
    arrived = letters.issued(world.province, [world.department.agency])
    Document.objects.filter(pk=arrived.pk).update(direction=Direction.INCOMING)
    arrived.refresh_from_db()
    letter = worlds.official_letter(world.province)
    lines = {check.text for check in run_checks(arrived)}
    assert "Tệp cong-van.pdf không có chữ ký số" in lines

    _add(arrived, 0, "cong-van.pdf.p7s", signed_alone(tmp_path, letter))
    _add(arrived, 1, "bang.xml", b"<html>Signature")
    lines = {check.text for check in run_checks(arrived)}
    assert "cong-van.pdf: có chữ ký số tách rời ở tệp kèm theo" in lines
    (of_signature,) = [line for line in lines if line.startswith("cong-van.pdf.p7s:")]
    assert "Võ Trọng Thử" in of_signature and "thu hồi" in of_signature  # nobody to ask in this test
    assert not any("bang.xml" in line for line in lines)


def _add(document: Document, ordinal: int, name: str, content: bytes) -> None:
    actor = system_actor(document.agency_id)
    kind = {"kind": FileKind.ANNEX, "stage": FileStage.RECEIVED, "media_type": "application/octet-stream"}
    files.add_version(document, content, name=name, ordinal=ordinal, actor=actor, **kind)  # type: ignore[arg-type]


def signed_alone(folder: Path, content: bytes, *, inside: bool = False, more: Sequence[str] = ()) -> bytes:
    """A signature by the leader's key, with openssl: beside the content or with it inside."""
    authority = worlds.authority()
    with Pkcs12Key.open((authority / "chu-tich.p12").read_bytes(), worlds.PASSPHRASE) as key:
        (folder / "own.crt").write_bytes(pem.armor("CERTIFICATE", key.certificate.dump()))
    (folder / "letter").write_bytes(content)
    who = ["-signer", str(folder / "own.crt"), "-inkey", str(authority / "keys" / "chu-tich.pem")]
    how = [*who, "-outform", "DER", *(["-nodetach"] if inside else []), *more]
    command = ["openssl", "cms", "-sign", "-binary", "-in", str(folder / "letter"), *how]
    return subprocess.run(command, check=True, capture_output=True).stdout
