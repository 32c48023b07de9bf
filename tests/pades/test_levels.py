"""How durable a signed file is, and by when it must be stamped anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.pades.conftest import NOW, Authority, Sealer

from vanthu import pades
from vanthu.pades.levels import Level

LEAD = timedelta(days=90)


def test_each_level_is_reached_told_and_valid(
    draft: bytes, prepared: bytes, signed: bytes, sealed: bytes, authority: Authority, seal_it: Sealer
) -> None:
    stamper, trust = authority.timestamper(), authority.trust()
    assert pades.level_of(draft) is None
    assert pades.level_of(sealed) is Level.BB

    leader = pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, timestamper=stamper)
    stamped = seal_it(leader, timestamper=stamper)
    assert pades.level_of(stamped) is Level.BT
    assert pades.renew_by(stamped, lead=LEAD) == datetime.min.replace(tzinfo=UTC)

    evidence = pades.gather(leader, authority.key("ubnd"), trust, stamper, at=NOW)
    assert evidence is not None
    lasting = seal_it(leader, timestamper=stamper, evidence=evidence)
    assert pades.level_of(lasting) is Level.BLT
    assert lasting.count(b"%%EOF") == leader.count(b"%%EOF") + 1, (
        "number, date, evidence and seal in one revision"
    )
    report = pades.validate(lasting, authority.offline(), at=NOW)
    assert report.verdict is pades.Verdict.VALID, report.all_reasons
    assert report.signatures[-1].covers_whole_file

    archived = pades.extend(lasting, trust, stamper, at=NOW)
    assert pades.level_of(archived) is Level.BLTA
    newest = pades.stamps_in(archived)[-1]
    assert newest.over_document
    assert newest.certificate.not_valid_after.year == 2046
    sunset = datetime(2030, 12, 31, 17, tzinfo=UTC)
    """The authority's RSA-2048 key weakens before its certificate ends."""
    assert sunset - timedelta(seconds=1) < pades.renew_by(archived, lead=LEAD) + LEAD < sunset


def test_without_an_answer_about_revocation_there_is_nothing_to_embed(
    signed: bytes, authority: Authority
) -> None:
    assert (
        pades.gather(signed, authority.key("ubnd"), authority.offline(), authority.timestamper(), at=NOW)
        is None
    )
