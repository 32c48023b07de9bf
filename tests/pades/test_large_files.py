"""Signing in the file itself: what is refused leaves the file as it was."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.pades.conftest import ISSUED, NOW, Authority
from tests.pades.test_schemes import container_of

from vanthu import pades
from vanthu.pades import errors
from vanthu.pades.reading import open_reader
from vanthu.pades.spared import LargeStream, Later


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


def test_large_streams_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    """Also when the length is one too high, as some producers write it; read as pyHanko reads them."""
    path = tmp_path / "lon.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.Filling = document.make_stream(os.urandom(300_000))
        document.save(path, compress_streams=False)
    whole = path.read_bytes()
    assert b"/Length 300000" in whole
    for written in (b"/Length 300000", b"/Length 300001", b"/Length 300002"):
        path.write_bytes(whole.replace(b"/Length 300000", written))
        with path.open("rb") as stream:
            found = open_reader(stream).root["/Filling"]
            assert isinstance(found, LargeStream) and isinstance(found._kept, Later)
            plain = PdfFileReader(io.BytesIO(path.read_bytes())).root["/Filling"]
            assert found == plain and found.data == found.encoded_data == plain.data
            assert isinstance(found._kept, Later)
    path.write_bytes(whole.replace(b"/Length 300000", b"/Length 999999"))
    with path.open("rb") as stream, pytest.raises(PdfError):
        print(open_reader(stream).root["/Filling"])


def test_a_file_with_a_large_stream_is_signed_and_sealed_in_place(
    prepared: bytes,
    authority: Authority,
    font: bytes,
    pen: bytes,
    stamp: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "lon.pdf"
    with pikepdf.open(io.BytesIO(prepared)) as document:
        document.Root.Filling = document.make_stream(os.urandom(300_000))
        document.save(path)
    pades.sign_file(path, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, image=pen)
    before = path.read_bytes()
    seal = {"issued_date": ISSUED, "font": font, "signed_at": NOW, "seal_image": stamp}
    with pytest.raises(errors.PadesError):
        pades.seal_file(path, authority.key("ubnd"), number="\0", **seal)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    monkeypatch.delattr(Later, "fetched")  # nobody needs what the large stream holds
    pades.seal_file(path, authority.key("ubnd"), number="15", **seal)  # type: ignore[arg-type]
    with path.open("rb") as stream:
        report = pades.validate(stream, authority.trust(), at=NOW)
    assert (report.verdict, len(report.signatures)) == (pades.Verdict.VALID, 2)


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
