"""A sealed decision with its authority, for programs that run outside the test suite."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.pades.samples import ITALIC, PLACES, REGULAR, decision

from vanthu import pades
from vanthu.demo import pki


def sealed_file(folder: Path) -> tuple[bytes, pades.Trust]:
    """(signed by a leader, numbered and sealed by the agency; trust in both, revocation not asked)."""
    agency = "Ủy ban nhân dân tỉnh Hà Tĩnh"
    pki.create(
        folder,
        [pki.PersonCert("chu-tich", "Võ Trọng Thử", agency, "Chủ tịch")],
        [pki.AgencyCert("ubnd", agency, "000.00.00.H27")],
        port=9,
    )
    now = datetime.now(UTC)
    keys = [
        pades.Pkcs12Key.open(pki.p12_path(folder, slug).read_bytes(), pki.DEMO_PASSPHRASE)
        for slug in ("chu-tich", "ubnd")
    ]
    prepared = pades.prepare(decision(), PLACES, signers=["nguoi_ky_1"])
    signed = pades.sign(prepared, "nguoi_ky_1", keys[0], signed_at=now)
    sealed = pades.seal(
        signed,
        keys[1],
        number="15",
        issued_date=date(2026, 11, 21),
        font=REGULAR.read_bytes(),
        date_font=ITALIC.read_bytes(),
        signed_at=now,
    )
    return sealed, pades.Trust(pki.trust_roots(folder), revocation=pades.Revocation.IGNORED)
