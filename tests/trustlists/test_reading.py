"""Trusted lists: what is read of them, and everything for which one is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.generated.etsi.ts_119612 import TrustServiceStatusList
from tests.cms.parts import NOW, holder, root
from tests.trustlists.lists import BEGAN, Entry, Made, operator, pointer
from xsdata.formats.dataclass.parsers import XmlParser

from vanthu.pades import Category, Purpose
from vanthu.pades.confined import run_confined
from vanthu.trustlists import TrustedList, TrustListProblem, read_list
from vanthu.trustlists.verifying import CONFINED, from_confined

ENDED = datetime(2025, 6, 1, tzinfo=UTC)
AGAIN = datetime(2026, 2, 1, tzinfo=UTC)
_FOR = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/For"


def only_for(*uses: str) -> str:
    said = "".join(
        "<Extension Critical='false'><AdditionalServiceInformation>"
        f"<URI xml:lang='en'>{_FOR}{use}</URI></AdditionalServiceInformation></Extension>"
        for use in uses
    )
    return f"<ServiceInformationExtensions>{said}</ServiceInformationExtensions>"


def made(**more: object) -> Made:
    ca = root().asn1.dump()
    history = (("granted", AGAIN), ("withdrawn", ENDED), ("granted", BEGAN))
    entries = (
        Entry(ca, history=history, name="CA một"),
        Entry(ca, "TSA/QTST", (("undersupervision", BEGAN),)),
        Entry(ca, extensions=only_for("WebSiteAuthentication")),
        Entry(ca, extensions=only_for("WebSiteAuthentication", "eSeals")),
        Entry(ca, "NationalRootCA-QC"),
        Entry(ca, history=(("unheard-of", BEGAN),)),
    )
    return replace(Made(entries), **more)  # type: ignore[arg-type]


def refused(data: bytes, by: Made | None = None) -> str:
    with pytest.raises(TrustListProblem) as problem:
        read_list(data, {(by or made()).fingerprint}, at=NOW)
    confined = run_confined(CONFINED, data, ([(by or made()).fingerprint], NOW))
    with pytest.raises(type(problem.value)) as again:
        from_confined(confined)
    assert again.value.text == problem.value.text
    return problem.value.code


def test_services_are_read_with_the_spans_in_which_they_count(tmp_path: Path) -> None:
    one = made(pointers=pointer("https://vi-du.la/tsl.xml", holder("Nước bạn", signs=True)))
    data = one.signed(tmp_path)
    found = read_list(data, {"00" * 32, one.fingerprint}, at=NOW)
    assert (found.operator, found.scheme) == ("Cơ quan quản lý", "VN:Danh sách tin cậy")
    assert (found.territory, found.sequence, found.of_lists) == ("VN", 7, False)
    assert (found.issued, found.next_update) == (one.issued, one.next_update)
    assert (found.services[0].provider, found.services[0].name) == ("Nhà cung cấp", "CA một")
    assert found.services[0].granted == ((AGAIN, None), (BEGAN, ENDED))
    uses = [service.purpose for service in found.services]
    signing, stamps = Purpose.SIGNING, Purpose.TIME_STAMPS
    assert uses == [signing, stamps, None, signing, None, signing]
    assert found.services[5].granted == (), "an unknown status recognises nothing"
    anchor = next(found.anchors(Category.PUBLIC))
    at = (BEGAN, ENDED - timedelta(seconds=1), ENDED, AGAIN, BEGAN - timedelta(seconds=1))
    assert [anchor.counts(moment) for moment in at] == [True, True, False, True, False]
    assert anchor.ended(NOW) == ENDED
    [other] = found.pointers
    assert (other.url, other.territory) == ("https://vi-du.la/tsl.xml", "LA")
    assert other.signers == (holder("Nước bạn", signs=True).asn1.sha256.hex(),)

    assert TrustedList.from_dict(found.as_dict()) == found
    assert from_confined(run_confined(CONFINED, data, ([one.fingerprint], NOW))) == found
    parsed = XmlParser().from_bytes(data, TrustServiceStatusList)
    assert parsed.scheme_information.tslsequence_number == 7, (
        "the tests' lists are lists by the standard's schema"
    )


def test_a_list_is_believed_only_as_its_operator_signed_it(tmp_path: Path) -> None:
    data = made().signed(tmp_path)
    stranger = made(signer=holder("Kẻ giả mạo", signs=True))
    assert refused(stranger.signed(tmp_path)) == "TRUST_LIST_WRONG_SIGNER"
    assert refused(made().template().encode()) == "TRUST_LIST_SIGNATURE_INVALID"
    status = b"Svcstatus/withdrawn"
    assert refused(data.replace(status, b"Svcstatus/granted")) == "TRUST_LIST_SIGNATURE_INVALID"
    cut = data.index(b"<Signature"), data.index(b"</Signature>") + len(b"</Signature>")
    own = data[cut[0] : cut[1]]
    assert refused(data[: cut[0]] + data[cut[1] :]) == "TRUST_LIST_SIGNATURE_INVALID"
    assert refused(data.replace(own, own + own)) == "TRUST_LIST_SIGNATURE_INVALID"
    inner = data[data.index(b"<TrustServiceStatusList") :]
    wrapped = made().template().encode()
    at = wrapped.index(b"<Signature")
    head, tail = wrapped[:at].replace(b'Id="TSL"', b'Id="X"'), wrapped[wrapped.rindex(b"</T") :]
    moved = head + b"<X>" + inner + b"</X>" + own + tail
    assert refused(moved) == "TRUST_LIST_SIGNATURE_INVALID"


def test_a_list_signed_as_operators_do_names_the_certificate_that_signed_it(tmp_path: Path) -> None:
    one = made(xades=True)
    data = one.signed(tmp_path)
    assert read_list(data, {one.fingerprint}, at=NOW).signer == one.fingerprint
    assert (
        refused(data.replace(b"<SigningTime>2026", b"<SigningTime>2025"), one)
        == "TRUST_LIST_SIGNATURE_INVALID"
    )


def test_a_comment_that_no_digest_covers_cannot_cut_a_word_short(tmp_path: Path) -> None:
    data = made().signed(tmp_path)
    commented = data.replace(b"Svcstatus/withdrawn", b"Svcstatus/<!-- -->withdrawn")
    assert commented != data
    found = read_list(commented, {made().fingerprint}, at=NOW)
    assert found == read_list(data, {made().fingerprint}, at=NOW)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (b"", "TRUST_LIST_UNREADABLE"),
        (b"<html><body>404</body></html>", "TRUST_LIST_UNREADABLE"),
        (b"<TrustServiceStatusList xmlns='http://uri.etsi.org/02231/v2#'>", "TRUST_LIST_UNREADABLE"),
        (
            b"<!DOCTYPE a [<!ENTITY b 'c'>]><TrustServiceStatusList xmlns='http://uri.etsi.org/02231/v2#'/>",
            "TRUST_LIST_UNREADABLE",
        ),
        (b"<" + b"a" * (13 << 20), "TRUST_LIST_UNREADABLE"),
        (b"<TrustServiceStatusList xmlns='http://uri.etsi.org/02231/v2#'/>", "TRUST_LIST_SIGNATURE_INVALID"),
    ],
)
def test_what_is_no_list_is_refused_and_not_read(what: bytes, code: str) -> None:
    assert refused(what) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("VersionIdentifier>5", "VersionIdentifier>4"), "TRUST_LIST_UNREADABLE"),
        (("SequenceNumber>7", "SequenceNumber>-7"), "TRUST_LIST_UNREADABLE"),
        (("2020-01-01T00:00:00Z", "hôm qua"), "TRUST_LIST_UNREADABLE"),
        (("<X509Certificate>MII", "<X509Certificate>MIX"), "TRUST_LIST_UNREADABLE"),
        (
            ("<TSPInformation>", "<TSPInformation><X/></TSPInformation><TSPInformation>"),
            "TRUST_LIST_UNREADABLE",
        ),
        ((f"{made().issued:%Y-%m-%d}", "2031-01-01"), "TRUST_LIST_ISSUED_IN_FUTURE"),
    ],
)
def test_a_genuine_signature_does_not_make_nonsense_a_list(
    change: tuple[str, str], code: str, tmp_path: Path
) -> None:
    class Odd(Made):
        def template(self) -> str:
            changed = super().template().replace(*change, 1)
            assert changed != super().template()
            return changed

    base = made()
    odd = Odd(base.entries)
    assert refused(odd.signed(tmp_path), odd) == code


def test_weak_algorithms_prove_nothing(tmp_path: Path) -> None:
    class Weak(Made):
        def template(self) -> str:
            return (
                super()
                .template()
                .replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")
            )

    weak = Weak(made().entries, signer=operator())
    assert refused(weak.signed(tmp_path), weak) == "TRUST_LIST_SIGNATURE_INVALID"
