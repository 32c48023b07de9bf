"""Signs one prepared file in place, in a process of its own: ``python -m bench.signing_memory FILE``.

Prints JSON: milliseconds, processor milliseconds, and the peak of the process' memory before and after, in MB.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from vanthu import pades

FIELD = "nguoi_ky_1"


def held_key(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> pades.Pkcs12Key:
    """The key with a certificate of its own making, opened as a PKCS#12 file is."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Võ Trọng Thử")])
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=9))
    own = builder.sign(key, hashes.SHA256())
    sealed = pkcs12.serialize_key_and_certificates(b"k", key, own, None, BestAvailableEncryption(b"p"))
    return pades.Pkcs12Key.open(sealed, "p")


def peak_mb() -> float:
    """The process' own peak (what its parent held before does not count)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    """Do it once and say what it took."""
    key = held_key(rsa.generate_private_key(65537, 2048))
    before = peak_mb()
    started, processor = time.perf_counter(), time.process_time()
    pades.sign_file(Path(sys.argv[1]), FIELD, key, signed_at=datetime.now(UTC))
    said = {
        "ms": (time.perf_counter() - started) * 1000,
        "cpu_ms": (time.process_time() - processor) * 1000,
        "before_mb": before,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
