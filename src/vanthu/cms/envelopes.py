"""Encrypts files for certificates and opens them again, in pieces, with bounded memory.

AuthEnvelopedData with AES-256-GCM (RFC 5083, 5084) or EnvelopedData with AES-256-CBC (RFC 5652) is written;
what other software writes is read in DER and BER. Refuses to hand out a single byte of an authenticated content
before all of it is proved: callers give a target that they throw away on an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from asn1crypto import algos, cms, core, x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from vanthu.cms import ber, recipients
from vanthu.cms.errors import (
    AlgorithmRefused,
    ContentTooLarge,
    EnvelopeDamaged,
    NoRecipients,
    NotEncrypted,
)
from vanthu.cms.openers import OpeningKey
from vanthu.cms.policy import READ_CBC, READ_GCM, Cipher
from vanthu.errors import VanthuError
from vanthu_agent.opening import Sealed

CHUNK = 1 << 20
LARGEST = 2 << 30
"""Bytes of one content."""

_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
_ENVELOPED, _AUTHENTICATED = "1.2.840.113549.1.7.3", "1.2.840.113549.1.9.16.1.23"
_TAG_BYTES, _BLOCK = 16, 16
_MOST_RECIPIENT_BYTES = 8 << 20
_MOST_PIECES = 1 << 20
_SMALL = 1 << 16


class Sink(Protocol):
    """Whatever takes bytes one after the other."""

    def write(self, data: bytes, /) -> object:
        """Take some more."""


@dataclass(frozen=True)
class Envelope:
    """What stands around an encrypted content, and where its pieces lie in the file."""

    recipients: cms.RecipientInfos
    algorithm: Any
    pieces: tuple[tuple[int, int], ...]
    authenticated: bytes = b""
    mac: bytes = b""

    @property
    def named(self) -> list[str]:
        """Serial numbers (or key identifiers) of the certificates that it is encrypted for."""
        return recipients.named(self.recipients)

    def meant_for(self, certificate: x509.Certificate) -> bool:
        """Whether the holder of this certificate can open it."""
        return recipients.meant_for(self.recipients, certificate)

    def sealed_for(self, certificate: x509.Certificate) -> Sealed:
        """What the private key of this certificate is asked for. Raises :class:`NotForThisKey`,
        :class:`AlgorithmRefused`, :class:`EnvelopeDamaged`."""
        try:
            return recipients.sealed_for(self.recipients, certificate)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as problem:
            raise EnvelopeDamaged from problem


def is_encrypted(head: bytes) -> bool:
    """Whether a file that begins with these bytes (64 are enough) is an encrypted CMS content in DER or BER."""
    marks = [core.ObjectIdentifier(oid).dump() for oid in (_ENVELOPED, _AUTHENTICATED)]
    return head[:1] == b"\x30" and any(mark in head[2:32] for mark in marks)


def encrypt(
    source: BinaryIO,
    target: Sink,
    certificates: Sequence[x509.Certificate],
    *,
    size: int,
    cipher: Cipher = Cipher.AES_256_GCM,
) -> None:
    """Write ``size`` bytes of ``source`` to ``target``, encrypted for the holders of the certificates, in DER.

    Raises :class:`NoRecipients`, :class:`CertificateUnfit`; ValueError when the source is shorter or longer.
    Source: QĐ 33/2019/QĐ-UBND Đ13; requirements R110, R111.
    """
    unique = {certificate.dump(): certificate for certificate in certificates}
    if not unique:
        raise NoRecipients
    content_key = os.urandom(32)
    infos = sorted(recipients.wrapped_for(one, content_key) for one in unique.values())
    if cipher is Cipher.AES_256_GCM:
        _write_authenticated(source, target, infos, content_key, size)
    else:
        _write_enveloped(source, target, infos, content_key, size)


def locate(stream: BinaryIO) -> Envelope:
    """Read the frame of an encrypted file without reading its content; the stream must be seekable.

    Raises :class:`NotEncrypted`, :class:`EnvelopeDamaged`.
    """
    stream.seek(0)
    if not is_encrypted(stream.read(64)):
        raise NotEncrypted
    stream.seek(0)
    try:
        return _located(stream)
    except (ValueError, TypeError, KeyError, OverflowError, OSError) as problem:
        raise EnvelopeDamaged from problem


def decrypt(stream: BinaryIO, target: Sink, keys: Sequence[OpeningKey], *, largest: int = LARGEST) -> None:
    """Write the opened content of ``stream`` (seekable) to ``target``; on an error what was written is worthless.

    ``largest`` in bytes. Raises :class:`NotEncrypted`, :class:`EnvelopeDamaged`, :class:`NotForThisKey`,
    :class:`AlgorithmRefused`, :class:`ContentTooLarge`.
    """
    envelope = locate(stream)
    if sum(size for _, size in envelope.pieces) > largest:
        raise ContentTooLarge(limit=largest >> 20)
    try:
        content_key = recipients.unwrapped(envelope.recipients, keys)
        _open(stream, target, envelope, content_key)
    except VanthuError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as problem:
        raise EnvelopeDamaged from problem


def _write_authenticated(
    source: BinaryIO, target: Sink, infos: Sequence[bytes], content_key: bytes, size: int
) -> None:
    nonce = os.urandom(12)
    parameters = {"aes_nonce": nonce, "aes_icvlen": _TAG_BYTES}
    algorithm = _algorithm("aes256_gcm", _GcmParameters(parameters).dump())
    _write_frame(target, _AUTHENTICATED, 0, infos, algorithm, size, tail=2 + _TAG_BYTES)
    encryptor = BlockCipher(algorithms.AES256(content_key), modes.GCM(nonce)).encryptor()
    for chunk in _exactly(source, size):
        target.write(encryptor.update(chunk))
    target.write(encryptor.finalize())
    target.write(ber.element(0x04, encryptor.tag))


def _write_enveloped(
    source: BinaryIO, target: Sink, infos: Sequence[bytes], content_key: bytes, size: int
) -> None:
    start = os.urandom(_BLOCK)
    algorithm = _algorithm("aes256_cbc", core.OctetString(start).dump())
    version = 0 if all(info[:1] == b"\x30" for info in infos) else 2
    _write_frame(target, _ENVELOPED, version, infos, algorithm, (size // _BLOCK + 1) * _BLOCK, tail=0)
    encryptor = BlockCipher(algorithms.AES256(content_key), modes.CBC(start)).encryptor()
    padder = block_padding.PKCS7(_BLOCK * 8).padder()
    for chunk in _exactly(source, size):
        target.write(encryptor.update(padder.update(chunk)))
    target.write(encryptor.update(padder.finalize()) + encryptor.finalize())


class _GcmParameters(core.Sequence):  # type: ignore[misc]
    """GCMParameters (RFC 5084, 3.2)."""

    _fields = [("aes_nonce", core.OctetString), ("aes_icvlen", core.Integer, {"default": 12})]


def _algorithm(name: str, parameters: bytes) -> bytes:
    return ber.element(0x30, algos.EncryptionAlgorithmId(name).dump() + parameters)


def _write_frame(
    target: Sink,
    oid: str,
    version: int,
    infos: Sequence[bytes],
    algorithm: bytes,
    encrypted_size: int,
    *,
    tail: int,
) -> None:
    """Everything before the encrypted bytes; lengths are known, so that the file is DER and written in one go."""
    before = core.Integer(version).dump() + ber.element(0x31, b"".join(infos))
    opening = ber.opening(0x80, encrypted_size)
    inner = _DATA + algorithm
    info_size = len(inner) + len(opening) + encrypted_size
    info = ber.opening(0x30, info_size) + inner + opening
    body_size = len(before) + len(info) + encrypted_size + tail
    body = ber.opening(0x30, body_size)
    name = core.ObjectIdentifier(oid).dump()
    explicit = ber.opening(0xA0, len(body) + body_size)
    outer = ber.opening(0x30, len(name) + len(explicit) + len(body) + body_size)
    target.write(outer + name + explicit + body + before + info)


def _exactly(source: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = source.read(min(CHUNK, left))
        if not chunk:
            raise ValueError("content shorter than said")
        left -= len(chunk)
        yield chunk
    if source.read(1):
        raise ValueError("content longer than said")


def _located(stream: BinaryIO) -> Envelope:
    ber.expect(stream, 0x30)
    oid = core.ObjectIdentifier.load(ber.whole(stream, _SMALL)).native
    ber.expect(stream, 0xA0)
    ber.expect(stream, 0x30)
    core.Integer.load(ber.whole(stream, _SMALL))
    begin = stream.tell()
    first = ber.expect(stream, 0xA0, 0x31)
    if first.tag == 0xA0:
        ber.skip(stream, first)
    else:
        stream.seek(begin)
    infos = cms.RecipientInfos.load(ber.whole(stream, _MOST_RECIPIENT_BYTES))
    info = ber.expect(stream, 0x30)
    ber.whole(stream, _SMALL)
    algorithm = algos.EncryptionAlgorithm.load(ber.whole(stream, _SMALL))
    pieces = tuple(ber.strings(stream, ber.expect(stream, 0x80, 0xA0), _MOST_PIECES))
    if info.size is None and not ber.at_end(stream):
        raise ber.Malformed("more than an encrypted content")
    if oid in (_ENVELOPED, "enveloped_data"):
        return Envelope(infos, algorithm, pieces)
    return Envelope(infos, algorithm, pieces, *_authentication(stream))


def _authentication(stream: BinaryIO) -> tuple[bytes, bytes]:
    """(attributes that are authenticated beside the content, message authentication code)."""
    attributes = ber.whole(stream, _SMALL)
    if attributes[:1] == b"\xa1":
        # RFC 5083, 2.2: what is authenticated is their DER with the tag of a SET.
        attributes, mac = b"\x31" + attributes[1:], ber.whole(stream, _SMALL)
    else:
        attributes, mac = b"", attributes
    return attributes, bytes(core.OctetString.load(mac, strict=True).native)


def _open(stream: BinaryIO, target: Sink, envelope: Envelope, content_key: bytes) -> None:
    name = envelope.algorithm["algorithm"].native
    if name in READ_GCM and envelope.mac and len(content_key) == READ_GCM[name]:
        _open_authenticated(stream, target, envelope, content_key)
    elif name in READ_CBC and not envelope.mac and len(content_key) == READ_CBC[name]:
        _open_enveloped(stream, target, envelope, content_key)
    elif name in READ_GCM or name in READ_CBC:
        raise EnvelopeDamaged
    else:
        raise AlgorithmRefused(algorithm=name)


def _open_authenticated(stream: BinaryIO, target: Sink, envelope: Envelope, content_key: bytes) -> None:
    parameters = _GcmParameters.load(envelope.algorithm["parameters"].dump())
    if len(envelope.mac) != parameters["aes_icvlen"].native or len(envelope.mac) < 12:
        raise EnvelopeDamaged
    mode = modes.GCM(parameters["aes_nonce"].native, min_tag_length=12)
    decryptor = BlockCipher(algorithms.AES(content_key), mode).decryptor()
    decryptor.authenticate_additional_data(envelope.authenticated)
    for chunk in ber.read_strings(stream, envelope.pieces):
        target.write(decryptor.update(chunk))
    try:
        target.write(decryptor.finalize_with_tag(envelope.mac))
    except InvalidTag as problem:
        raise EnvelopeDamaged from problem


def _open_enveloped(stream: BinaryIO, target: Sink, envelope: Envelope, content_key: bytes) -> None:
    start = envelope.algorithm["parameters"].native
    decryptor = BlockCipher(algorithms.AES(content_key), modes.CBC(start)).decryptor()
    unpadder = block_padding.PKCS7(_BLOCK * 8).unpadder()
    for chunk in ber.read_strings(stream, envelope.pieces):
        target.write(unpadder.update(decryptor.update(chunk)))
    target.write(unpadder.update(decryptor.finalize()) + unpadder.finalize())
