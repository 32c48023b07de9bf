"""Whatever the form of the file, the same history of a certificate leads to the same judgement, in the same words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.pades.conftest import NOW, Authority
from tests.pades.every_form import FORMS, Signing

from vanthu import cms
from vanthu.demo import pki

BEFORE, AFTER = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
"""Around the day on which one certificate was revoked."""
THEN = datetime(2020, 6, 1, tzinfo=UTC)
"""While the expired one was valid."""

HISTORIES: dict[str, tuple[str, datetime, datetime | None, set[str], set[str]]] = {
    "good": ("chu-tich", NOW, NOW, set(), set()),
    "revoked before signing": (pki.REVOKED, AFTER, None, {"CERTIFICATE_REVOKED"}, set()),
    "revoked since, says the signer": (pki.REVOKED, BEFORE, None, {"REVOKED_SINCE"}, set()),
    "revoked since, proven": (pki.REVOKED, BEFORE, BEFORE, set(), set()),
    "revoked before, proven": (pki.REVOKED, BEFORE, AFTER, {"CERTIFICATE_REVOKED"}, {"CLAIMED_TIME_OFF"}),
    "expired since, says the signer": (pki.EXPIRED, THEN, None, {"EXPIRED_SINCE"}, set()),
    "of another root": (pki.UNTRUSTED, NOW, None, {"UNTRUSTED"}, set()),
    "stamped tomorrow": (
        "chu-tich",
        NOW + timedelta(days=1),
        NOW + timedelta(days=1),
        {"TIMESTAMP_IN_FUTURE"},
        {"CLAIMED_IN_FUTURE"},
    ),
}
"""Who signs, claimed time, time of the stamp → reasons, remarks."""


@pytest.mark.parametrize("history", HISTORIES)
def test_every_form_is_judged_alike(
    history: str, prepared: bytes, authority: Authority, tmp_path: Path
) -> None:
    slug, claimed, stamped, reasons, remarks = HISTORIES[history]
    how = Signing(authority, slug, claimed, authority.timestamper(stamped) if stamped else None)
    trust = authority.trust(intermediates=pki.intermediates(authority.folder))
    for form in FORMS:
        report = cms.validate_any(form(how, prepared, tmp_path), trust, at=NOW)
        (found,) = report.signatures
        assert (form.__name__, {reason.code for reason in report.all_reasons}) == (form.__name__, reasons)
        assert {remark.code for remark in found.remarks} == remarks, form.__name__
        assert found.claimed_time == claimed, form.__name__
        assert found.certificate_sha256 == how.certificate.sha256.hex(), form.__name__
        assert found.trusted_time == (None if "TIMESTAMP_IN_FUTURE" in reasons else stamped), form.__name__
