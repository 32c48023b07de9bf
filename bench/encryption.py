"""How fast files are encrypted for recipients and opened again, beside bare AES-GCM over the same bytes.

CPU time counts, for the machine may be busy; the memory is that of a process that does nothing else.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from typing import BinaryIO

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.measuring import Result, Row, processor_times, timed
from vanthu import cms

FLOOR = "AES-256-GCM trần trên cùng tệp, đọc và ghi từng MB"
RECIPIENTS = 30
MEGABYTE = 1 << 20


def run(*, quick: bool = False) -> Result:
    """Encrypt for thirty recipients and open, 1 MB and 100 MB."""
    holders = [_holder() for _ in range(RECIPIENTS)]
    certificates = [certificate for certificate, _ in holders]
    rows: list[Row] = []
    for megabytes, rounds in ((1, 20), (10 if quick else 100, 3)):
        with tempfile.TemporaryFile() as plain, tempfile.TemporaryFile() as made:
            plain.write(os.urandom(MEGABYTE) * megabytes)
            floor = processor_times(partial(_bare, plain), rounds)
            for cipher in cms.Cipher:
                encrypt = partial(_encrypt, plain, made, certificates, megabytes * MEGABYTE, cipher)
                rows.append(
                    timed(f"mã hóa {megabytes} MB, {cipher.value}", processor_times(encrypt, rounds), floor)
                )
                opened = partial(_open, made, holders[0][1])
                rows.append(
                    timed(f"mở {megabytes} MB, {cipher.value}", processor_times(opened, rounds), floor)
                )
    grown = _memory(100 * MEGABYTE if not quick else 10 * MEGABYTE)
    rows.append(Row("bộ nhớ thêm khi mã hóa rồi mở một tệp lớn", grown, "MB"))
    return Result("encryption", "Mã hóa tệp cho nơi nhận", FLOOR, rows)


def _holder() -> tuple[asn1_x509.Certificate, cms.Pkcs12OpeningKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sở Nội vụ")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate = asn1_x509.Certificate.load(made.public_bytes(Encoding.DER))
    return certificate, cms.Pkcs12OpeningKey(certificate, key)


def _encrypt(
    plain: BinaryIO,
    made: BinaryIO,
    certificates: Sequence[asn1_x509.Certificate],
    size: int,
    cipher: cms.Cipher,
) -> None:
    plain.seek(0)
    made.seek(0)
    cms.encrypt(plain, made, certificates, size=size, cipher=cipher)
    made.truncate()


def _open(made: BinaryIO, key: cms.OpeningKey) -> None:
    with tempfile.TemporaryFile() as target:
        cms.decrypt(made, target, [key])


def _bare(plain: BinaryIO) -> None:
    plain.seek(0)
    encryptor = Cipher(algorithms.AES256(os.urandom(32)), modes.GCM(os.urandom(12))).encryptor()
    with tempfile.TemporaryFile() as target:
        while chunk := plain.read(MEGABYTE):
            target.write(encryptor.update(chunk))
        encryptor.finalize()


def _memory(size: int) -> float:
    """MB that a fresh process grows by when it encrypts and opens a file of ``size`` bytes."""
    with get_context("spawn").Pool(1) as pool:
        return float(pool.apply(_grown, (size,)))


def _grown(size: int) -> float:
    certificate, key = _holder()

    def both(size: int) -> None:
        with (
            tempfile.TemporaryFile() as plain,
            tempfile.TemporaryFile() as made,
            tempfile.TemporaryFile() as out,
        ):
            plain.truncate(size)
            cms.encrypt(plain, made, [certificate], size=size)
            cms.decrypt(made, out, [key])

    both(MEGABYTE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    both(size)
    return round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1)
