"""How RSA keys sign: PKCS#1 v1.5, or RSASSA-PSS.

Owns the choice, the parameters that are produced, and what a CMS signature says of its hash functions. The national
list of standards names RSASSA-PSS for RSA keys; PKCS#1 v1.5 is what every device and every reader in use knows, so a
site chooses. Both are verified. Elliptic curves know no choice. Refuses nothing itself: what is weak is ``policy``'s to
say. Source: TT 15/2025/TT-BKHCN PL I; RFC 8017 8.1, 8.2; RFC 4056.
"""

from __future__ import annotations

from enum import Enum

from asn1crypto import algos, cms, x509

from vanthu.pades.policy import PRODUCED_DIGEST

SALT_LENGTH = 32
"""Bytes: as long as the digest (RFC 8017, 9.1)."""


_UNREADABLE = "?"


class Scheme(Enum):
    """What an RSA key does with the digest."""

    PKCS1V15 = "PKCS1V15"
    PSS = "PSS"


def scheme_for(certificate: x509.Certificate, wanted: Scheme) -> Scheme:
    """``wanted``, but PSS for a key that its certificate gives to PSS alone (RFC 4055, 1.2), and never for a curve."""
    algorithm = certificate.public_key.algorithm
    if algorithm == "rsassa_pss":
        return Scheme.PSS
    return wanted if algorithm == "rsa" else Scheme.PKCS1V15


def pss_parameters() -> algos.RSASSAPSSParams:
    """What is produced: SHA-256 throughout, a salt of 32 bytes."""
    digest = {"algorithm": PRODUCED_DIGEST}
    return algos.RSASSAPSSParams(
        {
            "hash_algorithm": digest,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
            "salt_length": SALT_LENGTH,
        }
    )


def mechanism(scheme: Scheme) -> algos.SignedDigestAlgorithm | None:
    """The signature algorithm of CMS for PSS; None where the certificate's key says it all."""
    if scheme is not Scheme.PSS:
        return None
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": pss_parameters()})


def digests_of(info: cms.SignerInfo) -> tuple[str, ...]:
    """The hash functions that a signature rests on: that over the content, and those that PSS names for itself.
    Parameters that cannot be read count as a hash function that is not listed."""
    content = str(info["digest_algorithm"]["algorithm"].native)
    signed = info["signature_algorithm"]
    if signed["algorithm"].native != "rsassa_pss":
        return (content,)
    try:
        parameters = signed["parameters"]
        own = parameters["hash_algorithm"]["algorithm"].native
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    except (ValueError, TypeError, KeyError):
        return (content, _UNREADABLE)
    return (content, str(own), str(mask))
