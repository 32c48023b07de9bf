"""Which certificates are called qualified: by a trusted list and by what they say of themselves; information only."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.sign.validation.qualified.assess import QualificationAssessor
from pyhanko.sign.validation.qualified.tsp import QcCertType, Qualifier
from tests.cms.parts import NOW, holder, root
from tests.cms.signed_files import cms as signed_cms
from tests.trustlists.lists import BEGAN, Entry, Made
from typer.testing import CliRunner

from vanthu.commands.pdf import app
from vanthu.pades import Category
from vanthu.pades.listings import Assertion, Criteria, Listed, Listing, ListName, Period, Qualifiers, Use
from vanthu.pades.qualified import (
    Claims,
    Qualification,
    Rank,
    claims_of,
    determined,
    qualification,
)
from vanthu.trustlists import TrustedList, TrustListProblem, read_list

WITHDRAWN = NOW - timedelta(days=30)
_STATEMENTS = {"compliance": "0.4.0.1862.1.1", "device": "0.4.0.1862.1.4"}
_TYPES = {Use.SIGNATURE: 1, Use.SEAL: 2, Use.WEBSITE: 3}


@functools.cache
def certificate(*said: str | Use, since: datetime = NOW - timedelta(days=100)) -> asn1.Certificate:
    """A certificate that says so of itself, for signing, with the policy 1.2.3."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), root()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Người ký")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(NOW + timedelta(days=900))
        .add_extension(_usage(), critical=True)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]),
            critical=False,
        )
    )
    if said:
        statements = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"), _statements(said))
        builder = builder.add_extension(statements, critical=False)
    made = builder.sign(issuer.key, hashes.SHA256())
    return asn1.Certificate.load(made.public_bytes(Encoding.DER))


def _usage() -> x509.KeyUsage:
    others = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=True,
        encipher_only=False,
        decipher_only=False,
        **dict.fromkeys(others, False),
    )


def _statements(said: Iterable[str | Use]) -> bytes:
    found = [_tagged(0x30, _oid(_STATEMENTS[one])) for one in said if isinstance(one, str)]
    kinds = b"".join(_oid(f"0.4.0.1862.1.6.{_TYPES[one]}") for one in said if isinstance(one, Use))
    if kinds:
        found.append(_tagged(0x30, _oid("0.4.0.1862.1.6") + _tagged(0x30, kinds)))
    return _tagged(0x30, b"".join(found))


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


ANY = Criteria()
QUALIFIERS = [one.value for one in Qualifier]


def listing(*periods: Period) -> Listing:
    return Listing(ListName("VN", 7, NOW, None, "Cơ quan quản lý"), "Nhà cung cấp", "Dịch vụ", periods)


def granted(*names: str, criteria: Criteria = ANY, uses: Iterable[Use] = (), type: str = "CA/QC") -> Period:
    said = (Qualifiers(names, criteria),) if names else ()
    return Period(BEGAN, None, type, "granted", granted=True, uses=frozenset(uses), qualifiers=said)


# --- the laws


_claims = st.builds(
    Claims,
    compliant=st.booleans(),
    device=st.booleans(),
    uses=st.frozensets(st.sampled_from(Use), max_size=2),
)
_names = st.lists(st.sampled_from(QUALIFIERS), unique=True, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_claims, _names, st.frozensets(st.sampled_from(Use)))
def test_whatever_is_said_only_a_granted_service_makes_a_certificate_qualified(
    claims: Claims, names: list[str], uses: frozenset[Use]
) -> None:
    one, period = certificate(), granted(*names, uses=uses)
    found = determined(claims, period, one)
    for never in (
        None,
        replace(period, granted=False, status="withdrawn"),
        replace(period, type="CA/PKC"),
        replace(period, type="TSA/QTST"),
    ):
        assert determined(claims, never, one) == Qualification(Rank.NOT_QUALIFIED)
    if found.rank is Rank.QUALIFIED:
        assert "NotQualified" not in names
        assert claims.compliant or "QCStatement" in names
        assert not uses or found.use in uses
    assert determined(claims, granted(*reversed(names), uses=uses), one) == found
    nobody = Criteria(Assertion.NONE, policies=(("1.2.3",),))
    assert determined(claims, granted(*names, criteria=nobody, uses=uses), one) == determined(
        claims, granted(uses=uses), one
    ), "what is said of other certificates changes nothing"
    assert Qualification.from_dict(json.loads(json.dumps(found.as_dict()))) == found


_PEERS = {QcCertType.QC_ESIGN: Use.SIGNATURE, QcCertType.QC_ESEAL: Use.SEAL, QcCertType.QC_WEB: Use.WEBSITE}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [(), ("compliance",), ("compliance", "device"), ("compliance", Use.SEAL), ("compliance", Use.WEBSITE)]
    ),
    _names,
)
def test_another_library_comes_to_the_same_where_a_list_does_not_contradict_itself(
    said: tuple[str | Use, ...], names: list[str]
) -> None:
    one = certificate(*said)
    found = determined(claims_of(one), granted(*names), one)
    if found.rank is Rank.UNCLEAR or "QCForLegalPerson" in names:
        return  # the other decides then; here it stays open
    theirs = QualificationAssessor._final_status(
        QualificationAssessor._process_qc_statements(one), frozenset(map(Qualifier, names))
    )
    assert (found.rank is Rank.QUALIFIED) == theirs.qualified
    if theirs.qualified:
        claimed = claims_of(one).device and claims_of(one).compliant
        assert found.use is _PEERS[theirs.qc_type]
        assert found.device == theirs.qc_key_security.is_qscd or ("QCStatement" in names and not claimed)


def test_a_list_has_to_say_so_when_the_certificate_was_issued_and_when_it_signed() -> None:
    one = certificate("compliance", "device", Use.SIGNATURE)
    ended = replace(granted(), until=WITHDRAWN)
    after = Period(WITHDRAWN, None, "CA/QC", "withdrawn", granted=False)
    service = listing(after, ended)
    before = qualification(one, service, WITHDRAWN - timedelta(seconds=1))
    assert before == Qualification(Rank.QUALIFIED, Use.SIGNATURE, device=True)
    assert "không lấy làm điều kiện" in before.text
    assert qualification(one, service, WITHDRAWN) == Qualification(Rank.NOT_QUALIFIED)
    early = certificate("compliance", since=BEGAN - timedelta(days=1))
    assert qualification(early, listing(granted()), NOW) == Qualification(Rank.NOT_QUALIFIED)
    assert qualification(one, None, NOW) == Qualification(Rank.CLAIMED, Use.SIGNATURE, device=True)
    assert qualification(certificate(), None, NOW) is None, "as certificates in Viet Nam are"
    assert qualification(certificate(), listing(granted(type="CA/PKC")), NOW) is None
    assert qualification(one, listing(granted("QCWithQSCD", "QCNoQSCD")), NOW) == Qualification(Rank.UNCLEAR)
    unknown = granted("NotQualified", criteria=Criteria(unknown=True))
    assert qualification(one, listing(unknown), NOW) == Qualification(Rank.UNCLEAR), (
        "no condition is left out"
    )


# --- out of a list


_ECC = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"


def qualifying(name: str, criteria: str) -> str:
    return (
        "<ServiceInformationExtensions><Extension Critical='true'>"
        f"<e:Qualifications xmlns:e='{_ECC}'><e:QualificationElement><e:Qualifiers>"
        f"<e:Qualifier uri='http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{name}'/></e:Qualifiers>{criteria}"
        "</e:QualificationElement></e:Qualifications></Extension></ServiceInformationExtensions>"
    )


def policy(oid: str) -> str:
    return (
        "<e:PolicySet><e:PolicyIdentifier><x:Identifier Qualifier='OIDAsURN' "
        f"xmlns:x='{_XADES}'>urn:oid:{oid}</x:Identifier></e:PolicyIdentifier></e:PolicySet>"
    )


def bit(name: str, value: str) -> str:
    return f"<e:KeyUsage><e:KeyUsageBit name='{name}'>{value}</e:KeyUsageBit></e:KeyUsage>"


def listed(folder: Path, extension: str) -> TrustedList:
    made = Made((Entry(root().asn1.dump(), extensions=extension),))
    return read_list(made.signed(folder), {made.fingerprint}, at=NOW)


@pytest.mark.parametrize(
    ("criteria", "rank"),
    [
        (
            f"<e:CriteriaList assert='all'>{policy('1.2.3')}{bit('nonRepudiation', 'true')}</e:CriteriaList>",
            True,
        ),
        (
            f"<e:CriteriaList assert='all'>{policy('1.2.3')}{bit('nonRepudiation', 'false')}</e:CriteriaList>",
            False,
        ),
        (f"<e:CriteriaList assert='atLeastOne'>{policy('9.9')}{policy('1.2.3')}</e:CriteriaList>", True),
        (f"<e:CriteriaList assert='none'>{policy('1.2.3')}</e:CriteriaList>", False),
        (
            f"<e:CriteriaList assert='all'><e:CriteriaList assert='none'>{policy('9.9')}</e:CriteriaList>"
            "</e:CriteriaList>",
            True,
        ),
        (
            "<e:CriteriaList assert='all'><e:otherCriteriaList><m:CertSubjectDNAttribute "
            "xmlns:m='http://uri.etsi.org/02231/v2/additionaltypes#'><m:AttributeOID>"
            f"<x:Identifier xmlns:x='{_XADES}'>2.5.4.3</x:Identifier></m:AttributeOID></m:CertSubjectDNAttribute>"
            "</e:otherCriteriaList></e:CriteriaList>",
            True,
        ),
        ("<e:CriteriaList assert='all'><e:Odd/></e:CriteriaList>", None),
    ],
)
def test_qualifiers_of_a_list_are_about_the_certificates_that_meet_their_criteria(
    tmp_path: Path, criteria: str, rank: bool | None
) -> None:
    found = listed(tmp_path, qualifying("QCStatement", criteria))
    assert TrustedList.from_dict(json.loads(json.dumps(found.as_dict()))) == found
    anchor = next(found.anchors(Category.PUBLIC))
    called = qualification(certificate(), anchor.listing, NOW)
    assert called is not None
    wanted = {True: Rank.QUALIFIED, False: Rank.NOT_QUALIFIED, None: Rank.UNCLEAR}
    assert called.rank is wanted[rank]


def test_hostile_criteria_refuse_the_list(tmp_path: Path) -> None:
    deep = "<e:CriteriaList assert='all'>" * 6 + "</e:CriteriaList>" * 6
    wide = f"<e:CriteriaList assert='all'>{policy('1.2') * 101}</e:CriteriaList>"
    odd = "<e:CriteriaList assert='perhaps'/>"
    for criteria in (deep, wide, odd, ""):
        with pytest.raises(TrustListProblem):
            listed(tmp_path, qualifying("QCStatement", criteria))
    with pytest.raises(TrustListProblem):
        listed(tmp_path, qualifying("QC Statement", "<e:CriteriaList assert='all'/>"))


# --- at the command line


def test_the_command_judges_by_a_signed_list_without_any_network_and_names_its_edition(
    tmp_path: Path,
) -> None:
    made = Made((Entry(root().asn1.dump(), history=(("withdrawn", WITHDRAWN), ("granted", BEGAN))),))
    (tmp_path / "tsl.xml").write_bytes(made.signed(tmp_path))
    (tmp_path / "thu.p7m").write_bytes(
        signed_cms(tmp_path, b"Kinh gui", holder("Người ký", signs=True), "-nodetach")
    )
    words = ["verify", str(tmp_path / "thu.p7m"), "--trusted-list", str(tmp_path / "tsl.xml"), "--offline"]

    def said(*more: str, status: int = 1) -> dict[str, object]:
        done = CliRunner().invoke(app, [*words, *more, "--json"])
        assert done.exit_code == status, done.stdout
        found: dict[str, object] = json.loads(done.stdout)
        return found

    signer = ("--list-signer", made.fingerprint.upper())
    now = said(*signer)
    [edition], [file] = now["trusted_lists"], now["files"]  # type: ignore[misc]
    assert (edition["territory"], edition["sequence"], edition["overdue"]) == ("VN", 7, False)
    [one] = file["report"]["signatures"]
    assert [reason["code"] for reason in one["reasons"]] == ["SERVICE_WITHDRAWN"]
    assert Listed.from_dict(one["trusted_list"]).status == "withdrawn"
    assert one["qualification"]["rank"] == "NOT_QUALIFIED"
    then = said(*signer, "--at", f"{WITHDRAWN - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", status=4)
    assert then["error"]["code"] == "TRUST_LIST_ISSUED_IN_FUTURE"  # type: ignore[index]

    (tmp_path / "tin-cay").mkdir()
    pem = made.signer.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "tin-cay" / "list-signer.pem").write_bytes(pem)
    spoken = CliRunner().invoke(app, [*words, "--trust", str(tmp_path / "tin-cay")])
    assert spoken.exit_code == 1
    assert "CA/QC withdrawn từ 20/10/2026, theo danh sách tin cậy VN số 7" in spoken.stdout
    assert said(status=4)["error"]["code"] == "NO_LIST_SIGNER"  # type: ignore[index]
    other = said("--list-signer", "00" * 32, status=4)
    assert other["error"]["code"] == "TRUST_LIST_WRONG_SIGNER"  # type: ignore[index]
