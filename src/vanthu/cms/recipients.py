"""The content key on its way to one recipient: RSAES-OAEP (RFC 3560) or ECDH with key wrapping (RFC 5753).

Owns writing and reading of RecipientInfo. Refuses to know where private keys live (``openers``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from asn1crypto import cms, core, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from vanthu.cms import ber
from vanthu.cms.errors import AlgorithmRefused, EnvelopeDamaged, NotForThisKey
from vanthu.cms.openers import OpeningKey
from vanthu.cms.policy import AGREEMENTS, OAEP_HASHES, WRAPS, require_fit
from vanthu_agent.opening import Agreement, Oaep, Padding, Pkcs1, Sealed, Transport, derived

_STANDARD_DH_SHA256 = "1.3.132.1.11.1"
_AES256_WRAP = cms.KeyEncryptionAlgorithm({"algorithm": "aes256_wrap"})
_OAEP_SHA256: bytes = cms.KeyEncryptionAlgorithm(
    {
        "algorithm": "rsaes_oaep",
        "parameters": {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
        },
    }
).dump()


class _SharedInfo(core.Sequence):  # type: ignore[misc]
    """ECC-CMS-SharedInfo (RFC 5753, 7.2)."""

    _fields = [
        ("key_info", cms.KeyEncryptionAlgorithm),
        ("entity_u_info", core.OctetString, {"explicit": 0, "optional": True}),
        ("supp_pub_info", core.OctetString, {"explicit": 2}),
    ]


def wrapped_for(certificate: x509.Certificate, content_key: bytes) -> bytes:
    """The content key for the holder of ``certificate``: a RecipientInfo in DER. Raises :class:`CertificateUnfit`.

    Put together from encoded parts, for a document may have hundreds of recipients and building each from values
    takes milliseconds.
    """
    require_fit(certificate)
    public: Any = load_der_public_key(certificate.public_key.dump())
    if isinstance(public, rsa.RSAPublicKey):
        return _transported(certificate, public, content_key)
    return _agreed(certificate, public, content_key)


def unwrapped(infos: cms.RecipientInfos, keys_at_hand: Sequence[OpeningKey]) -> bytes:
    """The content key, by the first of the keys that an info names.

    Raises :class:`NotForThisKey`, :class:`AlgorithmRefused`, :class:`EnvelopeDamaged` and what the key raises.
    """
    for info in infos:
        for key in keys_at_hand:
            found = _sealed_in(info, key.certificate)
            if found is not None:
                return _opened(*found, key)
    raise NotForThisKey(recipients=", ".join(named(infos)[:20]) or "?")


def sealed_for(infos: cms.RecipientInfos, certificate: x509.Certificate) -> Sealed:
    """What the private key of this certificate is asked for.

    Raises :class:`NotForThisKey`, :class:`AlgorithmRefused`.
    """
    for info in infos:
        found = _sealed_in(info, certificate)
        if found is not None:
            return found[0]
    raise NotForThisKey(recipients=", ".join(named(infos)[:20]) or "?")


def named(infos: cms.RecipientInfos) -> list[str]:
    """Whom a content is encrypted for: certificates' serial numbers or key identifiers, upper-case hexadecimal."""
    found = []
    for info in infos:
        if info.name == "ktri":
            found.append(_written(info.chosen["rid"]))
        elif info.name == "kari":
            found += [_written(one["rid"]) for one in info.chosen["recipient_encrypted_keys"]]
    return found


def meant_for(infos: cms.RecipientInfos, certificate: x509.Certificate) -> bool:
    """Whether one of the infos names this certificate."""
    return any(
        _names(info.chosen["rid"], certificate)
        if info.name == "ktri"
        else info.name == "kari" and _wrapped_for(info.chosen, certificate) is not None
        for info in infos
    )


def _transported(certificate: x509.Certificate, public: rsa.RSAPublicKey, content_key: bytes) -> bytes:
    sha256 = hashes.SHA256()
    encrypted = public.encrypt(content_key, padding.OAEP(padding.MGF1(sha256), sha256, None))
    version = core.Integer(0).dump()
    parts = (version, _issuer_and_serial(certificate), _OAEP_SHA256, ber.element(0x04, encrypted))
    return ber.element(0x30, b"".join(parts))


def _agreed(certificate: x509.Certificate, public: ec.EllipticCurvePublicKey, content_key: bytes) -> bytes:
    own = ec.generate_private_key(public.curve)
    wrapping_key = derived(own.exchange(ec.ECDH(), public), _agreement(b"", _AES256_WRAP, b"", "sha256"))
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    sealed = ber.element(0x04, aes_key_wrap(wrapping_key, content_key))
    recipient = ber.element(0x30, _issuer_and_serial(certificate) + sealed)
    parts = (
        core.Integer(3).dump(),
        ber.element(0xA0, b"\xa1" + spki[1:]),
        ber.element(0x30, core.ObjectIdentifier(_STANDARD_DH_SHA256).dump() + _AES256_WRAP.dump()),
        ber.element(0x30, recipient),
    )
    return ber.element(0xA1, b"".join(parts))


def _issuer_and_serial(certificate: x509.Certificate) -> bytes:
    return ber.element(0x30, certificate.issuer.dump() + core.Integer(certificate.serial_number).dump())


def _sealed_in(info: Any, certificate: x509.Certificate) -> tuple[Sealed, bytes] | None:
    """What an info asks of the certificate's key, and the wrapped content key where there is one."""
    if info.name == "ktri" and _names(info.chosen["rid"], certificate):
        padding_used = _padding_of(info.chosen["key_encryption_algorithm"])
        return Transport(info.chosen["encrypted_key"].native, padding_used), b""
    if info.name != "kari":
        return None
    wrapped = _wrapped_for(info.chosen, certificate)
    return None if wrapped is None else (_agreement_of(info.chosen), wrapped)


def _opened(sealed: Sealed, wrapped: bytes, key: OpeningKey) -> bytes:
    answer = key.answer(sealed)
    if isinstance(sealed, Transport):
        return answer
    try:
        return aes_key_unwrap(answer, wrapped)
    except (InvalidUnwrap, ValueError) as problem:
        raise EnvelopeDamaged from problem


def _padding_of(algorithm: Any) -> Padding:
    name = algorithm["algorithm"].native
    if name == "rsaes_pkcs1v15":
        return Pkcs1()
    if name != "rsaes_oaep":
        raise AlgorithmRefused(algorithm=name)
    parameters = algorithm["parameters"]
    digest = parameters["hash_algorithm"]["algorithm"].native
    mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    label = parameters["p_source_algorithm"]["parameters"].native or b""
    if digest not in OAEP_HASHES or mask not in OAEP_HASHES:
        raise AlgorithmRefused(algorithm=f"RSAES-OAEP {digest} {mask}")
    return Oaep(digest, mask, label)


def _agreement_of(info: Any) -> Agreement:
    algorithm = info["key_encryption_algorithm"]
    scheme = AGREEMENTS.get(algorithm["algorithm"].dotted)
    wrap = algorithm["parameters"].parse(cms.KeyEncryptionAlgorithm) if scheme else None
    if wrap is None or wrap["algorithm"].native not in WRAPS or info["originator"].name != "originator_key":
        raise AlgorithmRefused(algorithm=algorithm["algorithm"].native)
    peer = bytes(info["originator"].chosen["public_key"])
    return _agreement(peer, wrap, info["ukm"].native or b"", scheme or "")


def _agreement(peer: bytes, wrap: Any, given: bytes, digest: str) -> Agreement:
    size = WRAPS[wrap["algorithm"].native]
    shared = _SharedInfo({"key_info": wrap, "supp_pub_info": (size * 8).to_bytes(4, "big")})
    if given:
        shared["entity_u_info"] = given
    return Agreement(peer, digest, size, shared.dump())


def _wrapped_for(info: Any, certificate: x509.Certificate) -> bytes | None:
    for one in info["recipient_encrypted_keys"]:
        if _names(one["rid"], certificate):
            return bytes(one["encrypted_key"].native)
    return None


def _names(rid: Any, certificate: x509.Certificate) -> bool:
    if rid.name == "issuer_and_serial_number":
        same_number = rid.chosen["serial_number"].native == certificate.serial_number
        return bool(same_number and rid.chosen["issuer"] == certificate.issuer)
    return _key_identifier(rid) in _identifiers_of(certificate)


def _identifiers_of(certificate: x509.Certificate) -> set[bytes]:
    """What the certificate says of itself, and what RFC 5280 4.2.1.2 (1) makes of its key where it says nothing."""
    computed = hashlib.sha1(bytes(certificate.public_key["public_key"]), usedforsecurity=False).digest()
    return {computed} | ({certificate.key_identifier} if certificate.key_identifier else set())


def _key_identifier(rid: Any) -> bytes:
    chosen = rid.chosen
    return bytes(chosen["subject_key_identifier"].native if rid.name == "r_key_id" else chosen.native)


def _written(rid: Any) -> str:
    if rid.name == "issuer_and_serial_number":
        return f"{rid.chosen['serial_number'].native:X}"
    return _key_identifier(rid).hex().upper()
