"""Two steps: the server prepares, a token in somebody's browser signs, the server finishes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.pades.conftest import ISSUED, NOW, Authority

from vanthu import pades
from vanthu.pades import errors


def through_storage(pending: pades.Pending) -> pades.Pending:
    """The second step runs in another process."""
    return pades.Pending.from_dict(json.loads(json.dumps(pending.as_dict())))


def test_leader_and_clerk_sign_with_keys_in_their_own_hands(
    prepared: bytes, authority: Authority, font: bytes, pen: bytes, stamp: bytes, tmp_path: Path
) -> None:
    leader, agency, path = authority.key("chu-tich"), authority.key("ubnd"), tmp_path / "van-ban.pdf"
    path.write_bytes(prepared)
    waiting = pades.begin(
        leader.certificate,
        leader.chain,
        lambda key: pades.sign_file(path, "nguoi_ky_1", key, signed_at=NOW, image=pen),
    )
    device = leader.sign_raw(waiting.to_sign, "sha256")
    pades.finish(path, through_storage(waiting), device, timestamper=authority.timestamper())
    waiting = pades.begin(
        agency.certificate,
        agency.chain,
        lambda key: pades.seal_file(
            path, key, number="15", issued_date=ISSUED, font=font, signed_at=NOW, seal_image=stamp
        ),
    )
    device = agency.sign_raw(waiting.to_sign, "sha256")
    pades.finish(path, through_storage(waiting), device)
    sealed = path.read_bytes()
    later = NOW + timedelta(minutes=1)
    report = pades.validate(sealed, authority.trust(later), at=later)
    assert report.verdict is pades.Verdict.VALID
    assert report.signatures[0].trusted_time == NOW
    assert pades.fields_match(sealed, "15", ISSUED)


def test_a_signature_of_another_key_is_refused(prepared: bytes, authority: Authority, tmp_path: Path) -> None:
    leader, other, path = authority.key("chu-tich"), authority.key("chanh-vp"), tmp_path / "van-ban.pdf"
    path.write_bytes(prepared)
    waiting = pades.begin(
        leader.certificate,
        leader.chain,
        lambda key: pades.sign_file(path, "nguoi_ky_1", key, signed_at=NOW),
    )
    for forged in (other.sign_raw(waiting.to_sign, "sha256"), b"", bytes(256)):
        with pytest.raises(errors.PadesError):
            pades.finish(path, waiting, forged)


def test_guards_hold_before_anybody_is_asked_to_sign(
    prepared: bytes, authority: Authority, font: bytes, tmp_path: Path
) -> None:
    agency, path = authority.key("ubnd"), tmp_path / "van-ban.pdf"
    path.write_bytes(prepared)
    with pytest.raises(errors.SealWithoutCompetentSignature):
        pades.begin(
            agency.certificate,
            agency.chain,
            lambda key: pades.seal_file(path, key, number="15", issued_date=ISSUED, font=font, signed_at=NOW),
        )
    assert path.read_bytes() == prepared


def test_the_work_must_use_the_key_that_it_is_given(authority: Authority) -> None:
    with pytest.raises(ValueError, match="key"):
        pades.begin(authority.key("ubnd").certificate, (), lambda _key: None)
