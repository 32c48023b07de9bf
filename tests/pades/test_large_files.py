"""Signing in the file itself: what is refused leaves the file as it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.pades.conftest import NOW, Authority
from tests.pades.test_schemes import container_of

from vanthu import pades
from vanthu.pades import errors


def test_a_file_is_signed_in_place_or_left_as_it_was(
    prepared: bytes, authority: Authority, pen: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "lon.pdf"
    path.write_bytes(prepared)
    key = authority.key("chu-tich")
    pades.sign_file(path, "nguoi_ky_1", key, signed_at=NOW, image=pen)
    signed = path.read_bytes()
    assert signed.startswith(prepared)
    assert len(signed) == len(pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW, image=pen))
    assert pades.validate(signed, authority.trust(), at=NOW).verdict is pades.Verdict.VALID
    with pytest.raises(errors.FieldAlreadySigned):
        pades.sign_file(path, "nguoi_ky_1", key, signed_at=NOW)

    class Unplugged(pades.Pkcs12Key):
        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            raise errors.TokenAbsent(token="vt")

    path.write_bytes(prepared)
    pulled = Unplugged(key.certificate, key.chain, key._key)
    with pytest.raises(errors.TokenAbsent):
        pades.sign_file(path, "nguoi_ky_1", pulled, signed_at=NOW, image=pen)
    assert path.read_bytes() == prepared


def test_the_container_is_what_other_programs_read(
    signed: bytes, authority: Authority, tmp_path: Path
) -> None:
    """Put together from bytes here, taken apart by openssl: certificates, attributes, value."""
    container, content = container_of(signed)
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "cms").write_bytes(container)
    root = authority.folder / "root.pem"
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "cms", "-content", "content", "-binary"]
    command += ["-CAfile", str(root), "-purpose", "any", "-out", "out", "-cades", "-no_check_time"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
