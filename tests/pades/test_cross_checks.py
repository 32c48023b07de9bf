"""What programs of strangers say about our signatures, each as far as it can judge.

openssl judges CMS and time-stamps and nothing of the PDF around them; pdfsig and mutool judge the digest over the
byte range and call a file good whose content was changed by a later revision. So they confirm, and never decide.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.pades.conftest import NOW, Authority, Sealer
from tests.pades.samples import decision
from tests.pades.tampering import draw_on_page

from vanthu import pades


@dataclass(frozen=True)
class Embedded:
    """A signature as it lies in the file: the CMS object and the bytes that it is about."""

    der: bytes
    content: bytes

    @property
    def signer_info(self) -> cms.SignerInfo:
        return cms.ContentInfo.load(self.der)["content"]["signer_infos"][0]


def embedded(pdf: bytes) -> list[Embedded]:
    found = []
    for item in PdfFileReader(io.BytesIO(pdf)).embedded_signatures:
        start, length, after, rest = (int(edge) for edge in item.byte_range)
        der = cms.ContentInfo.load(bytes(item.pkcs7_content)).dump()
        found.append(Embedded(der, pdf[start : start + length] + pdf[after : after + rest]))
    return found


class Bench:
    """A folder with the authority's certificates and the programs run in it."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.chain = ["-CAfile", str(authority.folder / "root.pem")]
        self.issuer = str(authority.folder / "issuer.pem")

    def run(self, *words: str, **files: bytes) -> tuple[int, str]:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        done = subprocess.run(words, cwd=self.folder, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def cms(self, der: bytes, content: bytes) -> bool:
        """Whether openssl takes the CMS object for a CAdES signature over the content by a trusted key."""
        words = [
            "openssl",
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "sig",
            "-content",
            "content",
        ]
        words += [*self.chain, "-certfile", self.issuer, "-purpose", "any", "-out", "/dev/null"]
        return self.run(*words, sig=der, content=content)[0] == 0

    def stamp(self, token: bytes, data: bytes) -> bool:
        """Whether openssl takes the token for a trusted time-stamp over the data."""
        words = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "data", *self.chain]
        return self.run(*words, "-untrusted", self.issuer, token=token, data=data)[0] == 0

    def digests(self, pdf: bytes) -> tuple[int, int]:
        """How many digests pdfsig finds right, and how many mutool."""
        _, poppler = self.run("pdfsig", "-nocert", "file.pdf", **{"file.pdf": pdf})
        _, mupdf = self.run("mutool", "sign", "-v", "file.pdf")
        good = mupdf.count("Verifying signature") - mupdf.count("Digest error")
        return poppler.count("Signature is Valid"), good


@pytest.fixture
def bench(tmp_path: Path, authority: Authority) -> Bench:
    return Bench(tmp_path, authority)


def test_openssl_takes_every_kind_of_our_signatures_and_no_other_content(
    sealed: bytes, authority: Authority, font: bytes, bench: Bench
) -> None:
    key, when = authority.key("ubnd"), NOW + timedelta(minutes=1)
    annex = pades.seal_attachment(decision(), key, code="15/QĐ-UBND", font=font, signed_at=when)
    copy = pades.seal_copy(
        decision(), key, form="SAO Y", agency="UBND tỉnh Hà Tĩnh", font=font, signed_at=when
    )
    signatures = [one for pdf in (sealed, annex, copy) for one in embedded(pdf)]
    assert len(signatures) == 4  # leader and agency, annex, copy
    for one in signatures:
        assert bench.cms(one.der, one.content)
    first = signatures[0]
    assert not bench.cms(first.der, first.content + b" ")
    assert not bench.cms(signatures[1].der, first.content)


def test_openssl_takes_the_time_stamps_of_signatures_and_documents(
    prepared: bytes, authority: Authority, bench: Bench
) -> None:
    key, stamper = authority.key("chu-tich"), authority.timestamper()
    signed = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW, timestamper=stamper)
    [signature] = embedded(signed)
    attributes = {item["type"].native: item["values"] for item in signature.signer_info["unsigned_attrs"]}
    token = attributes["signature_time_stamp_token"][0].dump()
    value = signature.signer_info["signature"].native
    assert bench.stamp(token, value)
    assert not bench.stamp(token, value[::-1])

    document = embedded(pades.timestamp(signed, authority.timestamper()))[-1]
    assert bench.stamp(document.der, document.content)
    assert not bench.stamp(document.der, document.content[1:])


def test_digests_are_right_by_other_readers_which_yet_cannot_be_asked_about_later_changes(
    sealed: bytes, seal_it: Sealer, signed: bytes, authority: Authority, bench: Bench
) -> None:
    assert bench.digests(sealed) == (2, 2)
    flipped = bytearray(sealed)
    flipped[sealed.index(b"/MediaBox") + 2] ^= 1  # within what both signed
    assert bench.digests(bytes(flipped)) == (0, 0)

    redrawn = draw_on_page(sealed)
    assert bench.digests(redrawn) == (2, 2), "they have learnt it: docs/decisions.md (12) can say so"
    assert pades.validate(redrawn, authority.trust(), at=NOW).verdict is pades.Verdict.INVALID
