"""Streams encrypted under a key of their own: AES-256-GCM in chunks, each bound to its place and to the stream's end.

Memory stays bounded whatever the size. A key encrypts one stream only, for the nonces count the chunks. Refuses to
know where streams and keys are kept.
"""

from __future__ import annotations

from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vanthu.errors import MustAct, VanthuError

CHUNK = 1 << 20
_TAG = 16
_END = b"end"


class ChunksDamaged(VanthuError):
    """The encrypted stream was changed, cut short, or is of another key."""

    code = "SEALED_CONTENT_DAMAGED"
    message = "Nội dung niêm phong bị hỏng, không mở được; báo quản trị hệ thống khôi phục từ bản sao lưu."
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


def new_key() -> bytes:
    """A fresh key of 256 bits."""
    return AESGCM.generate_key(bit_length=256)


def encrypt(source: BinaryIO, target: BinaryIO, key: bytes) -> None:
    """Write the encrypted ``source`` to ``target``."""
    cipher, number, chunk = AESGCM(key), 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        target.write(cipher.encrypt(_nonce(number), chunk, b"" if following else _END))
        if not following:
            return
        number, chunk = number + 1, following


def decrypt(source: BinaryIO, target: BinaryIO, key: bytes) -> None:
    """Write what :func:`encrypt` took to ``target``; on :class:`ChunksDamaged` what was written is worthless."""
    cipher, number, chunk = AESGCM(key), 0, source.read(CHUNK + _TAG)
    try:
        while True:
            following = source.read(CHUNK + _TAG)
            target.write(cipher.decrypt(_nonce(number), chunk, b"" if following else _END))
            if not following:
                return
            number, chunk = number + 1, following
    except (InvalidTag, ValueError) as problem:
        raise ChunksDamaged from problem


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
