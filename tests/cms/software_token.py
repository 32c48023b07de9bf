"""A software token (SoftHSM) with keys that open; the library of the process reads its settings anew."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.cms.parts import Holder

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


@contextmanager
def software_token(folder: Path, holders: Mapping[str, Holder]) -> Iterator[str]:
    """The label of a token with these keys while the block lasts."""
    import pkcs11

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        yield make_token(folder, holders)
        pkcs11.lib(str(LIBRARY)).finalize()


def make_token(folder: Path, holders: Mapping[str, Holder]) -> str:
    """A token with these keys by label, in the folder that SOFTHSM2_CONF names; PIN 123456."""
    import pkcs11

    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    label = "khóa"
    init = ["--init-token", "--free", "--label", label, "--so-pin", "654321", "--pin", "123456"]
    subprocess.run(["softhsm2-util", *init], check=True, capture_output=True)
    pkcs11.lib(str(LIBRARY)).finalize()
    with pkcs11.lib(str(LIBRARY)).get_token(token_label=label).open(user_pin="123456", rw=True) as session:
        for number, (name, one) in enumerate(holders.items(), 1):
            _store(session, name, bytes([number]), one)
    return label


def _rsa_attributes(one: Holder) -> dict[Any, Any]:
    from pkcs11.util.rsa import decode_rsa_private_key

    return decode_rsa_private_key(_traditional(one))


def _ec_attributes(one: Holder) -> dict[Any, Any]:
    """softhsm2-util would store a key that may not derive."""
    import pkcs11
    from pkcs11.util.ec import decode_ec_private_key

    return {**decode_ec_private_key(_traditional(one)), pkcs11.Attribute.DERIVE: True}


def _traditional(one: Holder) -> bytes:
    der: bytes = one.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return der


def _store(session: Any, name: str, number: bytes, one: Holder) -> None:
    import pkcs11

    common = {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: name, pkcs11.Attribute.ID: number}
    made = _rsa_attributes(one) if isinstance(one.key, rsa.RSAPrivateKey) else _ec_attributes(one)
    session.create_object({**made, **common})
    session.create_object(
        {
            **common,
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            pkcs11.Attribute.SUBJECT: one.asn1.subject.dump(),
            pkcs11.Attribute.VALUE: one.asn1.dump(),
        }
    )
