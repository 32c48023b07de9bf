"""Services of trusted lists: from when until when they count, for what, and whose they are (R104)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.pades.conftest import NOW, Authority

from vanthu import pades
from vanthu.demo import pki
from vanthu.pades import Anchor, Category, Purpose, Verdict

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
BEFORE = NOW - 300 * DAY
ALWAYS = ((BEFORE, None),)
UNTIL_TOMORROW = ((BEFORE, NOW + DAY),)
UNTIL_YESTERDAY = ((BEFORE, NOW - DAY),)
FROM_TOMORROW = ((NOW + DAY, None),)
AGAIN = ((BEFORE, NOW - DAY), (NOW - DAY / 2, None))

Spans = tuple[tuple[object, object], ...]


@pytest.fixture(scope="module")
def plain(prepared: bytes, authority: Authority) -> bytes:
    return pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)


@pytest.fixture(scope="module")
def stamped(prepared: bytes, authority: Authority) -> bytes:
    key, stamper = authority.key("chu-tich"), authority.timestamper(NOW)
    return pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW, timestamper=stamper)


def judged(
    pdf: bytes,
    authority: Authority,
    signing: Spans,
    *,
    stamps: Spans = ALWAYS,
    category: Category = Category.GOVERNMENT,
    roots: bool = False,
) -> pades.SignatureReport:
    """The verdict by a list that names the issuing service, which is not self-signed, and the time-stamping one."""
    [root], [issuer] = pki.trust_roots(authority.folder), pki.intermediates(authority.folder)
    trust = replace(
        authority.trust(LATER),
        roots=(root,) if roots else (),
        anchors=(
            Anchor(issuer, category, frozenset({Purpose.SIGNING}), signing),  # type: ignore[arg-type]
            Anchor(root, category, frozenset({Purpose.TIME_STAMPS}), stamps),  # type: ignore[arg-type]
        ),
    )
    inside = pades.validate(pdf, trust, at=LATER)
    confined = pades.validate_within(pdf, trust, at=LATER)
    assert confined == inside
    return inside.signatures[0]


@pytest.mark.parametrize(
    ("with_stamp", "signing", "verdict", "code"),
    [
        (True, ALWAYS, Verdict.VALID, ""),
        (True, UNTIL_TOMORROW, Verdict.VALID, ""),
        (False, UNTIL_TOMORROW, Verdict.INDETERMINATE, "WITHDRAWN_SINCE"),
        (True, UNTIL_YESTERDAY, Verdict.INVALID, "SERVICE_WITHDRAWN"),
        (False, UNTIL_YESTERDAY, Verdict.INVALID, "SERVICE_WITHDRAWN"),
        (True, FROM_TOMORROW, Verdict.INVALID, "SERVICE_WITHDRAWN"),
        (False, FROM_TOMORROW, Verdict.VALID, ""),
        (True, AGAIN, Verdict.VALID, ""),
    ],
)
def test_a_service_counts_for_signatures_of_the_days_on_which_it_was_granted(
    plain: bytes,
    stamped: bytes,
    authority: Authority,
    with_stamp: bool,
    signing: Spans,
    verdict: Verdict,
    code: str,
) -> None:
    found = judged(stamped if with_stamp else plain, authority, signing)
    assert (found.verdict, [one.code for one in found.reasons]) == (verdict, [code] if code else [])
    assert found.authority == "GOVERNMENT"


def test_a_withdrawn_service_is_not_saved_by_a_trusted_root_above_it(
    plain: bytes, authority: Authority
) -> None:
    found = judged(plain, authority, UNTIL_YESTERDAY, roots=True)
    assert [one.code for one in found.reasons] == ["SERVICE_WITHDRAWN"]


def test_time_stamps_come_from_services_for_time_stamps_only(stamped: bytes, authority: Authority) -> None:
    found = judged(stamped, authority, ALWAYS, stamps=UNTIL_YESTERDAY)
    assert (found.verdict, found.trusted_time) == (Verdict.INDETERMINATE, None)
    assert [one.code for one in found.reasons] == ["TIMESTAMP_UNTRUSTED"]


def test_signatures_under_a_public_authority_are_told_apart(plain: bytes, authority: Authority) -> None:
    found = judged(plain, authority, ALWAYS, category=Category.PUBLIC)
    assert (found.verdict, found.authority) == (Verdict.VALID, "PUBLIC")
    assert [one.code for one in found.remarks] == ["PUBLIC_AUTHORITY"]
    assert pades.SignatureReport.from_dict(found.as_dict()) == found
    old = found.as_dict()
    del old["authority"]
    assert pades.SignatureReport.from_dict(old).authority == "", "reports kept before there were categories"
