"""RSASSA-PSS beside PKCS#1 v1.5: what is produced is read by everybody, what is weak or altered is found."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from asn1crypto import algos
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.pades.conftest import ISSUED, NOW, Authority
from tests.pades.test_keys import p12, self_made

from vanthu import pades
from vanthu.demo import pki
from vanthu.pades import Pkcs12Key, container, keys, policy
from vanthu.pades.keys import _read
from vanthu.pades.schemes import Scheme, digests_of, mechanism, scheme_for


def container_of(pdf: bytes) -> tuple[bytes, bytes]:
    """The last signature's container, and what it covers."""
    start = pdf.rindex(b"/ByteRange")
    first, second, third, fourth = map(int, pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)].split())
    return bytes.fromhex(pdf[second + 1 : third - 1].decode()), pdf[first:second] + pdf[
        third : third + fourth
    ]


def test_leader_and_agency_sign_with_pss_and_openssl_reads_it(
    prepared: bytes, authority: Authority, font: bytes, tmp_path: Path
) -> None:
    leader = Pkcs12Key.open(p12(authority, "chu-tich"), pki.DEMO_PASSPHRASE, at=NOW, scheme=Scheme.PSS)
    agency = Pkcs12Key.open(p12(authority, "ubnd"), pki.DEMO_PASSPHRASE, at=NOW, scheme=Scheme.PSS)
    path = tmp_path / "van-ban.pdf"
    path.write_bytes(prepared)
    waiting = pades.begin(
        leader.certificate,
        leader.chain,
        lambda key: pades.sign_file(path, "nguoi_ky_1", key, signed_at=NOW),
        scheme=Scheme.PSS,
    )
    waiting = pades.Pending.from_dict(waiting.as_dict())
    answer = leader.sign_raw(waiting.to_sign, "sha256")
    pades.finish(path, waiting, answer, timestamper=authority.timestamper())
    sealed = pades.seal(
        path.read_bytes(),
        agency,
        number="15",
        issued_date=ISSUED,
        font=font,
        signed_at=NOW,
        timestamper=authority.timestamper(),
    )
    for signature in PdfFileReader(io.BytesIO(sealed)).embedded_signatures:
        assert signature.signer_info["signature_algorithm"].dump() == mechanism(Scheme.PSS).dump()  # type: ignore[union-attr]
    report = pades.validate(sealed, authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.VALID, report.reasons

    container, content = container_of(sealed)
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "cms").write_bytes(container)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "cms", "-content", "content", "-binary"]
    command += ["-CAfile", str(authority.folder / "root.pem"), "-purpose", "any", "-out", "out", "-cades"]
    done = subprocess.run([*command, "-no_check_time"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()

    altered = bytearray(sealed)
    altered[200] ^= 1
    assert pades.validate(bytes(altered), authority.trust(), at=NOW).verdict is pades.Verdict.INVALID


def test_a_curve_knows_no_choice_and_a_weak_hash_inside_pss_proves_nothing(
    prepared: bytes, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve = _read(self_made(ec.generate_private_key(ec.SECP256R1())), "p")[1]
    assert scheme_for(curve, Scheme.PSS) is Scheme.PKCS1V15
    weak = algos.SignedDigestAlgorithm(
        {
            "algorithm": "rsassa_pss",
            "parameters": {"hash_algorithm": {"algorithm": "sha256"}, "salt_length": 32},
        }
    )  # the mask is left to its default, SHA-1
    monkeypatch.setattr(container, "mechanism", lambda _scheme: weak)
    monkeypatch.setattr(keys, "_padding", lambda *_: padding.PSS(padding.MGF1(hashes.SHA1()), 32))
    key = Pkcs12Key.open(p12(authority, "chu-tich"), pki.DEMO_PASSPHRASE, at=NOW, scheme=Scheme.PSS)
    container._container.cache_clear()
    try:
        signed = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)
    finally:
        container._container.cache_clear()
    report = pades.validate(signed, authority.trust(), at=NOW)
    assert report.verdict is not pades.Verdict.VALID
    info = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0].signer_info
    assert policy.weakest(digests_of(info)) == "sha1"
    info["signature_algorithm"]["parameters"] = None
    assert policy.digest_fitness(policy.weakest(digests_of(info)), NOW) is policy.Fitness.BROKEN
