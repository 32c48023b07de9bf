"""What is encrypted for an agency opens with its key, and with no other; openssl agrees in both directions."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cms.parts import Holder, encrypted, holder, opened, openssl
from tests.cms.software_token import LIBRARY, software_token

from vanthu import cms
from vanthu.pades.errors import PinWrong, TokenAbsent

LETTER = "Kính gửi: Sở Nội vụ. ".encode() * 5000


def department() -> Holder:
    return holder("Sở Nội vụ", kind="rsa", organ_id="H27.14")


def province() -> Holder:
    return holder("UBND tỉnh", organ_id="H27")


def stranger() -> Holder:
    return holder("Cơ quan khác")


@pytest.mark.parametrize("cipher", cms.Cipher)
def test_each_recipient_opens_it_and_nobody_else(cipher: cms.Cipher) -> None:
    made = encrypted(LETTER, department(), province(), cipher=cipher)
    assert cms.is_encrypted(made[:64])
    assert LETTER[:40] not in made
    assert opened(made, department().opening) == LETTER
    assert opened(made, province().opening) == LETTER
    with pytest.raises(cms.NotForThisKey) as refused:
        opened(made, stranger().opening)
    assert f"{department().certificate.serial_number:X}" in refused.value.text


@settings(max_examples=40, deadline=None)
@given(
    content=st.binary(max_size=300) | st.integers(0, 200_000).map(os.urandom),
    cipher=st.sampled_from(cms.Cipher),
    several=st.booleans(),
)
def test_opening_gives_back_what_was_encrypted(content: bytes, cipher: cms.Cipher, several: bool) -> None:
    others = [stranger()] if several else []
    made = encrypted(content, province(), *others, cipher=cipher)
    assert asn1_cms.ContentInfo.load(made, strict=True).dump(force=True) == made
    assert opened(made, province().opening) == content


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_changed_byte_is_ever_taken_for_the_content(data: st.DataObject) -> None:
    made = bytearray(encrypted(LETTER[:400], province()))
    place = data.draw(st.integers(0, len(made) - 1))
    made[place] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.integers(0, 3)) == 0
    changed = bytes(made[:place] if cut else made)
    target = io.BytesIO()
    try:
        cms.decrypt(io.BytesIO(changed), target, [province().opening])
    except cms.CmsError:
        return
    # Names, versions and the like around the content are not authenticated; the content itself always is.
    assert target.getvalue() == LETTER[:400]


@pytest.mark.parametrize("cipher", ["-aes-256-gcm", "-aes-256-cbc", "-aes-128-cbc"])
def test_openssl_encrypts_and_we_open(tmp_path: Path, cipher: str) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    rsa_certificate, _ = department().write(tmp_path, "so")
    ec_certificate, _ = province().write(tmp_path, "tinh")
    source = ["cms", "-encrypt", cipher, "-binary", "-in", str(letter), "-outform", "DER"]
    plain = openssl(*source, rsa_certificate, ec_certificate)
    oaep = ["-recip", rsa_certificate, "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]
    modern = openssl(*source, "-keyid", *oaep, "-recip", ec_certificate, "-keyopt", "ecdh_kdf_md:sha384")
    streamed = openssl(*source, "-stream", ec_certificate)
    for made in (plain, modern, streamed):
        assert opened(made, province().opening) == LETTER
    for made in (plain, modern):
        assert opened(made, department().opening) == LETTER


@pytest.mark.parametrize("cipher", cms.Cipher)
def test_we_encrypt_and_openssl_opens(tmp_path: Path, cipher: cms.Cipher) -> None:
    made = tmp_path / "letter.p7m"
    made.write_bytes(encrypted(LETTER, department(), province(), cipher=cipher))
    for one, name in ((department(), "so"), (province(), "tinh")):
        certificate, key = one.write(tmp_path, name)
        command = ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", str(made)]
        assert openssl(*command, "-recip", certificate, "-inkey", key) == LETTER


def test_keys_on_a_token_open_it_too(tmp_path: Path) -> None:
    with software_token(tmp_path, {"so": department(), "tinh": province()}) as token:
        _opened_by_token(tmp_path, token)


def _opened_by_token(tmp_path: Path, token: str) -> None:
    made = encrypted(LETTER, department(), province())
    for label, one in (("so", department()), ("tinh", province())):
        with cms.Pkcs11OpeningKey.open(LIBRARY, token_label=token, key_label=label, pin="123456") as key:
            assert key.certificate.dump() == one.asn1.dump()
            assert opened(made, key) == LETTER
            if label == "so":
                letter, certificate = tmp_path / "letter", one.write(tmp_path, "so")[0]
                letter.write_bytes(LETTER)
                source = ["cms", "-encrypt", "-aes256", "-binary", "-in", str(letter), "-outform", "DER"]
                assert opened(openssl(*source, certificate), key) == LETTER
    with pytest.raises(PinWrong):
        cms.Pkcs11OpeningKey.open(LIBRARY, token_label=token, key_label="so", pin="999999")
    with pytest.raises(TokenAbsent):
        cms.Pkcs11OpeningKey.open(LIBRARY, token_label="khác", key_label="so", pin="123456")


def test_certificates_that_are_not_for_encryption_are_refused() -> None:
    for unfit in (holder("Người ký", signs=True), holder("Người ký RSA", kind="rsa", signs=True)):
        with pytest.raises(cms.CertificateUnfit) as refused:
            encrypted(LETTER, unfit)
        assert "không được cấp để mã hóa" in refused.value.text
    with pytest.raises(cms.NoRecipients):
        encrypted(LETTER)


def test_a_large_file_is_encrypted_and_opened_in_pieces(tmp_path: Path) -> None:
    """What a process holds does not grow with the file: forty times the largest piece goes through."""
    command = (
        "import io, resource, sys\n"
        "from tests.cms.parts import holder\n"
        "from vanthu import cms\n"
        "size, key = 40 << 20, holder('UBND')\n"
        "def run(size):\n"
        f"    plain, made, out = (open('{tmp_path}/' + name, 'w+b') for name in 'abc')\n"
        "    plain.truncate(size)\n"
        "    cms.encrypt(plain, made, [key.asn1], size=size)\n"
        "    cms.decrypt(made, out, [key.opening])\n"
        "    assert out.tell() == size\n"
        "run(1 << 20)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "run(size)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    grown = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    assert int(grown.stdout) < 8 << 10, "kilobytes"


def test_what_is_no_envelope_is_named() -> None:
    for junk in (b"", b"%PDF-1.7", b"0", b"\x30\x80" + b"\0" * 60):
        with pytest.raises(cms.NotEncrypted):
            opened(junk, province().opening)
    with pytest.raises(cms.EnvelopeDamaged):
        opened(encrypted(LETTER, province())[:-5], province().opening)
