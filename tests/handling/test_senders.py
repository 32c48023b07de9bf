"""Whose signatures came with a document: the sender's, or somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vanthu.handling.rules import Check, Outcome, next_look
from vanthu.pades import SignatureKind, SignatureReport, Verdict
from vanthu.pades.integrity import Changes
from vanthu.signing.senders import Fit, Sender, fits

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SEAL = SignatureReport(
    field="con_dau",
    kind=SignatureKind.AGENCY,
    verdict=Verdict.VALID,
    reasons=(),
    signer_name="UBND tỉnh Hà Tĩnh",
    title="",
    organization="",
    subject_serial="",
    certificate_serial="1",
    certificate_sha256="",
    issuer="CA",
    valid_from=NOW,
    valid_until=NOW,
    claimed_time=NOW,
    trusted_time=None,
    changes=Changes.NONE,
    covers_whole_file=True,
)
LEADER = replace(SEAL, kind=SignatureKind.PERSON, signer_name="Võ Trọng Thử", title="Chủ tịch")
SENDER = Sender(frozenset({"Ủy ban nhân dân tỉnh Hà Tĩnh"}), frozenset({"H27"}), "VÕ TRỌNG THỬ")


@pytest.mark.parametrize(
    ("seal", "fit"),
    [
        ({}, Fit.AGENCY_SIGNED),
        ({"signer_name": "Uỷ ban Nhân dân Tỉnh Hà Tĩnh"}, Fit.AGENCY_SIGNED),
        ({"signer_name": "Con dấu số 3", "subject_serial": "000.00.00.H27"}, Fit.AGENCY_SIGNED),
        ({"signer_name": "Con dấu số 3", "subject_serial": "h27"}, Fit.AGENCY_SIGNED),
        ({"signer_name": "Con dấu số 3", "organization": "UBND tỉnh Hà Tĩnh"}, Fit.AGENCY_SIGNED),
        ({"signer_name": "UBND tỉnh Nghệ An"}, Fit.OTHER_AGENCY),
        ({"signer_name": "Con dấu số 3", "subject_serial": "000.00.00.H40"}, Fit.OTHER_AGENCY),
        ({"kind": SignatureKind.PERSON}, Fit.AGENCY_MISSING),
    ],
)
def test_a_seal_is_the_senders_by_code_or_by_name(seal: dict[str, object], fit: Fit) -> None:
    assert fits([replace(SEAL, **seal)], replace(SENDER, signer=""))[0][0] is fit  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("organization", "fit"),
    [
        ("", Fit.SIGNER_SIGNED),
        ("Văn phòng UBND tỉnh Hà Tĩnh", Fit.SIGNER_SIGNED),
        ("UBND tỉnh Nghệ An", Fit.SIGNER_OF_ANOTHER_AGENCY),
    ],
)
def test_the_named_signer_signed_for_that_agency(organization: str, fit: Fit) -> None:
    found = dict(fits([SEAL, replace(LEADER, organization=organization)], SENDER))
    assert set(found) == {Fit.AGENCY_SIGNED, fit}
    assert Fit.SIGNER_MISSING in dict(fits([SEAL], SENDER))


def test_what_nobody_could_judge_is_looked_at_again_ever_more_rarely() -> None:
    unknown = Check("SIGNATURES", Outcome.UNKNOWN, "", again=True)
    gaps = [next_look([unknown], attempts) for attempts in (1, 2, 3, 12, 500)]
    assert gaps == [
        timedelta(minutes=5),
        timedelta(minutes=10),
        timedelta(minutes=20),
        timedelta(days=7),
        timedelta(days=7),
    ]
    assert next_look([replace(unknown, again=False)], 1) is None
